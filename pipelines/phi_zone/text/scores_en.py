# ruff: noqa: E501 - a table is one line

"""Scores of the English model for every word of many lines at once: the features of features.py, as sums of table rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.phi_zone.text import features
from pipelines.phi_zone.text.best_path import Scores, padding
from pipelines.phi_zone.text.model_weights import Sparse, Weights

_ENTRIES = 60_000
_BEFORE, _AFTER, _FIGURE = "\x00<", "\x00>", "\x009"
"""What stands before and after a line, and for any number; no word is spelled so."""
_AROUND = ((0, "3"), (1, "1"), (3, "2"), (4, "6"))
"""Templates of the word two before, before, after, two after, and where it stands of five."""
Places = npt.NDArray[np.intp]


class EnglishScores:
    def __init__(self, weights: Weights) -> None:
        self._matrix, self._width = weights.matrix, weights.width
        pairs = [(pair, row) for pair, row in weights.rows["5"].items()]
        spelled = {piece for name in "1236" for piece in weights.rows[name]}
        spelled |= {part for pair, _ in pairs for one, two in _cut(pair, "_") for part in (one, two)}
        self._word = {word: number for number, word in enumerate(sorted(spelled), 1)}
        self._height = height = len(self._word) + 1
        self._pairs = Sparse(weights, height * height, ((self._word[one] * height + self._word[two], row) for pair, row in pairs for one, two in _cut(pair, "_")))
        kinds = set(weights.rows["k"])
        for name in "KLM":
            for joined in weights.rows[name]:
                kinds |= set(joined.split("|"))
        self._kind = {kind: number for number, kind in enumerate(sorted(kinds), 1)}
        self._size = size = len(self._kind) + 1
        self._kinds_before, self._kinds_after = (weights.table(size * size, ((self._code(two), row) for joined, row in weights.rows[name].items() for two in self._split(joined, 2))) for name in "KL")
        self._threes = Sparse(weights, size**3, ((self._code(three), row) for joined, row in weights.rows["M"].items() for three in self._split(joined, 3)))
        self._around = [(by, weights.table(height, ((self._word[piece], row) for piece, row in weights.rows[name].items()))) for by, name in _AROUND]
        self._named = {name: weights.rows[name] for name in "0sk"}
        self._forget()

    def __call__(self, lines: Sequence[list[str]]) -> tuple[Scores, Places, Places]:
        """(scores of all words, places of each line's first and last). No line is without words."""
        if len(self._numbers) > _ENTRIES:
            self._forget()
        number = self._numbers.__getitem__
        before, after = [self._numbers[_BEFORE]] * 2, [self._numbers[_AFTER]] * 2
        flat, first, last = list(before), [], []
        for line in lines:
            flat += before
            first.append(len(flat) - 2)
            flat += map(number, line)
            last.append(len(flat) - 3)
            flat += after
        flat += after
        ids = np.array(flat)
        count = len(flat) - 4
        scores: Scores = self._own.take(ids[2:-2], axis=0)
        word, kind = self._words.take(ids), self._kinds.take(ids[1:-1])
        for by, table in self._around:
            scores += table.take(word[by : count + by], axis=0)
        two = kind[:-1] * self._size + kind[1:]
        scores += self._kinds_before.take(two[:-1], axis=0)
        scores += self._kinds_after.take(two[1:], axis=0)
        scores += self._threes(two[:-1] * self._size + kind[2:])
        scores += self._pairs(word[1:-3] * self._height + word[2:-2])
        return scores, np.array(first), np.array(last)

    def _forget(self) -> None:
        self._numbers = _Numbers(self)
        self._words, self._kinds = np.zeros(1024, dtype=np.int64), np.zeros(1024, dtype=np.int64)
        self._own = np.zeros((1024, self._width))
        for pad, shown in ((_BEFORE, "<"), (_AFTER, ">")):
            self._fill(self._numbers[pad], shown, "")
            self._own[self._numbers[pad]] = padding(self._width)
        self.any_figure = self._numbers[_FIGURE]
        self._fill(self.any_figure, "", "9")

    def like_any_figure(self, token: str) -> bool:
        """Is it a number the model knows nothing of but that it is one? Most numbers come once."""
        return token[0].isdigit() and token not in self._word and token not in self._named["0"] and token[-3:] not in self._named["s"]

    def learn(self, token: str, number: int) -> None:
        """Row `number` of the tables is this word's from now on."""
        if number == len(self._words):
            self._words, self._kinds = (np.concatenate((table, np.zeros_like(table))) for table in (self._words, self._kinds))
            self._own = np.concatenate((self._own, np.zeros_like(self._own)))
        low, kind = features.token(token)
        self._fill(number, low, kind)

    def _fill(self, number: int, low: str, kind: str) -> None:
        self._words[number], self._kinds[number] = self._word.get(low, 0), self._kind.get(kind, 0)
        for name, key in (("0", low), ("s", low[-3:]), ("k", kind)):
            if (row := self._named[name].get(key)) is not None:
                self._own[number] += self._matrix[row]

    def _code(self, kinds: Iterable[str]) -> int:
        code = 0
        for kind in kinds:
            code = code * self._size + self._kind[kind]
        return code

    def _split(self, joined: str, count: int) -> Iterator[tuple[str, ...]]:
        """Every way to read `joined` as so many kinds with bars between them; a bar is a kind, too."""
        if count == 1:
            if joined in self._kind:
                yield (joined,)
            return
        for one, rest in _cut(joined, "|"):
            if one in self._kind:
                yield from ((one, *more) for more in self._split(rest, count - 1))


class _Numbers(dict[str, int]):
    """Word -> its number, given at first sight."""

    def __init__(self, scores: EnglishScores) -> None:
        super().__init__()
        self._scores = scores

    def __missing__(self, token: str) -> int:
        if self._scores.like_any_figure(token):
            return self._scores.any_figure
        number = self[token] = len(self)
        if token not in (_BEFORE, _AFTER, _FIGURE):
            self._scores.learn(token, number)
        return number


def _cut(text: str, mark: str) -> Iterator[tuple[str, str]]:
    """Every way to cut `text` in two at a mark."""
    place = text.find(mark)
    while place >= 0:
        yield text[:place], text[place + 1 :]
        place = text.find(mark, place + 1)
