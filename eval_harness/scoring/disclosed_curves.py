"""Curves as a vendor edition of a sealed set gives them: on steps that hold a smallest cell of each class (rule 5 of `disclose`)."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval_harness.scoring.rounding import near, step_for

Json = dict[str, Any]


def curve(one: Mapping[str, Any], cell: int, open_points: set[str]) -> Json | None:
    marks = [mark for mark in one["marks"] if mark["operating_point"] in open_points]
    if one["kind"] == "calibration":
        return _calibration(one, cell)
    if one["kind"] == "roc":
        step = step_for(min(one["positive"], one["negative"]), cell)
        return None if step is None else {**one, "points": _grid(one["points"], step), "marks": marks, "grid": step}
    if one["kind"] == "froc":
        step = step_for(one["lesions"], cell)
        if step is None:
            return None
        at = [[rate, near(value, step)] for rate, value in one["at"] if rate * one["scans"] >= cell]
        return {**one, "points": at, "at": at, "marks": marks, "grid": step}
    return None


def _grid(points: Sequence[Sequence[float]], step: float) -> list[list[float]]:
    """Sensitivity at each step of the false-positive rate but 0, rounded to the same step; drawn from the corner (0, 0)."""
    out = [[0.0, 0.0]]
    for number in range(1, round(1 / step)):
        x = round(number * step, 10)
        out.append([x, near(max(point[1] for point in points if point[0] <= x + 1e-12), step)])
    return [*out, [1.0, 1.0]]


def _calibration(one: Mapping[str, Any], cell: int) -> Json | None:
    """Neighbouring bins merged from the left until each holds `cell` positives and `cell` negatives."""
    bins: list[list[float]] = []
    n, positives, score = 0.0, 0.0, 0.0
    for (mean, share), size in zip(one["points"], one["sizes"], strict=True):
        n, positives, score = n + size, positives + share * size, score + mean * size
        if positives >= cell - 1e-9 and n - positives >= cell - 1e-9:
            bins.append([n, positives, score])
            n, positives, score = 0.0, 0.0, 0.0
    if bins and n:
        bins[-1] = [a + b for a, b in zip(bins[-1], (n, positives, score), strict=True)]
    if len(bins) < 2:
        return None
    return {**one, "points": [[near(s / m, 0.01), near(p / m, 0.01)] for m, p, s in bins], "sizes": [int(m) for m, _, _ in bins]}
