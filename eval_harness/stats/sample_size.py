"""How many cases a claim needs: precision, single-arm target values (normal and exact), AUC and paired AUC."""
from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from eval_harness.metrics.hanley_mcneil import hanley_mcneil_variance
from eval_harness.stats.distributions import norm_cdf, norm_ppf

HOLD_FOR = 24
"""Exact power saws up and down with n: it must hold for this many further n."""


def precision_n(p: float, half_width: float, level: float = 0.95) -> int:
    """Cases for a Wald half-width: ⌈z² p(1-p) / h²⌉."""
    z = norm_ppf(0.5 + level / 2)
    return math.ceil(round(z * z * p * (1 - p) / half_width**2, 9))


def total_at_prevalence(n: int, prevalence: float) -> int:
    """Consecutive cases to meet `n` with the condition, on average."""
    return math.ceil(round(n / prevalence, 9))


def single_arm_normal_n(p0: float, p1: float, alpha: float, power: float) -> int:
    """⌈((z_α √(p0 q0) + z_β √(p1 q1)) / (p1 - p0))²⌉, alpha one-sided."""
    top = norm_ppf(1 - alpha) * math.sqrt(p0 * (1 - p0)) + norm_ppf(power) * math.sqrt(p1 * (1 - p1))
    return math.ceil(round((top / (p1 - p0)) ** 2, 9))


def exact_power(n: int, p0: float, p1: float, alpha: float) -> float:
    """Power of the one-sided exact binomial test of H0: p <= p0 against p1 (the objective-performance-criterion design)."""
    return float(_upper_tail(n, p1)[critical_k(n, p0, alpha)])


def critical_k(n: int, p0: float, alpha: float) -> int:
    """Fewest successes that reject: P(K >= k | p0) <= alpha. n + 1 when none does."""
    return int(np.argmax(_upper_tail(n, p0) <= alpha))


def _upper_tail(n: int, p: float) -> np.ndarray:
    """P(K >= k) for k = 0 .. n + 1."""
    k = np.arange(n + 1)
    log_choose = math.lgamma(n + 1) - np.array([math.lgamma(i + 1) + math.lgamma(n - i + 1) for i in k])
    pmf = np.exp(log_choose + k * math.log(p) + (n - k) * math.log1p(-p))
    return np.append(np.cumsum(pmf[::-1])[::-1], 0.0)


def single_arm_exact_n(p0: float, p1: float, alpha: float, power: float, hold_for: int = HOLD_FOR, largest: int = 20000) -> int:
    """Smallest n whose exact power reaches `power` and keeps it for the next `hold_for` n. Raises ValueError past `largest`."""
    run = 0
    for n in range(max(1, single_arm_normal_n(p0, p1, alpha, power) // 2), largest + hold_for + 1):
        run = run + 1 if exact_power(n, p0, p1, alpha) >= power else 0
        if run > hold_for:
            return n - hold_for
    raise ValueError(f"no n up to {largest} reaches power {power}")


def interval_power(n: int, p0: float, p1: float, level: float, method: Callable[[int, int, float], tuple[float, float]]) -> float:
    """Exact power of the rule `lower bound of the method's two-sided interval above p0` when the truth is p1."""
    clears = [method(k, n, level)[0] > p0 for k in range(n + 1)]
    return float(_upper_tail(n, p1)[clears.index(True) if any(clears) else n + 1])


def mean_power(n: int, effect: float, alpha: float) -> float:
    """Power of the one-sided t test of n persons at a distance of `effect` standard deviations: non-central t."""
    from scipy import stats

    return float(stats.nct.sf(stats.t.ppf(1 - alpha, n - 1), n - 1, effect * math.sqrt(n)))


def mean_n(effect: float, alpha: float, power: float) -> int:
    """Persons for that test to reach `power`."""
    return _first(lambda n: mean_power(n, effect, alpha) >= power)


def auc_n_pos(auc0: float, auc1: float, kappa: float, alpha: float, power: float) -> int:
    """Positives to show AUC above auc0 when it is auc1, one-sided alpha; kappa = negatives per positive (Hanley-McNeil variances)."""
    def reached(m: int) -> bool:
        n = max(1, round(m * kappa))
        s0, s1 = (math.sqrt(hanley_mcneil_variance(a, m, n)) for a in (auc0, auc1))
        return norm_cdf((auc1 - auc0 - norm_ppf(1 - alpha) * s0) / s1) >= power
    return _first(reached)


def paired_auc_n_pos(auc_a: float, auc_b: float, correlation: float, kappa: float, alpha: float, power: float,
                     margin: float = 0.0) -> int:
    """Positives for a paired comparison of two AUCs with correlation r of their estimates; one-sided alpha.

    margin 0: superiority of b over a. margin > 0: non-inferiority, H0: b - a <= -margin.
    var(b - a) = va + vb - 2 r √(va vb), Hanley-McNeil variances.
    """
    def reached(m: int) -> bool:
        n = max(1, round(m * kappa))
        va, vb = (hanley_mcneil_variance(a, m, n) for a in (auc_a, auc_b))
        se = math.sqrt(va + vb - 2 * correlation * math.sqrt(va * vb))
        return norm_cdf((auc_b - auc_a + margin) / se - norm_ppf(1 - alpha)) >= power
    return _first(reached)


def _first(reached: object, largest: int = 1_000_000) -> int:
    """Smallest m >= 2 that is enough; more is always enough."""
    low, high = 1, 2
    while not reached(high):  # type: ignore[operator]
        low, high = high, high * 2
        if high > largest:
            raise ValueError(f"more than {largest} positives")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)  # type: ignore[operator]
    return high
