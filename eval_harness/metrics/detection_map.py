"""Lesion detection maps: connected blobs of one confidence, matched to reference lesions (PI-CAI, Saha et al. 2024).

Blobs and lesions are 26-connected components. A match needs IoU of at least 0.1; the Hungarian assignment maximises first
the number of matches, then the overlap. An unmatched blob that overlaps some lesion enough is no false positive. A case
scores the highest confidence in its map; a case with a lesion is positive.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.metrics.rows import BinaryRows, FloatArray, FrocRows, IntArray, Weights

EPS = 1e-8


@dataclass(frozen=True)
class MapCase:
    """lesions: (is lesion, confidence, overlap) of matched lesions, missed lesions (0, 0) and false positives."""

    lesions: tuple[tuple[int, float, float], ...]
    confidence: float


def evaluate_map(detection: NDArray[Any], reference: NDArray[Any], min_overlap: float = 0.1) -> MapCase:
    """One case. Raises ValueError for a negative or NaN confidence."""
    from scipy import ndimage
    from scipy.optimize import linear_sum_assignment

    detection = detection.astype(np.float32)
    if not (detection >= 0).all():
        raise ValueError("confidences are numbers of at least 0")
    full = np.ones((3,) * detection.ndim)
    blobs, n_blobs = ndimage.label(detection, structure=full)
    lesions, n_lesions = ndimage.label(reference != 0, structure=full)
    confidence = [float(v) for v in ndimage.maximum(detection, blobs, np.arange(1, n_blobs + 1))] if n_blobs else []
    overlap = _overlaps(blobs, lesions, n_blobs, n_lesions)
    overlap[overlap < min_overlap] = 0.0
    rank = np.where(overlap > 0, overlap + 1, 0.0)
    rows, columns = linear_sum_assignment(rank, maximize=True)
    matched = [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if rank[r, c] > 0]
    out = [(1, confidence[c], float(rank[r, c] - 1)) for r, c in matched]
    out += [(1, 0.0, 0.0)] * (n_lesions - len(matched))
    near = np.asarray((overlap > 0).any(axis=0)) if n_lesions else np.zeros(n_blobs, bool)
    out += [(0, confidence[c], 0.0) for c in range(n_blobs) if not near[c]]
    return MapCase(tuple(out), float(detection.max(initial=0.0)))


def _overlaps(blobs: IntArray, lesions: IntArray, n_blobs: int, n_lesions: int) -> FloatArray:
    """IoU [lesions, blobs] with the reference code's 1e-8 terms."""
    joint = np.bincount(lesions.ravel().astype(np.int64) * (n_blobs + 1) + blobs.ravel(),
                        minlength=(n_lesions + 1) * (n_blobs + 1)).reshape(n_lesions + 1, n_blobs + 1)
    inner = joint[1:, 1:].astype(np.float64)
    union = joint[1:].sum(axis=1)[:, None] + joint[:, 1:].sum(axis=0)[None, :] - inner
    out: FloatArray = (inner + EPS) / (union + EPS)
    return out


def map_rows(cases: Sequence[MapCase], person: IntArray | None = None) -> tuple[FrocRows, BinaryRows]:
    """Lesion rows and case rows of evaluated maps. person[cases]: cluster of each case."""
    persons = np.arange(len(cases)) if person is None else person
    n_persons = int(persons.max()) + 1 if len(cases) else 0
    flat = [(is_lesion, score, p) for one, p in zip(cases, persons, strict=True) for is_lesion, score, _ in one.lesions
            if not (is_lesion and score == 0)]
    n_lesions = [sum(is_lesion for is_lesion, _, _ in one.lesions) for one in cases]
    lesion = FrocRows(np.array([f[1] for f in flat]), np.array([bool(f[0]) for f in flat], bool), np.zeros(len(flat), bool),
                      np.array([f[2] for f in flat], np.intp), np.bincount(persons, n_lesions, n_persons).astype(np.intp),
                      np.bincount(persons, minlength=n_persons), n_persons)
    case = BinaryRows(np.array([one.confidence for one in cases]), np.array([n > 0 for n in n_lesions], bool),
                      persons.astype(np.intp), n_persons)
    return lesion, case


def detection_ap(rows: FrocRows, weights: Weights) -> FloatArray:
    """Average precision over confidences above 0, step rule; recall over all lesions, missed ones too: float64[B]."""
    keep = ~rows.ignored & (rows.score > 0)
    order = np.argsort(-rows.score[keep], kind="stable")
    score, hit, person = rows.score[keep][order], rows.hit[keep][order], rows.person[keep][order]
    ends = np.flatnonzero(np.r_[score[1:] != score[:-1], True]) if len(score) else np.zeros(0, np.intp)
    out = np.full(len(weights), np.nan)
    for b, row in enumerate(weights):
        total = float(row @ rows.lesions)
        if total > 0:
            w = row[person].astype(np.float64)
            tp, called = np.cumsum(w * hit)[ends], np.cumsum(w)[ends]
            precision = np.divide(tp, called, out=np.zeros(len(tp)), where=called > 0)
            out[b] = np.diff(np.r_[0.0, tp]) @ precision / total
    return out
