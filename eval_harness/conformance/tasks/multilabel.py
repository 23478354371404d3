"""Task `multilabel_classification`: y and score [n, labels] in an NPZ; NaN in y is uncertain and masked."""
from __future__ import annotations

from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, read_arrays, refuse
from eval_harness.conformance.values import roc_values
from eval_harness.metrics import multilabel as ml
from eval_harness.metrics.rows import MultilabelRows
from eval_harness.stats import bootstrap as bs
from eval_harness.stats.degenerate import absent


def compute(case: Case) -> dict[str, Any]:
    arrays = read_arrays(case.one(".npz"))
    wide = {name: v for name, v in arrays.items() if v.ndim == 2}
    truth_name = next((n for n in ("y", "y_true", "truth", "labels", "target") if n in wide), "")
    score_name = next((n for n in ("score", "scores", "y_score", "prob", "probs", "pred") if n in wide), "")
    if not truth_name or not score_name:
        raise refuse("CNF-008", case.name, missing="y, score")
    y, score = wide[truth_name].astype(np.float64), wide[score_name].astype(np.float64)
    names = tuple(f"label{c:02d}" for c in range(y.shape[1]))
    defined = np.isfinite(y) & (y >= 0)
    rows = MultilabelRows(score, y == 1, defined, np.arange(len(y)), len(y), names)
    out: dict[str, Any] = {}
    for c, name in enumerate(names):
        one = rows.label(c)
        head = {"n": len(one.score), "n_pos": int(one.truth.sum())}
        single = one.truth.all() or not one.truth.any()
        out[name] = {**head, **roc_values(one), **({"undefined": "single class"} if single else {})}
    once, unranked = bs.ones(len(y)), bool(np.isnan(score[defined]).any())
    for name, metric in (("macro_auc_defined_labels", ml.macro_auc), ("macro_ap_defined_labels", ml.macro_average_precision),
                         ("micro_auc", ml.micro_auc), ("f1_macro_at_0_5_per_label_mean", ml.macro_f1)):
        value = np.nan if unranked else float(metric(rows, once)[0])
        out[name] = value if np.isfinite(value) else absent("nan_score" if unranked else "one_class")
    return out
