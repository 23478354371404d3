"""Readings of a case → its reference standard, by the rule of the spec; or the reason why a person must decide.

Lesions: marks of different readers are one lesion when their centres are nearer than the larger radius or `match_mm`,
nearest pairs first, one mark per reader. Place and diameter are medians. Coordinates are LPS in mm.
"""
from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import Any

from schemas.shapes.dataset import ReferenceStandard

Row = dict[str, Any]
POSITIVE, NEGATIVE = "positive", "negative"
LESION = "nodule"
LABELS = (POSITIVE, NEGATIVE, LESION)


@dataclass(frozen=True)
class Verdict:
    """What the readers' answers come to. `why` is set when a person must decide."""

    value: Any = None
    ignore: tuple[Row, ...] = ()
    why: str = ""
    source: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    """positive | negative by reader."""


def case_answers(rows: list[Row]) -> dict[str, str]:
    """Each reader's answer on the case as a whole: positive when it marked a lesion or said so."""
    answers: dict[str, str] = {}
    for row in rows:
        positive = row["label"] in (POSITIVE, LESION) or answers.get(row["reader"]) == POSITIVE
        answers[row["reader"]] = POSITIVE if positive else NEGATIVE
    return answers


def verdict(kind: str, rows: list[Row], decision: list[Row], rule: ReferenceStandard) -> Verdict:
    """Reference standard of one case for a measure kind (binary | froc.points). A decision outranks the readers."""
    answers = case_answers(rows)
    if decision:
        value = _settled(kind, decision)
        return Verdict(value, source="adjudicated", answers=answers)
    if len(answers) < rule.readers:
        return Verdict(why=f"readings {len(answers)} of {rule.readers}", answers=answers)
    if kind == "binary":
        return _binary(answers, rule)
    lesions = clusters([row for row in rows if row["label"] == LESION], rule.match_mm)
    uneven = any(len({mark["reader"] for mark in lesion}) < len(answers) for lesion in lesions)
    if rule.rule == "adjudicated" and uneven:
        return Verdict(why="readers marked different lesions", answers=answers)
    kept = [lesion for lesion in lesions if len(lesion) >= rule.agree]
    rest = [lesion for lesion in lesions if len(lesion) < rule.agree] if rule.below_agreement == "ignore" else []
    return Verdict({"nodules": [middle(lesion) for lesion in kept]}, tuple(middle(lesion) for lesion in rest),
                   source=f"consensus of {rule.agree} of {len(answers)} readers", answers=answers)


def _binary(answers: dict[str, str], rule: ReferenceStandard) -> Verdict:
    votes = {label: sum(answer == label for answer in answers.values()) for label in (POSITIVE, NEGATIVE)}
    unanimous = len(answers) in votes.values()
    if rule.rule == "adjudicated" and not unanimous:
        return Verdict(why="readers differ", answers=answers)
    for label, value in ((POSITIVE, 1), (NEGATIVE, 0)):
        if votes[label] >= rule.agree and votes[label] > votes[NEGATIVE if value else POSITIVE]:
            return Verdict({"label": value}, source=f"consensus of {rule.agree} of {len(answers)} readers", answers=answers)
    return Verdict(why="no majority", answers=answers)


def _settled(kind: str, decision: list[Row]) -> Any:
    if kind == "binary":
        return {"label": 1 if any(row["label"] in (POSITIVE, LESION) for row in decision) else 0}
    return {"nodules": [middle([row]) for row in decision if row["label"] == LESION]}


def clusters(marks: list[Row], match_mm: float) -> list[list[Row]]:
    """Marks grouped into lesions; a reader has at most one mark in each. Order of the rows does not matter."""
    marks = sorted(marks, key=lambda mark: (mark["x_mm"], mark["y_mm"], mark["z_mm"], mark["reader"]))
    group = {number: [number] for number in range(len(marks))}
    pairs = sorted((_distance(marks[a], marks[b]), a, b) for a, b in combinations(range(len(marks)), 2))
    for distance, a, b in pairs:
        one, other = group[a], group[b]
        near = distance < max(match_mm, marks[a]["diameter_mm"] / 2, marks[b]["diameter_mm"] / 2)
        if near and one is not other and not {marks[i]["reader"] for i in one} & {marks[i]["reader"] for i in other}:
            joined = one + other
            for number in joined:
                group[number] = joined
    found: dict[int, list[Row]] = defaultdict(list)
    for number in range(len(marks)):
        found[min(group[number])].append(marks[number])
    return list(found.values())


def middle(lesion: list[Row]) -> Row:
    """Median place and diameter of a lesion's marks, in the words of the task pack's reference."""
    return {axis: round(median(mark[f"{axis}_mm"] for mark in lesion), 3) for axis in "xyz"} | {
        "diameter_mm": round(median(mark["diameter_mm"] for mark in lesion), 3)}


def _distance(a: Row, b: Row) -> float:
    return math.dist([a["x_mm"], a["y_mm"], a["z_mm"]], [b["x_mm"], b["y_mm"], b["z_mm"]])


def size_band(value: Any) -> str:
    """lesion_size stratum of a case: its largest lesion."""
    sizes = [one["diameter_mm"] for one in (value or {}).get("nodules", [])]
    if not sizes:
        return "none"
    return "<5 mm" if max(sizes) < 5 else "5-10 mm" if max(sizes) <= 10 else ">10 mm"
