"""Task `rib_fracture_froc`: label volumes gt__<scan> and pred__<scan> in an NPZ, label tables gt_info and pred_info.

`key_recall` sorts as the challenge code does; `key_recall_in_threshold_order` is what the packs' `rib_recall` averages.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, Table, read_arrays, read_table, refuse
from eval_harness.metrics import froc_instances as fi

CLASSES = {1: "Displaced", 2: "Nondisplaced", 3: "Buckle", 4: "Segmental"}
ROWS = ["Buckle", "Displaced", "Nondisplaced", "Segmental", "FN"]
COLUMNS = ["Buckle", "Displaced", "Nondisplaced", "Segmental", "FP", "Ignore"]


def compute(case: Case) -> dict[str, Any]:
    arrays = read_arrays(case.one(".npz"))
    scans = sorted(name.split("__", 1)[1] for name in arrays if name.startswith("gt__"))
    tables = {role: _table(case, role) for role in ("gt", "pred")}
    key_fp = tuple(float(v) for v in case.params.get("key_fp", fi.KEY_FP))
    threshold = float(case.params.get("iou_thresh", 0.2))
    names = {int(code): str(name) for code, name in (case.params.get("label_codes") or {}).items()} or {**CLASSES, -1: "Ignore"}
    found, confusion, sums = [], np.zeros((len(ROWS), len(COLUMNS))), np.zeros(4)
    for scan in scans:
        reference, predicted = arrays[f"gt__{scan}"].astype(np.uint8), arrays[f"pred__{scan}"].astype(np.uint8)
        n_reference, n_predicted = int(reference.max()), int(predicted.max())
        iou = fi.iou_union_component(reference, predicted, n_reference, n_predicted)
        listed = {role: {int(row["label_id"]): row for row in table if row["public_id"] == scan} for role, table in tables.items()}
        confidence = np.array([float(listed["pred"].get(i, {}).get("confidence", "nan")) for i in range(1, n_predicted + 1)])
        found.append(fi.Instances(iou, confidence))
        confusion += _confusion(iou, listed, names)
        both, either = (reference > 0) & (predicted > 0), (reference > 0) | (predicted > 0)
        sums += [both.sum(), either.sum(), (reference > 0).sum(), (predicted > 0).sum()]
    rows = fi.instance_rows(found, threshold)
    fp, recall = fi.grid_curve(rows, np.ones(rows.n_persons))
    keys = [fi.recall_at(fp, recall, key, stable=False) for key in key_fp]
    ordered = [fi.recall_at(fp, recall, key) for key in key_fp]
    total, target, predicted_only = fi.macro_f1(confusion[:, :-1])
    return {
        "detection": {"fp": fp.tolist(), "recall": recall.tolist(), "key_recall": keys,
                      "key_recall_in_threshold_order": ordered, "average_recall": float(np.mean(keys)),
                      "max_recall": float(recall.max()), "average_fp_at_max_recall": float(fp.max())},
        "classification": {"confusion_matrix": {"index": ROWS, "columns": COLUMNS, "data": confusion.tolist()},
                           "macro_average_F1": total, "target_aware_F1": target, "prediction_aware_F1": predicted_only},
        "segmentation": {"dice": float(2 * sums[0] / (sums[2] + sums[3] + fi.EPS)), "iou": float(sums[0] / (sums[1] + fi.EPS))},
    }


def _table(case: Case, role: str) -> Table:
    files = [path for path in case.files(".csv") if path.name.startswith(role)]
    if len(files) != 1:
        raise refuse("CNF-002", case.name, wanted=f"one {role}*.csv", found=len(files))
    return read_table(files[0])


def _confusion(iou: Any, listed: dict[str, dict[int, dict[str, str]]], names: dict[int, str]) -> Any:
    """[predicted class or FN, true class, FP or Ignore]; any overlap names the class, as the challenge code does."""
    out = np.zeros((len(ROWS), len(COLUMNS)))
    touched = set()
    for p in range(len(iou)):
        hit = int(iou[p].argmax()) + 1 if iou.shape[1] and iou[p].max() > 0 else 0
        touched.add(hit)
        predicted = names.get(int(float(listed["pred"].get(p + 1, {}).get("label_code", "0") or 0)), "Background")
        true = names.get(int(listed["gt"][hit]["label_code"]), "Background") if hit in listed["gt"] else "FP"
        if predicted in ROWS:
            out[ROWS.index(predicted), COLUMNS.index("FP" if true == "Background" else true)] += 1
    for label, row in listed["gt"].items():
        true = names.get(int(row["label_code"]), "Background")
        if label not in touched and true != "Background":
            out[-1, COLUMNS.index(true)] += 1
    return out
