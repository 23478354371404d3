"""Measurements as they are stored (JSON, one a case) turned into the columns that metrics take.

Stored unit rows by kind; null stands for an infinity, which JSON has not:
    binary       {"score": x|null, "truth": 0|1}                       null: −∞ when positive, +∞ when negative
    multilabel   {"scores": {label: x|null}, "truth": {label: 0|1|null}}   truth null: no defined reference
    froc.points  {"lesions": [{"score": x|null, "size_mm", "type"}], "false": [x], "aside": [x], "false_above": k}
                 lesion score null: missed. false_above: marks of a failed scan, above every score
    mask         {"columns": {name: x|null}, "diagonal_mm": x}         null: undefined for this case
    boxes        {"detections": [[score, [hit, ...], [ignored, ...]]], "boxes": k, "images": k}
    tags         {"true": [k], "predicted": [k], "reference": [k], "edits": k, "characters": k}
A person's place in the columns is his place in the sorted list of persons, the same for every stratum and model.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from eval_harness.base import Measurement
from eval_harness.metrics.rows import BinaryRows, BoxRows, FrocRows, MaskRows, MultilabelRows, Rows, TagRows

LesionFilter = Callable[[Mapping[str, Any]], bool]
INFINITY = float("inf")


def persons_of(measurements: Sequence[Measurement]) -> dict[str, int]:
    """Place of every person, by sorted name: the order of the draw matrix's columns."""
    return {person: place for place, person in enumerate(sorted({one.person for one in measurements}))}


def columns(kind: str, measurements: Sequence[Measurement], persons: Mapping[str, int],
            lesions: LesionFilter | None = None, shape: Mapping[str, Any] | None = None) -> Rows:
    """Columns of `measurements`, which may be a stratum of all. lesions: keep these lesions only (froc); marks on the
    others then count neither way. shape: {"labels": [...]} or {"types": [...]} or {"thresholds": T} where the kind needs it.
    """
    person = np.array([persons[one.person] for one in measurements], np.intp)
    rows = [one.rows for one in measurements]
    return BUILDERS[kind](rows, person, len(persons), lesions, shape or {})


def _binary(rows: Sequence[Any], person: Any, n: int, _: Any, __: Any) -> BinaryRows:
    truth = np.array([bool(row["truth"]) for row in rows], bool)
    return BinaryRows(_scores([row["score"] for row in rows], truth), truth, person, n)


def _scores(raw: Sequence[float | None], truth: Any) -> Any:
    worst = np.where(truth, -INFINITY, INFINITY)
    return np.array([bad if score is None else score for score, bad in zip(raw, worst, strict=True)], np.float64)


def _multilabel(rows: Sequence[Any], person: Any, n: int, _: Any, shape: Mapping[str, Any]) -> MultilabelRows:
    labels = tuple(shape["labels"])
    truth = [[row["truth"].get(label) for label in labels] for row in rows]
    defined = np.array([[value is not None for value in row] for row in truth], bool).reshape(len(rows), len(labels))
    truths = np.array([[bool(value) for value in row] for row in truth], bool).reshape(len(rows), len(labels))
    raw = [[row["scores"].get(label) for label in labels] for row in rows]
    score = np.array([_scores(line, truths[i]) for i, line in enumerate(raw)], np.float64).reshape(len(rows), len(labels))
    return MultilabelRows(score, truths, defined, person, n, labels)


def _froc(rows: Sequence[Any], person: Any, n: int, lesions: LesionFilter | None, _: Any) -> FrocRows:
    score: list[float] = []
    kind: list[int] = []
    owner: list[int] = []
    counted, scans = np.zeros(n, np.intp), np.zeros(n, np.intp)
    for row, who in zip(rows, person, strict=True):
        scans[who] += 1
        kept = [one for one in row["lesions"] if lesions is None or lesions(one)]
        counted[who] += len(kept)
        found = [one["score"] for one in kept if one["score"] is not None]
        parts = ((found, 0), (row["false"], 1), ([INFINITY] * row.get("false_above", 0), 1), (row["aside"], 2))
        for scores, what in parts:
            score += scores
            kind += [what] * len(scores)
            owner += [int(who)] * len(scores)
    kinds = np.array(kind, np.intp)
    return FrocRows(np.array(score, np.float64), kinds == 0, kinds == 2, np.array(owner, np.intp), counted, scans, n)


def _mask(rows: Sequence[Any], person: Any, n: int, _: Any, __: Any) -> MaskRows:
    names = sorted({name for row in rows for name in row["columns"]})
    table = {name: np.array([np.nan if row["columns"].get(name) is None else row["columns"][name] for row in rows], np.float64)
             for name in names}
    return MaskRows(table, np.array([row["diagonal_mm"] for row in rows], np.float64), person, n)


def _boxes(rows: Sequence[Any], person: Any, n: int, _: Any, shape: Mapping[str, Any]) -> BoxRows:
    flat = [(found, who) for row, who in zip(rows, person, strict=True) for found in row["detections"]]
    levels = int(shape.get("thresholds") or (len(flat[0][0][1]) if flat else 1))
    hit = np.array([found[1] for found, _ in flat], bool).reshape(len(flat), levels).T
    ignored = np.array([found[2] for found, _ in flat], bool).reshape(len(flat), levels).T
    score = np.array([INFINITY if found[0] is None else found[0] for found, _ in flat], np.float64)
    return BoxRows(score, hit, ignored, np.array([who for _, who in flat], np.intp), _summed(rows, person, n, "boxes"), n,
                   _summed(rows, person, n, "images"))


def _summed(rows: Sequence[Any], person: Any, n: int, name: str) -> Any:
    return np.bincount(person, [row.get(name, 1) for row in rows], n).astype(np.intp) if rows else np.zeros(n, np.intp)


def _tags(rows: Sequence[Any], person: Any, n: int, _: Any, shape: Mapping[str, Any]) -> TagRows:
    types = tuple(shape["types"])

    def table(name: str) -> Any:
        return np.array([row[name] for row in rows], np.intp).reshape(len(rows), len(types))

    return TagRows(table("true"), table("predicted"), table("reference"), np.array([row["edits"] for row in rows], np.intp),
                   np.array([row["characters"] for row in rows], np.intp), person, n, types)


BUILDERS: dict[str, Callable[..., Rows]] = {
    "binary": _binary, "multilabel": _multilabel, "froc.points": _froc, "froc.masks": _froc, "froc.clips": _froc, "mask": _mask,
    "boxes": _boxes, "tags": _tags,
}
