"""Finding many literal words in a text: the longest at each place, left to right, apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


class Words:
    """Words of two letters or more. A text is looked at closely only where two neighbouring letters begin some word."""

    def __init__(self, words: Iterable[str]) -> None:
        rests: dict[str, set[str]] = {}
        for word in words:
            if len(word) < 2:
                raise ValueError("a word to search for has two letters at least")
            rests.setdefault(word[:2], set()).add(word[2:])
        self._rests = {pair: tuple(sorted(tails, key=lambda tail: (-len(tail), tail))) for pair, tails in rests.items()}
        firsts, seconds = ({pair[place] for pair in rests} for place in (0, 1))
        self._pair = re.compile(f"{_either(firsts)}{_either(seconds)}" if rests else "(?!)")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Places of words, in order, none within another."""
        return list(self.iter(text))

    def iter(self, text: str, place: int = 0) -> Iterator[tuple[int, int]]:
        search, rests = self._pair.search, self._rests
        while (pair := search(text, place)) is not None:
            start = pair.start()
            place = start + 1
            for rest in rests.get(pair[0], ()):
                if text.startswith(rest, start + 2):
                    place = start + 2 + len(rest)
                    yield start, place
                    break

    def at(self, text: str, start: int) -> int:
        """Where the longest word that begins at `start` ends; `start` itself when there is none."""
        for rest in self._rests.get(text[start : start + 2], ()):
            if text.startswith(rest, start + 2):
                return start + 2 + len(rest)
        return start

    def whole(self, text: str) -> bool:
        """Is the text one of the words?"""
        return text[2:] in self._rests.get(text[:2], ())


def _either(letters: Iterable[str]) -> str:
    return "[" + "".join(re.escape(letter) for letter in sorted(letters)) + "]"
