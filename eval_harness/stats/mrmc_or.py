"""Obuchowski-Rockette analysis of a fully crossed reader study with Hillis' degrees of freedom.

Obuchowski and Rockette 1995; Hillis 2007; Hillis, Berbaum and Metz 2008. Cov1: same reader, different treatments; Cov2: same
treatment, different readers; Cov3: both different. Cov2 - Cov3 below 0 is set to 0 in tests (then df falls to
(I - 1)(J - 1)), and the components are printed unclamped: code without the clamp gives other p-values.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import FloatArray
from eval_harness.stats.distributions import chi2_sf, f_sf, norm_ppf, t_ppf, t_sf, two_sided_p
from eval_harness.stats.mrmc_covariance import Figures


@dataclass(frozen=True)
class Components:
    ms_t: float
    ms_r: float
    ms_tr: float
    error: float
    cov1: float
    cov2: float
    cov3: float
    n_treatments: int
    n_readers: int

    @property
    def clamped(self) -> float:
        """max(Cov2 - Cov3, 0)."""
        return max(self.cov2 - self.cov3, 0.0)

    def printed(self) -> dict[str, float]:
        reader = (self.ms_r - self.ms_tr) / self.n_treatments - self.cov1 + self.cov3
        interaction = self.ms_tr - self.error + self.cov1 + self.cov2 - self.cov3
        return {"reader": reader, "treatment:reader": interaction, "Error": self.error, "Cov1": self.cov1,
                "Cov2": self.cov2, "Cov3": self.cov3}


def components(figures: Figures) -> Components:
    """Mean squares of theta[treatments, readers] and mean covariances. Needs two treatments and two readers."""
    theta, cov = figures.theta, figures.cov
    i, j = theta.shape
    grand, by_t, by_r = theta.mean(), theta.mean(axis=1), theta.mean(axis=0)
    residual = theta - by_t[:, None] - by_r[None, :] + grand
    treatment, reader = np.repeat(np.arange(i), j), np.tile(np.arange(j), i)
    same_t, same_r = treatment[:, None] == treatment, reader[:, None] == reader
    return Components(
        float(j * ((by_t - grand) ** 2).sum() / (i - 1)), float(i * ((by_r - grand) ** 2).sum() / (j - 1)),
        float((residual**2).sum() / ((i - 1) * (j - 1))), float(np.diag(cov).mean()), float(cov[~same_t & same_r].mean()),
        float(cov[same_t & ~same_r].mean()), float(cov[~same_t & ~same_r].mean()), i, j)


@dataclass(frozen=True)
class Test:
    """Equality of all treatments; statistic is F (df1, df2) or chi-square (df1)."""

    statistic: float
    denominator: float
    df1: int
    df2: float
    p: float


@dataclass(frozen=True)
class Effect:
    """An estimate with its standard error; df infinite where the normal holds."""

    estimate: float
    se: float
    df: float
    lower: float
    upper: float
    statistic: float
    p: float
    ms_r: float = math.nan
    error: float = math.nan
    cov2: float = math.nan


def random_readers_random_cases(c: Components) -> Test:
    """F = MS(T) / (MS(T:R) + J max(Cov2 - Cov3, 0)), df2 = denominator² / (MS(T:R)² / (I - 1)(J - 1))."""
    denominator = c.ms_tr + c.n_readers * c.clamped
    df1 = c.n_treatments - 1
    if denominator <= 0:
        return Test(math.nan, denominator, df1, math.nan, math.nan)
    df2 = denominator**2 / (c.ms_tr**2 / (df1 * (c.n_readers - 1))) if c.ms_tr > 0 else math.inf
    return Test(c.ms_t / denominator, denominator, df1, df2, f_sf(c.ms_t / denominator, df1, df2))


def fixed_readers_random_cases(c: Components) -> Test:
    """Chi-square (I - 1) MS(T) / (Error - Cov1 + (J - 1)(Cov2 - Cov3)): holds for these readers only."""
    denominator = c.error - c.cov1 + (c.n_readers - 1) * (c.cov2 - c.cov3)
    df1 = c.n_treatments - 1
    if denominator <= 0:
        return Test(math.nan, denominator, df1, math.inf, math.nan)
    return Test(df1 * c.ms_t / denominator, denominator, df1, math.inf, chi2_sf(df1 * c.ms_t / denominator, df1))


def random_readers_fixed_cases(c: Components) -> Test:
    """F = MS(T) / MS(T:R): holds for these cases only."""
    df1, df2 = c.n_treatments - 1, (c.n_treatments - 1) * (c.n_readers - 1)
    if c.ms_tr <= 0:
        return Test(math.nan, c.ms_tr, df1, df2, math.nan)
    return Test(c.ms_t / c.ms_tr, c.ms_tr, df1, df2, f_sf(c.ms_t / c.ms_tr, df1, df2))


def treatment_differences(figures: Figures, c: Components, test: Test, level: float = 0.95) -> list[tuple[int, int, Effect]]:
    """(first, second, first - second) of every two treatments, se = √(2 denominator / J)."""
    means, se = figures.theta.mean(axis=1), math.sqrt(max(0.0, 2 / c.n_readers * test.denominator))
    return [(a, b, effect(float(means[a] - means[b]), se, test.df2, level))
            for a in range(len(means)) for b in range(a + 1, len(means))]


def treatment_means(figures: Figures, design: str, level: float = 0.95) -> list[Effect]:
    """Mean of each treatment from its own readers; design rrrc, frrc or rrfc. Intervals are cut to [0, 1]."""
    i, j = figures.theta.shape
    out = []
    for t in range(i):
        theta, cov = figures.theta[t], figures.cov[t * j:(t + 1) * j, t * j:(t + 1) * j]
        ms_r, error = float(theta.var(ddof=1)), float(np.diag(cov).mean())
        cov2 = float(cov[~np.eye(j, dtype=bool)].mean())
        if design == "rrrc":
            total = ms_r + j * max(cov2, 0.0)
            se, df = math.sqrt(total / j), total**2 / (ms_r**2 / (j - 1)) if ms_r > 0 else math.inf
        elif design == "frrc":
            se, df = math.sqrt((error + (j - 1) * max(cov2, 0.0)) / j), math.inf
        else:
            se, df = math.sqrt(ms_r / j), float(j - 1)
        one = effect(float(theta.mean()), se, df, level)
        out.append(Effect(one.estimate, se, df, max(one.lower, 0.0), min(one.upper, 1.0), one.statistic, one.p, ms_r, error, cov2))
    return out


def reader_differences(figures: Figures, level: float = 0.95) -> list[tuple[int, int, int, Effect]]:
    """(reader, first, second, difference) for fixed readers, se = √(2 (Error_r - Cov1_r))."""
    i, j = figures.theta.shape
    out = []
    for r in range(j):
        own = figures.cov[r::j, r::j]
        cov1 = float(own[~np.eye(i, dtype=bool)].mean())
        se = math.sqrt(max(0.0, 2 * (float(np.diag(own).mean()) - cov1)))
        out += [(r, a, b, effect(float(figures.theta[a, r] - figures.theta[b, r]), se, math.inf, level))
                for a in range(i) for b in range(a + 1, i)]
    return out


def reader_means(figures: Figures, level: float = 0.95) -> FloatArray:
    """[treatments * readers, 4]: value, standard error, lower, upper; cut to [0, 1]."""
    value, se = figures.theta.ravel(), np.sqrt(np.diag(figures.cov))
    half = norm_ppf((1 + level) / 2) * se
    return np.stack([value, se, np.maximum(0.0, value - half), np.minimum(1.0, value + half)], axis=1)


def effect(estimate: float, se: float, df: float, level: float = 0.95) -> Effect:
    """Without a positive standard error (every reader perfect) neither interval nor p exists: NaN."""
    if not se > 0 or math.isnan(df):
        return Effect(estimate, se, df, *[math.nan] * 4)
    half = t_ppf((1 + level) / 2, df) * se
    statistic = estimate / se
    p = two_sided_p(statistic) if math.isinf(df) else 2 * t_sf(abs(statistic), df)
    return Effect(estimate, se, df, estimate - half, estimate + half, statistic, p)
