"""Box detection: matching and average precision/recall as COCO's reference code decides (pycocotools 2.0).

Per image and category the detections, best score first (equal scores in file order), take the reference box with the
largest IoU at or above the threshold that is still free; crowd boxes may be taken again and only swallow. Boxes outside
the area range and crowd boxes are ignored, with the detections on them and unmatched detections outside the range.
AP: precision made non-increasing, read at 101 recalls, averaged over IoU .50:.05:.95 and categories; AR: last recall.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BoolArray, BoxRows, FloatArray, IntArray, Weights

IOU_THRESHOLDS = tuple(float(t) for t in np.linspace(0.5, 0.95, 10))
RECALLS = np.linspace(0.0, 1.0, 101)
AREAS: dict[str, tuple[float, float]] = {"all": (0.0, 1e10), "small": (0.0, 1024.0), "medium": (1024.0, 9216.0),
                                         "large": (9216.0, 1e10)}
"""Square pixels; both ends belong to the range."""


@dataclass(frozen=True)
class Boxes:
    """xywh[n, 4] in pixels; crowd and area for reference boxes, score for detections (zeros elsewhere)."""

    image: IntArray
    category: IntArray
    xywh: FloatArray
    area: FloatArray
    crowd: BoolArray
    score: FloatArray


def iou_matrix(detections: FloatArray, references: FloatArray, crowd: BoolArray) -> FloatArray:
    """[detections, references]; over the detection's own area where the reference is a crowd."""
    low = np.maximum(detections[:, None, :2], references[None, :, :2])
    high = np.minimum(detections[:, None, :2] + detections[:, None, 2:], references[None, :, :2] + references[None, :, 2:])
    inner = np.prod(np.clip(high - low, 0.0, None), axis=2)
    own, other = np.prod(detections[:, 2:], axis=1)[:, None], np.prod(references[:, 2:], axis=1)[None, :]
    union = np.where(crowd[None, :], own, own + other - inner)
    out: FloatArray = np.divide(inner, union, out=np.zeros_like(inner), where=union > 0)
    return out


def match_boxes(references: Boxes, detections: Boxes, n_images: int, person_of_image: IntArray | None = None,
                area: str = "all", max_detections: int = 100, thresholds: Sequence[float] = IOU_THRESHOLDS) -> BoxRows:
    """Unit rows of every category. person_of_image[n_images]: cluster of each image (default: the image itself)."""
    persons = np.arange(n_images) if person_of_image is None else person_of_image
    n_persons = int(persons.max()) + 1 if n_images else 0
    categories = np.unique(np.r_[references.category, detections.category])
    low, high = AREAS[area]
    images = np.bincount(persons, minlength=n_persons)
    keep: list[tuple[FloatArray, BoolArray, BoolArray, IntArray, IntArray]] = []
    boxes = np.zeros((len(categories), n_persons), np.intp)
    for c, category in enumerate(categories):
        by_image = _by_image(detections, category, n_images), _by_image(references, category, n_images)
        for image in range(n_images):
            found, truth = by_image[0][image], by_image[1][image]
            found = found[np.argsort(-detections.score[found], kind="stable")][:max_detections]
            ignore = references.crowd[truth] | (references.area[truth] < low) | (references.area[truth] > high)
            boxes[c, persons[image]] += int((~ignore).sum())
            if len(found) == 0:
                continue
            hit, ignored = _match(detections.xywh[found], references.xywh[truth], references.crowd[truth], ignore, thresholds)
            outside = (detections.area[found] < low) | (detections.area[found] > high)
            ignored |= ~hit & outside[None, :]
            keep.append((detections.score[found], hit, ignored, np.full(len(found), c), np.full(len(found), persons[image])))
    t = len(thresholds)
    if not keep:
        empty = np.zeros((t, 0), bool)
        return BoxRows(np.zeros(0), empty, empty, np.zeros(0, np.intp), boxes, n_persons, images, np.zeros(0, np.intp))
    score, hit, ignored, category, person = (np.concatenate([part[k] for part in keep], axis=-1) for k in range(5))
    return BoxRows(score, hit & ~ignored, ignored, person.astype(np.intp), boxes, n_persons, images, category.astype(np.intp))


def _by_image(boxes: Boxes, category: int, n_images: int) -> list[IntArray]:
    mine = np.flatnonzero(boxes.category == category)
    order = mine[np.argsort(boxes.image[mine], kind="stable")]
    return np.split(order, np.searchsorted(boxes.image[order], np.arange(1, n_images)))


