"""What a vendor may read of a sealed set: facts = redact(full facts, disclosure policy), nothing from which a label follows.

The vendor has the scores of every case (the model is his), so each published number is a constraint on the labels. Rules,
with c = policy min_cell (10); they lean on one another, so change one only with the attack test beside it:
1. No row of a case, no token, no list of failures, no exact curve.
2. The table of an operating point (tp, fp, fn, tn; found, missed, false) is published whole and exact when every cell is
   at least c, no failed case hides in it (he knows which failed: their classes would be the difference to his own calls),
   no other point lies closer than c, and this is his first sealed run on the set (two tables differ by the few cases
   that two versions call differently).
3. Any other value v in [0, 1] is rounded, and only where it lies at least c / n_eff away from both ends (n_eff: smaller
   class, or lesions, or cases); nearer, the ordering itself would name labels, and only the bound is published. Grid:
   value_grid for estimates over all scores in a first run, else a step of at least c / n_eff.
4. Strata: a dimension is published when every level has c of each class, with values on a step of at least c / n_eff and
   n rounded down to tens, so that differences of nested strata stay blurred; else not at all (complements).
5. ROC and FROC on a grid whose steps hold at least c positives and c negatives, without the point of no false positive
   (everything above it would be a known positive); calibration bins merged until they hold c of each class.
6. The verdict of each end point is published: one bit, planned beforehand.
7. Repeats, canaries and unusable cases are one number; the canary test stays with the regulator. How many scored cases failed
   or have no distance is not told: a vendor who fails, or leaves empty, cases of his choice would read from it how many of
   them are check cases, or have an empty reference.
8. Nothing of the copies that the plan declares. A model may answer a copy as it likes: each altered one would be a query on
   the labels of cases of its choice that no budget counts, and some 100 of them, however rounded, are a system of equations.
   Of two answers to one case only the labels say whether they measure the same; which copies count would name canaries.
9. The set's card (scoring.disclosed_card) gives numbers of cases by level as rule 4 does: whole tens, and "<10" below the smallest cell.
Practice sets disclose everything.
"""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from eval_harness.scoring.disclosed_curves import curve
from eval_harness.scoring.rounding import down, near, step_for, up

POLICY = {"min_cell": 10, "value_grid": 0.01}
WITHHELD = {"absent": "disclosure_small_cell"}
HIDDEN_COUNTS = ("imputed", "imputed_positive", "imputed_negative")
NOT_COUNTED = ("repeat", "canary", "unusable")
UNITS = ("lesions", "cases", "scans", "images", "entities")
TABLE_CELLS = (("tp", "fp", "fn", "tn"), ("found", "missed", "false"))
Json = dict[str, Any]


def redact(full: Mapping[str, Any], policy: Mapping[str, Any] | None = None) -> Json:
    """The vendor edition's facts. Pure: `verify --opening` makes them again from the opened full facts."""
    facts: Json = {**full, "edition": "vendor"}
    if full["visibility"] != "sealed":
        return facts
    rules = {**POLICY, **(policy or {})}
    cell = int(rules["min_cell"])
    first_run = not full["prior_runs"]
    hidden = any(0 < full["accounting"].get(name, 0) < cell for name in ("imputed_positive", "imputed_negative"))
    open_points = exact_points(full["estimates"], cell) if first_run and not hidden else set()
    bounds: Json = {}
    facts["estimates"] = [_overall(_untold(one), rules, open_points, bounds, first_run) for one in full["estimates"]]
    shown = {one["id"]: one for one in facts["estimates"]}
    facts["tests"] = [_test(line, shown.get(line["estimate"])) for line in full["tests"]]
    facts["strata"] = [_dimension(one, rules) for one in full["strata"]]
    facts["curves"] = [made for one in full["curves"] if (made := curve(one, cell, open_points)) is not None]
    facts |= {"robustness": [], "repeatability": None}
    facts["comparison"] = _comparison(full["comparison"], rules, full["estimates"], shown)
    facts["prior_runs"] = [{**one, "value": None, "interval": None} for one in full["prior_runs"]]
    facts["accounting"] = _accounting(full["accounting"])
    facts |= {"failures": [], "sensitivity_analyses": [], "readers": [], "canaries": None, "canary_test": None}
    facts["budget"] = _budget(full["budget"])
    facts["disclosure"] = {"policy": rules, "exact_operating_points": sorted(open_points), "bounds": bounds}
    return facts


