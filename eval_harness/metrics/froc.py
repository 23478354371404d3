"""Free-response ROC and the competition performance metric (CPM), by person weights.

Sensitivity = found lesions / all lesions; false positives per scan over all scans, also those without lesions.
CPM = mean sensitivity at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false positives a scan, by one of three rules that are not equal:
- interp: linear interpolation between operating points (what papers print; LUNA16)
- step: the largest sensitivity at no more than that many false positives
- nearest: the first nearest operating point, 0 unless it is nearer than the curve's largest false-positive rate (the 2025
  Radboud calculator; not monotone, so never a primary metric)
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.metrics.rows import BoolArray, FloatArray, FrocRows, IntArray, Weights, ratio

CPM_POINTS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Curve:
    fp_per_scan: FloatArray
    sensitivity: FloatArray
    threshold: FloatArray


def froc_curve(rows: FrocRows, weights: Weights | None = None, official_points: bool = True) -> Curve:
    """Operating points from the strictest threshold (+inf, nothing marked) down, one a distinct score.

    weights[n_persons] of one draw. official_points drops the points the official script drops (a point between two equal
    steps), which changes no interpolated value but can change the step and nearest rules.
    """
    w = np.ones(rows.n_persons) if weights is None else np.asarray(weights, np.float64)
    n_lesions, n_scans = float(w @ rows.lesions), float(w @ rows.scans)
    keep = ~rows.ignored & (w[rows.person] > 0)
    score, hit, mark_weight = rows.score[keep], rows.hit[keep], w[rows.person[keep]]
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.r_[score[order][1:] != score[order][:-1], True]) if len(order) else np.zeros(0, np.intp)
    tp = np.cumsum(np.where(hit, mark_weight, 0.0)[order])[last]
    fp = np.cumsum(np.where(hit, 0.0, mark_weight)[order])[last]
    threshold = score[order][last]
    if official_points and len(tp) > 2:
        corner = np.r_[True, (np.diff(tp, 2) != 0) | (np.diff(fp, 2) != 0), True]
        tp, fp, threshold = tp[corner], fp[corner], threshold[corner]
    false, found = (float(counts[-1]) if len(counts) else 0.0 for counts in (fp, tp))
    return Curve(np.r_[0.0, _per(fp, n_scans, false)], np.r_[0.0, _per(tp, n_lesions, found)], np.r_[np.inf, threshold])


def _per(cumulative: FloatArray, units: float, total: float) -> FloatArray:
    """A cumulative count a unit, rounded as the official script rounds: it goes through the ROC curve's rate (share of
    `total`, the whole count), and the last bit decides whether a point at exactly 1/8 false positives counts at 1/8."""
    if total == 0:
        return np.zeros(len(cumulative))
    with np.errstate(invalid="ignore", divide="ignore"):
        rate: FloatArray = cumulative / total * total / units
    return rate


def sensitivity_at_fp(rows: FrocRows, weights: Weights, points: Sequence[float] = CPM_POINTS,
                      rule: str = "interp") -> FloatArray:
    """Sensitivity at each number of false positives a scan: float64[B, points]. NaN in a draw without lesions."""
    if rule == "interp":
        return _interpolated(rows, weights, np.asarray(points, np.float64))
    read = {"step": at_step, "nearest": at_nearest}[rule]
    return np.array([[read(curve, p) for p in points] for curve in (froc_curve(rows, w) for w in weights)])


def at_step(curve: Curve, fp: float) -> float:
    reach = np.flatnonzero(curve.fp_per_scan <= fp)
    return float(curve.sensitivity[reach].max()) if len(reach) else 0.0


def at_nearest(curve: Curve, fp: float) -> float:
    distance = np.abs(curve.fp_per_scan - fp)
    place = int(np.argmin(distance))
    return float(curve.sensitivity[place]) if distance[place] < curve.fp_per_scan.max() else 0.0


def _interpolated(rows: FrocRows, weights: Weights, points: FloatArray) -> FloatArray:
    """Sort once; a draw is two cumulative sums read at the ends of tied groups.

    Marks far beyond the last point are looked at only in a draw that needs them: a detector's long tail of weak marks is
    most of its output.
    """
    keep = np.flatnonzero(~rows.ignored)
    order = keep[np.argsort(-rows.score[keep], kind="stable")]
    score, hit, person = rows.score[order], rows.hit[order], rows.person[order]
    ends = np.flatnonzero(np.r_[score[1:] != score[:-1], True]) if len(order) else np.zeros(0, np.intp)
    whole = _Sorted(hit, person, ends)
    enough = np.searchsorted(np.cumsum(~hit), 2 * points.max(initial=0.0) * rows.scans.sum())
    head = whole.head(int(np.searchsorted(ends, enough)))
    lesions, scans = weights @ rows.lesions, weights @ rows.scans
    totals = [weights @ np.bincount(person[part], minlength=rows.n_persons) for part in (~hit, hit)]
    out = np.full((len(weights), len(points)), np.nan)
    for b, row in enumerate(weights):
        if lesions[b] == 0 or scans[b] == 0:
            continue
        for part in (head, whole):
            false, found = part.counts(row)
            x, y = np.r_[0.0, _per(false, scans[b], totals[0][b])], np.r_[0.0, _per(found, lesions[b], totals[1][b])]
            if x[-1] >= points.max(initial=0.0):
                break
        out[b] = np.interp(points, x, y)
    return out


class _Sorted:
    """Marks from the highest score down; ends[k] is the last mark of the k-th distinct score."""

    def __init__(self, hit: BoolArray, person: IntArray, ends: IntArray) -> None:
        self.hit, self.person, self.ends = hit, person, ends
        self.of_false, self.of_hits = person[~hit], person[hit]
        self.false_at_end, self.hits_at_end = np.cumsum(~hit)[ends], np.cumsum(hit)[ends]

    def head(self, n_groups: int) -> _Sorted:
        """The first `n_groups` distinct scores."""
        ends = self.ends[:n_groups]
        size = int(ends[-1]) + 1 if len(ends) else 0
        return _Sorted(self.hit[:size], self.person[:size], ends)

    def counts(self, row: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
        """Weighted false positives and hits up to each distinct score."""
        false, found = np.cumsum(row[self.of_false], dtype=np.float64), np.cumsum(row[self.of_hits], dtype=np.float64)
        return np.r_[0.0, false][self.false_at_end], np.r_[0.0, found][self.hits_at_end]


def cpm(rows: FrocRows, weights: Weights, rule: str = "interp", points: Sequence[float] = CPM_POINTS) -> FloatArray:
    """Mean sensitivity over `points`: float64[B]. No true positive gives 0 (the official script divides by zero)."""
    out: FloatArray = sensitivity_at_fp(rows, weights, points, rule).mean(axis=1)
    return out


def sensitivity_at(rows: FrocRows, weights: Weights, fp_per_scan: float, rule: str = "interp") -> FloatArray:
    """Sensitivity at one number of false positives a scan: float64[B]."""
    return sensitivity_at_fp(rows, weights, [fp_per_scan], rule)[:, 0]


def lesion_sensitivity(rows: FrocRows, weights: Weights, threshold: float = -np.inf) -> FloatArray:
    """Found lesions / all lesions at a declared score threshold (score >= threshold): float64[B]."""
    found = rows.hit & (rows.score >= threshold)
    per_person = np.bincount(rows.person[found], minlength=rows.n_persons)
    total = weights @ rows.lesions
    return ratio(weights @ per_person, total)


def fp_per_scan(rows: FrocRows, weights: Weights, threshold: float = -np.inf) -> FloatArray:
    """False positives a scan at a declared score threshold: float64[B]."""
    false = ~rows.hit & ~rows.ignored & (rows.score >= threshold)
    per_person = np.bincount(rows.person[false], minlength=rows.n_persons)
    total = weights @ rows.scans
    return ratio(weights @ per_person, total)
