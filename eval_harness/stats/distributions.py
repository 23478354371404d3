"""Distribution functions and quantiles on the standard library alone, because the verifier has numpy and nothing else.

Normal quantile: Wichura 1988 (AS 241) through `statistics.NormalDist`. The others rest on the incomplete beta and gamma of
`special`; their quantiles are roots. Checked against scipy to 1e-10 relative in tests/eval_harness/stats.
"""
from __future__ import annotations

import math
from statistics import NormalDist

from eval_harness.stats.special import beta_cdf, beta_sf, beta_upper, gamma_cdf, gamma_sf, quantile

__all__ = ["beta_cdf", "beta_ppf", "beta_sf", "binom_cdf", "binom_pmf", "binom_sf", "chi2_ppf", "chi2_sf", "f_ppf", "f_sf",
           "norm_cdf", "norm_log_sf", "norm_pdf", "norm_ppf", "norm_sf", "t_cdf", "t_ppf", "t_sf", "two_sided_p"]
_STANDARD = NormalDist()


def norm_cdf(z: float) -> float:
    """P(Z <= z); both tails keep their relative precision."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def norm_sf(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))


def norm_pdf(z: float) -> float:
    return math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def norm_ppf(p: float) -> float:
    """Quantile of the standard normal; -inf at 0, inf at 1. Raises ValueError outside [0, 1]."""
    if p in (0.0, 1.0):
        return math.inf if p else -math.inf
    if not 0.0 < p < 1.0:
        raise ValueError(f"a probability lies in [0, 1], not {p}")
    return _STANDARD.inv_cdf(p)


def norm_log_sf(z: float) -> float:
    """log P(Z > z), beyond the point where the tail underflows (asymptotic series, DLMF 7.12.1)."""
    if z < 30:
        return math.log(norm_sf(z))
    term = total = 1.0
    for k in range(1, 20):
        term *= -(2 * k - 1) / (z * z)
        total += term
    return -0.5 * z * z - math.log(z * math.sqrt(2 * math.pi)) + math.log(total)


def two_sided_p(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))


def beta_ppf(p: float, a: float, b: float) -> float:
    """Quantile of Beta(a, b)."""
    if p <= 0 or p >= 1:
        return 0.0 if p <= 0 else 1.0
    return quantile(lambda x: beta_cdf(x, a, b) - p if p < 0.5 else (1 - p) - beta_sf(x, a, b), 0.0, 1.0)


def chi2_sf(x: float, df: float) -> float:
    return gamma_sf(x / 2, df / 2)


def chi2_ppf(p: float, df: float) -> float:
    high = max(1.0, df)
    while gamma_cdf(high / 2, df / 2) < p:
        high *= 2
    return quantile(lambda x: gamma_cdf(x / 2, df / 2) - p, 0.0, high)


def t_sf(t: float, df: float) -> float:
    """P(T > t)."""
    square = t * t
    tail = 0.5 * beta_cdf(df / (df + square), df / 2, 0.5) if square > df \
        else 0.5 * beta_upper(square / (df + square), df / (df + square), 0.5, df / 2)
    return tail if t >= 0 else 1.0 - tail


def t_cdf(t: float, df: float) -> float:
    return t_sf(-t, df)


def t_ppf(p: float, df: float) -> float:
    """Quantile of Student's t with df > 0 degrees of freedom."""
    if math.isinf(df):
        return norm_ppf(p)
    if p == 0.5:
        return 0.0
    tail = min(p, 1 - p)
    high = 1.0
    while t_sf(high, df) > tail:
        high *= 2
    root = quantile(lambda t: tail - t_sf(t, df), 0.0, high)
    return root if p > 0.5 else -root


def f_sf(x: float, d1: float, d2: float) -> float:
    """P(F > x) for F with d1 and d2 degrees of freedom."""
    if x <= 0:
        return 1.0
    return beta_upper(d1 * x / (d1 * x + d2), d2 / (d1 * x + d2), d1 / 2, d2 / 2)


def f_ppf(p: float, d1: float, d2: float) -> float:
    high = 1.0
    while 1 - f_sf(high, d1, d2) < p:
        high *= 2
    return quantile(lambda x: (1 - p) - f_sf(x, d1, d2), 0.0, high)


def binom_sf(k: int, n: int, p: float) -> float:
    """P(K > k) for K ~ Binomial(n, p)."""
    if k < 0:
        return 1.0
    return 0.0 if k >= n else beta_cdf(p, k + 1, n - k)


def binom_cdf(k: int, n: int, p: float) -> float:
    if k < 0:
        return 0.0
    return 1.0 if k >= n else beta_sf(p, k + 1, n - k)


def binom_pmf(k: int, n: int, p: float) -> float:
    if p in (0.0, 1.0):
        return float(k == (n if p else 0))
    log_choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log_choose + k * math.log(p) + (n - k) * math.log1p(-p))