def _accounting(full: Mapping[str, Any]) -> Json:
    """Check cases and cases without a usable reference stand in one number, so that none of them says how many canaries there are."""
    kept = {name: value for name, value in full.items() if name not in (*HIDDEN_COUNTS, *NOT_COUNTED)}
    return {**kept, "not_counted": sum(int(full.get(name, 0)) for name in NOT_COUNTED)}


def _budget(given: Mapping[str, Any] | None) -> Json | None:
    """Optimism follows from an interval's width: rounded up, coarser than the interval is published."""
    if not given or not given.get("optimism"):
        return dict(given) if given else None
    return {**given, "optimism": up(given["optimism"], 0.005)}


def cells_of(counts: Mapping[str, int]) -> dict[str, int] | None:
    """The whole table of an operating point, or None where these counts are not one."""
    if {"tp", "fp", "fn", "tn"} <= set(counts):
        return {name: counts[name] for name in TABLE_CELLS[0]}
    if {"found", "false", "lesions"} <= set(counts):
        return {"found": counts["found"], "missed": counts["lesions"] - counts["found"], "false": counts["false"]}
    return None


def exact_points(estimates: Sequence[Mapping[str, Any]], cell: int) -> set[str]:
    """Operating points whose tables may be published, chosen in order of name; each far enough from those before it."""
    tables: dict[str, dict[str, int]] = {}
    shared: set[str] = set()
    for one in estimates:
        table = cells_of(one["counts"]) if one["operating_point"] else None
        if table is not None and tables.setdefault(one["operating_point"], table) != table:
            shared.add(one["operating_point"])   # labels of a multi-label task share a point: their tables differ
    out: list[str] = []
    for name, table in sorted(tables.items()):
        close = any(0 < abs(table[key] - tables[other][key]) < cell for other in out for key in table if key in tables[other])
        if min(table.values()) >= cell and not close and name not in shared:
            out.append(name)
    return set(out)


def effective_n(counts: Mapping[str, int]) -> int:
    """Units of the smaller class behind a value: labels that one unit could hide among."""
    if "positive" in counts:
        return min(counts["positive"], counts["negative"])
    if "tp" in counts:
        return min(counts["tp"] + counts["fn"], counts["fp"] + counts["tn"])
    return min((counts[name] for name in UNITS if name in counts), default=0)


