"""Task `detection_boxes`: a COCO ground truth (images, annotations) and a COCO result list."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from eval_harness.base.estimate import Absent
from eval_harness.conformance.casefiles import Case, read_json, refuse
from eval_harness.metrics import boxes as bx
from eval_harness.stats import bootstrap as bs
from eval_harness.stats.degenerate import absent

NAMES = (("AP", "all", 100, None, "ap"), ("AP50", "all", 100, 0.5, "ap"), ("AP75", "all", 100, 0.75, "ap"),
         ("AP_small", "small", 100, None, "ap"), ("AP_medium", "medium", 100, None, "ap"), ("AP_large", "large", 100, None, "ap"),
         ("AR_1", "all", 1, None, "ar"), ("AR_10", "all", 10, None, "ar"), ("AR_100", "all", 100, None, "ar"),
         ("AR_small", "small", 100, None, "ar"), ("AR_medium", "medium", 100, None, "ar"), ("AR_large", "large", 100, None, "ar"))


def compute(case: Case) -> dict[str, Any]:
    loaded = [read_json(path) for path in case.files(".json")]
    truth = next((one for one in loaded if isinstance(one, dict) and "annotations" in one), None)
    found = next((one for one in loaded if isinstance(one, list)), None)
    if truth is None or found is None:
        raise refuse("CNF-002", case.name, wanted="a COCO ground truth and a result list", found=len(loaded))
    place = {image["id"]: i for i, image in enumerate(sorted(truth["images"], key=lambda image: image["id"]))}
    references, detections = boxes_of(truth["annotations"], place), boxes_of(found, place)
    summary = {name: _value(references, detections, len(place), area, limit, iou, kind) for name, area, limit, iou, kind in NAMES}
    rows = bx.match_boxes(references, detections, len(place))
    once = np.ones(rows.n_persons)
    counted = [c for c, boxes in enumerate(np.atleast_2d(rows.boxes)) if boxes.any()]
    precision = np.mean([bx.precision_at_recalls(rows, once, c, 0)[0] for c in counted], axis=0)
    return {"pycocotools": summary, "faster_coco_eval": dict(summary), "precision_at_101_recall_iou50": precision.tolist(),
            "n_images": len(place), "n_gt": len(truth["annotations"]), "n_dt": len(found)}


def boxes_of(listed: list[dict[str, Any]], place: dict[Any, int]) -> bx.Boxes:
    kept = [one for one in listed if one["image_id"] in place]
    xywh = np.array([one["bbox"] for one in kept], np.float64).reshape(-1, 4)
    reference = bool(kept) and "score" not in kept[0]
    area = np.array([one.get("area", w * h) if reference else w * h for one, (_, _, w, h) in zip(kept, xywh, strict=True)], np.float64)
    return bx.Boxes(np.array([place[one["image_id"]] for one in kept], np.intp),
                    np.array([one["category_id"] for one in kept], np.intp), xywh, area,
                    np.array([bool(one.get("iscrowd", 0)) for one in kept], bool),
                    np.array([one.get("score", 0.0) for one in kept], np.float64))


def _value(references: bx.Boxes, detections: bx.Boxes, n: int, area: str, limit: int, iou: float | None, kind: str) -> float | Absent:
    rows = bx.match_boxes(references, detections, n, None, area, limit)
    value = float((bx.box_ap if kind == "ap" else bx.box_ar)(rows, bs.ones(rows.n_persons), iou)[0])
    return absent("no_lesion") if math.isnan(value) else value
