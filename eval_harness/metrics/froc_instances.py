"""Instance masks with confidences: rib-fracture FROC (Jin et al. 2020) and its classification table.

A prediction hits a fracture when its IoU with it exceeds 0.2. Two IoU conventions, by name:
- `pair`: intersection over the union of the two instances (ours)
- `union_component`: the challenge code's, which divides each connected piece of the intersection by the connected
  component of the union of *all* masks that it lies in, so neighbours that touch share a union; the last piece of a pair wins
Recall counts distinct fractures hit; a prediction that hits an already hit fracture is no false positive.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval_harness.metrics.rows import FloatArray, FrocRows, Weights

KEY_FP = (0.5, 1.0, 2.0, 4.0, 8.0)
GRID = np.arange(0, 1, 0.01)
"""Confidence thresholds of the challenge code."""
EPS = 1e-8
LabelArray = NDArray[np.integer]


@dataclass(frozen=True)
class Instances:
    """One scan: iou[predictions, references], confidence[predictions] (NaN: not listed)."""

    iou: FloatArray
    confidence: FloatArray


def iou_pairs(reference: LabelArray, predicted: LabelArray, n_reference: int, n_predicted: int) -> FloatArray:
    """[predictions, references] by the `pair` convention; labels 1..n."""
    joint = np.bincount(predicted.ravel().astype(np.int64) * (n_reference + 1) + reference.ravel(),
                        minlength=(n_predicted + 1) * (n_reference + 1)).reshape(n_predicted + 1, n_reference + 1)
    inner = joint[1:, 1:].astype(np.float64)
    union = joint[1:].sum(axis=1)[:, None] + joint[:, 1:].sum(axis=0)[None, :] - inner
    out: FloatArray = np.divide(inner, union, out=np.zeros_like(inner), where=union > 0)
    return out


def iou_union_component(reference: LabelArray, predicted: LabelArray, n_reference: int, n_predicted: int) -> FloatArray:
    """[predictions, references] as the challenge code computes it."""
    from scipy import ndimage

    full = np.ones((3,) * reference.ndim)
    pieces, n_pieces = ndimage.label((reference > 0) & (predicted > 0), structure=full)
    unions, _ = ndimage.label((reference > 0) | (predicted > 0), structure=full)
    out = np.zeros((n_predicted, n_reference))
    if n_pieces == 0:
        return out
    flat = pieces.ravel()
    anchor = np.full(n_pieces + 1, flat.size)
    np.minimum.at(anchor, flat, np.arange(flat.size))   # first voxel of each piece in memory order
    sizes, union_sizes = np.bincount(flat), np.bincount(unions.ravel())
    for piece in range(1, n_pieces + 1):
        place = anchor[piece]
        p, r = int(predicted.ravel()[place]), int(reference.ravel()[place])
        out[p - 1, r - 1] = sizes[piece] / (union_sizes[unions.ravel()[place]] + EPS)
    return out


def instance_rows(scans: Sequence[Instances], iou_threshold: float = 0.2, person_of_scan: NDArray[np.intp] | None = None) -> FrocRows:
    """Unit rows of a detector's instances: the best confidence on each hit reference, every prediction that hits none."""
    persons = np.arange(len(scans)) if person_of_scan is None else person_of_scan
    n_persons = int(persons.max()) + 1 if len(scans) else 0
    score: list[float] = []
    hit: list[bool] = []
    person: list[int] = []
    for scan, one in zip(persons, scans, strict=True):
        listed = ~np.isnan(one.confidence)
        best = one.iou.max(axis=1, initial=0.0)
        target = one.iou.argmax(axis=1) if one.iou.shape[1] else np.zeros(len(one.iou), np.intp)
        hits = listed & (best > iou_threshold)
        for reference in np.unique(target[hits]):
            score.append(float(one.confidence[hits & (target == reference)].max()))
            hit.append(True)
        false = one.confidence[listed & ~hits]
        score += false.tolist()
        hit += [False] * len(false)
        person += [int(scan)] * (len(score) - len(person))
    lesions = np.bincount(persons, [one.iou.shape[1] for one in scans], n_persons).astype(np.intp)
    return FrocRows(np.array(score, np.float64), np.array(hit, bool), np.zeros(len(score), bool), np.array(person, np.intp),
                    lesions, np.bincount(persons, minlength=n_persons), n_persons)


def grid_curve(rows: FrocRows, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(false positives a scan, recall) at each confidence of the 0.01 grid, with the code's 1e-8 terms; one draw."""
    n_scans, n_lesions = float(weights @ rows.scans), float(weights @ rows.lesions)
    w = weights[rows.person]
    called = rows.score[None, :] >= GRID[:, None]
    false, found = (called * (w * ~rows.hit)).sum(axis=1), (called * (w * rows.hit)).sum(axis=1)
    return (false + EPS) / (n_scans + EPS), (found + EPS) / (n_lesions + EPS)


def recall_at(fp: FloatArray, recall: FloatArray, key: float, stable: bool = True) -> float:
    """Linear interpolation between the neighbouring points of the curve sorted by false positives; 0 left of it.

    Of several points with equal false positives the last before and the first behind `key` are read, in the order of the
    thresholds. The challenge code sorts without keeping that order (stable False), so which of them it reads depends on
    numpy's sort of that machine: in about a third of small studies the score changes by some hundredths.
    """
    order = np.argsort(fp, kind="stable" if stable else None)
    fp, recall = fp[order], recall[order]
    below, above = np.flatnonzero(fp <= key), np.flatnonzero(fp >= key)
    if len(below) == 0:
        return 0.0
    if len(above) == 0:
        return float(recall.max())
    a, b = below[-1], above[0]
    return float(recall[a] + (recall[b] - recall[a]) * ((key - fp[a]) / (fp[b] - fp[a] + EPS)))


def rib_recall(rows: FrocRows, weights: Weights, points: Sequence[float] = KEY_FP) -> FloatArray:
    """Mean recall at 0.5, 1, 2, 4 and 8 false positives a scan on the 0.01 grid (the challenge's score): float64[B]."""
    out = np.full(len(weights), np.nan)
    for b, row in enumerate(weights):
        if row @ rows.lesions > 0:
            fp, recall = grid_curve(rows, row.astype(np.float64))
            out[b] = np.mean([recall_at(fp, recall, key) for key in points])
    return out


def macro_f1(table: FloatArray) -> tuple[float, float, float]:
    """(total, target-aware, prediction-aware) macro F1 of table[classes + missed, classes + false positive].

    total counts false positives and misses; target-aware leaves false positives out; prediction-aware also misses.
    """
    inner = table[:-1, :-1]
    tp = np.diag(inner)
    fp, fn = table[:-1].sum(axis=1) - tp, table[:, :-1].sum(axis=0) - tp
    false, missed = table[:-1, -1], table[-1, :-1]

    def score(fp: FloatArray, fn: FloatArray) -> float:
        precision, recall = tp / (tp + fp + EPS), tp / (tp + fn + EPS)
        return float((2 * precision * recall / (precision + recall + EPS)).mean())

    return score(fp, fn), score(fp - false, fn), score(fp - false, fn - missed)
