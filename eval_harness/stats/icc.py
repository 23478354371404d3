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

    Without variation between subjects beyond the error the lower bounds go below 0. All readings equal: NaN.
    """
    ms = mean_squares(np.asarray(x, np.float64))
    one, consistent, absolute = _one_way(ms, level), _consistency(ms, level), _absolute(ms, level)
    return {"ICC(1,1)": one[0], "ICC(A,1)": absolute[0], "ICC(C,1)": consistent[0],
            "ICC(1,k)": one[1], "ICC(A,k)": absolute[1], "ICC(C,k)": consistent[1]}


def _over(f: float, k: int) -> float:
    return (f - 1) / (f + k - 1)


def _one_way(ms: MeanSquares, level: float) -> tuple[Icc, Icc]:
    df1, df2 = ms.n - 1, ms.n * (ms.k - 1)
    return _from_f(_divide(ms.subjects, ms.within), df1, df2, ms.k, level)


def _consistency(ms: MeanSquares, level: float) -> tuple[Icc, Icc]:
    df1, df2 = ms.n - 1, (ms.n - 1) * (ms.k - 1)
    return _from_f(_divide(ms.subjects, ms.error), df1, df2, ms.k, level)


def _divide(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0 else math.nan


def _from_f(f: float, df1: int, df2: int, k: int, level: float) -> tuple[Icc, Icc]:
    if math.isnan(f):
        gone = Icc(math.nan, math.nan, df1, df2, math.nan, math.nan, math.nan)
        return gone, gone
    q = (1 + level) / 2
    low, high = f / f_ppf(q, df1, df2), f * f_ppf(q, df2, df1)
    p = f_sf(f, df1, df2)
    return (Icc(_over(f, k), f, df1, df2, p, _over(low, k), _over(high, k)),
            Icc(1 - 1 / f, f, df1, df2, p, 1 - 1 / low, 1 - 1 / high))


def _absolute(ms: MeanSquares, level: float) -> tuple[Icc, Icc]:
    """Interval by Satterthwaite's degrees of freedom for the mix of reader and error variance."""
    n, k = ms.n, ms.k
    df1, df2 = n - 1, (n - 1) * (k - 1)
    f = _divide(ms.subjects, ms.error)
    if math.isnan(f):
        gone = Icc(math.nan, math.nan, df1, df2, math.nan, math.nan, math.nan)
        return gone, gone
    single = (ms.subjects - ms.error) / (ms.subjects + (k - 1) * ms.error + k * (ms.readers - ms.error) / n)
    mean = (ms.subjects - ms.error) / (ms.subjects + (ms.readers - ms.error) / n)
    fj, q = ms.readers / ms.error, (1 + level) / 2
    top = (k - 1) * (n - 1) * (k * single * fj + n * (1 + (k - 1) * single) - k * single) ** 2
    bottom = (n - 1) * k**2 * single**2 * fj**2 + (n * (1 + (k - 1) * single) - k * single) ** 2
    v = top / bottom
    upper_f, lower_f = f_ppf(q, n - 1, v), f_ppf(q, v, n - 1)
    mixed = k * ms.readers + (k * n - k - n) * ms.error
    low = n * (ms.subjects - upper_f * ms.error) / (upper_f * mixed + n * ms.subjects)
    high = n * (lower_f * ms.subjects - ms.error) / (mixed + n * lower_f * ms.subjects)
    p = f_sf(f, df1, df2)
    many = [k * bound / (1 + (k - 1) * bound) for bound in (low, high)]
    return Icc(single, f, df1, df2, p, low, high), Icc(mean, f, df1, df2, p, many[0], many[1])
