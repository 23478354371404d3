"""Task `report_text_nlp`: tags.json [{ref: [...], pred: [...]}] and strings.json [{ref, hyp}]."""
from __future__ import annotations

from typing import Any

import numpy as np

from eval_harness.conformance.casefiles import Case, read_json
from eval_harness.metrics import tags as tg
from eval_harness.metrics.rows import FloatArray, TagRows
from eval_harness.stats import bootstrap as bs


def compute(case: Case) -> dict[str, Any]:
    loaded = [read_json(path) for path in case.files(".json")]
    tagged: list[dict[str, Any]] = next((rows for rows in loaded if rows and isinstance(rows[0].get("ref"), list)), [])
    texts: list[dict[str, Any]] = next((rows for rows in loaded if rows and isinstance(rows[0].get("ref"), str)), [])
    out: dict[str, Any] = {}
    if tagged:
        references = [row["ref"] for row in tagged]
        predictions = [row["pred"] if "pred" in row else row["hyp"] for row in tagged]
        lenient, strict = (tg.count_tags(references, predictions, rule) for rule in (False, True))
        out["default_lenient"] = {**_micro(lenient), "macro_f1": float(tg.entity_macro_f1(lenient, bs.ones(lenient.n_persons))[0])}
        out["strict_IOB2"] = {**_micro(strict), "macro_f1": float(tg.entity_macro_f1(strict, bs.ones(strict.n_persons))[0])}
        out["per_type_strict"] = per_type(strict)
    if texts:
        pairs = [(row["ref"], row.get("hyp", row.get("pred", ""))) for row in texts]
        rows = tg.count_tags([], [], True, pairs)
        out["cer"] = float(tg.character_error_rate(rows, bs.ones(rows.n_persons))[0])
    return out


def _micro(rows: TagRows) -> dict[str, float]:
    once = bs.ones(rows.n_persons)
    return {"p": float(tg.entity_precision(rows, once)[0]), "r": float(tg.entity_recall(rows, once)[0]),
            "f1": float(tg.entity_f1(rows, once)[0])}


def per_type(rows: TagRows) -> dict[str, Any]:
    """The classification report: each type, micro, macro and support-weighted averages."""
    true, predicted, reference = (counts.sum(axis=0).astype(np.float64) for counts in (rows.true, rows.predicted, rows.reference))
    table = np.stack([_share(true, predicted), _share(true, reference), _share(2 * true, predicted + reference)])
    support = int(reference.sum())
    out: dict[str, Any] = {kind: _line(table[:, c], int(reference[c])) for c, kind in enumerate(rows.types)}
    micro = np.array([_share(true.sum(), predicted.sum()), _share(true.sum(), reference.sum()),
                      _share(2 * true.sum(), predicted.sum() + reference.sum())])
    out["micro avg"] = _line(micro, support)
    out["macro avg"] = _line(table.mean(axis=1), support)
    out["weighted avg"] = _line(table @ reference / support if support else np.zeros(3), support)
    return out


def _share(top: Any, bottom: Any) -> FloatArray:
    out: FloatArray = np.divide(top, bottom, out=np.zeros(np.shape(bottom)), where=np.asarray(bottom) > 0)
    return out


def _line(values: FloatArray, support: int) -> dict[str, Any]:
    return {"precision": float(values[0]), "recall": float(values[1]), "f1-score": float(values[2]), "support": support}
