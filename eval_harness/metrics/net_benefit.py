"""Decision curve: net benefit at a threshold probability (Vickers and Elkin 2006), by person weights."""
from __future__ import annotations

import numpy as np

from eval_harness.metrics.rows import BinaryRows, FloatArray, Weights, ratio
from eval_harness.metrics.threshold import confusion


def net_benefit(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """tp/n - fp/n · t/(1 - t), in true positives a case."""
    tp, fp, fn, tn = confusion(rows, weights, threshold).T
    return ratio(tp - fp * threshold / (1 - threshold), tp + fp + fn + tn)


def net_benefit_treat_all(rows: BinaryRows, weights: Weights, threshold: float) -> FloatArray:
    """What calling everybody would give; calling nobody gives 0."""
    positive = weights @ np.bincount(rows.person[rows.truth], minlength=rows.n_persons)
    total = weights @ np.bincount(rows.person, minlength=rows.n_persons)
    prevalence = ratio(positive, total)
    return prevalence - (1 - prevalence) * threshold / (1 - threshold)