def _overall(one: Mapping[str, Any], rules: Mapping[str, Any], open_points: set[str], bounds: Json, first_run: bool) -> Json:
    cell, n_eff = int(rules["min_cell"]), effective_n(one["counts"])
    if isinstance(one["value"], Mapping):
        return _absent(one)
    table = cells_of(one["counts"])
    if table is not None and one["operating_point"] in open_points:
        return dict(one) if one["interval"].get("method") in ("wilson", "clopper_pearson") else _interval_rounded(one, rules)
    step = float(rules["value_grid"]) if first_run and table is None else step_for(n_eff, cell)
    out = _rounded(one, max(step, float(rules["value_grid"])), cell) if step is not None else _withheld(one)
    if table is not None and not isinstance(out["value"], Mapping):
        out = {**out, "counts": {}, "n": one["n"] // 10 * 10, "n_clusters": one["n_clusters"] // 10 * 10}
    if out["value"] == WITHHELD and one["unit"] == "1" and table is None:
        room = cell / max(1, n_eff)
        if room < 0.5:
            bounds[one["id"]] = {"at_least": down(1 - room, 0.01)} if one["value"] > 0.5 else {"at_most": up(room, 0.01)}
    return out


def _untold(one: Mapping[str, Any]) -> Json:
    """Without what depends on how many scored cases failed, have no distance, or are of a small class."""
    drawn = {name: one["resamples"][name] for name in ("B", "seed")} if one["resamples"] else None
    return {**one, "n_imputed": None, "n_undefined": None, "resamples": drawn}


def _withheld(one: Mapping[str, Any]) -> Json:
    return {**one, "value": dict(WITHHELD), "interval": dict(WITHHELD), "counts": {}, "n": 0, "n_clusters": 0}


def _absent(one: Mapping[str, Any]) -> Json:
    """A value that does not exist: the reason stays out where it says that all cases are of one class."""
    return {**one, "counts": {}, "n": 0, "n_clusters": 0} if one["value"]["absent"] == "not_pooled" else _withheld(one)


def _interval_rounded(one: Mapping[str, Any], rules: Mapping[str, Any]) -> Json:
    return {**one, "interval": _outward(one["interval"], float(rules["value_grid"]))}


def _rounded(one: Mapping[str, Any], step: float, cell: int) -> Json:
    """Value on the grid and interval rounded outward, or withheld where the value lies too near an end of [0, 1]."""
    n_eff, value = effective_n(one["counts"]), float(one["value"])
    if n_eff < 2 * cell:
        return _withheld(one)
    if one["unit"] != "1":
        step = 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else step
    elif 0 <= value <= 1 and min(value, 1 - value) < cell / n_eff:
        return _withheld(one)
    kept = {name: count for name, count in one["counts"].items() if name in ("positive", "negative", *UNITS)}
    return {**one, "value": near(value, step), "interval": _outward(one["interval"], step), "counts": kept}


def _outward(interval: Mapping[str, Any], step: float) -> Json:
    if "absent" in interval:
        return dict(interval)
    return {**interval, "lower": down(interval["lower"], step), "upper": up(interval["upper"], step)}


def _test(line: Mapping[str, Any], shown: Mapping[str, Any] | None) -> Json:
    """The verdict, with the value as published; the tested bound only where the whole table is published."""
    if shown is None or isinstance(shown["value"], Mapping):
        return {**line, "value": None, "bound_value": None}
    exact = cells_of(shown["counts"]) is not None
    return {**line, "value": shown["value"], "bound_value": line["bound_value"] if exact else None}


def _dimension(one: Mapping[str, Any], rules: Mapping[str, Any]) -> Json:
    cell = int(rules["min_cell"])
    weakest = min((effective_n(made["counts"]) for level in one["levels"] for made in level["estimates"]), default=0)
    step = step_for(weakest, cell)
    if step is None or any(level["n"] < cell for level in one["levels"]):
        return {"dimension": one["dimension"], "pooled": one["pooled"], "min_n": one["min_n"], "levels": [], "gap": None,
                "withheld": True}
    levels = [{"level": level["level"], "n": level["n"] // 10 * 10, "persons": level["persons"] // 10 * 10, "small": level["small"],
               "estimates": [_in_stratum(_untold(made), step, cell) for made in level["estimates"]]} for level in one["levels"]]
    gap = one["gap"]
    if gap is not None:
        gap = {**gap, "value": near(gap["value"], step), "interval": _outward(gap["interval"], step)}
    return {**one, "levels": levels, "gap": gap, "withheld": False}


def _in_stratum(one: Mapping[str, Any], step: float, cell: int) -> Json:
    if isinstance(one["value"], Mapping):
        return _absent(one)
    out = _rounded(one, step, cell)
    return {**out, "counts": {}, "n": one["n"] // 10 * 10, "n_clusters": one["n_clusters"] // 10 * 10}


def _comparison(one: Mapping[str, Any] | None, rules: Mapping[str, Any], full: Sequence[Mapping[str, Any]],
                shown: Mapping[str, Any]) -> Json | None:
    """Differences to another version on a step of c / n_eff, where this run's own value is published; never the other's value.

    Finer, the few cases that two versions call differently would be named by the difference.
    """
    if one is None:
        return None
    counts = {estimate["id"]: estimate["counts"] for estimate in full}
    out = []
    for row in one["differences"]:
        own, step = shown.get(row["id"]), step_for(effective_n(counts.get(row["id"], {})), int(rules["min_cell"]))
        if own is None or step is None or isinstance(own["value"], Mapping) or isinstance(row["value"], Mapping):
            out.append({**row, "value": dict(WITHHELD), "interval": dict(WITHHELD), "first": None, "second": None, "counts": {},
                        "mcnemar": None})
        else:
            out.append({**row, "value": near(row["value"], step), "interval": _outward(row["interval"], step),
                        "first": own["value"], "second": None, "counts": {}, "mcnemar": None})
    return {**one, "differences": out}
