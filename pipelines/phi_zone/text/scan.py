"""Finding many literal words in a text: the longest at each place, left to right, apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping


class Words:
    """Words of two letters or more. A text is looked at closely only where two neighbouring letters begin some word."""

    def __init__(self, words: Iterable[str]) -> None:
        rests: dict[str, set[str]] = {}
        self._ascii = False
        for word in words:
            self._ascii = self._ascii or word.isascii()
            if len(word) < 2:
                raise ValueError("a word to search for has two letters at least")
            rests.setdefault(word[:2], set()).add(word[2:])
        self._rests = {pair: tuple(sorted(tails, key=lambda tail: (-len(tail), tail))) for pair, tails in rests.items()}
        firsts, seconds = ({pair[place] for pair in rests} for place in (0, 1))
        self._pair = re.compile(f"{_either(firsts)}{_either(seconds)}" if rests else "(?!)")

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Places of words, in order, none within another."""
        return [] if text.isascii() and not self._ascii else list(self.iter(text))

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


class Lists:
    """Several lists of words: which of them have a word in a text, found in one pass."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._rests: dict[str, list[tuple[str, str]]] = {}
        for name, words in lists.items():
            for word in words:
                self._rests.setdefault(word[:2], []).append((word[2:], name))
        firsts, seconds = ({pair[place] for pair in self._rests} for place in (0, 1))
        self._pair = re.compile(f"{_either(firsts)}{_either(seconds)}")

    def of(self, text: str) -> set[str]:
        found: set[str] = set()
        search, rests, place = self._pair.search, self._rests, 0
        while (pair := search(text, place)) is not None:
            place = pair.start() + 1
            for rest, name in rests.get(pair[0], ()):
                if text.startswith(rest, place + 1):
                    found.add(name)
        return found


def _either(letters: Iterable[str]) -> str:
    return "[" + "".join(re.escape(letter) for letter in sorted(letters)) + "]"
