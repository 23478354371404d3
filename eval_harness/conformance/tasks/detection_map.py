"""Task `lesion_detection_map`: <case>_detection_map.nii.gz and <case>_label.nii.gz (or .npz arrays of the same names)."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.conformance.casefiles import Case, read_arrays, refuse
from eval_harness.conformance.nifti import read_nifti
from eval_harness.metrics.auc import auc_midrank
from eval_harness.metrics.detection_map import MapCase, detection_ap, evaluate_map, map_rows
from eval_harness.stats import bootstrap as bs
from eval_harness.stats.degenerate import absent

DETECTION, LABEL = ("_detection_map", "_detection", "_pred"), ("_label", "_gt", "_reference")
RATES = (0.1, 0.5, 1.0, 2.0)


def compute(case: Case) -> dict[str, Any]:
    volumes = {path.name.removesuffix(".gz").removesuffix(".nii"): read_nifti(path) for path in case.files(".nii")}
    for path in case.files(".npz"):
        volumes |= read_arrays(path)
    detections, labels = _by_case(volumes, DETECTION), _by_case(volumes, LABEL)
    names = sorted(set(detections) & set(labels))
    if not names:
        raise refuse("CNF-002", case.name, wanted="<case>_detection_map and <case>_label", found=0)
    overlap = float(case.params.get("min_overlap", 0.1))
    found = {name: evaluate_map(detections[name], labels[name], overlap) for name in names}
    lesions, cases = map_rows(list(found.values()))
    once = bs.ones(lesions.n_persons)
    auroc, ap = float(auc_midrank(cases, once)[0]), float(detection_ap(lesions, once)[0])
    n_lesions = int(lesions.lesions.sum())
    return {
        "auroc": auroc if np.isfinite(auroc) else absent("one_class"), "AP": ap if np.isfinite(ap) else absent("no_lesion"),
        "ranking_score": (auroc + ap) / 2 if np.isfinite(auroc + ap) else absent("one_class"),
        "num_cases": len(names), "num_lesions": n_lesions, **_curves(list(found.values()), n_lesions),
        "case_target": {name: int(target) for name, target in zip(names, cases.truth, strict=True)},
        "case_pred": {name: one.confidence for name, one in found.items()},
        "lesion_results": {name: [list(row) for row in one.lesions] for name, one in found.items()},
    }


def _by_case(volumes: dict[str, NDArray[Any]], endings: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    out = {}
    for name, volume in volumes.items():
        ending = next((e for e in endings if name.endswith(e)), None)
        if ending:
            out[name.removesuffix(ending)] = volume
    return out


def _curves(cases: list[MapCase], n_lesions: int) -> dict[str, Any]:
    """Points under the reference code's rules: counts in single precision, the last point carried to infinity."""
    flat = [row for one in cases for row in one.lesions]
    truth, score = np.array([row[0] for row in flat]), np.array([row[1] for row in flat])
    thresholds = np.unique(score)[::-1]
    tp = np.array([(truth * (score >= t)).sum() for t in thresholds], np.float32)
    fp = np.array([((1 - truth) * (score >= t)).sum() for t in thresholds], np.float32)
    if len(tp) >= 2:
        tp[-1], fp[-1] = tp[-2], np.inf
    else:
        tp, fp = np.zeros(2, np.float32), np.array([0, np.inf], np.float32)
    rate = fp / len(cases)
    recall = (tp / n_lesions).tolist() if n_lesions else [absent("no_lesion")] * len(tp)
    at = {f"{limit}": (recall[np.flatnonzero(rate <= limit)[-1]] if rate.min() <= limit else 0.0) for limit in RATES}
    return {"lesion_TPR": recall, "lesion_FPR": rate.tolist(), "lesion_TPR_at_FPR": at, **_precision_recall(truth, score, n_lesions)}


def _precision_recall(truth: NDArray[Any], score: NDArray[Any], n_lesions: int) -> dict[str, Any]:
    """Ascending thresholds; precision 0 at threshold 0, where missed lesions stand; the point (1, 0) at the end."""
    if n_lesions == 0:
        return {"precision": absent("no_lesion"), "recall": absent("no_lesion")}
    thresholds = np.unique(score)
    tp = np.array([(truth * (score >= t)).sum() for t in thresholds])
    called = np.array([(score >= t).sum() for t in thresholds])
    precision = np.where(thresholds == 0, 0.0, tp / called)
    return {"precision": [*precision.tolist(), 1.0], "recall": [*(tp / n_lesions).tolist(), 0.0]}
