"""Binormal ROC curve fitted to the empirical one, and the variance it implies for the area (Obuchowski and McClish 1997).

Convention of pROC's method "obuchowski", name and all: the probit of specificity is regressed on the probit of sensitivity
by least squares over the operating points where both are finite, intercept A and slope B, then
var = [f² (1 + B²/κ + A²/2) + g² B² (1 + κ) / 2κ] / m with κ = n/m, E = exp(-A²/2(1+B²)), f = E / √(2π(1+B²)),
g = -E A B / √(2π(1+B²)³). It assumes the curve; DeLong's does not.
"""
from __future__ import annotations

import math

import numpy as np

from eval_harness.metrics.roc import roc
from eval_harness.metrics.rows import BinaryRows
from eval_harness.stats.distributions import norm_ppf


def binormal_fit(rows: BinaryRows) -> tuple[float, float]:
    """(A, B); NaN with fewer than two finite points."""
    points = roc(rows)
    inner = (points.tp > 0) & (points.tp < points.tp[-1]) & (points.fp > 0) & (points.fp < points.fp[-1])
    x = np.array([norm_ppf(float(v)) for v in points.sensitivity[inner]])
    y = np.array([norm_ppf(float(v)) for v in points.specificity[inner]])
    if len(x) < 2 or np.ptp(x) == 0:
        return math.nan, math.nan
    slope = float(((x - x.mean()) @ (y - y.mean())) / ((x - x.mean()) @ (x - x.mean())))
    return float(y.mean() - slope * x.mean()), slope


def binormal_variance(rows: BinaryRows) -> float:
    a, b = binormal_fit(rows)
    m, n = int(rows.truth.sum()), int((~rows.truth).sum())
    kappa, spread = n / m, 1 + b * b
    decay = math.exp(-a * a / (2 * spread))
    f, g = decay / math.sqrt(2 * math.pi * spread), -decay * a * b / math.sqrt(2 * math.pi * spread**3)
    return (f * f * (1 + b * b / kappa + a * a / 2) + g * g * b * b * (1 + kappa) / (2 * kappa)) / m
