"""Precision and recall over thresholds: average precision (the headline) and the trapezoid, each by its own name.

AP = Σ (R_k - R_{k-1}) P_k, the step rule; linear interpolation between points (the trapezoid) is too optimistic (Davis and
Goadrich 2006) and is given only because other software prints it. Both depend on prevalence.
"""
from __future__ import annotations

import numpy as np

from eval_harness.metrics.roc import each
from eval_harness.metrics.rows import BinaryRows, FloatArray, Weights


def average_precision(rows: BinaryRows, weights: Weights) -> FloatArray:
    """float64[B]; equal to scikit-learn's average_precision_score at weights of ones."""
    return each(rows, weights, _step)


def pr_auc_trapezoid(rows: BinaryRows, weights: Weights) -> FloatArray:
    """Trapezoid under (recall, precision) with the added point (0, 1)."""
    return each(rows, weights, _trapezoid)


def _step(tp: FloatArray, fp: FloatArray) -> float:
    called = tp[1:] + fp[1:]
    precision = np.divide(tp[1:], called, out=np.zeros(len(called)), where=called > 0)
    return float(np.diff(tp) @ precision / tp[-1])


def _trapezoid(tp: FloatArray, fp: FloatArray) -> float:
    called = tp + fp
    precision = np.divide(tp, called, out=np.ones(len(called)), where=called > 0)
    return float(np.trapezoid(precision, tp / tp[-1]))
