"""One case's mask against its reference: all columns of kind `mask`, with the written policy for empty and failed masks.

Policy (eval_harness/stats/degenerate.toml): both empty: Dice, IoU, NSD, lesion F1 1 and distances 0, counted apart; one
empty: Dice, IoU, NSD, lesion F1 0 and distances undefined, which rank as the diagonal of the grid. A failed case is not an
empty mask: it takes the worst value of every column, whatever the reference holds.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from eval_harness.metrics import surface as sf
from eval_harness.metrics.lesions import LesionCounts, lesion_counts
from eval_harness.metrics.overlap import overlap, voxel_volume_mm3
from eval_harness.metrics.rows import BoolArray

STATES = {"both": 0, "empty_both": 1, "empty_reference": 2, "empty_prediction": 3, "failed": 4}
"""Column `state`: what was there."""
NSD_TOLERANCES_MM = (1.0, 2.0, 3.0)


def measure_mask(reference: BoolArray, predicted: BoolArray | None, spacing_mm: Sequence[float],
                 tolerances_mm: Sequence[float] = NSD_TOLERANCES_MM) -> dict[str, Any]:
    """{"columns": {name: number or None}, "diagonal_mm"}; None = undefined for this case. predicted None: the case failed.

    Columns: state, dice, iou, nsd_<t>mm, hd_mm, hd95_mm, assd_mm, masd_mm, reference_ml, predicted_ml, volume_error_ml
    (predicted - reference), abs_volume_error_ml, lesion_found, lesion_false, lesion_missed, lesion_f1, abs_lesion_count_error.
    """
    diagonal = diagonal_mm(reference.shape, spacing_mm)
    if predicted is None:
        return {"columns": _failed(reference, spacing_mm, tolerances_mm), "diagonal_mm": diagonal}
    counts = overlap(reference, predicted)
    ml = voxel_volume_mm3(spacing_mm) / 1000
    lesions = lesion_counts(reference, predicted)
    state = "empty_both" if counts.reference == counts.predicted == 0 else "empty_reference" if counts.reference == 0 \
        else "empty_prediction" if counts.predicted == 0 else "both"
    columns: dict[str, float | None] = {
        "state": STATES[state], **_agreement(reference, predicted, spacing_mm, tolerances_mm, state),
        "reference_ml": counts.reference * ml, "predicted_ml": counts.predicted * ml,
        "volume_error_ml": (counts.predicted - counts.reference) * ml,
        "abs_volume_error_ml": abs(counts.predicted - counts.reference) * ml, **_lesion_columns(lesions)}
    return {"columns": columns, "diagonal_mm": diagonal}


def diagonal_mm(shape: Sequence[int], spacing_mm: Sequence[float]) -> float:
    """Distance between opposite corner voxels: no distance on the grid is larger."""
    return math.sqrt(sum(((n - 1) * s) ** 2 for n, s in zip(shape, spacing_mm, strict=True)))


def _agreement(reference: BoolArray, predicted: BoolArray, spacing_mm: Sequence[float], tolerances_mm: Sequence[float],
               state: str) -> dict[str, float | None]:
    names = ("hd_mm", "hd95_mm", "assd_mm", "masd_mm")
    shares = [f"nsd_{t:g}mm" for t in tolerances_mm]
    if state != "both":
        good = state == "empty_both"
        return {**dict.fromkeys(("dice", "iou", *shares), float(good)), **dict.fromkeys(names, 0.0 if good else None)}
    counts, d = overlap(reference, predicted), sf.surface_distances(reference, predicted, spacing_mm)
    values = (sf.hausdorff(d), sf.hausdorff_percentile(d), sf.assd(d), sf.masd(d))
    return {"dice": counts.dice, "iou": counts.iou,
            **{name: sf.nsd(d, t) for name, t in zip(shares, tolerances_mm, strict=True)}, **dict(zip(names, values, strict=True))}


def _lesion_columns(found: LesionCounts) -> dict[str, float | None]:
    return {"lesion_found": found.found, "lesion_false": found.false, "lesion_missed": found.missed,
            "lesion_f1": 1.0 if math.isnan(found.f1) else found.f1, "abs_lesion_count_error": abs(found.false - found.missed)}


def _failed(reference: BoolArray, spacing_mm: Sequence[float], tolerances_mm: Sequence[float]) -> dict[str, float | None]:
    """Worst of every column: no overlap, no distance, the largest volume error the grid allows, every lesion missed."""
    inside, ml = int(np.count_nonzero(reference)), voxel_volume_mm3(spacing_mm) / 1000
    worst = max(inside, reference.size - inside) * ml
    lesions = lesion_counts(reference, np.zeros_like(reference))
    shares = dict.fromkeys((f"nsd_{t:g}mm" for t in tolerances_mm), 0.0)
    return {"state": STATES["failed"], "dice": 0.0, "iou": 0.0, **shares,
            **dict.fromkeys(("hd_mm", "hd95_mm", "assd_mm", "masd_mm")), "reference_ml": inside * ml, "predicted_ml": None,
            "volume_error_ml": None, "abs_volume_error_ml": worst, "lesion_found": 0, "lesion_false": None,
            "lesion_missed": lesions.missed, "lesion_f1": 0.0, "abs_lesion_count_error": float(reference.size)}
