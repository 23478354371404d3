"""A home with six chest CTs, its dataset spec, and readings of them: what the dataset tests start from."""
from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any

from images_planted import ct_slices, volume

from pipelines.deid_zone import cohort
from pipelines.deid_zone.draft import DraftFolder
from schemas.shapes.dataset import DatasetSpec

SPEC = {"title": {"zh": "胸部 CT 结节", "en": "Chest CT nodules"}, "intended_use": {"zh": "试验", "en": "trial"}, "task": "lung-nodule-ct",
        "select": {"modalities": ["CT"], "min_instances": 3}, "strata": ["site", "sex", "age_band", "lesion_size"],
        "split": {"practice": 0.34, "seed": 1}}
STUDIES = 6


def spec(**select: Any) -> DatasetSpec:
    return DatasetSpec.model_validate(SPEC | {"select": SPEC["select"] | select})


def build(lake, name: str = "nodules", **select: Any):
    draft = cohort.build(lake.home, name, spec(**{"per_person": 1} | select))
    DraftFolder(lake.home, name).write(draft)
    return draft


def marks(path: Path, by: str = "study_instance_uid", readers: str = "abc", studies: int = STUDIES) -> Path:
    """Every reader marks one nodule in odd studies, none in even ones; reader c also sees one in study 0."""
    rows = []
    for number in range(studies):
        name = {"study_instance_uid": f"2.25.10{number}",
                "pixel_sha256": hashlib.sha256(ct_slices(volume(number), "2.25.9")[0].PixelData).hexdigest()}[by]
        for reader in readers:
            seen = number % 2 or (number == 0 and reader == "c")
            place = {"x_mm": -98.0 + ord(reader) / 1000, "y_mm": -78, "z_mm": 14, "diameter_mm": 6} if seen else {}
            rows.append({by: name, "reader": reader, "label": "nodule" if seen else "negative"} | place)
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, [by, "reader", "label", "x_mm", "y_mm", "z_mm", "diameter_mm"])
        writer.writeheader()
        writer.writerows(rows)
    return path
