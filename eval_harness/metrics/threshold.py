"""Counts and rates at one declared threshold, by person weights. Rule: called positive when score >= threshold."""
from __future__ import annotations

import numpy as np

from eval_harness.metrics.rows import BinaryRows, FloatArray, Weights, ratio


def confusion(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """tp, fp, fn, tn as float64[B, 4]."""
    called = rows.score >= threshold
    kind = np.select([rows.truth & called, ~rows.truth & called, rows.truth & ~called], [0, 1, 2], 3)
    per_person = np.zeros((rows.n_persons, 4))
    np.add.at(per_person, (rows.person, kind), 1.0)
    out: FloatArray = weights @ per_person
    return out


def sensitivity(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """tp / (tp + fn)."""
    tp, _, fn, _ = confusion(rows, weights, threshold).T
    return ratio(tp, tp + fn)


def specificity(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """tn / (tn + fp)."""
    _, fp, _, tn = confusion(rows, weights, threshold).T
    return ratio(tn, tn + fp)


def ppv(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """tp / (tp + fp), at the prevalence of this set."""
    tp, fp, _, _ = confusion(rows, weights, threshold).T
    return ratio(tp, tp + fp)


def npv(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """tn / (tn + fn), at the prevalence of this set."""
    _, _, fn, tn = confusion(rows, weights, threshold).T
    return ratio(tn, tn + fn)


def accuracy(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """(tp + tn) / n."""
    counts = confusion(rows, weights, threshold)
    return ratio(counts[:, 0] + counts[:, 3], counts.sum(axis=1))


def balanced_accuracy(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """Mean of sensitivity and specificity."""
    return (sensitivity(rows, weights, threshold) + specificity(rows, weights, threshold)) / 2


def youden(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """Sensitivity + specificity - 1 (Youden 1950) at a threshold fixed beforehand."""
    return sensitivity(rows, weights, threshold) + specificity(rows, weights, threshold) - 1


def f1(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """2 tp / (2 tp + fp + fn)."""
    tp, fp, fn, _ = confusion(rows, weights, threshold).T
    return ratio(2 * tp, 2 * tp + fp + fn)


def mcc(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """Matthews correlation; NaN where a margin is empty (scikit-learn says 0 there)."""
    tp, fp, fn, tn = confusion(rows, weights, threshold).T
    return ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def cohen_kappa(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """Chance-corrected agreement of call and reference (Cohen 1960)."""
    tp, fp, fn, tn = confusion(rows, weights, threshold).T
    n = tp + fp + fn + tn
    expected = ratio((tp + fp) * (tp + fn) + (fn + tn) * (fp + tn), n * n)
    return ratio(ratio(tp + tn, n) - expected, 1 - expected)
