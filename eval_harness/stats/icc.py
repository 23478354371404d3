"""Intraclass correlations with exact F intervals (Shrout and Fleiss 1979; McGraw and Wong 1996).

ICC(1,·): readers interchangeable (one-way random). ICC(A,·): a sample of readers, absolute agreement (two-way random).
ICC(C,·): these very readers, consistency (two-way mixed). ·1 a single reading, ·k the mean of k.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import FloatArray
from eval_harness.stats.distributions import f_ppf, f_sf


@dataclass(frozen=True)
class Icc:
    value: float
    f: float
    df1: int
    df2: int
    p: float
    lower: float
    upper: float


@dataclass(frozen=True)
class MeanSquares:
    subjects: float
    readers: float
    error: float
    within: float
    n: int
    k: int


def mean_squares(x: FloatArray) -> MeanSquares:
    """Two-way analysis of variance of ratings x[subjects, readers] without missing cells."""
    n, k = x.shape
    grand = x.mean()
    subjects, readers = x.mean(axis=1), x.mean(axis=0)
    ss_subjects, ss_readers = k * ((subjects - grand) ** 2).sum(), n * ((readers - grand) ** 2).sum()
    residual = x - subjects[:, None] - readers[None, :] + grand
    ss_error = (residual**2).sum()
    return MeanSquares(float(ss_subjects / (n - 1)), float(ss_readers / (k - 1)),
                       float(ss_error / ((n - 1) * (k - 1))), float((ss_readers + ss_error) / (n * (k - 1))), n, k)


def icc_families(x: FloatArray, level: float = 0.95) -> dict[str, Icc]:
    """All six, by McGraw and Wong's names: ICC(1,1), ICC(A,1), ICC(C,1), ICC(1,k), ICC(A,k), ICC(C,k).

    Without variation between subjects beyond the error the lower bounds go below 0. Readers who agree without any error
    have a value (1; for absolute agreement less, where one reads higher throughout) and no F, p or interval. Where the
    variance that an ICC of a mean divides by is estimated as 0 or less, that ICC, or its bound, is NaN. No variation at
    all, one subject or one reader: NaN.
    """
    if min(np.shape(x)) < 2:
        gone = Icc(math.nan, math.nan, 0, 0, math.nan, math.nan, math.nan)
        return dict.fromkeys(("ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)"), gone)
    ms = mean_squares(np.asarray(x, np.float64))
    one, consistent, absolute = _one_way(ms, level), _consistency(ms, level), _absolute(ms, level)
    return {"ICC(1,1)": one[0], "ICC(A,1)": absolute[0], "ICC(C,1)": consistent[0],
            "ICC(1,k)": one[1], "ICC(A,k)": absolute[1], "ICC(C,k)": consistent[1]}


def _one_way(ms: MeanSquares, level: float) -> tuple[Icc, Icc]:
    df1, df2 = ms.n - 1, ms.n * (ms.k - 1)
    return _ratio_of(ms.subjects, ms.within, df1, df2, ms.k, level)


def _consistency(ms: MeanSquares, level: float) -> tuple[Icc, Icc]:
    df1, df2 = ms.n - 1, (ms.n - 1) * (ms.k - 1)
    return _ratio_of(ms.subjects, ms.error, df1, df2, ms.k, level)


def _divide(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0 else math.nan


def _value_alone(single: float, mean: float, df1: int, df2: int) -> tuple[Icc, Icc]:
    """Without an error there is no F and nothing that rests on it."""
    one, many = (Icc(value, math.nan, df1, df2, math.nan, math.nan, math.nan) for value in (single, mean))
    return one, many


def _ratio_of(subjects: float, error: float, df1: int, df2: int, k: int, level: float) -> tuple[Icc, Icc]:
    """Of F = subjects / error: (F - 1) / (F + k - 1) for one reading, 1 - 1 / F for the mean of k; so for its bounds."""
    single, mean = _divide(subjects - error, subjects + (k - 1) * error), _divide(subjects - error, subjects)
    f, q = _divide(subjects, error), (1 + level) / 2
    if math.isnan(f):
        return _value_alone(single, mean, df1, df2)
    low, high = f / f_ppf(q, df1, df2), f * f_ppf(q, df2, df1)
    p = f_sf(f, df1, df2)
    return (Icc(single, f, df1, df2, p, (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)),
            Icc(mean, f, df1, df2, p, _divide(low - 1, low), _divide(high - 1, high)))


def _absolute(ms: MeanSquares, level: float) -> tuple[Icc, Icc]:
    """Interval by Satterthwaite's degrees of freedom for the mix of reader and error variance."""
    n, k = ms.n, ms.k
    df1, df2 = n - 1, (n - 1) * (k - 1)
    f = _divide(ms.subjects, ms.error)
    single = _divide(ms.subjects - ms.error, ms.subjects + (k - 1) * ms.error + k * (ms.readers - ms.error) / n)
    mean = _divide(ms.subjects - ms.error, ms.subjects + (ms.readers - ms.error) / n)
    if math.isnan(f):
        return _value_alone(single, mean, df1, df2)
    fj, q = ms.readers / ms.error, (1 + level) / 2
    top = (k - 1) * (n - 1) * (k * single * fj + n * (1 + (k - 1) * single) - k * single) ** 2
    bottom = (n - 1) * k**2 * single**2 * fj**2 + (n * (1 + (k - 1) * single) - k * single) ** 2
    v, p = _divide(top, bottom), f_sf(f, df1, df2)
    if not v > 0:
        gone = (math.nan, math.nan)
        return Icc(single, f, df1, df2, p, *gone), Icc(mean, f, df1, df2, p, *gone)
    upper_f, lower_f = f_ppf(q, n - 1, v), f_ppf(q, v, n - 1)
    mixed = k * ms.readers + (k * n - k - n) * ms.error
    low = n * (ms.subjects - upper_f * ms.error) / (upper_f * mixed + n * ms.subjects)
    high = n * (lower_f * ms.subjects - ms.error) / (mixed + n * lower_f * ms.subjects)
    many = [_divide(k * bound, 1 + (k - 1) * bound) for bound in (low, high)]
    return Icc(single, f, df1, df2, p, low, high), Icc(mean, f, df1, df2, p, many[0], many[1])
