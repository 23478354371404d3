"""Means and medians over cases of the mask columns, by person weights.

A distance that is undefined for a case ranks as the diagonal of its grid, so that no case leaves a mean; `undefined_share`
says how many there are and the protocol prints it beside mean and median.
"""
from __future__ import annotations

import numpy as np

from eval_harness.metrics.rows import FloatArray, MaskRows, Weights, ratio


def case_mean(rows: MaskRows, weights: Weights, column: str) -> FloatArray:
    """Mean over the cases where the column is defined: float64[B]."""
    return _mean(rows, weights, rows.columns[column])


def nsd(rows: MaskRows, weights: Weights, tolerance_mm: float) -> FloatArray:
    """Mean normalised surface distance at a tolerance that was measured. Raises KeyError for another tolerance."""
    return _mean(rows, weights, rows.columns[f"nsd_{tolerance_mm:g}mm"])


def distance_mean(rows: MaskRows, weights: Weights, column: str) -> FloatArray:
    """Mean distance in mm, undefined cases at the diagonal of their grid."""
    return _mean(rows, weights, _ranked(rows, column))


def distance_median(rows: MaskRows, weights: Weights, column: str) -> FloatArray:
    """Median distance in mm, undefined cases at the diagonal (the mean of the two middle cases when even)."""
    values = _ranked(rows, column)
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[:, rows.person[order]], axis=1, dtype=np.float64)
    out = np.full(len(weights), np.nan)
    for b, cumulative in enumerate(total):
        if len(order) and cumulative[-1] > 0:
            middle = cumulative[-1] / 2
            low, high = np.searchsorted(cumulative, middle, side="left"), np.searchsorted(cumulative, middle, side="right")
            out[b] = (values[order[low]] + values[order[min(high, len(order) - 1)]]) / 2
    return out


def undefined_share(rows: MaskRows, weights: Weights, column: str = "hd95_mm") -> FloatArray:
    """Share of cases whose distance is undefined (one mask empty) or whose run failed."""
    return _mean(rows, weights, np.isnan(rows.columns[column]).astype(np.float64))


def lesion_recall(rows: MaskRows, weights: Weights) -> FloatArray:
    """Found reference lesions / all, pooled over cases (any-voxel rule)."""
    found, missed = (np.bincount(rows.person, rows.columns[f"lesion_{name}"], rows.n_persons) for name in ("found", "missed"))
    return ratio(weights @ found, weights @ (found + missed))


def _ranked(rows: MaskRows, column: str) -> FloatArray:
    values = rows.columns[column]
    return np.where(np.isnan(values), rows.diagonal_mm, values)


def _mean(rows: MaskRows, weights: Weights, values: FloatArray) -> FloatArray:
    known = ~np.isnan(values)
    total = np.bincount(rows.person[known], values[known], rows.n_persons)
    count = np.bincount(rows.person[known], minlength=rows.n_persons)
    return ratio(weights @ total, weights @ count)
