"""How far the same thing measured again may lie: within-subject SD, repeatability coefficient, limits of agreement, CCC.

Measurements x[subjects, runs]; interval formulas need every run of every subject.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import FloatArray
from eval_harness.stats.distributions import chi2_ppf, norm_ppf, t_ppf


@dataclass(frozen=True)
class Repeatability:
    wsd: float
    """Within-subject standard deviation, √ mean of the subjects' variances; the measurement's unit."""
    rc: float
    """Repeatability coefficient 1.96 √2 wSD: 95 % of differences of two runs lie within it (QIBA; 2.77 wSD)."""
    rc_lower: float
    rc_upper: float
    wcv_rms: float
    """Within-subject coefficient of variation, root mean square of sd / mean; needs positive means."""


def repeatability(x: FloatArray, level: float = 0.95) -> Repeatability:
    """RC interval from the chi-square of subjects·(runs - 1) degrees of freedom (Barnhart and Barboriak 2009)."""
    variances, df = x.var(axis=1, ddof=1), x.shape[0] * (x.shape[1] - 1)
    wsd = math.sqrt(variances.mean())
    rc = norm_ppf(0.975) * math.sqrt(2) * wsd
    return Repeatability(wsd, rc, rc * math.sqrt(df / chi2_ppf((1 + level) / 2, df)),
                         rc * math.sqrt(df / chi2_ppf((1 - level) / 2, df)),
                         math.sqrt(float((variances / x.mean(axis=1) ** 2).mean())))


@dataclass(frozen=True)
class LimitsOfAgreement:
    bias: float
    """Mean of first minus second."""
    sd: float
    lower: float
    upper: float
    bias_lower: float
    bias_upper: float


def limits_of_agreement(first: FloatArray, second: FloatArray, level: float = 0.95) -> LimitsOfAgreement:
    """bias ± 1.96 sd of the differences (Bland and Altman 1986); bias interval from t with n - 1 degrees of freedom.

    One pair has a bias and nothing else (NaN).
    """
    difference = first - second
    if len(difference) < 2:
        return LimitsOfAgreement(float(difference.sum()) if len(difference) else math.nan, *[math.nan] * 5)
    bias, sd, n = float(difference.mean()), float(difference.std(ddof=1)), len(difference)
    half = t_ppf((1 + level) / 2, n - 1) * sd / math.sqrt(n)
    reach = norm_ppf(0.975) * sd
    return LimitsOfAgreement(bias, sd, bias - reach, bias + reach, bias - half, bias + half)


def concordance(first: FloatArray, second: FloatArray, unbiased: bool = False) -> float:
    """Lin's concordance correlation 2 s12 / (s1² + s2² + (m1 - m2)²), with divisor n (Lin 1989) or n - 1 (unbiased).

    NaN with one pair, or where nothing varies.
    """
    ddof = 1 if unbiased else 0
    if len(first) < 2:
        return math.nan
    cov = np.cov(first, second, ddof=ddof)
    bottom = float(cov[0, 0] + cov[1, 1] + (first.mean() - second.mean()) ** 2)
    return float(2 * cov[0, 1] / bottom) if bottom > 0 else math.nan


def decision_flip_rate(calls: FloatArray) -> float:
    """Share of subjects whose calls[subjects, runs] are not all equal."""
    return float((calls != calls[:, :1]).any(axis=1).mean())
