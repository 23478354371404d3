# ruff: noqa: E501 - a table is one line

"""Scores of the Chinese model for every character of many sentences at once: the features of features.py, as sums of table rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.phi_zone.text import features, words
from pipelines.phi_zone.text.best_path import Scores
from pipelines.phi_zone.text.model_weights import Sparse, Weights

_BASES = ("", "s", "x", "n", "sn", "xn")
KINDS = tuple(base + mark for base in _BASES for mark in ("", "w", "g"))
"""Kinds of characters; three neighbours, one after another, are base and mark."""
_K = len(KINDS)
_CODES = 1 << 16
Places = npt.NDArray[np.intp]


class ChineseScores:
    def __init__(self, weights: Weights) -> None:
        self._shown, self._base = _letters()
        place = {kind: number for number, kind in enumerate(KINDS)}
        alphabet = sorted({piece for name in "01234" for piece in weights.named(name)} | {piece[2:] for piece in weights.named("H")}
                          | {piece[0] for piece in weights.named("D")} | {piece[-1] for piece in weights.named("E")})
        self._row = np.zeros(_CODES, dtype=np.int64)
        for number, char in enumerate(alphabet, 1):
            self._row[ord(char)] = number
        height = len(alphabet) + 1
        rows = self._row

        def of_char(char: str) -> int:
            return int(rows[ord(char)])

        self._chars = [weights.table(height, ((of_char(c), w) for c, w in weights.named(name).items())) for name in "01234"]
        self._flagged = weights.table(4 * height, ((int(p[:2], 2) * height + of_char(p[2:]), w) for p, w in weights.named("H").items()))
        self._height = height
        self._pairs = _Pairs(weights)
        self._kind = weights.table(_K, ((place[kind], w) for kind, w in weights.named("9").items()))
        self._threes = [weights.table(_K**3, ((_three(kinds, place), w) for kinds, w in weights.named(name).items())) for name in "ABC"]
        twos: dict[str, list[int]] = {}
        for one in KINDS:
            for two in KINDS:
                twos.setdefault(one + two, []).append(place[one] * _K + place[two])
        self._before = Sparse(weights, _summed((of_char(p[0]) * _K * _K + two, w) for p, w in weights.named("D").items() for two in twos.get(p[1:], ())))
        self._after = Sparse(weights, _summed((of_char(p[-1]) * _K * _K + two, w) for p, w in weights.named("E").items() for two in twos.get(p[:-1], ())))
        self._words_around = weights.table(16, ((int(bits, 2), w) for bits, w in weights.named("F").items()))
        self._words_kind = weights.table(4 * _K, ((int(p[:2], 2) * _K + place[p[2:]], w) for p, w in weights.named("G").items()))

    def __call__(self, sentences: Sequence[str]) -> tuple[Scores, Places, Places]:
        """(scores of all characters, places of each sentence's first and last). Sentences are folded text, none of them empty."""
        joined = "<<" + ">><<".join(sentences) + ">>"
        lengths = np.array([len(sentence) for sentence in sentences])
        first = np.concatenate(([0], np.cumsum(lengths + 4)[:-1])) + 2
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
        codes[codes >= _CODES] = _CODES - 1
        shown = self._shown[codes]
        row, kinds = self._row[shown], self._kinds(joined, codes)
        pair, known = self._pairs(shown)
        scores = self._chars[0][row]
        for table, by in zip(self._chars[1:], (-1, 1, -2, 2), strict=True):
            _add(scores, table.take(row, axis=0), by)
        for table, by in zip(self._pairs.tables, (-1, 0, -2, 1), strict=True):   # the pair before, with, two before, after
            _add(scores, table.take(pair, axis=0), by)
        three = np.zeros(len(codes), dtype=np.int64)
        three[1:-1] = (kinds[:-2] * _K + kinds[1:-1]) * _K + kinds[2:]
        scores += self._kind[kinds]
        for table, by in zip(self._threes, (0, -1, 1), strict=True):
            _add(scores, table.take(three, axis=0), by)
        two = kinds[:-1] * _K + kinds[1:]
        scores[1:-1] += self._before(row[:-2] * (_K * _K) + two[1:])
        scores[1:-1] += self._after(row[2:] * (_K * _K) + two[:-1])
        around = np.zeros(len(codes), dtype=np.int64)
        around[1:] = known[:-1] * 2
        around += known
        scores += self._words_kind[around * _K + kinds]
        scores += self._flagged[around * self._height + row]
        wide = around * 2
        wide[2:] += known[:-2] * 8
        wide[:-1] += known[1:]
        scores += self._words_around[wide]
        return scores, first, first + lengths - 1

    def _kinds(self, joined: str, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        base = self._base[codes]
        kinds = base.copy()
        for start, end in words.clinical_cn().iter(joined):
            kinds[start:end] = base[start:end] + 1
        for start, end in words.taught_divisions_cn().iter(joined):
            if kinds[start] % 3 != 1:
                kinds[start:end] = base[start:end] + 2
        return kinds


class _Pairs:
    """Pairs of neighbours that the model weighs or that are a word."""

    def __init__(self, weights: Weights) -> None:
        named = [{ord(p[0]) * _CODES + ord(p[1]): w for p, w in weights.named(name).items()} for name in "5678"]
        weighed = sorted({code for name in named for code in name})
        known = {ord(word[0]) * _CODES + ord(word[1]) for word in words.pairs_cn()}
        codes = sorted({*weighed, *known})
        number = {code: place for place, code in enumerate(weighed)}
        nothing = len(weighed)
        self._codes = np.array(codes, dtype=np.int64)
        self._rows = np.array([number.get(code, nothing) for code in codes], dtype=np.int64)
        self._known = np.array([code in known for code in codes], dtype=np.int64)
        self._nothing = nothing
        self.tables = [weights.table(nothing + 1, ((number[code], w) for code, w in name.items())) for name in named]

    def __call__(self, shown: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(table row, is it a word) of the pair that each character begins."""
        code = np.zeros(len(shown), dtype=np.int64)
        code[:-1] = shown[:-1] * _CODES + shown[1:]
        found = np.minimum(np.searchsorted(self._codes, code), len(self._codes) - 1)
        there = self._codes[found] == code
        return np.where(there, self._rows[found], self._nothing), np.where(there, self._known[found], 0)


def _add(scores: Scores, rows: Scores, by: int) -> None:
    """Adds to each unit the row of the unit `by` places on."""
    if by == 0:
        scores += rows
    elif by > 0:
        scores[:-by] += rows[by:]
    else:
        scores[-by:] += rows[:by]


def _three(kinds: str, place: dict[str, int]) -> int:
    one, two, three = kinds.split("|")
    return (place[one] * _K + place[two]) * _K + place[three]


def _summed(filled: Iterable[tuple[int, Scores]]) -> dict[int, Scores]:
    out: dict[int, Scores] = {}
    for code, row in filled:
        out[code] = out[code] + row if code in out else row
    return out


def _letters() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For every code point of the basic plane: how it is shown, and its base kind."""
    shown, base = np.arange(_CODES, dtype=np.int64), np.zeros(_CODES, dtype=np.int64)
    place = {kind: number for number, kind in enumerate(KINDS)}
    for code in range(_CODES - 1):
        if code <= 0x3400 or features.letter(chr(code))[1]:
            one, kind = features.letter(chr(code))
            shown[code], base[code] = ord(one), place[kind]
    return shown, base