def _match(found: FloatArray, truth: FloatArray, crowd: BoolArray, ignore: BoolArray,
           thresholds: Sequence[float]) -> tuple[BoolArray, BoolArray]:
    """hit[T, d] (also on ignored boxes) and ignored[T, d]."""
    hit, ignored = np.zeros((len(thresholds), len(found)), bool), np.zeros((len(thresholds), len(found)), bool)
    if len(truth) == 0:
        return hit, ignored
    order = np.argsort(ignore, kind="stable")
    overlap = iou_matrix(found, truth[order], crowd[order])
    crowd, ignore = crowd[order], ignore[order]
    for t, threshold in enumerate(thresholds):
        free = np.ones(len(order), bool)
        for d in range(len(found)):
            able = (free | crowd) & (overlap[d] >= min(threshold, 1 - 1e-10))
            for part in (able & ~ignore, able & ignore):   # a counting box is preferred to an ignored one
                if part.any():
                    best = len(order) - 1 - int(np.argmax(np.where(part, overlap[d], -1.0)[::-1]))   # last of equals
                    hit[t, d], ignored[t, d], free[best] = True, ignore[best], False
                    break
    return hit, ignored


def precision_at_recalls(rows: BoxRows, weights: FloatArray, category: int, threshold: int) -> tuple[FloatArray, float]:
    """(precision[101], last recall) of one draw; NaN when the category has no box that counts."""
    total = float(weights @ np.atleast_2d(rows.boxes)[category])
    if total == 0:
        return np.full(len(RECALLS), np.nan), np.nan
    of_category = True if rows.category is None else rows.category == category
    mine = np.flatnonzero(of_category & ~rows.ignored[threshold] & (weights[rows.person] > 0))
    mine = mine[np.argsort(-rows.score[mine], kind="stable")]
    w = weights[rows.person[mine]]
    tp = np.cumsum(np.where(rows.hit[threshold, mine], w, 0.0))
    if len(tp) == 0:
        return np.zeros(len(RECALLS)), 0.0
    recall, precision = tp / total, tp / (np.cumsum(w) + np.spacing(1))
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    place = np.searchsorted(recall, RECALLS, side="left")
    out = np.where(place < len(precision), precision[np.minimum(place, len(precision) - 1)], 0.0)
    return out, float(recall[-1])


def box_ap(rows: BoxRows, weights: Weights, iou: float | None = None) -> FloatArray:
    """Average precision: float64[B]; iou names one threshold, else the mean over all. Categories without boxes are left out."""
    return _mean(rows, weights, iou, 0)


def box_ar(rows: BoxRows, weights: Weights, iou: float | None = None) -> FloatArray:
    """Average recall at the mark limit the rows were matched with: float64[B]."""
    return _mean(rows, weights, iou, 1)


def _mean(rows: BoxRows, weights: Weights, iou: float | None, which: int) -> FloatArray:
    chosen = range(len(rows.hit)) if iou is None else [int(np.argmin(np.abs(np.array(IOU_THRESHOLDS) - iou)))]
    out = np.full(len(weights), np.nan)
    for b, row in enumerate(weights):
        w = row.astype(np.float64)
        values = []
        for c, counted in enumerate(np.atleast_2d(rows.boxes)):
            if w @ counted > 0:
                both = [precision_at_recalls(rows, w, c, t) for t in chosen]
                values.append(np.mean([one[0] if which == 0 else one[1] for one in both]))
        if values:
            out[b] = np.mean(values)
    return out


def box_sensitivity_at_fp(rows: BoxRows, weights: Weights, fp_per_image: float, iou: float = 0.5) -> FloatArray:
    """Found reference boxes / all, at the loosest score with no more than this many false positives an image: float64[B]."""
    if rows.images is None:
        raise ValueError("a rate an image needs rows.images")
    level = int(np.argmin(np.abs(np.array(IOU_THRESHOLDS) - iou))) if len(rows.hit) > 1 else 0
    mine = np.flatnonzero(~rows.ignored[level])
    mine = mine[np.argsort(-rows.score[mine], kind="stable")]
    score, hit, person = rows.score[mine], rows.hit[level, mine], rows.person[mine]
    ends = np.flatnonzero(np.r_[score[1:] != score[:-1], True]) if len(score) else np.zeros(0, np.intp)
    total, images = weights @ np.atleast_2d(rows.boxes).sum(axis=0), weights @ rows.images
    out = np.full(len(weights), np.nan)
    for b, row in enumerate(weights):
        if total[b] > 0:
            w = row[person].astype(np.float64)
            false, found = np.cumsum(w * ~hit)[ends], np.cumsum(w * hit)[ends]
            out[b] = found[false <= fp_per_image * images[b]].max(initial=0.0) / total[b]
    return out
