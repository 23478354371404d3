"""U-statistic variance of reader-averaged AUC with random readers and cases (Gallas 2006; Gallas, Bandos et al. 2009).

Eight second moments of the success matrix tell the variance apart: M1..M4 of one reader, M5..M8 of two different readers;
within each four: same negative and positive; same positive; same negative; both different. Sums over all index pairs
("biased") are turned into sums over distinct indices by inclusion and exclusion. Degrees of freedom after Bandos, Gallas
and Dorfman: Satterthwaite over the negative, positive and reader components, at least the smallest of theirs.
"""
from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce

import numpy as np

from eval_harness.metrics.rows import FloatArray
from eval_harness.stats.distributions import norm_ppf, t_ppf, t_sf, two_sided_p

_DISTINCT = np.array([[1.0, 0.0], [-1.0, 1.0]])
"""From (same, all) to (same, different): a difference of index sets."""


@dataclass(frozen=True)
class Moments:
    """Sums and counts over all index pairs, in the order same; same positive; same negative; all."""

    sums: FloatArray
    counts: FloatArray


def moments(first: FloatArray, second: FloatArray) -> Moments:
    """Second moments of two success matrices [negatives, positives]; NaN where a case was not read."""
    a, b = np.nan_to_num(first), np.nan_to_num(second)
    ka, kb = (~np.isnan(first)).astype(np.float64), (~np.isnan(second)).astype(np.float64)

    def four(x: FloatArray, y: FloatArray) -> FloatArray:
        return np.array([(x * y).sum(), x.sum(axis=0) @ y.sum(axis=0), x.sum(axis=1) @ y.sum(axis=1), x.sum() * y.sum()])

    return Moments(four(a, b), four(ka, kb))


def covariance_of(found: Moments) -> float:
    """Unbiased covariance over cases of two AUCs."""
    return _combined(found.sums, found.counts, 2)[0]


def _distinct(levels: int) -> FloatArray:
    """[2^levels, 2^levels] map of sums over all indices to sums over distinct ones, Kronecker product over factors."""
    return reduce(np.kron, [_DISTINCT] * levels)


def _combined(sums: FloatArray, counts: FloatArray, levels: int) -> tuple[float, FloatArray, FloatArray]:
    """(covariance, unbiased moments, coefficients)."""
    to_distinct = _distinct(levels)
    top, bottom = to_distinct @ sums, to_distinct @ counts
    moment = np.divide(top, bottom, out=top.copy(), where=bottom != 0)
    coefficient = bottom / counts[-1]
    coefficient[-1] -= 1
    return float(coefficient @ moment), moment, coefficient


@dataclass(frozen=True)
class Ustat:
    """Reader-averaged AUCs of two treatments (or one twice) and their covariance."""

    auc_first: float
    auc_second: float
    cov: float
    cov_biased: float
    moments: FloatArray
    components_biased: FloatArray
    """Variance components: negatives, positives, readers."""
    df_parts: tuple[int, int, int]
    """Degrees of freedom of negatives, positives, readers."""
    df: float


def ustat(first: list[FloatArray], second: list[FloatArray]) -> Ustat:
    """first, second: success matrices of the same readers in the same order, [negatives, positives] each."""
    pairs = [[moments(a, b) for b in second] for a in first]
    same = [pairs[r][r] for r in range(len(first))]
    everyone = [one for row in pairs for one in row]
    sums = np.concatenate([sum(m.sums for m in part) for part in (same, everyone)])
    counts = np.concatenate([sum(m.counts for m in part) for part in (same, everyone)])
    cov, moment, coefficient = _combined(sums, counts, 3)
    biased = np.divide(sums, counts, out=sums.copy(), where=counts != 0)
    parts = _component_df(coefficient)
    components = _components(biased)
    return Ustat(_mean(first), _mean(second), cov, float(coefficient @ biased), moment, components, parts,
                 satterthwaite(cov, components, parts))


def _mean(success: list[FloatArray]) -> float:
    return float(sum(np.nansum(s) for s in success) / sum((~np.isnan(s)).sum() for s in success))


def _components(m: FloatArray) -> FloatArray:
    """Main-effect components from moments: negative M7 - M8, positive M6 - M8, reader M4 - M8."""
    return np.array([m[6] - m[7], m[5] - m[7], m[3] - m[7]])


def _component_df(coefficient: FloatArray) -> tuple[int, int, int]:
    """1 / share - 1 of each factor, share being the sum of the coefficients whose index of that factor is the same."""
    shares = (coefficient[[0, 2, 4, 6]].sum(), coefficient[[0, 1, 4, 5]].sum(), coefficient[[0, 1, 2, 3]].sum())
    n, d, r = (round(1 / share - 1) for share in shares)
    return n, d, r


def satterthwaite(variance: float, components: FloatArray, df: tuple[int, int, int]) -> float:
    """variance² / Σ component² / df³, at least the smallest df (Gaylor and Hopper 1969). NaN for a negative variance."""
    if variance < 0:
        return math.nan
    bottom = sum(float(c) ** 2 / d**3 for c, d in zip(components, df, strict=True))
    return max(variance**2 / bottom if bottom > 0 else math.inf, float(min(df)))


def difference(first: Ustat, second: Ustat, between: Ustat) -> tuple[float, float, float, float]:
    """(AUC1 - AUC2, variance, biased variance, degrees of freedom) of two treatments read by the same readers."""
    variance = first.cov + second.cov - 2 * between.cov
    biased = first.cov_biased + second.cov_biased - 2 * between.cov_biased
    df = tuple(min(a, b) for a, b in zip(first.df_parts, second.df_parts, strict=True))
    components = first.components_biased + second.components_biased - 2 * between.components_biased
    return first.auc_first - second.auc_first, variance, biased, satterthwaite(variance, components, (df[0], df[1], df[2]))


@dataclass(frozen=True)
class Tested:
    lower_normal: float
    upper_normal: float
    p_normal: float
    lower_t: float
    upper_t: float
    p_t: float


def infer(value: float, variance: float, df: float, null: float, level: float = 0.95, whole_df: bool = False) -> Tested:
    """Normal and t inference. The normal approximation can be significant where t is not: name which one decides.

    whole_df: cut the degrees of freedom to whole numbers, as iMRMC does.
    """
    df = math.floor(df) if whole_df and math.isfinite(df) else df
    if not variance > 0:
        return Tested(*[math.nan] * 6)
    se = math.sqrt(variance)
    z, t, stat = norm_ppf((1 + level) / 2) * se, t_ppf((1 + level) / 2, df) * se, abs(value - null) / se
    return Tested(value - z, value + z, two_sided_p(stat), value - t, value + t, 2 * t_sf(stat, df))
