"""Do the probabilities mean what they say: scores in [0, 1] against outcomes, by person weights.

A failed unit's score is -inf or +inf; it counts as probability 0 or 1, the worst there is for its class.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BinaryRows, FloatArray, IntArray, Weights, ratio
from eval_harness.stats.distributions import chi2_sf, norm_ppf, two_sided_p

LOG_LOSS_EPS = float(np.finfo(np.float64).eps)
"""Probabilities are kept this far from 0 and 1 in logarithms (scikit-learn's value)."""
DRAWS_AT_ONCE = 256


def probabilities(rows: BinaryRows) -> FloatArray:
    """Scores as probabilities. Raises ValueError for a finite score outside [0, 1]."""
    finite = rows.score[np.isfinite(rows.score)]
    if np.isnan(rows.score).any() or ((finite < 0) | (finite > 1)).any():
        raise ValueError("calibration needs probabilities in [0, 1]")
    return np.clip(rows.score, 0.0, 1.0)


def _person_mean(rows: BinaryRows, weights: Weights, value: FloatArray) -> FloatArray:
    total = np.bincount(rows.person, value, rows.n_persons)
    return ratio(weights @ total, weights @ np.bincount(rows.person, minlength=rows.n_persons))


def brier(rows: BinaryRows, weights: Weights) -> FloatArray:
    """Mean of (p - y)² (Brier 1950)."""
    return _person_mean(rows, weights, (probabilities(rows) - rows.truth) ** 2)


def brier_skill(rows: BinaryRows, weights: Weights) -> FloatArray:
    """1 - Brier / (prevalence (1 - prevalence)) of the same draw."""
    prevalence = _person_mean(rows, weights, rows.truth.astype(np.float64))
    return 1 - ratio(brier(rows, weights), prevalence * (1 - prevalence))


def log_loss(rows: BinaryRows, weights: Weights) -> FloatArray:
    """Mean of -log p(observed class), natural logarithm, p clipped at machine epsilon."""
    p = np.clip(probabilities(rows), LOG_LOSS_EPS, 1 - LOG_LOSS_EPS)
    return _person_mean(rows, weights, -np.where(rows.truth, np.log(p), np.log1p(-p)))


def observed_over_expected(rows: BinaryRows, weights: Weights) -> FloatArray:
    """Events observed / events predicted; 1 is calibration in the large."""
    p = probabilities(rows)
    return ratio(_person_mean(rows, weights, rows.truth.astype(np.float64)), _person_mean(rows, weights, p))


@dataclass(frozen=True)
class Bins:
    """Non-empty bins: count, mean predicted probability, share of events."""

    count: FloatArray
    predicted: FloatArray
    observed: FloatArray

    @property
    def ece(self) -> float:
        """Expected calibration error, L1: Σ count |observed - predicted| / n."""
        return float(self.count @ np.abs(self.observed - self.predicted) / self.count.sum())

    @property
    def mce(self) -> float:
        return float(np.abs(self.observed - self.predicted).max())


def width_bins(p: FloatArray, truth: FloatArray, weight: FloatArray, bins: int = 10) -> Bins:
    """Equal width: bin = min(floor(p · bins), bins - 1)."""
    return _bins(np.minimum((p * bins).astype(np.intp), bins - 1), p, truth, weight, bins)


def mass_bins(p: FloatArray, truth: FloatArray, weight: FloatArray, bins: int = 10) -> Bins:
    """Equal mass: the sample in stable order of p, cut into `bins` runs whose sizes differ by at most one (larger first).

    weight: whole numbers; a unit of weight 2 stands there twice and may be cut in two.
    """
    order = np.argsort(p, kind="stable")
    order = np.repeat(order, weight[order].astype(np.intp))
    size, extra = divmod(len(order), bins)
    sizes = np.full(bins, size) + (np.arange(bins) < extra)
    return _bins(np.repeat(np.arange(bins), sizes), p[order], truth[order], np.ones(len(order)), bins)


def _bins(place: IntArray, p: FloatArray, truth: FloatArray, weight: FloatArray, bins: int) -> Bins:
    count: FloatArray = np.bincount(place, weight, bins).astype(np.float64)
    full = count > 0
    predicted, observed = (np.bincount(place, weight * v, bins)[full] / count[full] for v in (p, truth))
    return Bins(count[full], predicted, observed)


def ece_width(rows: BinaryRows, weights: Weights, bins: int = 10) -> FloatArray:
    """Expected calibration error with equal-width bins (biased upwards when bins are sparse)."""
    return _each_draw(rows, weights, lambda p, y, w: width_bins(p, y, w, bins).ece)


def ece_mass(rows: BinaryRows, weights: Weights, bins: int = 10) -> FloatArray:
    """Expected calibration error with equal-mass bins, cut anew in every draw."""
    return _each_draw(rows, weights, lambda p, y, w: mass_bins(p, y, w, bins).ece)


def _each_draw(rows: BinaryRows, weights: Weights, read: object) -> FloatArray:
    p, y = probabilities(rows), rows.truth.astype(np.float64)
    unit = (row[rows.person].astype(np.float64) for row in weights)
    return np.array([read(p, y, w) if w.sum() else np.nan for w in unit])  # type: ignore[operator]


@dataclass(frozen=True)
class Coefficient:
    value: float
    se: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        half = norm_ppf(0.5 + level / 2) * self.se
        return self.value - half, self.value + half


def recalibrate(p: FloatArray, truth: FloatArray, weight: FloatArray, slope: bool) -> Coefficient:
    """Logistic recalibration by Newton's method on logit(p) clipped at machine epsilon (Cox 1958).

    slope True: b of logit P(y) = a + b logit(p). False: a of logit P(y) = a + logit(p) (calibration in the large).
    NaN when the outcome is separated or has one class. se: from the inverse information.
    """
    value, se = recalibrated(p, truth, weight[None], slope)
    return Coefficient(float(value[0]), float(se[0]))


def recalibrated(p: FloatArray, truth: FloatArray, weights: FloatArray, slope: bool) -> tuple[FloatArray, FloatArray]:
    """The same for every row of weights[B, units] at once: (value[B], se[B])."""
    clipped = np.clip(p, LOG_LOSS_EPS, 1 - LOG_LOSS_EPS)
    logit = np.log(clipped) - np.log1p(-clipped)
    design = np.stack([np.ones(len(p)), logit], axis=1) if slope else np.ones((len(p), 1))
    offset = np.zeros(len(p)) if slope else logit
    value, se = np.full(len(weights), np.nan), np.full(len(weights), np.nan)
    left, beta = np.flatnonzero(weights.sum(axis=1)), np.zeros((len(weights), design.shape[1]))
    for _ in range(100):
        weight, fitted = weights[left], 1 / (1 + np.exp(-np.clip(beta[left] @ design.T + offset, -700, 700)))
        information = (weight * fitted * (1 - fitted))[:, None, :] * design.T @ design
        sound = np.asarray(np.isfinite(information).all(axis=(1, 2)))
        sound[sound] = np.linalg.cond(information[sound]) <= 1e14
        left, information, score = left[sound], information[sound], ((weight * (truth - fitted)) @ design)[sound]
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        beta[left] += step
        still = np.abs(step).max(axis=1, initial=0) >= 1e-12 * np.maximum(1.0, np.abs(beta[left]).max(axis=1, initial=0))
        done = left[~still]
        value[done], se[done] = beta[done, -1], np.sqrt(np.linalg.inv(information[~still])[:, -1, -1])
        left = left[still]
        if not len(left):
            break
    return value, se


def calibration_slope(rows: BinaryRows, weights: Weights) -> FloatArray:
    """1 is right; below 1 the predictions are too extreme."""
    return _recalibrated(rows, weights, True)


def calibration_intercept(rows: BinaryRows, weights: Weights) -> FloatArray:
    """Calibration in the large on the logit scale; 0 is right."""
    return _recalibrated(rows, weights, False)


def _recalibrated(rows: BinaryRows, weights: Weights, slope: bool) -> FloatArray:
    """In blocks of draws, so that memory stays small."""
    p, y, out = probabilities(rows), rows.truth.astype(np.float64), []
    for start in range(0, len(weights), DRAWS_AT_ONCE):
        out.append(recalibrated(p, y, weights[start:start + DRAWS_AT_ONCE, rows.person].astype(np.float64), slope)[0])
    return np.concatenate(out)


def spiegelhalter(p: FloatArray, truth: FloatArray) -> tuple[float, float]:
    """z and two-sided p of Spiegelhalter 1986: Σ(y - p)(1 - 2p) / √Σ(1 - 2p)² p (1 - p)."""
    top, bottom = float(((truth - p) * (1 - 2 * p)).sum()), float(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    z = top / np.sqrt(bottom) if bottom > 0 else np.nan
    return float(z), two_sided_p(float(z)) if np.isfinite(z) else np.nan


def hosmer_lemeshow(p: FloatArray, truth: FloatArray, groups: int = 10) -> tuple[float, int, float]:
    """chi-square, df = groups - 2, p over equal-mass groups. An extra only: its power depends on the grouping."""
    bins = mass_bins(p, truth, np.ones(len(p)), groups)
    expected, observed = bins.predicted * bins.count, bins.observed * bins.count
    chi2 = float((((observed - expected) ** 2) / (expected * (1 - expected / bins.count))).sum())
    return chi2, groups - 2, chi2_sf(chi2, groups - 2)
