"""Variance of an AUC from its value and the counts alone: for planning and for papers that print nothing else."""
from __future__ import annotations

import math

from eval_harness.stats.distributions import norm_ppf


def hanley_mcneil_variance(auc: float, n_pos: int, n_neg: int) -> float:
    """(A(1-A) + (m-1)(Q1-A²) + (n-1)(Q2-A²)) / mn with Q1 = A/(2-A), Q2 = 2A²/(1+A) (Hanley and McNeil 1982)."""
    q1, q2, square = auc / (2 - auc), 2 * auc * auc / (1 + auc), auc * auc
    return (auc * (1 - auc) + (n_pos - 1) * (q1 - square) + (n_neg - 1) * (q2 - square)) / (n_pos * n_neg)


def obuchowski_planning_variance(auc: float, n_pos: int, kappa: float) -> float:
    """Binormal planning variance (Obuchowski 2004, formula 3); kappa = negatives / positives."""
    a = norm_ppf(auc) * 1.414
    return 0.0099 * math.exp(-a * a / 2) * ((5 * a * a + 8) + (a * a + 8) / kappa) / n_pos
