"""Agreement of two or more readers on categories: Cohen, Fleiss, Randolph, and Gwet's family with its intervals.

counts[units, categories] is how many readers put a unit into a category; ratings[units, readers] the raw calls, NaN where
a reader is missing. Readers are exchangeable in all but Cohen's kappa.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import FloatArray
from eval_harness.stats.distributions import norm_ppf, t_ppf


def count_table(ratings: FloatArray, categories: FloatArray) -> FloatArray:
    """counts[units, categories] of ratings[units, readers]; NaN counts nowhere."""
    return np.stack([(ratings == category).sum(axis=1) for category in categories], axis=1).astype(np.float64)


def fleiss_kappa(counts: FloatArray) -> float:
    """Fleiss 1971: chance agreement from the pooled category shares. Every unit needs the same number of readers."""
    observed = _observed(counts)
    if math.isnan(observed):
        return math.nan
    shares = counts.sum(axis=0) / counts.sum()
    expected = float(shares @ shares)
    return _chance_corrected(observed, expected)


def randolph_kappa(counts: FloatArray) -> float:
    """Free-marginal kappa (Randolph 2005): chance agreement 1 / categories."""
    return _chance_corrected(_observed(counts), 1 / counts.shape[1])


def _observed(counts: FloatArray) -> float:
    readers = counts.sum(axis=1)
    if len(counts) == 0 or readers.min() < 2:
        return math.nan
    return float(((counts * (counts - 1)).sum(axis=1) / (readers * (readers - 1))).mean())


def _chance_corrected(observed: float, expected: float) -> float:
    return (observed - expected) / (1 - expected) if expected < 1 else math.nan


def agreement_weights(kind: str, categories: FloatArray) -> FloatArray:
    """[categories, categories]: 1 for full agreement. identity, linear, quadratic, ordinal (Gwet 2014, appendix)."""
    gap: FloatArray = np.abs(categories[:, None] - categories[None, :])
    span = float(gap.max()) or 1.0
    if kind == "identity":
        same: FloatArray = (gap == 0).astype(np.float64)
        return same
    if kind == "linear":
        return 1 - gap / span
    if kind == "quadratic":
        return 1 - (gap / span) ** 2
    if kind != "ordinal":
        raise ValueError(f"weights are identity, linear, quadratic or ordinal, not {kind!r}")
    place = np.arange(len(categories))
    steps = np.abs(place[:, None] - place[None, :])
    pairs: FloatArray = (steps + 1) * steps / 2
    return 1 - pairs / (float(pairs.max()) or 1.0)


@dataclass(frozen=True)
class Agreement:
    value: float
    se: float
    lower: float
    upper: float


def cohen_kappa(first: FloatArray, second: FloatArray, categories: FloatArray, weights: str = "identity") -> float:
    """Two named readers (Cohen 1960; weighted 1968)."""
    table = _cross(first, second, categories)
    w = agreement_weights(weights, categories)
    return _chance_corrected(float((w * table).sum()), float((w * np.outer(table.sum(axis=1), table.sum(axis=0))).sum()))


def cohen_kappa_interval(first: FloatArray, second: FloatArray, categories: FloatArray, level: float = 0.95) -> tuple[Agreement, float]:
    """Unweighted kappa with its large-sample standard error and the one under independence (Fleiss, Cohen and Everitt 1969)."""
    table, n = _cross(first, second, categories), len(first)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    expected = float(rows @ columns)
    kappa = _chance_corrected(float(np.trace(table)), expected)
    if math.isnan(kappa):       # both readers gave one and the same category throughout
        return Agreement(*[math.nan] * 4), math.nan
    a = float((np.diag(table) * (1 - (rows + columns) * (1 - kappa)) ** 2).sum())
    off = table * (columns[:, None] + rows[None, :]) ** 2
    b = (1 - kappa) ** 2 * float(off.sum() - np.trace(off))
    c = (kappa - expected * (1 - kappa)) ** 2
    se = math.sqrt((a + b - c) / n) / (1 - expected)
    se0 = math.sqrt((expected + expected**2 - float((rows * columns * (rows + columns)).sum())) / n) / (1 - expected)
    half = norm_ppf((1 + level) / 2) * se
    return Agreement(kappa, se, kappa - half, kappa + half), se0


def _cross(first: FloatArray, second: FloatArray, categories: FloatArray) -> FloatArray:
    table = np.array([[((first == a) & (second == b)).sum() for b in categories] for a in categories], np.float64)
    out: FloatArray = table / table.sum() if table.sum() else np.full(table.shape, np.nan)
    return out


def gwet_family(counts: FloatArray, weights: FloatArray, coefficient: str, level: float = 0.95) -> Agreement:
    """Gwet's AC1/AC2 (`gwet`), Fleiss' kappa (`fleiss`) or Krippendorff's alpha as Gwet writes it (`krippendorff`).

    Standard errors by linearisation over units (Gwet 2008, 2014), interval from t with n - 1 degrees of freedom cut at 1.
    Units with one reader count for chance agreement only (not at all in Krippendorff's alpha). NaN with one category or unit.
    """
    if coefficient == "krippendorff":
        paired = counts[counts.sum(axis=1) >= 2]
        return _krippendorff(paired, weights, level) if len(paired) >= 2 and counts.shape[1] >= 2 else Agreement(*[math.nan] * 4)
    n, q = counts.shape
    readers = counts.sum(axis=1)
    several = readers >= 2
    if q < 2 or n < 2 or not several.any():
        return Agreement(*[math.nan] * 4)
    agreed = (counts * (counts @ weights.T - 1)).sum(axis=1)
    unit = np.divide(agreed, readers * (readers - 1), out=np.zeros(n), where=several)
    observed = unit.sum() / several.sum()
    shares = (counts / readers[:, None]).mean(axis=0)
    if coefficient == "gwet":
        scale = weights.sum() / (q * (q - 1))
        expected, chance = scale * float((shares * (1 - shares)).sum()), scale * (counts @ (1 - shares)) / readers
    else:
        expected = float(shares @ weights @ shares)
        chance = (counts / readers[:, None]) @ ((weights @ shares + weights.T @ shares) / 2)
    value = (observed - expected) / (1 - expected)
    own = n / several.sum() * (unit - expected * several) / (1 - expected)
    return _linearised(value, own - 2 * (1 - value) * (chance - expected) / (1 - expected), value, level)


def _krippendorff(counts: FloatArray, weights: FloatArray, level: float) -> Agreement:
    n, readers = len(counts), counts.sum(axis=1)
    mean = readers.mean()
    small = 1 / (n * mean)
    unit = (counts * (counts @ weights.T - 1)).sum(axis=1) / (mean * (readers - 1))
    plain = unit.mean()
    shares = (counts / mean).mean(axis=0)
    expected = float(shares @ weights @ shares)
    value, uncorrected = ((pa - expected) / (1 - expected) for pa in (plain * (1 - small) + small, plain))
    own = (unit - plain * (readers - mean) / mean - expected) / (1 - expected)
    chance = counts @ ((weights @ shares + weights.T @ shares) / 2) / mean - shares.sum() * (readers - mean) / mean
    linear = own - 2 * (1 - uncorrected) * (chance - expected) / (1 - expected)
    return _linearised(float(value), linear, float(uncorrected), level)


def _linearised(value: float, linear: FloatArray, centre: float, level: float) -> Agreement:
    n = len(linear)
    se = math.sqrt(float(((linear - centre) ** 2).sum()) / (n * (n - 1)))
    half = t_ppf((1 + level) / 2, n - 1) * se
    return Agreement(float(value), se, float(value) - half, min(1.0, float(value) + half))
