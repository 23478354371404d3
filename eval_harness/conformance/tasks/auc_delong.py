"""Task `auc_delong`: named edge cases (JSON), one or more score columns (CSV), or arrays (NPZ: y and models).

A CSV with one score gives `delong`; a wide CSV gives `auc.<marker>` with pROC's conventions (direction by medians,
thresholds midway between neighbours), `paired` for every two markers and `unpaired` between the strata of each marker.
"""
from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np

from eval_harness.base.estimate import Absent
from eval_harness.conformance.casefiles import Case, read_arrays, read_json, read_table
from eval_harness.conformance.columns import Columns, read_columns, units
from eval_harness.conformance.compare import Ruled
from eval_harness.metrics.auc import auc_midrank
from eval_harness.metrics.binormal import binormal_fit, binormal_variance
from eval_harness.metrics.delong import (
    Comparison,
    DeLong,
    compare_paired,
    compare_unpaired,
    delong,
    logit_interval,
    wald_interval,
)
from eval_harness.metrics.partial_auc import (
    partial_auc_sensitivity,
    partial_auc_specificity,
    partial_auc_specificity_mcclish,
)
from eval_harness.metrics.roc import counts
from eval_harness.metrics.rows import BoolArray, FloatArray
from eval_harness.stats.degenerate import absent

WIDE = ("auc", "var_delong", "ci95_delong", "ci95_delong_logit", "var_obuchowski", "pauc_spec_90_100", "pauc_spec_90_100_corrected",
        "pauc_sens_80_100", "thresholds", "sens", "spec", "youden")


def compute(case: Case) -> dict[str, Any]:
    if files := case.files(".json"):
        return {name: _named(np.asarray(told["y"]) == 1, told) for name, told in read_json(files[0]).items()}
    if files := case.files(".npz"):
        return _arrays(read_arrays(files[0]))
    found = read_columns(case, read_table(case.one(".csv")), age_is_a_marker=True)
    if len(found.scores) == 1:
        one = model(found.truth, next(iter(found.scores.values())))
        return {"delong": one, "published_variance": one["var"], "auc": {next(iter(found.scores)): wide(found, score)
                                                                         for score in found.scores.values()}}
    return _wide_table(found)


def _named(truth: BoolArray, told: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in told if name != "y"]
    if len(names) == 1:
        return model(truth, np.asarray(told[names[0]], np.float64))
    return pair(truth, *(np.asarray(told[name], np.float64) for name in names[:2]))


def _arrays(arrays: dict[str, Any]) -> dict[str, Any]:
    truth_name = "y" if "y" in arrays else next(name for name, v in arrays.items() if set(np.unique(v)) <= {0, 1})
    truth = arrays[truth_name] == 1
    models = {name: np.asarray(v, np.float64) for name, v in arrays.items() if name != truth_name and v.shape == truth.shape}
    out: dict[str, Any] = {"n": len(truth), "n_pos": int(truth.sum())}
    for name, score in models.items():
        out[f"distinct_{name}"] = len(np.unique(score))
        out[name] = {**model(truth, score), "sklearn_auc": float(auc_midrank(units(truth, score), np.ones((1, len(truth)), int))[0])}
    if len(models) > 1:
        out["paired"] = pair(truth, *list(models.values())[:2])
    return out


def model(truth: BoolArray, score: FloatArray) -> dict[str, Any]:
    """auc, var, se and intervals of one model; what the policy calls undefined is absent with its code."""
    if np.isnan(score).any():
        return dict.fromkeys(("auc", "var", "se", "ci95_wald", "ci95_logit"), absent("nan_score"))
    if truth.all() or not truth.any():
        return dict.fromkeys(("auc", "var", "se", "ci95_wald", "ci95_logit"), absent("one_class"))
    found = delong(truth, score)
    auc, var = float(found.auc[0]), float(found.cov[0, 0])
    if math.isnan(var):
        gone = absent("single_positive")
        return {"auc": auc, "var": gone, "se": gone, "ci95_wald": [gone, gone],
                "ci95_logit": absent("perfect_separation") if auc in (0.0, 1.0) else [gone, gone]}
    logit: Any = list(logit_interval(auc, var)) if 0 < auc < 1 else absent("perfect_separation")
    return {"auc": auc, "var": var, "se": math.sqrt(var), "ci95_wald": list(wald_interval(auc, var, clip=False)), "ci95_logit": logit}


def pair(truth: BoolArray, first: FloatArray, second: FloatArray) -> dict[str, Any]:
    """Paired DeLong comparison, first minus second."""
    names = ("aucs", "cov", "diff", "se_diff", "z", "log10_p", "p")
    if np.isnan(first).any() or np.isnan(second).any():
        return dict.fromkeys(names, absent("nan_score"))
    if truth.all() or not truth.any():
        return dict.fromkeys(names, absent("one_class"))
    found = delong(truth, first, second)
    test = compare_paired(found)
    return {"aucs": found.auc.tolist(), "cov": found.cov.tolist(), "diff": test.diff, "se_diff": test.se, **p_values(test)}


