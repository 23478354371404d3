"""Distribution functions and quantiles on the standard library alone, because the verifier has numpy and nothing else.

Normal quantile: Wichura 1988 (AS 241) through `statistics.NormalDist`. Incomplete beta: the continued fraction of
DLMF 8.17.22 by Lentz's method; incomplete gamma: DLMF 8.11.4 (series) and 8.9.2 (fraction). Quantiles: bracketed
Newton steps. Checked against scipy to 1e-10 relative in tests/eval_harness/stats.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

_STANDARD = NormalDist()
_TINY = 1e-300
_EPS = 1e-16


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


def beta_cdf(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta I_x(a, b)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta_tail(1.0 - x, x, b, a)
    return _beta_tail(x, 1.0 - x, a, b)


def beta_sf(x: float, a: float, b: float) -> float:
    """1 - I_x(a, b), without the loss of digits of the subtraction."""
    return _beta_upper(x, 1.0 - x, a, b)


def _beta_upper(x: float, y: float, a: float, b: float) -> float:
    """1 - I_x(a, b) with y = 1 - x given, exact near x = 1."""
    if x <= 0:
        return 1.0
    if y <= 0:
        return 0.0
    if y > (b + 1) / (a + b + 2):
        return 1.0 - _beta_tail(x, y, a, b)
    return _beta_tail(y, x, b, a)


def _beta_tail(x: float, y: float, a: float, b: float) -> float:
    """I_x(a, b) for x below the mean; y = 1 - x."""
    front = math.exp(a * math.log(x) + b * math.log(y) - _log_beta(a, b))
    return front / a * _beta_fraction(x, a, b)


@lru_cache(maxsize=4096)
def _log_beta(a: float, b: float) -> float:
    """log B(a, b); for large arguments Stirling remainders, so that no digits cancel (DLMF 5.11.1)."""
    if min(a, b) < 10:
        if max(a, b) < 10:
            return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
        small, large = min(a, b), max(a, b)
        remainder = _stirling(large) - _stirling(small + large)
        return (math.lgamma(small) + remainder - (large - 0.5) * math.log1p(small / large)
                - small * math.log(small + large) + small)
    remainder = _stirling(a) + _stirling(b) - _stirling(a + b)
    return (0.5 * math.log(2 * math.pi) - 0.5 * math.log(b) + (a - 0.5) * -math.log1p(b / a)
            - b * math.log1p(a / b) + remainder)


def _stirling(x: float) -> float:
    """lgamma(x) minus its Stirling approximation, for x >= 10."""
    z = 1 / (x * x)
    series = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400, 43867 / 244188)
    return sum(c * z**k for k, c in enumerate(series)) / x


def _beta_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    value = d
    for m in range(1, 20000):
        for numerator in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                          -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1.0 + numerator * d
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = 1.0 + numerator / c
            c = c if abs(c) > _TINY else _TINY
            step = c * d
            value *= step
        if abs(step - 1.0) < _EPS * 4:
            return value
    raise ArithmeticError(f"incomplete beta did not settle at x={x}, a={a}, b={b}")


def beta_ppf(p: float, a: float, b: float) -> float:
    """Quantile of Beta(a, b)."""
    if p <= 0 or p >= 1:
        return 0.0 if p <= 0 else 1.0
    return _quantile(lambda x: beta_cdf(x, a, b) - p if p < 0.5 else (1 - p) - beta_sf(x, a, b), 0.0, 1.0)


def _quantile(distance: Callable[[float], float], low: float, high: float) -> float:
    """Root of an increasing function on [low, high]: regula falsi with bisection as its guard (ITP, Oliveira 2021)."""
    f_low, f_high = distance(low), distance(high)
    for step in range(200):
        width = high - low
        if width <= 4e-16 * abs(high) or width < 1e-300 or f_low == f_high:
            break
        middle = 0.5 * (low + high)
        guess = (f_high * low - f_low * high) / (f_high - f_low) if step % 3 else middle
        towards = math.copysign(min(abs(middle - guess), 0.2 * width * width), middle - guess)
        point = guess + towards
        if not low < point < high:
            point = middle
            if not low < point < high:
                break
        value = distance(point)
        if value == 0:
            return point
        if value > 0:
            high, f_high = point, value
        else:
            low, f_low = point, value
    return 0.5 * (low + high)


def gamma_cdf(x: float, a: float) -> float:
    """Regularised lower incomplete gamma P(a, x)."""
    if x <= 0:
        return 0.0
    return _gamma_series(x, a) if x < a + 1 else 1.0 - _gamma_fraction(x, a)


def gamma_sf(x: float, a: float) -> float:
    if x <= 0:
        return 1.0
    return 1.0 - _gamma_series(x, a) if x < a + 1 else _gamma_fraction(x, a)


def _gamma_front(x: float, a: float) -> float:
    return math.exp(a * math.log(x) - x - math.lgamma(a))


def _gamma_series(x: float, a: float) -> float:
    term = total = 1.0 / a
    for k in range(1, 100000):
        term *= x / (a + k)
        total += term
        if term < total * _EPS:
            break
    return total * _gamma_front(x, a)


def _gamma_fraction(x: float, a: float) -> float:
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for k in range(1, 100000):
        an = -k * (k - a)
        b += 2
        d = an * d + b
        d = 1 / (d if abs(d) > _TINY else _TINY)
        c = b + an / c
        c = c if abs(c) > _TINY else _TINY
        value *= c * d
        if abs(c * d - 1) < _EPS * 4:
            break
    return value * _gamma_front(x, a)


def chi2_sf(x: float, df: float) -> float:
    return gamma_sf(x / 2, df / 2)


def chi2_ppf(p: float, df: float) -> float:
    high = max(1.0, df)
    while gamma_cdf(high / 2, df / 2) < p:
        high *= 2
    return _quantile(lambda x: gamma_cdf(x / 2, df / 2) - p, 0.0, high)


def t_sf(t: float, df: float) -> float:
    """P(T > t)."""
    square = t * t
    tail = 0.5 * beta_cdf(df / (df + square), df / 2, 0.5) if square > df \
        else 0.5 * _beta_upper(square / (df + square), df / (df + square), 0.5, df / 2)
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
    root = _quantile(lambda t: tail - t_sf(t, df), 0.0, high)
    return root if p > 0.5 else -root


def f_sf(x: float, d1: float, d2: float) -> float:
    """P(F > x) for F with d1 and d2 degrees of freedom."""
    if x <= 0:
        return 1.0
    return _beta_upper(d1 * x / (d1 * x + d2), d2 / (d1 * x + d2), d1 / 2, d2 / 2)


def f_ppf(p: float, d1: float, d2: float) -> float:
    high = 1.0
    while 1 - f_sf(high, d1, d2) < p:
        high *= 2
    return _quantile(lambda x: (1 - p) - f_sf(x, d1, d2), 0.0, high)


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
