"""Task `nodule_detection_froc`: LUNA16 tables. Files are told apart by the words annotations_excluded, annotations,
seriesuids and submission (or candidates, marks, predictions); what stands before the word names a case within the case.
"""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, read_bytes, read_table, refuse
from eval_harness.conformance.compare import Ruled
from eval_harness.metrics import froc
from eval_harness.metrics.froc_match import Match, Points, match_points
from eval_harness.stats import bootstrap as bs
from eval_harness.stats.degenerate import absent

ROLES = {"excluded": r"annotations?_excluded|excluded", "annotations": r"annotations?", "series": r"series_?uids?|scans",
         "marks": r"submissions?|candidates|marks|predictions?|detections"}
COORDINATES = (("coordX", "x", "x_mm"), ("coordY", "y", "y_mm"), ("coordZ", "z", "z_mm"))
RULES = {"interp": "cpm_interp", "nearest": "cpm_nearest_leaderboard", "step": "cpm_step"}


def compute(case: Case) -> dict[str, Any]:
    groups: dict[str, dict[str, Path]] = {}
    for path in case.files(".csv"):
        stem = path.name.removesuffix(".gz").removesuffix(".csv")
        role, at = next(((role, match.start()) for role, pattern in ROLES.items()
                         if (match := re.search(rf"({pattern})$", stem))), ("", 0))
        if role:
            groups.setdefault(stem[:at].rstrip("._-"), {})[role] = path
    cap = case.params.get("max_marks_per_scan", 100)
    values = {name: _one(case, files, cap, whole=name == "") for name, files in groups.items()}
    return dict(values[""]) if set(values) == {""} else values


def _one(case: Case, files: dict[str, Path], cap: int | None, whole: bool) -> dict[str, Any]:
    if missing := {"annotations", "marks"} - set(files):
        raise refuse("CNF-002", case.name, wanted=", ".join(sorted(missing)), found=0)
    scans = _scan_ids(files)
    place = {uid: index for index, uid in enumerate(scans)}
    empty = Points(np.zeros(0, np.intp), np.zeros((0, 3)), np.zeros(0))
    lesions = _points(case, files["annotations"], place, ("diameter_mm", "diameter"))
    excluded = _points(case, files["excluded"], place, ("diameter_mm", "diameter")) if "excluded" in files else empty
    marks = _points(case, files["marks"], place, ("probability", "score", "prob", "confidence"))
    return values_of(match_points(marks, lesions, excluded, len(scans), cap), len(lesions.scan), whole, len(marks.scan) == 0)


def _scan_ids(files: dict[str, Path]) -> list[str]:
    if "series" not in files:
        return list(dict.fromkeys(row["seriesuid"] for role in ("annotations", "marks") for row in read_table(files[role])))
    lines = [line.split(",")[0].strip() for line in read_bytes(files["series"]).decode("utf-8-sig").splitlines()]
    return [line for line in lines if line and line.lower() not in ("seriesuid", "seriesuids", "scan")]


def _points(case: Case, path: Path, place: dict[str, int], size: tuple[str, ...]) -> Points:
    table = read_table(path)
    if not table:
        return Points(np.zeros(0, np.intp), np.zeros((0, 3)), np.zeros(0))
    uid = _named(case, table[0], ("seriesuid", "series_uid", "scan", "scan_id"))
    columns = [_named(case, table[0], names) for names in (*COORDINATES, size)]
    kept = [row for row in table if row[uid] in place]
    numbers = np.array([[float(row[name]) for name in columns] for row in kept]).reshape(-1, 4)
    return Points(np.array([place[row[uid]] for row in kept], np.intp), numbers[:, :3], numbers[:, 3])


def _named(case: Case, row: dict[str, str], names: tuple[str, ...]) -> str:
    lower = {name.lower(): name for name in row}
    for name in names:
        if name.lower() in lower:
            return lower[name.lower()]
    raise refuse("CNF-008", case.name, missing=names[0])


def values_of(match: Match, n_lesions: int, whole: bool, nothing: bool) -> dict[str, Any]:
    rows = match.rows
    once, n_scans = bs.ones(rows.n_persons), int(rows.scans.sum())
    found, false = int(rows.hit.sum()), int((~rows.hit & ~rows.ignored).sum())
    curve = froc.froc_curve(rows)
    no_lesion = absent("no_lesion")
    out: dict[str, Any] = {"counts": {
        "True positives": found, "False positives": false, "False negatives": n_lesions - found, "True negatives": 0,
        "Total number of candidates": match.candidates, "Total number of nodules": n_lesions,
        "Ignored candidates on excluded nodules": match.ignored_excluded,
        "Ignored candidates which were double detections on a nodule": match.repeats,
        "Sensitivity": round(found / n_lesions, 9) if n_lesions else no_lesion,
        "Average number of candidates per scan": round(match.candidates / n_scans, 9) if n_scans else absent("no_unit")},
        "n_scans": n_scans}
    code = "no_lesion" if n_lesions == 0 else "empty_submission" if nothing else "no_true_positive" if found == 0 else ""
    for rule, name in RULES.items():
        values = froc.sensitivity_at_fp(rows, once, rule=rule)[0] if n_lesions else np.full(7, np.nan)
        out[f"sens_at_fp_{rule}"] = {f"{p:g}": _ruled(v, code) for p, v in zip(froc.CPM_POINTS, values, strict=True)}
        out[name] = _ruled(values.mean(), code)
    if n_lesions:
        out |= {"n_froc_points": len(curve.threshold), "max_fp_per_scan": float(curve.fp_per_scan[-1]),
                "max_sens": _ruled(curve.sensitivity[-1], code),
                "froc": {"fp_per_scan": curve.fp_per_scan.tolist(), "threshold": curve.threshold.tolist(),
                         "sensitivity": [_ruled(v, code) for v in curve.sensitivity]}}
        if whole:
            out["bootstrap_1000_scan_level_seed0"] = _bootstrap(match)
    return out


def _ruled(value: Any, code: str) -> Any:
    """A number; with a policy code where the official script crashes or gives NaN."""
    if code == "no_lesion":
        return absent(code)
    return Ruled(float(value), code) if code else float(value)


def _bootstrap(match: Match) -> dict[str, Any]:
    """1000 draws of scans with our own stream: mean and 95 % percentile of sensitivity at the seven points."""
    draws = froc.sensitivity_at_fp(match.rows, bs.draw(match.rows.n_persons, 1000, 0))
    keys = [f"{p:g}" for p in froc.CPM_POINTS]
    lower, upper = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    return {name: dict(zip(keys, values.tolist(), strict=True))
            for name, values in (("mean", np.nanmean(draws, axis=0)), ("lower95", lower), ("upper95", upper))}
