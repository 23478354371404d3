"""Intervals and tests of a difference of two independent proportions, p1 - p2.

Miettinen and Nurminen 1985 invert the score test whose variance uses the restricted maximum-likelihood estimate under
p1 - p2 = δ, times N/(N - 1); Mee 1984 and Farrington and Manning 1990 leave the factor out. The estimate is the closed
root of their cubic, checked against brute-force maximisation in the tests (other software is wrong here for δ ≠ 0).
Newcombe 1998 (method 10) joins two Wilson intervals.
"""
from __future__ import annotations

import math
from collections.abc import Callable

from eval_harness.stats.distributions import norm_ppf, norm_sf
from eval_harness.stats.proportions import Bounds, wilson

Difference = Callable[[int, int, int, int, float], Bounds]


def restricted_mle(k1: int, n1: int, k2: int, n2: int, delta: float) -> tuple[float, float]:
    """(p1, p2) that maximise the likelihood under p1 - p2 = delta (Farrington and Manning 1990, appendix)."""
    p1, p2, theta = k1 / n1, k2 / n2, n2 / n1
    a = 1 + theta
    b = -(1 + theta + p1 + theta * p2 + delta * (theta + 2))
    c = delta * delta + delta * (2 * p1 + theta + 1) + p1 + theta * p2
    d = -p1 * delta * (1 + delta)
    v = b**3 / (3 * a) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    u = math.copysign(math.sqrt(max(0.0, b * b / (3 * a) ** 2 - c / (3 * a))), v)
    ratio = min(1.0, max(-1.0, v / u**3)) if u else 0.0
    w = (math.pi + math.acos(ratio)) / 3
    first = min(1.0, max(0.0, 2 * u * math.cos(w) - b / (3 * a)))
    first = min(1.0 + min(0.0, delta), max(max(0.0, delta), first))
    return first, first - delta


def score_z(k1: int, n1: int, k2: int, n2: int, delta: float, bias_corrected: bool) -> float:
    """z of H0: p1 - p2 = delta. bias_corrected: variance times N/(N - 1), as Miettinen and Nurminen."""
    p1, p2 = restricted_mle(k1, n1, k2, n2, delta)
    variance = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    if bias_corrected:
        variance *= (n1 + n2) / (n1 + n2 - 1)
    gap = k1 / n1 - k2 / n2 - delta
    if variance <= 0:
        return math.copysign(math.inf, gap) if abs(gap) > 1e-15 else 0.0
    return gap / math.sqrt(variance)


def miettinen_nurminen(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> Bounds:
    return _inverted(k1, n1, k2, n2, level, True)


def mee_farrington_manning(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> Bounds:
    return _inverted(k1, n1, k2, n2, level, False)


def _inverted(k1: int, n1: int, k2: int, n2: int, level: float, corrected: bool) -> Bounds:
    """Both δ at which |z| meets the critical value; z falls as δ grows."""
    critical, observed = norm_ppf(0.5 + level / 2), k1 / n1 - k2 / n2

    def solve(low: float, high: float, target: float) -> float:
        for _ in range(200):
            middle = (low + high) / 2
            if score_z(k1, n1, k2, n2, middle, corrected) > target:
                low = middle
            else:
                high = middle
            if high - low < 1e-15:
                break
        return (low + high) / 2

    return solve(-1.0, observed, critical), solve(observed, 1.0, -critical)


def newcombe(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> Bounds:
    """Square-and-add of two Wilson intervals (Newcombe 1998, method 10)."""
    p1, p2 = k1 / n1, k2 / n2
    (l1, u1), (l2, u2) = wilson(k1, n1, level), wilson(k2, n2, level)
    return (p1 - p2 - math.hypot(p1 - l1, u2 - p2), p1 - p2 + math.hypot(u1 - p1, p2 - l2))


def newcombe_paired(both: int, only_first: int, only_second: int, neither: int, level: float = 0.95) -> Bounds:
    """Difference of two proportions on the same cases (Newcombe 1998, paired method 10), with phi corrected for continuity."""
    a, b, c, d = both, only_first, only_second, neither
    n = a + b + c + d
    p1, p2 = (a + b) / n, (a + c) / n
    (l1, u1), (l2, u2) = wilson(a + b, n, level), wilson(a + c, n, level)
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    top = float(a * d - b * c)
    if top > 0:
        top = max(0.0, top - n / 2)
    phi = top / math.sqrt(margins) if margins else 0.0
    low = (p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2
    high = (u1 - p1) ** 2 - 2 * phi * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2
    return p1 - p2 - math.sqrt(max(0.0, low)), p1 - p2 + math.sqrt(max(0.0, high))


def agresti_caffo(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> Bounds:
    """Wald after one success and one failure are added to each sample (2000)."""
    return wald(k1 + 1, n1 + 2, k2 + 1, n2 + 2, level)


def wald(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> Bounds:
    p1, p2 = k1 / n1, k2 / n2
    half = norm_ppf(0.5 + level / 2) * math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return p1 - p2 - half, p1 - p2 + half


def noninferiority(k1: int, n1: int, k2: int, n2: int, margin: float, bias_corrected: bool = True) -> tuple[float, float]:
    """z and one-sided p of H0: p1 - p2 <= -margin (margin > 0): score test of Miettinen-Nurminen, or of
    Farrington-Manning without the factor N/(N - 1)."""
    z = score_z(k1, n1, k2, n2, -margin, bias_corrected)
    return z, norm_sf(z)


METHODS: dict[str, Difference] = {
    "miettinen_nurminen": miettinen_nurminen, "mee_farrington_manning": mee_farrington_manning, "newcombe": newcombe,
    "agresti_caffo": agresti_caffo, "wald": wald,
}
