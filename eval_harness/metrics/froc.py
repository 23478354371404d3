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

import numpy as np

from eval_harness.metrics.rows import FloatArray, FrocRows, Weights, ratio

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
    return Curve(np.r_[0.0, _per(fp, n_scans)], np.r_[0.0, _per(tp, n_lesions)], np.r_[np.inf, threshold])


def _per(cumulative: FloatArray, total: float) -> FloatArray:
    """A cumulative count over `total`, rounded as the official script rounds: it goes through the ROC curve's rate, and the
    last bit decides whether a point at exactly 1/8 false positives counts at 1/8."""
    if len(cumulative) == 0 or cumulative[-1] == 0:
        return np.zeros(len(cumulative))
    with np.errstate(invalid="ignore", divide="ignore"):
        rate: FloatArray = cumulative / cumulative[-1] * cumulative[-1] / total
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
    """Sort once; a draw is two cumulative sums read at the ends of tied groups."""
    keep = np.flatnonzero(~rows.ignored)
    order = keep[np.argsort(-rows.score[keep], kind="stable")]
    score, hit, person = rows.score[order], rows.hit[order], rows.person[order]
    out = np.full((len(weights), len(points)), np.nan)
    ends = np.flatnonzero(np.r_[score[1:] != score[:-1], True]) if len(order) else np.zeros(0, np.intp)
    hits_at_end, false_at_end = np.cumsum(hit)[ends], np.cumsum(~hit)[ends]
    hit_person, false_person = person[hit], person[~hit]
    lesions, scans = weights @ rows.lesions, weights @ rows.scans
    tp, fp = np.zeros(len(hit_person) + 1), np.zeros(len(false_person) + 1)
    x, y = np.zeros(len(ends) + 1), np.zeros(len(ends) + 1)
    for b, row in enumerate(weights):
        if lesions[b] == 0 or scans[b] == 0:
            continue
        np.cumsum(row[hit_person], dtype=np.float64, out=tp[1:])
        np.cumsum(row[false_person], dtype=np.float64, out=fp[1:])
        x[1:] = _per(fp[false_at_end], scans[b])
        y[1:] = _per(tp[hits_at_end], lesions[b])
        out[b] = np.interp(points, x, y)
    return out


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
