"""Points of the figures as data: ROC, precision-recall, FROC, calibration. Full resolution here; `disclose` coarsens."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from eval_harness.metrics.froc import CPM_POINTS, froc_curve
from eval_harness.metrics.rows import BinaryRows, FrocRows, MultilabelRows, Rows

Curve = dict[str, Any]


def curves(rows: Rows, points: Mapping[str, float]) -> list[Curve]:
    """Every curve these rows have. `points`: thresholds of the locked operating points by name."""
    if isinstance(rows, BinaryRows):
        return _binary(rows, points, None)
    if isinstance(rows, MultilabelRows):
        return [made for place, label in enumerate(rows.labels) for made in _binary(rows.label(place), points, label)]
    if isinstance(rows, FrocRows) and rows.lesions.sum():
        return [_froc(rows, points)]
    return []


def _binary(rows: BinaryRows, points: Mapping[str, float], label: str | None) -> list[Curve]:
    positives, negatives = int(rows.truth.sum()), int((~rows.truth).sum())
    if not positives or not negatives:
        return []
    order = np.argsort(-rows.score, kind="stable")
    score, truth = rows.score[order], rows.truth[order]
    ends = np.flatnonzero(np.r_[score[1:] != score[:-1], True])
    tp, fp = np.cumsum(truth)[ends], np.cumsum(~truth)[ends]
    marks = []
    for name, threshold in sorted(points.items()):
        called = rows.score >= threshold
        marks.append({"operating_point": name, "x": float((called & ~rows.truth).sum() / negatives),
                      "y": float((called & rows.truth).sum() / positives)})
    base = {"label": label, "positive": positives, "negative": negatives}
    roc = {"kind": "roc", **base, "points": _pairs(np.r_[0, fp] / negatives, np.r_[0, tp] / positives), "marks": marks}
    pr = {"kind": "pr", **base, "points": _pairs(tp / positives, tp / (tp + fp)), "marks": []}
    out: list[Curve] = [roc, pr]
    finite = np.isfinite(rows.score)
    if finite.any() and rows.score[finite].min() >= 0 and rows.score[finite].max() <= 1:
        out.append({"kind": "calibration", **base, **_calibration(rows.score[finite], rows.truth[finite]), "marks": []})
    return out


def _calibration(score: Any, truth: Any) -> dict[str, Any]:
    """Ten bins of equal number: mean score against observed share. Failed cases have no probability and stand apart."""
    order = np.argsort(score, kind="stable")
    groups = [part for part in np.array_split(order, min(10, max(1, len(order) // 5))) if len(part)]
    return {"points": [[float(score[part].mean()), float(truth[part].mean())] for part in groups],
            "sizes": [len(part) for part in groups]}


def _froc(rows: FrocRows, points: Mapping[str, float]) -> Curve:
    curve = froc_curve(rows, official_points=False)
    scans, lesions = int(rows.scans.sum()), int(rows.lesions.sum())
    at = [[float(rate), float(np.interp(rate, curve.fp_per_scan, curve.sensitivity))] for rate in CPM_POINTS]
    marks = []
    for name, threshold in sorted(points.items()):
        strong = rows.score >= threshold
        marks.append({"operating_point": name, "x": float((strong & ~rows.hit & ~rows.ignored).sum() / scans),
                      "y": float((strong & rows.hit).sum() / lesions)})
    return {"kind": "froc", "label": None, "lesions": lesions, "scans": scans, "marks": marks, "at": at,
            "points": _pairs(curve.fp_per_scan, curve.sensitivity)}


def _pairs(x: Any, y: Any) -> list[list[float]]:
    return [[float(a), float(b)] for a, b in zip(x, y, strict=True)]
