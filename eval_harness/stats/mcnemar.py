"""Paired calls of two models: McNemar's test, over all cases and apart in positives and negatives.

Over all cases a loss of sensitivity can hide behind a gain of specificity, so the two parts are always given.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BoolArray
from eval_harness.stats.distributions import binom_cdf, binom_pmf, chi2_sf


@dataclass(frozen=True)
class McNemar:
    table: tuple[tuple[int, int], tuple[int, int]]
    """[[both correct, only a], [only b, neither]]"""
    exact_p: float
    mid_p: float
    chi2: float
    p: float
    chi2_cc: float
    p_cc: float


def mcnemar(correct_a: BoolArray, correct_b: BoolArray) -> McNemar:
    """Two-sided tests of equal marginal correctness. No discordant pair: p = 1, chi-square 0."""
    both = int((correct_a & correct_b).sum())
    only_a, only_b = int((correct_a & ~correct_b).sum()), int((~correct_a & correct_b).sum())
    table = ((both, only_a), (only_b, len(correct_a) - both - only_a - only_b))
    n, least = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return McNemar(table, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0)
    exact = min(1.0, 2 * binom_cdf(least, n, 0.5))
    mid = 1.0 if only_a == only_b else 2 * binom_cdf(least, n, 0.5) - binom_pmf(least, n, 0.5)
    chi2, corrected = (only_a - only_b) ** 2 / n, (abs(only_a - only_b) - 1) ** 2 / n
    return McNemar(table, exact, mid, chi2, chi2_sf(chi2, 1), corrected, chi2_sf(corrected, 1))


def mcnemar_by_class(truth: BoolArray, called_a: BoolArray, called_b: BoolArray) -> dict[str, McNemar]:
    """`all`, `positives` (sensitivity) and `negatives` (specificity)."""
    a, b = called_a == truth, called_b == truth
    everyone = np.ones(len(truth), bool)
    return {name: mcnemar(a[part], b[part])
            for name, part in (("all", everyone), ("positives", truth), ("negatives", ~truth))}