def p_values(test: Comparison) -> dict[str, Any]:
    """z, log10_p and p; where z is 0/0 (the models rank alike) p is 1 by the written policy."""
    if not math.isnan(test.z):
        return {"z": test.z, "log10_p": test.log10_p, "p": test.p}
    if math.isnan(test.se) or test.diff != 0:
        return dict.fromkeys(("z", "log10_p", "p"), absent("single_positive" if math.isnan(test.se) else "perfect_separation"))
    return {"z": absent("identical_models"), "log10_p": Ruled(0.0, "identical_models"), "p": Ruled(1.0, "identical_models")}


def oriented(truth: BoolArray, score: FloatArray) -> tuple[FloatArray, str]:
    """(score, "<") or (-score, ">"): pROC's automatic direction, negatives lower when their median is not higher."""
    lower = np.median(score[~truth]) <= np.median(score[truth])
    return (score, "<") if lower else (-score, ">")


def wide(found: Columns, raw: FloatArray) -> dict[str, Any]:
    """The values of one marker of a wide table."""
    known = ~np.isnan(raw)
    n, n_pos = int(known.sum()), int(found.truth[known].sum())
    if n_pos in (0, n):
        return {**dict.fromkeys(WIDE, absent("one_class")), "n_pos": n_pos, "n_neg": n - n_pos}
    truth, (score, direction) = found.truth[known], oriented(found.truth[known], raw[known])
    rows, once = units(truth, score), np.ones((1, int(known.sum())), int)
    area = delong(truth, score)
    auc, var = float(area.auc[0]), float(area.cov[0, 0])
    thresholds, sens, spec = proc_points(truth, score)
    best = int(np.argmax(sens + spec))
    sign = 1.0 if direction == "<" else -1.0
    shown = sign * thresholds
    binormal: float | Absent = binormal_variance(rows) if not math.isnan(binormal_fit(rows)[0]) else absent("perfect_separation")
    return {
        "auc": auc, "direction": direction, "n_pos": int(truth.sum()), "n_neg": int((~truth).sum()),
        "var_delong": var, "ci95_delong": list(wald_interval(auc, var)), "ci95_delong_logit": list(logit_interval(auc, var)),
        "var_obuchowski": binormal,
        "pauc_spec_90_100": float(partial_auc_specificity(rows, once, 0.9)[0]),
        "pauc_spec_90_100_corrected": float(partial_auc_specificity_mcclish(rows, once, 0.9)[0]),
        "pauc_sens_80_100": float(partial_auc_sensitivity(rows, once, 0.8)[0]),
        "thresholds": shown.tolist(), "sens": sens.tolist(), "spec": spec.tolist(),
        "youden": {"threshold": float(shown[best]), "sensitivity": float(sens[best]), "specificity": float(spec[best])},
    }


def proc_points(truth: BoolArray, score: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Thresholds midway between neighbouring scores from -inf to +inf, with sensitivity and specificity at each."""
    values = np.unique(score)
    middle = (values[1:] + values[:-1]) / 2
    middle = np.where(middle == values[:-1], values[1:], middle)   # neighbours one bit apart
    thresholds = np.r_[-np.inf, middle, np.inf]
    tp, fp = next(counts(units(truth, score), np.ones((1, len(truth)))))
    return thresholds, (tp / tp[-1])[::-1], (1 - fp / fp[-1])[::-1]


def _wide_table(found: Columns) -> dict[str, Any]:
    out: dict[str, Any] = {"n": len(found.truth), "n_pos": int(found.truth.sum()), "outcome": found.outcome}
    out["auc"] = {name: wide(found, raw) for name, raw in found.scores.items()}
    out["paired"] = {f"{a}_vs_{b}": _paired(found, a, b) for a, b in combinations(found.scores, 2)}
    out["unpaired"] = {name: {column: _strata(found, raw, groups) for column, groups in found.strata.items()}
                       for name, raw in found.scores.items()}
    return out


def _paired(found: Columns, a: str, b: str) -> dict[str, Any]:
    known = ~np.isnan(found.scores[a]) & ~np.isnan(found.scores[b])
    truth = found.truth[known]
    both = delong(truth, *(oriented(truth, found.scores[name][known])[0] for name in (a, b)))
    test = compare_paired(both)
    return {**_test(test), "aucs": both.auc.tolist(), "cov": both.cov.tolist()}


def _strata(found: Columns, raw: FloatArray, groups: Any) -> dict[str, Any]:
    direction = oriented(found.truth[~np.isnan(raw)], raw[~np.isnan(raw)])[1]
    score = raw if direction == "<" else -raw
    areas: dict[str, DeLong] = {}
    for level in sorted(set(groups.tolist())):
        part = (groups == level) & ~np.isnan(raw)
        if found.truth[part].any() and not found.truth[part].all():
            areas[str(level)] = delong(found.truth[part], score[part])
    out: dict[str, Any] = {level: {"auc": float(area.auc[0]), "var_delong": float(area.cov[0, 0]),
                                   "n_pos": area.n_pos, "n_neg": area.n_neg} for level, area in areas.items()}
    for a, b in combinations(areas, 2):
        test = compare_unpaired(areas[a], areas[b])
        shown = _test(test)
        out[f"{a}_vs_{b}"] = {**shown, "t": shown["z"], "df": test.df}
    return out


def _test(test: Comparison) -> dict[str, Any]:
    return {"diff": test.diff, "se": test.se, "ci95": [test.lower, test.upper], **p_values(test)}
