"""Incomplete beta and gamma functions and a root finder, on the standard library alone.

Incomplete beta: the continued fraction of DLMF 8.17.22 by Lentz's method; incomplete gamma: DLMF 8.11.4 (series) and 8.9.2
(fraction). Checked against scipy through the distributions in tests/eval_harness/stats.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

_TINY = 1e-300
_EPS = 1e-16


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
    return beta_upper(x, 1.0 - x, a, b)


def beta_upper(x: float, y: float, a: float, b: float) -> float:
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


def quantile(distance: Callable[[float], float], low: float, high: float) -> float:
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
