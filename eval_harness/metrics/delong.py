"""DeLong's variance of AUCs and their differences, by placements (DeLong 1988; fast form after Sun and Xu 2014).

Placement of a positive: share of negatives below it, ties half (V10); of a negative: share of positives above it (V01).
AUC = mean V10 = mean V01; cov = S10 / m + S01 / n with sample covariances of the placements (divisor m - 1, n - 1).
Raw layer: a variance may be 0 (perfect separation, all tied) or NaN (one positive or one negative); the written policy
(`eval_harness.stats.degenerate`) decides what is reported then.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval_harness.metrics.rows import BoolArray, FloatArray, IntArray
from eval_harness.stats.distributions import norm_log_sf, norm_ppf, norm_sf, t_ppf, t_sf, two_sided_p


@dataclass(frozen=True)
class DeLong:
    auc: FloatArray
    """[models]"""
    cov: FloatArray
    """[models, models]"""
    n_pos: int
    n_neg: int
    v10: FloatArray
    """[models, positives]"""
    v01: FloatArray
    """[models, negatives]"""


@dataclass(frozen=True)
class Comparison:
    """AUC of the first minus AUC of the second. p-values are two-sided unless the name says otherwise."""

    diff: float
    se: float
    z: float
    p: float
    log10_p: float
    lower: float
    upper: float
    df: float = math.inf


def placements(truth: BoolArray, score: FloatArray) -> tuple[FloatArray, FloatArray]:
    """V10[positives], V01[negatives] of one model, in case order. Raises ValueError for a NaN score."""
    if np.isnan(score).any():
        raise ValueError("a NaN score has no rank")
    order = np.argsort(score, kind="stable")
    ordered, positive = score[order], truth[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, np.intp)
    sizes = np.diff(np.r_[first, len(ordered)])
    positives_up_to = np.r_[0, np.cumsum(positive)]
    in_group = positives_up_to[first + sizes] - positives_up_to[first]
    positives_below = positives_up_to[first]
    negatives_below = first - positives_below
    n_pos, n_neg = int(positives_up_to[-1]), len(ordered) - int(positives_up_to[-1])
    v10_group = (2 * negatives_below + sizes - in_group) / (2 * n_neg) if n_neg else np.full(len(first), np.nan)
    v01_group = (2 * (n_pos - positives_below) - in_group) / (2 * n_pos) if n_pos else np.full(len(first), np.nan)
    out = np.empty(len(score))
    out[order] = np.where(positive, np.repeat(v10_group, sizes), np.repeat(v01_group, sizes))
    return out[truth], out[~truth]


def delong(truth: BoolArray, *scores: FloatArray) -> DeLong:
    """AUCs of one or more models on the same cases, with their covariance matrix."""
    pairs = [placements(truth, np.asarray(score, np.float64)) for score in scores]
    v10, v01 = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    m, n = v10.shape[1], v01.shape[1]
    auc = v10.mean(axis=1) if m else np.full(len(scores), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        cov = _cov(v10) / m + _cov(v01) / n if m > 1 and n > 1 else np.full((len(scores), len(scores)), np.nan)
    return DeLong(auc, cov, m, n, v10, v01)


def _cov(values: FloatArray) -> FloatArray:
    centred = values - values.mean(axis=1, keepdims=True)
    out: FloatArray = centred @ centred.T / (values.shape[1] - 1)
    return out


def obuchowski_clustered(truth: BoolArray, score: FloatArray, cluster: NDArray[np.intp]) -> tuple[float, float]:
    """AUC and its variance when persons carry several units (Obuchowski 1997, Biometrics 53:567).

    S10 and S01 are variances of within-cluster placement sums, S11 their covariance, each with I/(I - 1) for I clusters
    that contribute. With one unit a cluster it is DeLong's variance. NaN with fewer than two clusters of either class.
    """
    cov = clustered_covariance(truth, [score], cluster)
    return float(placements(truth, score)[0].mean()) if truth.any() else math.nan, float(cov[0, 0])


def clustered_covariance(truth: BoolArray, scores: list[FloatArray], cluster: IntArray) -> FloatArray:
    """Covariance matrix of paired AUCs for clustered data: the multivariate form of `obuchowski_clustered`."""
    n_clusters = int(cluster.max()) + 1 if len(cluster) else 0
    m, n = int(truth.sum()), int((~truth).sum())
    per_class = [np.bincount(cluster[mask], minlength=n_clusters) for mask in (truth, ~truth)]
    present = [int((count > 0).sum()) for count in per_class]
    if min(present, default=0) < 2:
        return np.full((len(scores), len(scores)), np.nan)
    x, y = np.empty((len(scores), n_clusters)), np.empty((len(scores), n_clusters))
    for row, score in enumerate(scores):
        v10, v01 = placements(truth, score)
        auc = v10.mean()
        x[row] = np.bincount(cluster[truth], v10 - auc, n_clusters)
        y[row] = np.bincount(cluster[~truth], v01 - auc, n_clusters)
    everyone = int((per_class[0] + per_class[1] > 0).sum())
    s10 = present[0] / ((present[0] - 1) * m) * (x @ x.T)
    s01 = present[1] / ((present[1] - 1) * n) * (y @ y.T)
    s11 = everyone / (everyone - 1) * (x @ y.T)
    return s10 / m + s01 / n + (s11 + s11.T) / (m * n)


def wald_interval(auc: float, variance: float, level: float = 0.95, clip: bool = True) -> tuple[float, float]:
    """auc ± z √variance, cut to [0, 1] as pROC prints it (clip) or as it comes (roc_comparison)."""
    half = norm_ppf(0.5 + level / 2) * math.sqrt(variance) if variance >= 0 else math.nan
    low, high = auc - half, auc + half
    return (max(0.0, low), min(1.0, high)) if clip and not math.isnan(half) else (low, high)


def logit_interval(auc: float, variance: float, level: float = 0.95) -> tuple[float, float]:
    """Wald on the logit scale, se(logit) = se / (auc (1 - auc)); the headline interval. Undefined at auc 0 or 1."""
    if not 0 < auc < 1:
        return math.nan, math.nan
    centre, half = math.log(auc / (1 - auc)), norm_ppf(0.5 + level / 2) * math.sqrt(variance) / (auc * (1 - auc))
    return 1 / (1 + math.exp(half - centre)), 1 / (1 + math.exp(-half - centre))


def compare_paired(found: DeLong, first: int = 0, second: int = 1, level: float = 0.95) -> Comparison:
    """Two models on the same cases (DeLong 1988). A zero variance gives z and p NaN here (0/0)."""
    variance = found.cov[first, first] + found.cov[second, second] - 2 * found.cov[first, second]
    return _comparison(float(found.auc[first] - found.auc[second]), math.sqrt(max(0.0, float(variance))), math.inf, level)


def compare_unpaired(first: DeLong, second: DeLong, level: float = 0.95) -> Comparison:
    """Two independent samples: t with pROC's degrees of freedom, (v1 + v2)² / (v1²/(N1 - 1) + v2²/(N2 - 1)).

    N counts all cases of a sample, positives and negatives.
    """
    v1, v2 = float(first.cov[0, 0]), float(second.cov[0, 0])
    n1, n2 = first.n_pos + first.n_neg, second.n_pos + second.n_neg
    bottom = v1 * v1 / (n1 - 1) + v2 * v2 / (n2 - 1)
    df = (v1 + v2) ** 2 / bottom if bottom > 0 else math.nan
    return _comparison(float(first.auc[0] - second.auc[0]), math.sqrt(v1 + v2), df, level)


def _comparison(diff: float, se: float, df: float, level: float) -> Comparison:
    if not se > 0 or math.isnan(df):
        return Comparison(diff, se, math.nan, math.nan, math.nan, diff, diff, df)
    z = diff / se
    p = two_sided_p(z) if math.isinf(df) else 2 * t_sf(abs(z), df)
    log10_p = (math.log(2) + norm_log_sf(abs(z))) / math.log(10) if math.isinf(df) else math.log10(p)
    half = t_ppf(0.5 + level / 2, df) * se
    return Comparison(diff, se, z, p, log10_p, diff - half, diff + half, df)


def noninferiority(diff: float, se: float, margin: float) -> tuple[float, float]:
    """z and one-sided p of H0: new - reference <= -margin (margin > 0)."""
    z = (diff + margin) / se if se > 0 else math.nan
    return z, norm_sf(z) if not math.isnan(z) else math.nan


def perfect_separation_lower(n_pos: int, n_neg: int, level: float = 0.95) -> float:
    """One-sided lower bound of an AUC observed as 1, where DeLong and the bootstrap both say [1, 1].

    Exact-type: with every one of k = min(n_pos, n_neg) independent pairs in order, AUC^k >= 1 - level, so
    lower = (1 - level)^(1/k). Pairs that share no case are independent, so the bound holds whatever the distributions.
    """
    return float((1 - level) ** (1 / min(n_pos, n_neg)))
