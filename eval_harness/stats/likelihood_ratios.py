"""What a call does to the odds: likelihood ratios, diagnostic odds ratio, predictive values at a stated prevalence."""
from __future__ import annotations

import math
from dataclasses import dataclass

from eval_harness.stats.distributions import norm_ppf


@dataclass(frozen=True)
class Ratio:
    """A ratio with its log-normal interval; all NaN where a cell it needs is 0."""

    value: float
    lower: float
    upper: float


def likelihood_ratios(tp: int, fp: int, fn: int, tn: int, level: float = 0.95) -> tuple[Ratio, Ratio]:
    """LR+ = sens/(1-spec), LR- = (1-sens)/spec; se(log LR) = √(1/a - 1/(a+c) + 1/b - 1/(b+d)) (Simel 1991)."""
    return (_log_normal(tp, tp + fn, fp, fp + tn, level), _log_normal(fn, tp + fn, tn, fp + tn, level))


def _log_normal(k1: int, n1: int, k2: int, n2: int, level: float) -> Ratio:
    if min(k2, n1, n2) == 0:
        return Ratio(math.nan, math.nan, math.nan)
    value = (k1 / n1) / (k2 / n2)
    if k1 == 0:
        return Ratio(value, math.nan, math.nan)
    half = norm_ppf(0.5 + level / 2) * math.sqrt(1 / k1 - 1 / n1 + 1 / k2 - 1 / n2)
    return Ratio(value, value * math.exp(-half), value * math.exp(half))


def diagnostic_odds_ratio(tp: int, fp: int, fn: int, tn: int, level: float = 0.95) -> Ratio:
    """(tp tn)/(fp fn); se(log) = √(1/tp + 1/fp + 1/fn + 1/tn) (Glas 2003). No correction is added to empty cells."""
    if min(fp, fn) == 0:
        return Ratio(math.nan, math.nan, math.nan)
    value = tp * tn / (fp * fn)
    if value == 0:
        return Ratio(0.0, math.nan, math.nan)
    half = norm_ppf(0.5 + level / 2) * math.sqrt(1 / tp + 1 / fp + 1 / fn + 1 / tn)
    return Ratio(value, value * math.exp(-half), value * math.exp(half))


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """(PPV, NPV) by Bayes at a stated prevalence; NaN where nothing would be called."""
    true_positive, false_positive = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    true_negative, false_negative = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    called, cleared = true_positive + false_positive, true_negative + false_negative
    return true_positive / called if called else math.nan, true_negative / cleared if cleared else math.nan


def predictive_value_intervals(tp: int, fp: int, fn: int, tn: int, prevalence: float,
                               level: float = 0.95) -> tuple[Ratio, Ratio]:
    """PPV and NPV at a stated prevalence with logit intervals (Mercaldo, Lau and Zhou 2007).

    var logit PPV = (1-sens)/(sens m) + spec/((1-spec) n); var logit NPV = sens/((1-sens) m) + (1-spec)/(spec n).
    """
    m, n = tp + fn, fp + tn
    ppv, npv = predictive_values(tp / m, tn / n, prevalence) if m and n else (math.nan, math.nan)
    z = norm_ppf(0.5 + level / 2)
    return (_logit(ppv, z, fn / tp / m + tn / fp / n if tp and fp else math.nan),
            _logit(npv, z, tp / fn / m + fp / tn / n if fn and tn else math.nan))


def _logit(value: float, z: float, variance: float) -> Ratio:
    if not 0 < value < 1 or math.isnan(variance):
        return Ratio(value, math.nan, math.nan)
    centre, half = math.log(value / (1 - value)), z * math.sqrt(variance)
    return Ratio(value, 1 / (1 + math.exp(half - centre)), 1 / (1 + math.exp(-half - centre)))
