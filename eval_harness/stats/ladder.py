"""The Ladder: an adaptive leaderboard that does not leak its hidden set (Blum and Hardt 2015).

A submission's loss is released only when it beats the best released so far by more than η; otherwise the best is shown
again. Fixed: η given, the release rounded. Parameter-free: η = s/√n with s the sample standard deviation (n - 1) of the
per-case loss difference to the best submission; the first submission is always released.
"""
from __future__ import annotations

import math

import numpy as np

from eval_harness.metrics.rows import FloatArray


def parameter_free(losses: FloatArray) -> FloatArray:
    """losses[rounds, n] per case -> released value after each round."""
    shown = math.inf
    best: FloatArray | None = None
    out = np.empty(len(losses))
    for round_, loss in enumerate(losses):
        step = 0.0 if best is None else float(np.std(loss - best, ddof=1)) / math.sqrt(len(loss))
        if best is None or loss.mean() < shown - step:
            shown, best = float(loss.mean()), loss
        out[round_] = shown
    return out


def fixed(losses: FloatArray, eta: float, digits: int | None = None, grid: float | None = None) -> FloatArray:
    """Released values with step `eta`, rounded to `digits` decimals, or to multiples of `grid`."""
    shown = math.inf
    out = np.empty(len(losses))
    for round_, loss in enumerate(losses):
        mean = float(loss.mean())
        if mean < shown - eta:
            shown = round(mean, digits) if digits is not None else round(mean / grid) * grid if grid else mean
        out[round_] = shown
    return out
