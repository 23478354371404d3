"""One form of a text to search in: full width made narrow, compatibility forms resolved, invisible characters gone.

Every rule reads the folded text; every span is given in code points of the original. Unicode 15, UAX #15 form NFKC.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0xA0: 0x20,
    0x2002: 0x20,
    0x2003: 0x20,
    0x2009: 0x20,
    0x202F: 0x20,
    0x2010: 0x2D,
    0x2011: 0x2D,
    0x2013: 0x2D,
    0x2014: 0x2D,
    0x2212: 0x2D,
    0xFE63: 0x2D,
}
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True)
class Folded:
    """`norm` is searched; `starts[i]` is where its character i begins in the original (None: nothing moved)."""

    original: str
    norm: str
    starts: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Code points [start, end) of the original that a stretch of the folded text came from."""
        if self.starts is None:
            return start, end
        first = self.starts[start]
        last = self.starts[end - 1]
        following = next((place for place in self.starts[end:] if place > last), len(self.original))
        return first, min(following, last + 1 + _trailing_marks(self.original, last + 1))


def fold(text: str) -> Folded:
    """The folded text. Costs one C-level pass unless something must be dropped or expanded."""
    if text.isascii():
        return Folded(text, text, None)
    narrow = text.translate(_NARROW)
    if unicodedata.is_normalized("NFKC", narrow) and not INVISIBLE.search(narrow):
        return Folded(text, narrow, None)
    letters: list[str] = []
    starts: list[int] = []
    for place, char in enumerate(narrow):
        if INVISIBLE.match(char):
            continue
        for piece in unicodedata.normalize("NFKC", char):
            letters.append(piece)
            starts.append(place)
    return Folded(text, "".join(letters), starts)


def _trailing_marks(text: str, place: int) -> int:
    """Invisible characters directly after a stretch belong to it: left behind they would show where it was."""
    count = 0
    while place + count < len(text) and INVISIBLE.match(text[place + count]):
        count += 1
    return count


def lowered(text: str) -> str:
    """Lower case of the same length (the one letter that grows keeps its case)."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
