"""Bootstrap by person: one matrix of draws a run serves every metric, stratum, model and paired difference.

`weights[b, p]` says how often draw b took person p. A metric is a pure function `f(rows, weights) -> float[B]`, so the
interval is a percentile of one vectorised call. The draws come from PCG64's raw bits by multiply-shift (Lemire 2019,
without the rejection step: bias below n/2³²), because numpy keeps bit streams, not `Generator` methods, equal from
version to version, and a verifier must draw the same persons years later.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.stats.distributions import norm_cdf, norm_ppf

FloatArray = NDArray[np.float64]
Weights = NDArray[np.integer[Any]]
Metric = Callable[..., FloatArray]
BLOCK_BYTES = 64 * 2**20


def draw(n_persons: int, resamples: int, seed: int, strata: NDArray[Any] | None = None, first: int = 0) -> Weights:
    """Weights uint16[resamples, n_persons]: multinomial counts, each row sums to n_persons.

    strata[n_persons]: draw within each stratum (its size is then fixed in every draw). Draw b depends on seed and
    `first + b` alone, so blocks of any size give the same matrix. Memory: 2 bytes x resamples x n_persons.
    """
    groups = [np.arange(n_persons)] if strata is None else [np.flatnonzero(strata == s) for s in np.unique(strata)]
    ends = np.cumsum([len(members) for members in groups])
    back = np.argsort(np.concatenate(groups)) if len(groups) > 1 else None
    out, joined = np.empty((resamples, n_persons), np.uint16), np.empty(n_persons, np.uint16)
    for b in range(resamples):
        bits = np.random.PCG64(np.random.SeedSequence([seed, first + b]))
        for end, members in zip(ends, groups, strict=True):
            size = len(members)
            raw = np.asarray(bits.random_raw((size + 1) // 2), np.uint64).view(np.uint32)[:size]
            picked = np.multiply(raw, np.uint64(size), dtype=np.uint64)
            picked >>= np.uint64(32)
            joined[end - size:end] = np.bincount(picked.view(np.int64), minlength=size)
        if back is None:
            out[b] = joined
        else:
            np.take(joined, back, out=out[b], mode="clip")
    return out


def draw_blocks(n_persons: int, resamples: int, seed: int, strata: NDArray[Any] | None = None) -> Iterator[Weights]:
    """The same matrix in blocks of at most 64 MiB, for many persons."""
    step = max(1, BLOCK_BYTES // (2 * max(1, n_persons)))
    for first in range(0, resamples, step):
        yield draw(n_persons, min(step, resamples - first), seed, strata, first)


def ones(n_persons: int) -> Weights:
    """The weights of the observed sample: every person once."""
    return np.ones((1, n_persons), np.uint16)


def value(metric: Metric, rows: Any, n_persons: int, **params: Any) -> float:
    """The metric on the observed sample; NaN where it is undefined."""
    return float(metric(rows, ones(n_persons), **params)[0])


@dataclass(frozen=True)
class Bootstrapped:
    lower: float
    upper: float
    kept: int
    """Draws in which the metric was defined; the others are left out and counted."""
    resamples: int
    se: float


def percentile(values: FloatArray, level: float = 0.95) -> Bootstrapped:
    """Percentile interval (Efron 1979), linear between order statistics. NaN draws are dropped and counted.

    Coverage: within 93.5 to 96.5 % from about 300 persons on; with 150 persons an AUC of 0.8 is covered in 93.2 %, because
    resampling n persons shows only (n - 1)/n of their variance. A closed form, where there is one, is the headline.
    """
    return _interval(values, (1 - level) / 2, (1 + level) / 2)


def bca(values: FloatArray, observed: float, jackknifed: FloatArray, level: float = 0.95) -> Bootstrapped:
    """Bias-corrected and accelerated interval (Efron 1987).

    z0 from the share of draws below the observed value (ties half, as scipy), a = Σd³ / 6(Σd²)^1.5 over the jackknife.
    Falls back to the percentile interval where every draw lies on one side of the observed value.
    """
    kept = values[np.isfinite(values)]
    share = (np.sum(kept < observed) + np.sum(kept <= observed)) / (2 * len(kept)) if len(kept) else 0.0
    d = jackknifed[np.isfinite(jackknifed)]
    d = d.mean() - d if len(d) else d
    spread = float(np.sum(d * d)) ** 1.5
    if not 0 < share < 1 or spread == 0:
        return percentile(values, level)
    z0, a = norm_ppf(float(share)), float(np.sum(d**3)) / (6 * spread)
    ends = []
    for z in (norm_ppf((1 - level) / 2), norm_ppf((1 + level) / 2)):
        ends.append(norm_cdf(z0 + (z0 + z) / (1 - a * (z0 + z))))
    return _interval(values, ends[0], ends[1])


def _interval(values: FloatArray, low: float, high: float) -> Bootstrapped:
    kept = values[np.isfinite(values)]
    if len(kept) < 2:
        return Bootstrapped(np.nan, np.nan, len(kept), len(values), np.nan)
    lower, upper = np.quantile(kept, [low, high])
    return Bootstrapped(float(lower), float(upper), len(kept), len(values), float(np.std(kept, ddof=1)))


def jackknife(metric: Metric, rows: Any, n_persons: int, **params: Any) -> FloatArray:
    """The metric without each person in turn, in blocks: float[n_persons]."""
    step = max(1, BLOCK_BYTES // (2 * max(1, n_persons)))
    parts = []
    for first in range(0, n_persons, step):
        weights = np.ones((min(step, n_persons - first), n_persons), np.uint16)
        weights[np.arange(len(weights)), first + np.arange(len(weights))] = 0
        parts.append(metric(rows, weights, **params))
    return np.concatenate(parts) if parts else np.zeros(0)


def pseudo_values(observed: float, left: FloatArray) -> FloatArray:
    """Jackknife pseudo-values n θ - (n - 1) θ(-i): per-person contributions of a metric that is no mean (Ladder, regression)."""
    out: FloatArray = len(left) * observed - (len(left) - 1) * left
    return out
