"""ROC points and what is read from them: sensitivity at a specificity and back, the Youden point.

Points run from the strictest threshold (+inf: nothing called) to the loosest; tied scores move together.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BinaryRows, FloatArray, Weights, ratio

Reader = Callable[[FloatArray, FloatArray], float]


@dataclass(frozen=True)
class Roc:
    """Points of one sample: thresholds (+inf first), true and false positives at `score >= threshold`."""

    threshold: FloatArray
    tp: FloatArray
    fp: FloatArray

    @property
    def sensitivity(self) -> FloatArray:
        return ratio(self.tp, self.tp[-1])

    @property
    def specificity(self) -> FloatArray:
        return ratio(self.fp[-1] - self.fp, self.fp[-1])


def roc(rows: BinaryRows) -> Roc:
    """All operating points of the observed sample."""
    order, ends = _order(rows)
    ones = np.ones((1, rows.n_persons))
    tp, fp = next(counts(rows, ones))
    return Roc(np.r_[np.inf, rows.score[order][ends]], tp, fp)


def counts(rows: BinaryRows, weights: Weights | FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Cumulative true and false positives at each distinct score, from 0 up: one pair a draw."""
    order, ends = _order(rows)
    truth, person = rows.truth[order], rows.person[order]
    positive, negative = person[truth], person[~truth]
    at_tp, at_fp = np.r_[0, np.cumsum(truth)[ends]], np.r_[0, np.cumsum(~truth)[ends]]
    for row in weights:
        tp = np.r_[0.0, np.cumsum(row[positive], dtype=np.float64)][at_tp]
        fp = np.r_[0.0, np.cumsum(row[negative], dtype=np.float64)][at_fp]
        yield tp, fp


def _order(rows: BinaryRows) -> tuple[np.ndarray, np.ndarray]:
    if np.isnan(rows.score).any():
        raise ValueError("a NaN score has no rank")
    order = np.argsort(-rows.score, kind="stable")
    score = rows.score[order]
    ends = np.flatnonzero(np.r_[score[1:] != score[:-1], True]) if len(score) else np.zeros(0, np.intp)
    return order, ends


def each(rows: BinaryRows, weights: Weights, read: Reader) -> FloatArray:
    """`read(tp, fp)` of every draw that holds both classes; NaN elsewhere."""
    out = np.full(len(weights), np.nan)
    for b, (tp, fp) in enumerate(counts(rows, weights)):
        if tp[-1] > 0 and fp[-1] > 0:
            out[b] = read(tp, fp)
    return out


def sensitivity_at_specificity(rows: BinaryRows, weights: Weights, specificity: float) -> FloatArray:
    """Largest sensitivity among operating points with specificity >= the target (no interpolation)."""
    return each(rows, weights, lambda tp, fp: float(tp[(fp[-1] - fp) / fp[-1] >= specificity].max() / tp[-1]))


def specificity_at_sensitivity(rows: BinaryRows, weights: Weights, sensitivity: float) -> FloatArray:
    """Largest specificity among operating points with sensitivity >= the target (no interpolation)."""
    return each(rows, weights, lambda tp, fp: float(1 - fp[tp / tp[-1] >= sensitivity].min() / fp[-1]))


def youden_point(rows: BinaryRows) -> tuple[float, float, float]:
    """(threshold, sensitivity, specificity) with the largest sum; the strictest threshold among equals.

    Chosen on the data it is judged on, so it is exploratory: a locked threshold comes from practice data.
    """
    points = roc(rows)
    best = int(np.argmax(points.sensitivity + points.specificity))
    return float(points.threshold[best]), float(points.sensitivity[best]), float(points.specificity[best])


def youden_best(rows: BinaryRows, weights: Weights) -> FloatArray:
    """Largest Youden index over thresholds; optimistic for the same reason."""
    return each(rows, weights, lambda tp, fp: float((tp / tp[-1] - fp / fp[-1]).max()))
