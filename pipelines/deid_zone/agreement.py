"""How well the readers of a draft agree: on cases (kappa, alpha) and on lesions (positive agreement of each pair).

Every number is a value with its n, or a reason why there is none. Statistics are those of the evaluation harness.
"""
from __future__ import annotations

import math
from itertools import combinations
from typing import Any

from pipelines.deid_zone.consensus import LESION, POSITIVE, case_answers, clusters
from pipelines.deid_zone.draft import DraftFolder
from pipelines.deid_zone.readings import by_case
from schemas.home import Home

Row = dict[str, Any]


def agreement(home: Home, dataset_id: str) -> Row:
    """Agreement over the cases of a draft: {"readers", "cases", "complete", "case_level", "lesion_level"}."""
    folder = DraftFolder(home, dataset_id)
    draft = folder.read()
    rows = by_case(folder)
    answers = {case.case_id: case_answers(rows[case.case_id]) for case in draft.cases}
    readers = sorted({reader for found in answers.values() for reader in found})
    complete = sum(len(found) >= draft.spec.reference_standard.readers for found in answers.values())
    lesions = any(row["label"] == LESION for found in rows.values() for row in found)
    return {"dataset_id": dataset_id, "readers": readers, "cases": len(draft.cases), "complete": complete,
            "case_level": _case_level(answers, readers),
            "lesion_level": _lesion_level(rows, readers, draft.spec.reference_standard.match_mm) if lesions else None}


def _number(value: float, n: int, **more: Any) -> Row:
    if n == 0 or not math.isfinite(value):
        return {"value": None, "n": n, "absent": "no case was read by enough readers" if n == 0 else "every answer is the same"}
    return {"value": value, "n": n} | {name: bound for name, bound in more.items() if math.isfinite(bound)}


def _case_level(answers: dict[str, dict[str, str]], readers: list[str]) -> Row:
    import numpy as np

    from eval_harness.stats.kappa import cohen_kappa_interval, count_table, fleiss_kappa
    from eval_harness.stats.krippendorff import krippendorff_alpha

    categories = np.array([0.0, 1.0])
    ratings = np.array([[float(found[r] == POSITIVE) if r in found else math.nan for r in readers] for found in answers.values()],
                       np.float64).reshape(len(answers), len(readers))
    whole = ratings[~np.isnan(ratings).any(axis=1)] if len(readers) > 1 else ratings[:0]
    pairs = {}
    for a, b in combinations(range(len(readers)), 2):
        both = ratings[~np.isnan(ratings[:, [a, b]]).any(axis=1)]
        name = f"{readers[a]} / {readers[b]}"
        if len(both) == 0 or len(np.unique(both[:, [a, b]])) < 2:
            pairs[name] = _number(math.nan, len(both))
            continue
        kappa, _ = cohen_kappa_interval(both[:, a], both[:, b], categories)
        pairs[name] = _number(kappa.value, len(both), lower=max(kappa.lower, -1.0), upper=min(kappa.upper, 1.0))
    several = int((np.isfinite(ratings).sum(axis=1) >= 2).sum())
    return {"categories": ["negative", "positive"], "cohen_kappa": pairs,
            "fleiss_kappa": _number(fleiss_kappa(count_table(whole, categories)) if len(whole) else math.nan, len(whole)),
            "krippendorff_alpha": _number(krippendorff_alpha(ratings, "nominal") if several else math.nan, several)}


def _lesion_level(rows: dict[str, list[Row]], readers: list[str], match_mm: float) -> Row:
    """Positive agreement 2·both / (a + b): the share of two readers' marks that the other one marked too."""
    pairs = {}
    for a, b in combinations(readers, 2):
        both = marks = 0
        for found in rows.values():
            mine = [row for row in found if row["label"] == LESION and row["reader"] in (a, b)]
            marks += len(mine)
            both += sum(len(lesion) == 2 for lesion in clusters(mine, match_mm))
        pairs[f"{a} / {b}"] = _number(2 * both / marks if marks else math.nan, marks)
    return {"match_mm": match_mm, "positive_agreement": pairs}
