"""Task `binary_classification`: one table with a 0/1 outcome, probability columns, text strata and perhaps an age.

A score column `score_x` is model_x. Thresholds 0.5 and 0.3, prevalences, calibration bins and net-benefit thresholds are
`defaults.toml`, and any other that the case's own names ask for (`threshold_0_4`, `ece_width15` ...). Paired values compare
the first two models; sens_at_spec, spec_at_sens, youden_threshold and subgroups are the first model's.
"""
from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, read_table, refuse
from eval_harness.conformance.columns import Columns, read_columns, units
from eval_harness.conformance.defaults import defaults
from eval_harness.conformance.values import at_threshold, proportion, roc_values
from eval_harness.metrics import calibration as cal
from eval_harness.metrics.auc import auc_midrank
from eval_harness.metrics.delong import compare_paired, delong, noninferiority
from eval_harness.metrics.net_benefit import net_benefit, net_benefit_treat_all
from eval_harness.metrics.roc import sensitivity_at_specificity, specificity_at_sensitivity, youden_point
from eval_harness.metrics.rows import BinaryRows, FloatArray
from eval_harness.stats import bootstrap as bs
from eval_harness.stats.degenerate import absent
from eval_harness.stats.fairness import gaps
from eval_harness.stats.mcnemar import mcnemar_by_class
from eval_harness.stats.strata import age_band

SCORE_PREFIX = r"^(score|prob|probability|pred|p)_"


def compute(case: Case) -> dict[str, Any]:
    found = read_columns(case, read_table(case.one(".csv")))
    if not found.scores:
        raise refuse("CNF-008", case.name, missing="score")
    named = {name: score for name, score in found.scores.items() if re.match(SCORE_PREFIX, name)} or found.scores
    models = {re.sub(SCORE_PREFIX, "", name): score for name, score in named.items()}
    names, asked = list(models), _Asked(case)
    rows = {name: units(found.truth, score) for name, score in models.items()}
    out: dict[str, Any] = {"n": len(found.truth), "n_pos": int(found.truth.sum())}
    unranked = {name for name in names if np.isnan(models[name]).any()}
    for name in names:
        out[f"model_{name}"] = absent("nan_score") if name in unranked else _model(rows[name], asked)
    if names[0] in unranked:
        return out
    if len(names) > 1 and names[1] not in unranked:
        out |= _two_models(found, models[names[0]], models[names[1]], asked)
    first, once = rows[names[0]], bs.ones(len(found.truth))
    out["sens_at_spec"] = {key: float(sensitivity_at_specificity(first, once, float(key))[0]) for key in asked.keys("sens_at_spec")}
    out["spec_at_sens"] = {key: float(specificity_at_sensitivity(first, once, float(key))[0]) for key in asked.keys("spec_at_sens")}
    out["youden_threshold"] = dict(zip(("threshold", "sens", "spec"), youden_point(first), strict=True))
    for key in asked.thresholds():
        out[f"subgroups_model_{names[0]}_{key}"] = _subgroups(found, first, _number(key))
    for column, groups in found.strata.items():
        out[f"fairlearn_{column}"] = _fairness(first, groups, 0.5)
    return out


class _Asked:
    """Names of the case that carry a parameter, beside the defaults."""

    def __init__(self, case: Case) -> None:
        self.names = set(_all_keys(case.wanted))
        self.under = {key: set(value) for key, value in _mappings(case.wanted)}
        self.defaults = defaults("binary_classification")

    def thresholds(self) -> list[str]:
        return self._merged("thresholds", r"threshold_(\d+(?:_\d+)?)")

    def bins(self, kind: str) -> list[str]:
        return self._merged(f"{kind}_bins", rf"{kind}(\d+)")

    def margins(self) -> list[str]:
        return self._merged("noninferiority_margins", r"noninferiority_margin_(\d+(?:_\d+)?)")

    def prevalences(self) -> list[str]:
        return self._merged("prevalences", r"ppv_npv_at_prevalence_([\d.]+)")

    def keys(self, parent: str) -> list[str]:
        return sorted(set(self.defaults[parent]) | self.under.get(parent, set()))

    def _merged(self, default: str, pattern: str) -> list[str]:
        told = {match[1] for name in self.names if (match := re.fullmatch(pattern, name))}
        return sorted(set(self.defaults[default]) | told)


