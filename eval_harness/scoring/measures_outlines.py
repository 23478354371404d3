"""Measures of outlines and text: masks, boxes, tags. Shapes are those the official post-processing writes.

    mask    output {"mask": {"shape", "runs"}}; truth the same, grid {"spacing_mm"}; runs: [start, length, ...] in C order
    froc.masks  output {"shape", "instances": [{"runs", "score"}]}; truth {"shape", "instances": [{"runs", "class"?}]}
    froc.clips  output as boxes; truth {"frames": k, "boxes": [{polyp, frame, x0, y0, x1, y1}]}, grid {"spacing_mm"}: one row a polyp
    boxes   output {"boxes": [{frame, x0, y0, x1, y1, score}]}; truth {"frames": k, "boxes": [{frame, x0, y0, x1, y1}]}
    tags    output {"tags": [IOB2, ...], "text"?}; truth {"tags": [...], "text"?}; params {"types": [...]}
An answer whose shape does not fit its case is a failed one: it takes the worst the task can give.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval_harness.base import Truth
from eval_harness.metrics.boxes import Boxes, match_boxes
from eval_harness.metrics.failures import failed_report
from eval_harness.metrics.mask_measure import NSD_TOLERANCES_MM, measure_mask
from eval_harness.metrics.tags import edit_distance, entities

BOX_CAP, TEXT_CAP = 100, 4096


def mask(truth: Truth, output: Any, pack: Mapping[str, Any]) -> Any:
    """{"columns", "diagonal_mm"} of one case; a failed case is not an empty mask."""
    if truth.state == "absent":
        return None
    reference = unpacked(truth.value["mask"])
    if reference is None:
        raise ValueError("the reference mask's runs do not fit its shape")
    found = None if output is None else unpacked(output["mask"])
    if found is not None and found.shape != reference.shape:
        found = None
    spacing = list((truth.grid or {}).get("spacing_mm") or [1.0] * reference.ndim)
    tolerances = (pack["measure"].get("params") or {}).get("nsd_tolerances_mm", NSD_TOLERANCES_MM)
    return measure_mask(reference, found, spacing, tolerances)


def unpacked(held: Mapping[str, Any]) -> Any:
    """bool array of a run-length mask; None where its runs overlap or leave the shape."""
    shape = tuple(int(size) for size in held["shape"])
    pairs = np.asarray(held["runs"], np.int64).reshape(-1, 2) if len(held["runs"]) % 2 == 0 else None
    total = int(np.prod(shape))
    if pairs is None or (len(pairs) and (pairs.min() < 0 or (pairs.sum(axis=1) > total).any()
                                         or (pairs[1:, 0] < pairs[:-1].sum(axis=1)).any())):
        return None
    steps = np.zeros(total + 1, np.int8)
    np.add.at(steps, pairs[:, 0], 1)
    np.add.at(steps, pairs.sum(axis=1), -1)
    return np.cumsum(steps[:-1]).astype(bool).reshape(shape)


def instances(truth: Truth, output: Any, pack: Mapping[str, Any]) -> Any:
    """Instance masks: each reference's best confidence among answers whose largest overlap (IoU, above the task's limit) it is.

    The same rows as kind froc.points. A failed scan misses every instance and adds `cap` false ones above every score.
    """
    if truth.state == "absent":
        return None
    params, held = pack["measure"].get("params") or {}, truth.value["instances"]
    cap, limit, shape = int(params.get("cap", BOX_CAP)), float(params.get("iou", 0.2)), list(truth.value["shape"])
    voxel_mm3 = float(np.prod((truth.grid or {}).get("spacing_mm") or [1.0]))
    reference = [unpacked({"shape": shape, "runs": one["runs"]}) for one in held]
    if any(one is None for one in reference):
        raise ValueError("a reference instance's runs do not fit its shape")
    diameters = [float(2 * (3 * one.sum() * voxel_mm3 / (4 * np.pi)) ** (1 / 3)) for one in reference]
    lesions: list[dict[str, Any]] = [{"score": None, "size_mm": size, "type": row.get("class", "unknown")}
                                     for size, row in zip(diameters, held, strict=True)]
    if output is None or list(output["shape"]) != shape or len(output["instances"]) > cap:
        return {"lesions": lesions, "false": [], "aside": [], "false_above": cap}
    false = []
    for answer in sorted(output["instances"], key=lambda one: -float(one["score"])):
        found = unpacked({"shape": shape, "runs": answer["runs"]})
        shares = [0.0 if found is None else float((found & one).sum() / max(1, (found | one).sum())) for one in reference]
        best = int(np.argmax(shares)) if shares else -1
        if best < 0 or shares[best] <= limit:
            false.append(float(answer["score"]))
        elif lesions[best]["score"] is None:
            lesions[best]["score"] = float(answer["score"])
    return {"lesions": lesions, "false": false, "aside": [], "false_above": 0}


def boxes(truth: Truth, output: Any, pack: Mapping[str, Any]) -> Any:
    """{"detections": [[score, [hit, ...], [ignored, ...]]], "boxes", "images"}, at the pack's overlap thresholds."""
    if truth.state == "absent":
        return None
    params = pack["measure"].get("params") or {}
    levels, cap = list(params.get("iou", [0.5])), int(params.get("cap", BOX_CAP))
    frames = int(truth.value.get("frames", 1))
    kept = list(truth.value["boxes"])
    if output is None or any(not 0 <= int(one["frame"]) < frames for one in output["boxes"]):
        return {"detections": [[None, [False] * len(levels), [False] * len(levels)]] * cap, "boxes": len(kept), "images": frames}
    found = sorted(output["boxes"], key=lambda one: -float(one["score"]))
    rows = match_boxes(_boxes(kept), _boxes(found), frames, np.zeros(frames, np.intp), max_detections=cap, thresholds=levels)
    return {"detections": [[float(rows.score[i]), rows.hit[:, i].tolist(), rows.ignored[:, i].tolist()] for i in range(len(rows.score))],
            "boxes": len(kept), "images": frames}


