"""Partial area under the ROC curve over a band of specificity or sensitivity, raw or corrected (McClish 1989).

The curve is linear between operating points, so the band's ends are interpolated. Raw area over a band of width w lies in
[0, w]; McClish's correction (1 + (A - min)/(max - min)) / 2 puts chance at 0.5 and perfection at 1, min being the area
under the diagonal. Equal to scikit-learn's max_fpr for specificity [1 - max_fpr, 1] and to pROC for both focuses.
"""
from __future__ import annotations

import numpy as np

from eval_harness.metrics.roc import each
from eval_harness.metrics.rows import BinaryRows, FloatArray, Weights


def band_area(x: FloatArray, y: FloatArray, low: float, high: float) -> float:
    """Area under the piecewise linear curve (x ascending, y) for x in [low, high]."""
    inside = (x > low) & (x < high)
    xs = np.r_[low, x[inside], high]
    left = np.interp(low, x, y)
    right = _left_limit(x, y, high)
    ys = np.r_[left, y[inside], right]
    return float(np.trapezoid(ys, xs))


def _left_limit(x: FloatArray, y: FloatArray, at: float) -> float:
    """Value approached from below: at a vertical step the lower end belongs to the band."""
    place = int(np.searchsorted(x, at, side="left"))
    if place < len(x) and x[place] == at:
        return float(y[place])
    return float(np.interp(at, x, y))


def partial_auc_specificity(rows: BinaryRows, weights: Weights, low: float, high: float = 1.0) -> FloatArray:
    """Area for specificity in [low, high]: sensitivity integrated over the false-positive rate."""
    return each(rows, weights, lambda tp, fp: band_area(fp / fp[-1], tp / tp[-1], 1 - high, 1 - low))


def partial_auc_specificity_mcclish(rows: BinaryRows, weights: Weights, low: float, high: float = 1.0) -> FloatArray:
    """The same, corrected. NaN where the raw area lies below the diagonal's, as pROC (scikit-learn gives it below 0.5)."""
    return _mcclish(partial_auc_specificity(rows, weights, low, high), low, high)


def partial_auc_sensitivity(rows: BinaryRows, weights: Weights, low: float, high: float = 1.0) -> FloatArray:
    """Area for sensitivity in [low, high]: specificity integrated over sensitivity."""
    return each(rows, weights, lambda tp, fp: _over_sensitivity(tp / tp[-1], 1 - fp / fp[-1], low, high))


def _over_sensitivity(sensitivity: FloatArray, specificity: FloatArray, low: float, high: float) -> float:
    """Sensitivity 1 is reached by several points; the best specificity there ends the band."""
    return band_area(1 - sensitivity[::-1], specificity[::-1], 1 - high, 1 - low)


def partial_auc_sensitivity_mcclish(rows: BinaryRows, weights: Weights, low: float, high: float = 1.0) -> FloatArray:
    return _mcclish(partial_auc_sensitivity(rows, weights, low, high), low, high)


def _mcclish(area: FloatArray, low: float, high: float) -> FloatArray:
    largest = high - low
    least = ((1 - low) ** 2 - (1 - high) ** 2) / 2
    corrected = (1 + (area - least) / (largest - least)) / 2
    return np.where(area < least, np.nan, corrected)
