# ruff: noqa: E501 - a table is one line

"""Scores of the Chinese model for every character of many sentences at once: the features of features.py, as sums of table rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.phi_zone.text import features, words
from pipelines.phi_zone.text.best_path import Scores, padding
from pipelines.phi_zone.text.model_weights import Sparse, Weights

_BASES = ("", "s", "x", "n", "sn", "xn", "m", "sm", "xm")
KINDS = tuple(base + mark for base in _BASES for mark in ("", "w", "g"))
"""Kinds of characters; three neighbours, one after another, are base and mark."""
_K = len(KINDS)
_CODES = 1 << 16
Places = npt.NDArray[np.intp]


class ChineseScores:
    def __init__(self, weights: Weights) -> None:
        self._shown, self._base = _letters()
        self._known = _Known()
        self._padding = padding(weights.width)
        place = {kind: number for number, kind in enumerate(KINDS)}
        alphabet = sorted({piece for name in "01234" for piece in weights.rows[name]} | {piece[2:] for piece in weights.rows["H"]}
                          | {piece[0] for piece in weights.rows["D"]} | {piece[-1] for piece in weights.rows["E"]}
                          | {char for name in "5678" for pair in weights.rows[name] for char in pair})
        rows = np.zeros(_CODES, dtype=np.int64)
        for number, char in enumerate(alphabet, 1):
            rows[ord(char)] = number
        self._row, self._height = rows, (height := len(alphabet) + 1)

        def of_char(char: str) -> int:
            return int(rows[ord(char)])

        alone, *self._chars = [weights.table(height, ((of_char(c), w) for c, w in weights.rows[name].items())) for name in "01234"]
        self._flagged = weights.table(4 * height, ((int(p[:2], 2) * height + of_char(p[2:]), w) for p, w in weights.rows["H"].items()))
        self._flagged += np.tile(alone, (4, 1))
        self._pair = Sparse(weights, height**2, *([(of_char(p[0]) * height + of_char(p[1]), w) for p, w in weights.rows[name].items()] for name in "5678"))
        self._threes = [weights.table(_K**3, ((_three(kinds, place), w) for kinds, w in weights.rows[name].items())) for name in "ABC"]
        kind = weights.table(_K, ((place[kind], w) for kind, w in weights.rows["9"].items()))
        self._threes[0] += np.tile(np.repeat(kind, _K, axis=0), (_K, 1))
        twos: dict[str, list[int]] = {}
        for one in KINDS:
            for two in KINDS:
                twos.setdefault(one + two, []).append(place[one] * _K + place[two])
        self._before = Sparse(weights, height * _K * _K, ((of_char(p[0]) * _K * _K + two, w) for p, w in weights.rows["D"].items() for two in twos.get(p[1:], ())))
        self._after = Sparse(weights, height * _K * _K, ((of_char(p[-1]) * _K * _K + two, w) for p, w in weights.rows["E"].items() for two in twos.get(p[:-1], ())))
        around = weights.table(16, ((int(bits, 2), w) for bits, w in weights.rows["F"].items()))
        kinds = weights.table(4 * _K, ((int(p[:2], 2) * _K + place[p[2:]], w) for p, w in weights.rows["G"].items()))
        self._words_around = np.repeat(around, _K, axis=0) + kinds.reshape(2, 2, _K, -1)[None, :, :, None].repeat(2, axis=3).repeat(2, axis=0).reshape(16 * _K, -1)
        """Of the four pairs around a character, words or not, and its kind: all that they weigh."""

    def __call__(self, sentences: Sequence[str]) -> tuple[Scores, Places, Places]:
        """(scores of all characters, places of each sentence's first and last). Sentences are folded text, none of them empty."""
        joined = "<<" + ">><<".join(sentences) + ">>"
        lengths = np.array([len(sentence) for sentence in sentences])
        last = (lengths + 4).cumsum() - 3
        first = last - lengths + 1
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
        np.minimum(codes, _CODES - 1, out=codes)
        shown = self._shown.take(codes)
        row, kinds, known = self._row.take(shown), self._kinds(joined, codes), self._known(shown)
        around = known.copy()
        around[1:] += known[:-1] * 2
        scores = self._flagged.take(around * self._height + row, axis=0)
        wide = around * 2
        wide[2:] += known[:-2] * 8
        wide[:-1] += known[1:]
        scores += self._words_around.take(wide * _K + kinds, axis=0)
        for table, by in zip(self._chars, (-1, 1, -2, 2), strict=True):
            _add(scores, table.take(row, axis=0), by)
        pair = self._pair.rows(row[:-1] * self._height + row[1:])
        for table, by in zip(self._pair.tables, (-1, 0, -2, 1), strict=True):   # the pair before, with, two before, after
            _add(scores, table.take(pair, axis=0), by)
        two = kinds[:-1] * _K + kinds[1:]
        three = np.zeros(len(codes), dtype=np.int64)
        three[1:-1] = two[:-1] * _K + kinds[2:]
        for table, by in zip(self._threes, (0, -1, 1), strict=True):
            _add(scores, table.take(three, axis=0), by)
        scores[1:-1] += self._before(row[:-2] * (_K * _K) + two[1:])
        scores[1:-1] += self._after(row[2:] * (_K * _K) + two[:-1])
        scores[np.concatenate((first - 2, first - 1, last + 1, last + 2))] = self._padding
        return scores, first, last

    def _kinds(self, joined: str, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        base = self._base.take(codes)
        kinds = base.copy()
        for start, end in words.clinical_cn().iter(joined):
            kinds[start:end] = base[start:end] + 1
        for start, end in words.taught_divisions_cn().iter(joined):
            if kinds[start] % 3 != 1:
                kinds[start:end] = base[start:end] + 2
        return kinds


class _Known:
    """Is a pair of neighbours a word? A bit for any two letters that words have."""

    def __init__(self) -> None:
        pairs = words.pairs_cn()
        letters = sorted({letter for pair in pairs for letter in pair})
        self._number = np.zeros(_CODES, dtype=np.int64)
        self._number[np.frombuffer("".join(letters).encode("utf-32-le"), dtype=np.uint32)] = np.arange(1, len(letters) + 1)
        self._size = len(letters) + 1
        spelled = self._number[np.frombuffer("".join(pairs).encode("utf-32-le"), dtype=np.uint32)]
        codes = np.sort(spelled[::2] * self._size + spelled[1::2])
        self._bits = np.zeros(self._size**2 // 8 + 1, dtype=np.uint8)
        np.bitwise_or.at(self._bits, codes >> 3, (1 << (codes & 7)).astype(np.uint8))

    def __call__(self, shown: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """1 where a character and the next are a word, else 0."""
        number = self._number.take(shown)
        known = np.zeros(len(shown), dtype=np.int64)
        code = number[:-1] * self._size + number[1:]
        known[:-1] = self._bits.take(code >> 3) >> (code & 7) & 1
        return known


def _add(scores: Scores, rows: Scores, by: int) -> None:
    """Adds to each unit the row of the unit `by` places on, where there is one."""
    if by < 0:
        scores[-by:] += rows[: len(scores) + by]
    else:
        scores[: len(rows) - by] += rows[by:]


def _three(kinds: str, place: dict[str, int]) -> int:
    one, two, three = kinds.split("|")
    return (place[one] * _K + place[two]) * _K + place[three]


def _letters() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For every code point of the basic plane: how it is shown, and its base kind."""
    shown, base = np.arange(_CODES, dtype=np.int64), np.zeros(_CODES, dtype=np.int64)
    place = {kind: number for number, kind in enumerate(KINDS)}
    shown[: features.LETTERS_FROM] = [ord(features.shown(chr(code))) for code in range(features.LETTERS_FROM)]
    for char in features.telling_letters_cn():
        if ord(char) < _CODES:
            base[ord(char)] = place[features.kind(char)]
    return shown, base
