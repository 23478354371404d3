"""A model file of CRFsuite as numbers: labels, transitions and the weights of its features, O first.

The file is read as it lies, without python-crfsuite: a header, FEAT (type, source, target, weight of each feature) and two CQDB
chunks (names of labels and attributes); format 1.00 of CRFsuite 0.12.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.phi_zone.text.best_path import Places, Scores

_HEADER = struct.Struct("<4sI4s9I")
_FEATURES = np.dtype([("type", "<u4"), ("source", "<u4"), ("target", "<u4"), ("weight", "<f8")])
_STATE, _TRANSITION = 0, 1


@dataclass(frozen=True)
class Weights:
    """`matrix[row]`, (features, labels without O): what a feature says for each label rather than for O.

    rows: of each template (a feature's first letter) what follows the letter -> row.
    """

    labels: tuple[str, ...]
    transitions: Scores
    rows: dict[str, dict[str, int]]
    matrix: Scores

    @classmethod
    def read(cls, data: bytes) -> Weights:
        """The weights in a model file. Raises ValueError when the file is none."""
        magic, _, kind, _, _, _, _, features, labels, attributes, _, _ = _HEADER.unpack_from(data)
        if (magic, kind, data[features : features + 4]) != (b"lCRF", b"FOMC", b"FEAT"):
            raise ValueError("not a model of CRFsuite")
        spelled, names = _names(data, labels), _names(data, attributes)
        count = struct.unpack_from("<I", data, features + 8)[0]
        told = np.frombuffer(data, _FEATURES, count, features + 12)
        ordered = ("O", *sorted(label for label in spelled if label != "O"))
        place = np.array([ordered.index(label) for label in spelled])
        state, ways = told[told["type"] == _STATE], told[told["type"] == _TRANSITION]
        transitions, rows = np.zeros((len(ordered), len(ordered))), np.zeros((len(names), len(ordered)))
        transitions[place[ways["source"]], place[ways["target"]]] = ways["weight"]
        rows[state["source"], place[state["target"]]] = state["weight"]
        named: dict[str, dict[str, int]] = defaultdict(dict)
        for row, name in enumerate(names):
            named[name[0]][name[1:]] = row
        return cls(ordered, transitions, named, rows[:, 1:] - rows[:, :1])

    @property
    def width(self) -> int:
        return len(self.labels) - 1

    def table(self, height: int, filled: Iterable[tuple[int, int]]) -> Scores:
        """(height, width): rows of `matrix` at their places (place, row), nothing elsewhere; rows of one place are summed."""
        made, pairs = np.zeros((height, self.width)), np.array(list(filled), dtype=np.intp).reshape(-1, 2)
        np.add.at(made, pairs[:, 0], self.matrix[pairs[:, 1]])
        return made


class Sparse:
    """Weights of few out of a great many codes: `sparse(codes)`, or `tables[k].take(sparse.rows(codes), axis=0)`."""

    def __init__(self, weights: Weights, size: int, *filled: Iterable[tuple[int, int]]) -> None:
        """filled: (code below `size`, row of the weights' matrix) of each table."""
        told = [list(one) for one in filled]
        codes = sorted({code for one in told for code, _ in one})
        self._number: npt.NDArray[np.integer[Any]] = np.zeros(size, dtype=np.int16 if len(codes) < 1 << 15 else np.int32)
        self._number[codes] = np.arange(1, len(codes) + 1)
        number = {code: place for place, code in enumerate(codes, 1)}
        self.tables = [weights.table(len(codes) + 1, ((number[code], row) for code, row in one)) for one in told]

    def rows(self, codes: Places) -> Places:
        """The row of each code in the tables; row 0 holds nothing."""
        return self._number.take(codes).astype(np.intp)

    def __call__(self, codes: Places) -> Scores:
        """The rows of `codes` in the only table, (n, width)."""
        return self.tables[0].take(self._number.take(codes), axis=0)


def _names(data: bytes, chunk: int) -> list[str]:
    """The names in a CQDB chunk by their numbers. Its index holds where each record stands: number, length with the end mark, name."""
    count, index = struct.unpack_from("<II", data, chunk + 16)
    names = []
    for record in struct.unpack_from(f"<{count}I", data, chunk + index):
        start = chunk + record + 8
        names.append(data[start : start + struct.unpack_from("<I", data, start - 4)[0] - 1].decode())
    return names
