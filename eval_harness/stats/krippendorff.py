"""Krippendorff's alpha with missing readings (Krippendorff 2011): 1 - observed / expected disagreement.

The ordinal metric is Krippendorff's own, (Σ_{g=c..k} n_g - (n_c + n_k)/2)², not the "ordinal" agreement weights of Gwet.
"""
from __future__ import annotations

import math

import numpy as np

from eval_harness.metrics.rows import FloatArray
from eval_harness.stats.kappa import count_table


def krippendorff_alpha(ratings: FloatArray, metric: str = "ordinal") -> float:
    """ratings[units, readers], NaN missing; metric nominal, ordinal or interval. Units with one reading count nowhere.

    NaN when fewer than two units pair up or every reading is the same.
    """
    categories = np.unique(ratings[np.isfinite(ratings)])
    if len(categories) == 0:
        return math.nan
    counts = count_table(ratings, categories)
    counts = counts[counts.sum(axis=1) >= 2]
    return alpha_from_counts(counts, categories, metric)


def alpha_from_counts(counts: FloatArray, categories: FloatArray, metric: str) -> float:
    """Alpha of counts[units, categories], units with two readings or more."""
    if len(counts) == 0:
        return math.nan
    readers = counts.sum(axis=1)
    scaled = counts / (readers - 1)[:, None]
    coincidence = scaled.T @ counts - np.diag(scaled.sum(axis=0))
    total = coincidence.sum(axis=0)
    distance = _distance(metric, categories, total)
    expected = (np.outer(total, total) - np.diag(total)) / (total.sum() - 1)
    bottom = float((expected * distance).sum())
    return 1 - float((coincidence * distance).sum()) / bottom if bottom > 0 else math.nan


def _distance(metric: str, categories: FloatArray, total: FloatArray) -> FloatArray:
    if metric == "nominal":
        return 1.0 - np.eye(len(categories))
    if metric == "interval":
        out: FloatArray = (categories[:, None] - categories[None, :]) ** 2
        return out
    if metric != "ordinal":
        raise ValueError(f"metric is nominal, ordinal or interval, not {metric!r}")
    up_to = np.cumsum(total)
    c, k = np.triu_indices(len(total))
    between = up_to[k] - up_to[c] + total[c] - (total[c] + total[k]) / 2
    distance = np.zeros((len(total), len(total)))
    distance[c, k] = distance[k, c] = between**2
    np.fill_diagonal(distance, 0.0)
    return distance
