"""Three simulated readers per study, who disagree: misses, false marks, sizes and places a little off.

Marks name a study by its source UIDs and by the digest of its first image's pixel data, so that they can be matched to
de-identified copies whose UIDs are new. One row a mark; a reader who saw nothing writes one row labelled `negative`.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np

from simulator.images import CT_SLICES
from simulator.story import PlannedTruth, Story, pixel_digest

READERS = ("reader-a", "reader-b", "reader-c")
COLUMNS = (
    "task",
    "site_id",
    "study_instance_uid",
    "series_instance_uid",
    "sop_instance_uid",
    "pixel_sha256",
    "reader",
    "label",
    "x_mm",
    "y_mm",
    "z_mm",
    "diameter_mm",
)


def marks(story: Story, seed: int) -> list[dict[str, Any]]:
    """All rows of all readers. Coordinates: DICOM patient coordinate system (LPS), mm."""
    rows: list[dict[str, Any]] = []
    for truth in story.truths:
        instance = story.nights[truth.site_id][2].instances[truth.sop_instance_uid]
        for number, reader in enumerate(READERS):
            rng = np.random.default_rng([seed, number, *(int(part) for part in truth.study_instance_uid.split(".")[-2:])])
            head = {
                "task": truth.task,
                "site_id": truth.site_id,
                "study_instance_uid": truth.study_instance_uid,
                "series_instance_uid": truth.series_instance_uid,
                "sop_instance_uid": truth.sop_instance_uid,
                "pixel_sha256": pixel_digest(instance),
                "reader": reader,
            }
            rows += [{**head, **mark} for mark in (_nodules(truth, rng) if truth.task == "lung-nodule-ct" else _opacity(truth, rng))]
    return rows


def _opacity(truth: PlannedTruth, rng: np.random.Generator) -> list[dict[str, Any]]:
    right = rng.random() < (0.94 if truth.positive else 0.95)
    return [{"label": "positive" if truth.positive == right else "negative"}]


def _nodules(truth: PlannedTruth, rng: np.random.Generator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for nodule in truth.nodules:
        if rng.random() < min(0.6 + 0.04 * nodule.diameter_mm, 0.98):
            x, y, z = np.array([nodule.x_mm, nodule.y_mm, nodule.z_mm]) + rng.normal(0, 0.7, 3)
            found.append(_mark(x, y, z, nodule.diameter_mm * rng.normal(1, 0.06)))
    if rng.random() < 0.08:
        x, y = rng.choice([-1, 1]) * rng.uniform(45, 90), rng.uniform(-50, 50)
        found.append(_mark(x, y, truth.first_z_mm + rng.uniform(9, (CT_SLICES - 4) * 3), rng.uniform(4, 7)))
    return found or [{"label": "negative"}]


def _mark(x: float, y: float, z: float, diameter: float) -> dict[str, Any]:
    return {
        "label": "nodule",
        "x_mm": round(float(x), 2),
        "y_mm": round(float(y), 2),
        "z_mm": round(float(z), 2),
        "diameter_mm": round(float(diameter), 2),
    }


def as_csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps({"schema": "simulated-readings-1", "marks": rows}, ensure_ascii=False, indent=1)
