"""Intervals of one proportion, k of n, each named as the literature names it. Raw layer: n must be positive.

Wilson 1927; Clopper and Pearson 1934 (exact); Jeffreys = Beta(k + 1/2, n - k + 1/2) quantiles; Agresti and Coull 1998;
Wald ("normal"). Coverage by simulation: Clopper-Pearson is conservative by construction, Wald falls far below its level
near 0 and 1 and is given for comparison with other software only. Wilson and Clopper-Pearson can differ in pass or fail
at a target value near n = 200, so a protocol names one.
"""
from __future__ import annotations

import math
from collections.abc import Callable

from eval_harness.stats.distributions import beta_ppf, norm_ppf

Bounds = tuple[float, float]


def wilson(k: int, n: int, level: float = 0.95) -> Bounds:
    """Score interval (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), without continuity correction."""
    z = norm_ppf(0.5 + level / 2)
    p, square = k / n, z * z / n
    centre, half = p + square / 2, z * math.sqrt(p * (1 - p) / n + square / (4 * n))
    low, high = (centre - half) / (1 + square), (centre + half) / (1 + square)
    return (0.0 if k == 0 else max(0.0, low)), (1.0 if k == n else min(1.0, high))


def clopper_pearson(k: int, n: int, level: float = 0.95) -> Bounds:
    """Exact interval from beta quantiles; at least `level` whatever the true value."""
    tail = (1 - level) / 2
    low = beta_ppf(tail, k, n - k + 1) if k else 0.0
    high = beta_ppf(1 - tail, k + 1, n - k) if k < n else 1.0
    return low, high


def jeffreys(k: int, n: int, level: float = 0.95) -> Bounds:
    """Equal-tailed interval of the Beta(1/2, 1/2) prior (not pulled to 0 or 1 at the edges)."""
    tail = (1 - level) / 2
    return beta_ppf(tail, k + 0.5, n - k + 0.5), beta_ppf(1 - tail, k + 0.5, n - k + 0.5)


def agresti_coull(k: int, n: int, level: float = 0.95) -> Bounds:
    """Wald interval after adding z²/2 successes and z²/2 failures, cut to [0, 1]."""
    z = norm_ppf(0.5 + level / 2)
    total = n + z * z
    p = (k + z * z / 2) / total
    half = z * math.sqrt(p * (1 - p) / total)
    return max(0.0, p - half), min(1.0, p + half)


def wald(k: int, n: int, level: float = 0.95) -> Bounds:
    """p ± z √(p(1-p)/n), cut to [0, 1]: zero width at 0 and n, so never a headline."""
    z = norm_ppf(0.5 + level / 2)
    p = k / n
    half = z * math.sqrt(p * (1 - p) / n)
    return max(0.0, p - half), min(1.0, p + half)


METHODS: dict[str, Callable[[int, int, float], Bounds]] = {
    "wilson": wilson, "clopper_pearson": clopper_pearson, "jeffreys": jeffreys,
    "agresti_coull": agresti_coull, "wald": wald,
}
"""Interval methods a protocol may name."""
