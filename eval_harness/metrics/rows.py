"""Unit rows: what a measurement of each kind hands to the metrics. Columns are numpy arrays; persons are 0..n_persons-1.

A metric is a pure function `f(rows, weights, **params) -> float64[B]` with `weights` integer [B, n_persons] (how often
each draw took each person); `weights` of ones gives the plain value. Undefined is NaN here; the policy of
`eval_harness.stats.degenerate` turns it into a named absence before anything is reported.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]
Weights = NDArray[np.integer[Any]]


def ratio(top: NDArray[Any], bottom: NDArray[Any]) -> FloatArray:
    """top / bottom, NaN where bottom is 0."""
    out = np.full(np.broadcast(top, bottom).shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom != 0)
    return out


@dataclass(frozen=True)
class BinaryRows:
    """Kind `binary`: one score and one 0/1 reference a unit. Failed units score -inf (positive) or +inf (negative)."""

    score: FloatArray
    truth: BoolArray
    person: IntArray
    n_persons: int


@dataclass(frozen=True)
class MultilabelRows:
    """Kind `multilabel`: [n, L] scores and references; `defined` is False where a reader was uncertain or silent."""

    score: FloatArray
    truth: BoolArray
    defined: BoolArray
    person: IntArray
    n_persons: int
    labels: tuple[str, ...]

    def label(self, column: int) -> BinaryRows:
        """One label with its uncertain units masked out."""
        keep = self.defined[:, column]
        return BinaryRows(self.score[keep, column], self.truth[keep, column], self.person[keep], self.n_persons)


@dataclass(frozen=True)
class FrocRows:
    """Kind `froc.points` (and instance masks): what is left of a detector's marks after matching.

    One row a mark that counts: `hit` True is the best mark on a lesion, False a false positive. Marks on excluded
    findings and second marks on a lesion have `ignored` True and enter nothing but the counts.
    lesions[p], scans[p]: how many lesions and scans person p has, found or not.
    """

    score: FloatArray
    hit: BoolArray
    ignored: BoolArray
    person: IntArray
    lesions: IntArray
    scans: IntArray
    n_persons: int


@dataclass(frozen=True)
class MaskRows:
    """Kind `mask`: one row a case, columns as `mask_measure` names them; NaN = undefined for that case.

    diagonal_mm: what an undefined or failed distance ranks as, the diagonal of the reference grid.
    """

    columns: Mapping[str, FloatArray]
    diagonal_mm: FloatArray
    person: IntArray
    n_persons: int


@dataclass(frozen=True)
class BoxRows:
    """Kind `boxes`: detections of one area range and mark limit, matched at T overlap thresholds.

    hit[T, m], ignored[T, m]; boxes[n_persons], or boxes[categories, n_persons] with category[m] an index into it: the
    reference boxes that count. images[n_persons]: images a person has, for rates an image. Rows stand image by image, so
    that a stable sort keeps equal scores in file order.
    """

    score: FloatArray
    hit: BoolArray
    ignored: BoolArray
    person: IntArray
    boxes: IntArray
    n_persons: int
    images: IntArray | None = None
    category: IntArray | None = None


@dataclass(frozen=True)
class TagRows:
    """Kind `tags`: one row a report. Entity counts by type [n, types] and character counts for the error rate."""

    true: IntArray
    predicted: IntArray
    reference: IntArray
    edits: IntArray
    characters: IntArray
    person: IntArray
    n_persons: int
    types: tuple[str, ...]


Rows = BinaryRows | MultilabelRows | FrocRows | MaskRows | BoxRows | TagRows
KINDS: dict[str, type] = {"binary": BinaryRows, "multilabel": MultilabelRows, "froc.points": FrocRows, "froc.masks": FrocRows,
                          "mask": MaskRows, "boxes": BoxRows, "tags": TagRows}
