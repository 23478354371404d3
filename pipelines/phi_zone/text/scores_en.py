# ruff: noqa: E501 - a table is one line

"""Scores of the English model for every word of many lines at once: the features of features.py, as sums of table rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.phi_zone.text import features
from pipelines.phi_zone.text.best_path import Scores
from pipelines.phi_zone.text.model_weights import Sparse, Weights

_ENTRIES = 60_000
_BEFORE, _AFTER, _FIGURE = "\x00<", "\x00>", "\x009"
"""What stands before and after a line, and for any number; no word is spelled so."""
Places = npt.NDArray[np.intp]


class EnglishScores:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        spelled = {piece for name in "01236" for piece in weights.named(name)}
        pairs = [(pair, row) for pair, row in weights.named("5").items()]
        spelled |= {part for pair, _ in pairs for one, two in _cut(pair, "_") for part in (one, two)}
        self._word = {word: number for number, word in enumerate(sorted(spelled), 1)}
        height = len(self._word) + 1
        self._around = [weights.table(height, ((self._word[w], row) for w, row in weights.named(name).items())) for name in "1236"]
        self._pair = Sparse(weights, {self._word[one] * height + self._word[two]: row for pair, row in pairs for one, two in _cut(pair, "_")})
        self._height = height
        kinds = set(weights.named("k"))
        for name in "KLM":
            for joined in weights.named(name):
                kinds |= set(joined.split("|"))
        self._kind = {kind: number for number, kind in enumerate(sorted(kinds), 1)}
        self._size = size = len(self._kind) + 1
        self._twos = [weights.table(size * size, ((self._code(two), row) for joined, row in weights.named(name).items() for two in self._split(joined, 2))) for name in "KL"]
        self._threes = Sparse(weights, {self._code(three): row for joined, row in weights.named("M").items() for three in self._split(joined, 3)})
        self._unary = {name: weights.named(name) for name in "0sk"}
        self._forget()

    def __call__(self, lines: Sequence[list[str]]) -> tuple[Scores, Places, Places]:
        """(scores of all words, places of each line's first and last). No line is without words."""
        numbers = self._numbers
        flat: list[int] = []
        before, after = [numbers[_BEFORE]] * 2, [numbers[_AFTER]] * 2
        for line in lines:
            flat += before
            flat += map(numbers.__getitem__, line)
            flat += after
        ids = np.array(flat)
        lengths = np.array([len(line) for line in lines])
        first = np.concatenate(([0], np.cumsum(lengths + 4)[:-1])) + 2
        seen = self._seen[ids]
        word, kind = seen[:, 0], seen[:, 1]
        scores = self._alone[ids]
        one, two, three, six = self._around
        scores[1:] += one[word[:-1]]
        scores[:-1] += two[word[1:]]
        scores[2:] += three[word[:-2]]
        scores[:-2] += six[word[2:]]
        scores[1:] += self._pair(word[:-1] * self._height + word[1:])
        twos = kind[:-1] * self._size + kind[1:]
        scores[1:] += self._twos[0][twos]
        scores[:-1] += self._twos[1][twos]
        scores[1:-1] += self._threes(twos[:-1] * self._size + kind[2:])
        if len(numbers) > _ENTRIES:
            self._forget()
        return scores, first, first + lengths - 1

    def _forget(self) -> None:
        self._numbers = _Numbers(self)
        self._seen = np.zeros((1024, 2), dtype=np.int64)
        self._alone = np.zeros((1024, len(self._weights.labels)))
        for pad, shown in ((_BEFORE, "<"), (_AFTER, ">")):
            self._seen[self._numbers[pad]] = self._word.get(shown, 0), self._kind.get("", 0)
        self.any_figure = self._numbers[_FIGURE]
        self._seen[self.any_figure] = 0, self._kind.get("9", 0)
        self._alone[self.any_figure] += self._unary["k"].get("9", 0.0)

    def like_any_figure(self, token: str) -> bool:
        """Is it a number the model knows nothing of but that it is one? Most numbers come once."""
        return token[0].isdigit() and token not in self._word and token not in self._unary["0"] and token[-3:] not in self._unary["s"]

    def learn(self, token: str, number: int) -> None:
        """Row `number` of the tables is this word's from now on."""
        if number == len(self._seen):
            self._seen = np.concatenate((self._seen, np.zeros_like(self._seen)))
            self._alone = np.concatenate((self._alone, np.zeros_like(self._alone)))
        low, kind = features.token(token)
        self._seen[number] = self._word.get(low, 0), self._kind.get(kind, 0)
        for name, key in (("0", low), ("s", low[-3:]), ("k", kind)):
            row = self._unary[name].get(key)
            if row is not None:
                self._alone[number] += row

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
