"""All conventions of one pair of masks, under the names of the libraries they come from."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from eval_harness.conformance.compare import Ruled
from eval_harness.metrics import surface as sf
from eval_harness.metrics import surfels as sv
from eval_harness.metrics.overlap import overlap, voxel_volume_mm3
from eval_harness.metrics.rows import BoolArray
from eval_harness.metrics.skeleton import centreline_dice
from eval_harness.stats.degenerate import absent

TOLERANCES_MM = (1, 2, 3)


def pair_values(reference: BoolArray, predicted: BoolArray, spacing_mm: Sequence[float]) -> dict[str, Any]:
    """reference and predicted: masks of one grid, 2D or 3D; spacing_mm[i] belongs to axis i."""
    counts = overlap(reference, predicted)
    code = "empty_both" if counts.reference == counts.predicted == 0 else \
        "empty_reference" if counts.reference == 0 else "empty_prediction" if counts.predicted == 0 else ""
    d, s = sf.surface_distances(reference, predicted, spacing_mm), sv.surfels(reference, predicted, spacing_mm)
    whole = {
        "voxels_gt": counts.reference, "voxels_pred": counts.predicted, "tp": counts.tp, "fp": counts.fp, "fn": counts.fn,
        "voxel_mm3": voxel_volume_mm3(spacing_mm), "google": _google(s, counts.dice), "monai": _monai(d, s, reference.ndim, code),
        "medpy": _medpy(d), "simpleitk": _simpleitk(reference, predicted, spacing_mm, d),
        "metrics_reloaded": _metrics_reloaded(reference, predicted, d, code)}
    return {name: _named(value, code) for name, value in whole.items()}


def _named(value: Any, code: str) -> Any:
    """NaN of a raw convention becomes an absence with the policy's code."""
    if isinstance(value, dict):
        return {key: _named(one, code) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, code) for one in value]
    return absent(code or "no_unit") if isinstance(value, float) and math.isnan(value) else value


def _google(s: sv.Surfels, dice: float) -> dict[str, Any]:
    to_predicted, to_reference = sv.average_distance(s)
    return {"dice": dice, "hd100": sv.robust_hausdorff(s, 100), "hd95": sv.robust_hausdorff(s, 95),
            "asd_gt_to_pred": to_predicted, "asd_pred_to_gt": to_reference,
            **{f"surface_dice_{t}mm": sv.surface_dice(s, t) for t in TOLERANCES_MM},
            "surface_overlap_1mm": list(sv.surface_overlap(s, 1))}


def _monai(d: sf.SurfaceDistances, s: sv.Surfels, ndim: int, code: str) -> dict[str, Any]:
    """MONAI gives infinity for a maximum or mean, and NaN for a percentile, when one mask is empty."""
    one_empty = math.inf if code in ("empty_reference", "empty_prediction") else math.nan
    out: dict[str, Any] = {"hd": _or(sf.hausdorff(d), one_empty), "hd95": sf.hausdorff_percentile(d),
                           "hd95_directed": sf.hausdorff_percentile_directed(d), "assd": _or(sf.assd(d), one_empty),
                           "asd_pred_to_gt": _or(sf.asd_predicted_to_reference(d), one_empty),
                           **{f"nsd_{t}mm": sf.nsd(d, t) for t in TOLERANCES_MM}}
    if ndim == 3:
        out |= {f"nsd_{t}mm_subvoxels": sv.surface_dice(s, t) for t in TOLERANCES_MM}
    return out


def _or(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value


def _medpy(d: sf.SurfaceDistances) -> dict[str, Any]:
    return {"hd": sf.hausdorff(d), "hd95_pooled": sf.hausdorff_percentile_pooled(d), "assd": sf.assd(d),
            "asd_pred_to_gt": sf.asd_predicted_to_reference(d)}


def _simpleitk(reference: BoolArray, predicted: BoolArray, spacing_mm: Sequence[float], d: sf.SurfaceDistances) -> Any:
    counts = overlap(reference, predicted)
    if not counts.reference or not counts.predicted:
        return dict.fromkeys(("hd", "average_hd_over_all_voxels", "dice", "jaccard", "volume_similarity",
                              "false_negative_error", "false_positive_error"), math.nan)
    outside = counts.total - counts.predicted
    return {"hd": sf.hausdorff(d), "average_hd_over_all_voxels": average_over_all_voxels(reference, predicted, spacing_mm),
            "dice": counts.dice, "jaccard": counts.iou, "volume_similarity": counts.volume_similarity,
            "false_negative_error": counts.fp / counts.predicted,
            "false_positive_error": counts.fn / outside if outside else math.nan}


def average_over_all_voxels(reference: BoolArray, predicted: BoolArray, spacing_mm: Sequence[float]) -> float:
    """ITK's average Hausdorff: mean distance over *all* voxels of a mask, inner ones counting 0; the mean of both directions."""
    from scipy.spatial import cKDTree

    spacing = np.asarray(spacing_mm, np.float64)
    means = []
    for mask, other in ((reference, predicted), (predicted, reference)):
        outside = np.argwhere(mask & ~other) * spacing
        distance = cKDTree(np.argwhere(sf.edge_voxels(other)) * spacing).query(outside)[0] if len(outside) else np.zeros(0)
        means.append(float(distance.sum() / np.count_nonzero(mask)))
    return (means[0] + means[1]) / 2


def _metrics_reloaded(reference: BoolArray, predicted: BoolArray, d: sf.SurfaceDistances, code: str) -> dict[str, Any]:
    counts = overlap(reference, predicted)
    edges = overlap(sf.edge_voxels(reference), sf.edge_voxels(predicted))
    distances = {"hd": sf.hausdorff(d), "hd95": sf.hausdorff_percentile(d), "assd": sf.assd(d), "masd": sf.masd(d)}
    if code == "empty_both":   # the written policy: nothing was there and nothing was marked
        return {"dsc": 1.0, "iou": Ruled(1.0, code), "nsd_1mm": 1.0, "boundary_iou": 1.0, "cldice": absent("empty_skeleton"),
                **dict.fromkeys(distances, 0.0)}
    lines = centreline_dice(reference, predicted)
    return {"dsc": counts.dice, "iou": counts.iou, "nsd_1mm": sf.nsd(d, 1), "boundary_iou": edges.iou, **distances,
            "cldice": absent("empty_skeleton") if math.isnan(lines) else lines}
