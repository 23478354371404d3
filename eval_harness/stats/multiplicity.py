"""Adjusted p-values, in the order given. Holm for confirmatory families, Benjamini-Hochberg for exploratory ones."""
from __future__ import annotations

import numpy as np

from eval_harness.metrics.rows import FloatArray


def bonferroni(p: FloatArray) -> FloatArray:
    return np.minimum(1.0, p * len(p))


def holm(p: FloatArray) -> FloatArray:
    """Step-down (Holm 1979): strong control of the family-wise error under any dependence."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    return _back(order, np.minimum(1.0, stepped))


def hochberg(p: FloatArray) -> FloatArray:
    """Step-up (Simes-Hochberg 1988): needs non-negative dependence."""
    order = np.argsort(p, kind="stable")
    stepped = np.minimum.accumulate((p[order] * (len(p) - np.arange(len(p))))[::-1])[::-1]
    return _back(order, np.minimum(1.0, stepped))


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """False discovery rate (1995), under independence or positive dependence."""
    return _step_up(p, 1.0)


def benjamini_yekutieli(p: FloatArray) -> FloatArray:
    """False discovery rate under any dependence (2001)."""
    return _step_up(p, float((1 / np.arange(1, len(p) + 1)).sum()))


def _step_up(p: FloatArray, factor: float) -> FloatArray:
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1) * factor
    return _back(order, np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1]))


def _back(order: np.ndarray, values: FloatArray) -> FloatArray:
    out = np.empty(len(values))
    out[order] = values
    return out