def clips(truth: Truth, output: Any, pack: Mapping[str, Any]) -> Any:
    """Polyps of one clip: a polyp is found at the score that at least `frames` of its frames reach (box overlap above `iou`).

    The same rows as kind froc.points, a clip for a scan. A box takes the polyp of its frame that it overlaps most; a box that
    overlaps none is a false one. A failed clip misses every polyp and adds `cap` false boxes above every score.
    """
    if truth.state == "absent":
        return None
    params, frames = pack["measure"].get("params") or {}, int(truth.value.get("frames", 1))
    limit, least, cap = float(params.get("iou", 0.5)), int(params.get("frames", 1)), int(params.get("cap", BOX_CAP))
    scale = float(((truth.grid or {}).get("spacing_mm") or [1.0])[-1])
    held: dict[str, list[Mapping[str, Any]]] = {}
    for one in truth.value["boxes"]:
        held.setdefault(str(one["polyp"]), []).append(one)
    polyps = sorted(held)
    widths = [max(float(one["x1"] - one["x0"]) for one in held[name]) for name in polyps]
    lesions: list[dict[str, Any]] = [{"score": None, "size_mm": scale * width, "type": "polyp"} for width in widths]
    if output is None or len(output["boxes"]) > cap or any(not 0 <= int(one["frame"]) < frames for one in output["boxes"]):
        return {"lesions": lesions, "false": [], "aside": [], "false_above": cap}
    seen: dict[str, dict[int, float]] = {name: {} for name in polyps}
    false = []
    for answer in sorted(output["boxes"], key=lambda one: -float(one["score"])):
        frame, score = int(answer["frame"]), float(answer["score"])
        share, name = max(((_overlap(answer, one), name) for name in polyps for one in held[name] if int(one["frame"]) == frame),
                          default=(0.0, ""))
        if share <= limit:
            false.append(score)
        else:
            seen[name].setdefault(frame, score)
    for lesion, name in zip(lesions, polyps, strict=True):
        scores = sorted(seen[name].values(), reverse=True)
        lesion["score"] = scores[least - 1] if len(scores) >= least else None
    return {"lesions": lesions, "false": false, "aside": [], "false_above": 0}


def _overlap(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """Intersection over union of two boxes."""
    width = min(a["x1"], b["x1"]) - max(a["x0"], b["x0"])
    height = min(a["y1"], b["y1"]) - max(a["y0"], b["y0"])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return float(both / ((a["x1"] - a["x0"]) * (a["y1"] - a["y0"]) + (b["x1"] - b["x0"]) * (b["y1"] - b["y0"]) - both))


def _boxes(rows: Sequence[Mapping[str, Any]]) -> Boxes:
    corners = np.array([[float(row[name]) for name in ("x0", "y0", "x1", "y1")] for row in rows], np.float64).reshape(-1, 4)
    sides = corners[:, 2:] - corners[:, :2]
    frame = np.array([int(row.get("frame", 0)) for row in rows], np.intp)
    return Boxes(frame, np.zeros(len(rows), np.intp), np.hstack([corners[:, :2], sides]), sides.prod(axis=1),
                 np.zeros(len(rows), bool), np.array([float(row.get("score", 0.0)) for row in rows], np.float64))


def tags(truth: Truth, output: Any, pack: Mapping[str, Any]) -> Any:
    """{"true", "predicted", "reference", "edits", "characters"}: entities by type (strict IOB2) and the text's edit distance."""
    if truth.state == "absent":
        return None
    types = list(pack["measure"]["params"]["types"])
    wanted, text = entities(truth.value["tags"]), str(truth.value.get("text", "")).strip()
    reference = _by_type(wanted, types)
    if output is None or len(output["tags"]) != len(truth.value["tags"]):
        failed = failed_report(np.array(reference, np.intp), len(truth.value["tags"]), len(text), TEXT_CAP if text else 0)
        return {"true": failed.true.tolist(), "predicted": failed.predicted.tolist(), "reference": reference, "edits": failed.edits,
                "characters": len(text)}
    found = entities(output["tags"])
    return {"true": _by_type(wanted & found, types), "predicted": _by_type(found, types), "reference": reference,
            "edits": edit_distance(text, str(output.get("text", "")).strip()) if text else 0, "characters": len(text)}


def _by_type(found: Any, types: Sequence[str]) -> list[int]:
    return [sum(kind == one for kind, _, _ in found) for one in types]
