"""Where a text can be cut without any rule or the tagger seeing a difference: most sentences of a hospital come again and again.

A cut stands behind the end of a sentence and never where a label, a number or a name could reach over it: a line that ends
without a full stop stays with the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Generic, TypeVar

CJK = re.compile("[\u3400-\u9fff]")
_CHINESE = re.compile(r"(?:。|[;!?](?=[\n\u4e00-\u9fff])|(?<=[a-z]{3}\.)(?=\n)(?!\s*[\d+(#]))\n*")
_LINES = re.compile(r"\n+(?![\s\d+(#'])")
"""English is tagged line by line: only whole lines are apart."""
_WORD_END = re.compile("[a-z]{3}")
V = TypeVar("V")


def segments(norm: str, chinese: bool) -> Iterator[tuple[int, str]]:
    """(start, piece) of every piece of a folded text; the pieces joined are the text."""
    place = 0
    for cut in (_CHINESE if chinese else _LINES).finditer(norm):
        start, end = cut.span()
        if end > place and (chinese or _stops(norm, start)):
            yield place, norm[place:end]
            place = end
    if place < len(norm):
        yield place, norm[place:]


def _stops(norm: str, end: int) -> bool:
    """Does a line that ends here end with a full stop behind a word, or a stronger mark?"""
    last = norm[end - 1 : end]
    while last and last in " \t":
        end -= 1
        last = norm[end - 1 : end]
    return last != "" and last in ";!?" if last != "." else end > 3 and _WORD_END.match(norm, end - 4) is not None


class Recent(Generic[V]):
    """A bounded memory of what was found in a piece of text: two generations, the older forgotten as a whole.

    Lives in the PHI zone's memory and is never written anywhere.
    """

    def __init__(self, entries: int, longest: int) -> None:
        """entries: of one generation. longest: texts above it are not kept."""
        self._entries, self._longest = entries, longest
        self._new: dict[str, V] = {}
        self._old: dict[str, V] = {}

    def get(self, text: str) -> V | None:
        found = self._new.get(text)
        if found is None and (found := self._old.get(text)) is not None:
            self.put(text, found)
        return found

    def put(self, text: str, found: V) -> None:
        if len(text) <= self._longest:
            if len(self._new) >= self._entries:
                self._old, self._new = self._new, {}
            self._new[text] = found
