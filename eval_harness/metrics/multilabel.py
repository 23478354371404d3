"""Several labels a unit, uncertain references masked label by label.

Macro = plain mean over labels that are defined in the draw (both classes present). Micro pools the defined pairs.
"""
from __future__ import annotations

import warnings

import numpy as np

from eval_harness.metrics import threshold as at
from eval_harness.metrics.auc import auc_midrank
from eval_harness.metrics.pr import average_precision
from eval_harness.metrics.rows import BinaryRows, FloatArray, MultilabelRows, Weights


def _column(rows: MultilabelRows, label: str) -> BinaryRows:
    return rows.label(rows.labels.index(label))


def label_auc(rows: MultilabelRows, weights: Weights, label: str) -> FloatArray:
    """AUC of one label over the units where it is defined."""
    return auc_midrank(_column(rows, label), weights)


def label_average_precision(rows: MultilabelRows, weights: Weights, label: str) -> FloatArray:
    return average_precision(_column(rows, label), weights)


def label_sensitivity(rows: MultilabelRows, weights: Weights, label: str, threshold: float) -> FloatArray:
    return at.sensitivity(_column(rows, label), weights, threshold)


def label_specificity(rows: MultilabelRows, weights: Weights, label: str, threshold: float) -> FloatArray:
    return at.specificity(_column(rows, label), weights, threshold)


def macro_auc(rows: MultilabelRows, weights: Weights) -> FloatArray:
    """Mean AUC over defined labels: float64[B]. A label that one draw leaves with one class is out of that draw's mean."""
    return _macro([auc_midrank(rows.label(c), weights) for c in range(len(rows.labels))])


def macro_average_precision(rows: MultilabelRows, weights: Weights) -> FloatArray:
    return _macro([average_precision(rows.label(c), weights) for c in range(len(rows.labels))])


def macro_f1(rows: MultilabelRows, weights: Weights, threshold: float = 0.5) -> FloatArray:
    """Mean over labels with a positive reference of F1 of the positive class."""
    return _macro([np.where(at.sensitivity(one, weights, threshold) >= 0, at.f1(one, weights, threshold), np.nan)
                   for one in (rows.label(c) for c in range(len(rows.labels)))])


def micro_auc(rows: MultilabelRows, weights: Weights) -> FloatArray:
    """AUC over all defined (unit, label) pairs pooled: mixes between-label with within-label ranking."""
    units, _ = np.nonzero(rows.defined)
    pooled = BinaryRows(rows.score[rows.defined], rows.truth[rows.defined], rows.person[units], rows.n_persons)
    return auc_midrank(pooled, weights)


def _macro(columns: list[FloatArray]) -> FloatArray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)   # a draw without any defined label is NaN by design
        out: FloatArray = np.nanmean(np.array(columns), axis=0)
    return out