def _all_keys(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _all_keys(inner)


def _mappings(value: Any) -> Iterable[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict):
                yield str(key), inner
                yield from _mappings(inner)


def _number(key: str) -> float:
    return float(key.replace("_", "."))


def _model(rows: BinaryRows, asked: _Asked) -> dict[str, Any]:
    out: dict[str, Any] = {"roc": roc_values(rows)}
    for key in asked.thresholds():
        out[f"threshold_{key}"] = at_threshold(rows, _number(key), asked.prevalences())
    finite = rows.score[np.isfinite(rows.score)]
    if len(finite) and finite.min() >= 0 and finite.max() <= 1:
        out["calibration"] = _calibration(rows, asked)
    out["bootstrap_auc"] = _bootstrap_auc(rows)
    return out


def _calibration(rows: BinaryRows, asked: _Asked) -> dict[str, Any]:
    p, y, once = cal.probabilities(rows), rows.truth.astype(np.float64), bs.ones(rows.n_persons)
    one = np.ones(len(p))
    out: dict[str, Any] = {name: float(getattr(cal, name)(rows, once)[0])
                           for name in ("brier", "log_loss", "brier_skill", "observed_over_expected")}
    for kind, cut in (("ece_width", cal.width_bins), ("ece_mass", cal.mass_bins)):
        for count in asked.bins(kind):
            out[f"{kind}{count}"] = _bins(cut(p, y, one, int(count)))
    chi2, df, p_value = cal.hosmer_lemeshow(p, y)
    out["hosmer_lemeshow"] = {"groups": 10, "chi2": chi2, "df": df, "p": p_value}
    for name, slope in (("calibration_slope", True), ("calibration_in_the_large", False)):
        found = cal.recalibrate(p, y, one, slope)
        gone = absent("perfect_separation")
        out[name] = {"value": found.value, "se": found.se, "ci95": list(found.interval())} if not math.isnan(found.value) \
            else {"value": gone, "se": gone, "ci95": gone}
    z, p_z = cal.spiegelhalter(p, y)
    ten = cal.width_bins(p, y, one, 10)
    out |= {"spiegelhalter_z": z, "spiegelhalter_p": p_z, "torchmetrics_ece_l1_10": ten.ece, "netcal_ece_10": ten.ece,
            "sklearn_calibration_curve_uniform10": {"prob_true": ten.observed.tolist(), "prob_pred": ten.predicted.tolist()}}
    out["net_benefit"] = {key: {"model": float(net_benefit(rows, once, float(key))[0]),
                                "treat_all": float(net_benefit_treat_all(rows, once, float(key))[0])}
                          for key in asked.keys("net_benefit")}
    return out


def _bins(bins: cal.Bins) -> dict[str, Any]:
    listed = [[int(n), p, o] for n, p, o in zip(bins.count, bins.predicted, bins.observed, strict=True)]
    return {"ece": bins.ece, "mce": bins.mce, "bins": listed}


def _bootstrap_auc(rows: BinaryRows) -> dict[str, Any]:
    """The two bootstrap conventions other software prints, from our own draws (2000, seed 0)."""
    observed = float(auc_midrank(rows, bs.ones(rows.n_persons))[0])
    within = bs.percentile(auc_midrank(rows, bs.draw(rows.n_persons, 2000, 0, rows.truth)))
    free = auc_midrank(rows, bs.draw(rows.n_persons, 2000, 0))
    corrected = bs.bca(free, observed, bs.jackknife(auc_midrank, rows, rows.n_persons))
    return {"stratified_percentile_B2000": [within.lower, within.upper],
            "scipy_BCa_B2000": [corrected.lower, corrected.upper], "scipy_BCa_se": corrected.se}


def _two_models(found: Columns, a: FloatArray, b: FloatArray, asked: _Asked) -> dict[str, Any]:
    both = delong(found.truth, a, b)
    test = compare_paired(both)
    gone = absent("identical_models")
    paired: dict[str, Any] = {"diff": test.diff, "se": test.se, "z": test.z, "p": test.p} if not math.isnan(test.z) \
        else {"diff": test.diff, "se": test.se, "z": gone, "p": gone}
    for key in asked.margins():
        z, p = noninferiority(test.diff, test.se, _number(key))
        paired[f"noninferiority_margin_{key}"] = {"z": z, "p_one_sided": p}
    out: dict[str, Any] = {"paired_auc": paired}
    for key in asked.thresholds():
        cut = _number(key)
        out[f"mcnemar_at_{key}"] = {
            part: {"table_both_correct_aonly_bonly_neither": [list(row) for row in test.table], "exact_p": test.exact_p,
                   "chi2_cc": test.chi2_cc, "p_cc": test.p_cc, "chi2": test.chi2, "p": test.p, "mid_p": test.mid_p}
            for part, test in mcnemar_by_class(found.truth, a >= cut, b >= cut).items()}
    return out


def _subgroups(found: Columns, rows: BinaryRows, threshold: float) -> dict[str, Any]:
    columns = dict(found.strata)
    if found.age_years is not None:
        columns["age"] = np.array([age_band(age) for age in found.age_years])
    out: dict[str, Any] = {}
    for column, groups in columns.items():
        for level in sorted(set(groups.tolist())):
            part = groups == level
            one = units(rows.truth[part], rows.score[part])
            called = one.score >= threshold
            out[f"{column}={level}"] = {
                "n": int(part.sum()), "n_pos": int(one.truth.sum()), **roc_values(one, short=True),
                "sensitivity": proportion(int((called & one.truth).sum()), int(one.truth.sum())),
                "specificity": proportion(int((~called & ~one.truth).sum()), int((~one.truth).sum()))}
    return out


def _fairness(rows: BinaryRows, groups: Any, threshold: float) -> dict[str, Any]:
    found = gaps(rows, groups, bs.ones(rows.n_persons), threshold)
    return {"by_group": {name: {rate: float(v[0]) for rate, v in rates.items()} for name, rates in found.by_group.items()},
            "difference": {rate: float(v[0]) for rate, v in found.difference.items()},
            "ratio": {rate: float(v[0]) for rate, v in found.ratio.items()},
            "demographic_parity_difference": float(found.demographic_parity_difference[0]),
            "equalized_odds_difference": float(found.equalized_odds_difference[0])}
