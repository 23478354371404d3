"""Random unit rows of every kind, for tests that hold for all metrics."""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from eval_harness.metrics.rows import BinaryRows, BoxRows, FrocRows, MaskRows, MultilabelRows, TagRows

PARAMS = {"threshold": 0.5, "specificity": 0.8, "sensitivity": 0.8, "low": 0.8, "label": "effusion", "fp_per_scan": 1.0,
          "tolerance_mm": 1.0, "fp_per_image": 1.0}
CAP = 6


def params_of(spec):
    return {name: PARAMS[name] for name in spec.params}


def rows_of(kind, rng, n_persons=12):
    return MAKERS[kind](rng, n_persons)


def binary(rng, n):
    person = np.r_[np.arange(n), rng.integers(0, n, n)]
    truth = rng.random(2 * n) < 0.45
    truth[:2] = [True, False]
    return BinaryRows(np.round(np.clip(rng.normal(0.4 + 0.2 * truth, 0.25), 0, 1), 2), truth, person, n)


def multilabel(rng, n):
    truth = rng.random((2 * n, 3)) < 0.4
    truth[0], truth[1] = True, False
    defined = rng.random(truth.shape) < 0.8
    defined[:2] = True
    score = np.round(np.clip(rng.normal(0.4 + 0.2 * truth, 0.25), 0, 1), 2)
    return MultilabelRows(score, truth, defined, np.r_[np.arange(n), rng.integers(0, n, n)], n, ("effusion", "mass", "edema"))


def froc(rng, n):
    lesions = rng.integers(0, 3, n)
    lesions[0] = 2
    found = np.concatenate([np.full(rng.integers(0, k + 1), p) for p, k in enumerate(lesions)]).astype(int)
    false = np.concatenate([np.full(rng.integers(0, CAP), p) for p in range(n)]).astype(int)
    aside = rng.integers(0, n, 4)
    person = np.concatenate([found, false, aside])
    hit = np.r_[np.ones(len(found), bool), np.zeros(len(false) + 4, bool)]
    ignored = np.r_[np.zeros(len(found) + len(false), bool), np.ones(4, bool)]
    score = np.round(np.clip(rng.normal(0.4 + 0.2 * hit, 0.25), 0.01, 0.99), 1 + int(rng.integers(0, 2)))
    return FrocRows(score, hit, ignored, person, lesions, np.ones(n, int), n)


def mask(rng, n):
    names = ("dice", "iou", "nsd_1mm", "hd_mm", "hd95_mm", "assd_mm", "masd_mm", "volume_error_ml", "abs_volume_error_ml",
             "lesion_found", "lesion_missed", "lesion_f1", "abs_lesion_count_error")
    columns = {name: np.round(rng.random(2 * n), 2) for name in names}
    columns["lesion_missed"] = columns["lesion_missed"] + 1
    gone = rng.random(2 * n) < 0.15
    for name in ("hd_mm", "hd95_mm", "assd_mm", "masd_mm"):
        columns[name] = np.where(gone, np.nan, 20 * columns[name])
    return MaskRows(columns, np.full(2 * n, 90.0), np.r_[np.arange(n), rng.integers(0, n, n)], n)


def boxes(rng, n):
    count = rng.integers(0, 3, n)
    count[0] = 2
    person = np.concatenate([np.full(rng.integers(0, k + 3), p) for p, k in enumerate(count)]).astype(int)
    left = count.copy()
    hit = np.zeros((10, len(person)), bool)
    for m, p in enumerate(person):
        if left[p] and rng.random() < 0.6:
            hit[:rng.integers(1, 11), m] = True
            left[p] -= 1
    score = rng.random(len(person))   # no ties: COCO's value depends on the order of equal scores
    return BoxRows(score, hit, np.zeros_like(hit), person, count, n, np.ones(n, int))


def tags(rng, n):
    reference = rng.integers(0, 4, (2 * n, 2))
    true = (reference * rng.random((2 * n, 2))).astype(int)
    predicted = true + rng.integers(0, 3, (2 * n, 2))
    reference[0] += 1
    characters = rng.integers(10, 40, 2 * n)
    edits = (characters * rng.random(2 * n) * 0.4).astype(int)
    return TagRows(true, predicted, reference, edits, characters, np.r_[np.arange(n), rng.integers(0, n, n)], n, ("NAME", "DATE"))


MAKERS = {"binary": binary, "multilabel": multilabel, "froc.points": froc, "froc.masks": froc, "mask": mask, "boxes": boxes, "tags": tags}


def repeated(rows, times):
    """The same study with person p standing there times[p] times, as new persons: what a weight means."""
    copies = np.repeat(np.arange(rows.n_persons), times)
    units = [np.flatnonzero(rows.person == p) for p in copies]
    take = np.concatenate(units) if units else np.zeros(0, int)
    person = np.repeat(np.arange(len(copies)), [len(u) for u in units])
    changed = {"person": person, "n_persons": len(copies)}
    for name in ("lesions", "scans", "images", "boxes"):
        if getattr(rows, name, None) is not None:
            changed[name] = getattr(rows, name)[copies]
    for name in ("score", "truth", "defined", "hit", "ignored", "true", "predicted", "reference", "edits", "characters", "diagonal_mm"):
        column = getattr(rows, name, None)
        if column is not None:
            across = isinstance(rows, BoxRows) and name in ("hit", "ignored")
            changed[name] = column[:, take] if across else column[take]
    if isinstance(rows, MaskRows):
        changed["columns"] = {name: column[take] for name, column in rows.columns.items()}
    return replace(rows, **changed)
