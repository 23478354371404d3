"""Task `reader_agreement`: one row an annotation, with nodule, patient, series, slot, diameter and rating columns.

Ratings are the whole-number columns with few values. Kappas, ICC and Gwet's coefficients use the units with exactly as
many readings as `params.readers` says (4 when it does not); alpha also uses the units with fewer, their slots missing.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, Table, as_numbers, column, read_table, refuse
from eval_harness.metrics.rows import FloatArray
from eval_harness.stats import kappa as kp
from eval_harness.stats.icc import icc_families
from eval_harness.stats.krippendorff import krippendorff_alpha

ICC_NAMES = {"icc1": "ICC(1,1)", "icc2": "ICC(A,1)", "icc3": "ICC(C,1)", "icc1k": "ICC(1,k)", "icc2k": "ICC(A,k)", "icc3k": "ICC(C,k)"}
PSYCH = {"ICC1": "Single_raters_absolute", "ICC2": "Single_random_raters", "ICC3": "Single_fixed_raters",
         "ICC1k": "Average_raters_absolute", "ICC2k": "Average_random_raters", "ICC3k": "Average_fixed_raters"}
NOT_RATINGS = ("slot", "reader", "annotation_id", "id", "slice", "slice_thickness_mm", "diameter_mm", "volume_mm3", "age")
MAX_CATEGORIES = 12


def compute(case: Case) -> dict[str, Any]:
    table = read_table(case.one(".csv"))
    unit = next((name for name in ("nodule_id", "nodule", "unit", "lesion_id", "case", "subject") if name in table[0]), None)
    if unit is None:
        raise refuse("CNF-008", case.name, missing="nodule_id")
    names, place = np.unique(column(table, unit), return_inverse=True)
    readers = np.bincount(place)
    slot = _slots(table, place)
    out: dict[str, Any] = {"n_annotations": len(table), "n_nodules": len(names),
                           "nodules_by_reader_count": {str(k): int((readers == k).sum()) for k in np.unique(readers)}}
    for key, name in (("n_series", "series"), ("n_patients", "patient")):
        if name in table[0]:
            out[key] = len(set(column(table, name)))
    out |= _three_readers(table, place, readers)
    wanted = int(case.params.get("readers", 4))
    for name in _ratings(table, unit):
        values = as_numbers(column(table, name))
        if values is not None:
            matrix = np.full((len(names), int(slot.max()) + 1), np.nan)
            matrix[place, slot] = values
            out[name] = _attribute(matrix[readers <= wanted], matrix[readers == wanted][:, :wanted], case.params.get("categories"), wanted)
    return out


def _slots(table: Table, place: np.ndarray) -> np.ndarray:
    """Column of each annotation: its `slot`, else its order within the unit."""
    order = np.argsort(place, kind="stable")
    first = np.r_[0, np.cumsum(np.bincount(place))[:-1]]
    running = np.empty(len(place), np.intp)
    running[order] = np.arange(len(place)) - first[place[order]]
    told = as_numbers(column(table, "slot")) if "slot" in table[0] else None
    if told is None:
        return running
    slots = told.astype(np.intp) - int(told.min())
    return slots if len(set(zip(place.tolist(), slots.tolist(), strict=True))) == len(place) else running


def _ratings(table: Table, unit: str) -> list[str]:
    found = []
    for name in table[0]:
        values = as_numbers(column(table, name))
        if name != unit and name not in NOT_RATINGS and values is not None and len(np.unique(values)) <= MAX_CATEGORIES \
                and np.array_equal(values, np.round(values)):
            found.append(name)
    return found


def _three_readers(table: Table, place: np.ndarray, readers: np.ndarray) -> dict[str, Any]:
    out: dict[str, Any] = {}
    enough = readers >= 3
    if "malignancy" in table[0] and (values := as_numbers(column(table, "malignancy"))) is not None:
        median = np.array([np.median(values[place == u]) for u in np.flatnonzero(enough)])
        out["label_rule_ge3readers_median_malignancy"] = {
            "benign_lt3": int((median < 3).sum()), "indeterminate_eq3": int((median == 3).sum()),
            "malignant_gt3": int((median > 3).sum())}
    if "diameter_mm" in table[0] and (size := as_numbers(column(table, "diameter_mm"))) is not None and enough.any():
        out["mean_diameter_ge3readers"] = float((np.bincount(place, size) / readers)[enough].mean())
    return out


def _attribute(everyone: FloatArray, full: FloatArray, categories: Any, readers: int) -> dict[str, Any]:
    seen = np.unique(everyone[np.isfinite(everyone)])
    told = np.asarray(categories, np.float64) if categories else seen
    used = told if set(seen) <= set(told) else np.union1d(told, seen)
    counts = kp.count_table(full, used)
    binary = kp.count_table((full > 3).astype(np.float64), np.array([0.0, 1.0]))
    out: dict[str, Any] = {f"fleiss_kappa_{len(used)}cat": kp.fleiss_kappa(counts),
                           f"randolph_kappa_{len(used)}cat": kp.randolph_kappa(counts),
                           "fleiss_kappa_binary_gt3": kp.fleiss_kappa(binary)}
    for metric in ("nominal", "ordinal", "interval"):
        out[f"krippendorff_alpha_{metric}_{readers}readers"] = krippendorff_alpha(full, metric)
        out[f"krippendorff_alpha_{metric}_all_with_missing"] = krippendorff_alpha(everyone, metric)
    found = icc_families(full)
    for key, name in ICC_NAMES.items():
        one = found[name]
        out[key] = {"pingouin_name": name, "value": one.value, "F": one.f, "df1": one.df1, "df2": one.df2, "p": one.p,
                    "ci95_rounded": [one.lower, one.upper]}
    out["R_psych_ICC"] = [
        {"type": kind, "ICC": (one := found[ICC_NAMES[kind.lower()]]).value, "F": one.f, "df1": one.df1, "df2": one.df2,
         "p": one.p, "lower bound": one.lower, "upper bound": one.upper, "_row": row} for kind, row in PSYCH.items()]
    return out | _cohen(full, used) | {"irrCAC_0.4.4": _gwet(counts, used)}


def _cohen(full: FloatArray, categories: FloatArray) -> dict[str, Any]:
    out: dict[str, Any] = {
        f"cohen_kappa_slot1_slot2_{name}": kp.cohen_kappa(full[:, 0], full[:, 1], categories, weights)
        for name, weights in (("none", "identity"), ("linear", "linear"), ("quadratic", "quadratic"))}
    one, se0 = kp.cohen_kappa_interval(full[:, 0], full[:, 1], categories)
    out["cohen_kappa_slot1_slot2_statsmodels"] = {"kappa": one.value, "se": one.se, "se0": se0, "ci95": [one.lower, one.upper]}
    return out


def _gwet(counts: FloatArray, categories: FloatArray) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for kind in ("identity", "linear", "quadratic", "ordinal"):
        weights = kp.agreement_weights(kind, categories)
        for coefficient in ("gwet", "fleiss", "krippendorff"):
            one = kp.gwet_family(counts, weights, coefficient)
            out[f"{coefficient}_{kind}"] = {"value": one.value, "se": one.se, "ci95": [one.lower, one.upper]}
    return out
