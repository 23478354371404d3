"""The card of a frozen set: what its reader may know, and what the human sample says of the rows behind it."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eval_harness.base import Issue
from pipelines.deid_zone.agreement import agreement
from pipelines.deid_zone.consensus import Verdict
from pipelines.deid_zone.draft import Draft, DraftCase
from schemas.home import Home


@dataclass
class Proven:
    """What the human sample says of the rows behind a set's cases."""

    objections: list[Issue] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Hospitals of which no sample was read that covers these rows."""
    reading: dict[str, Any] | None = None
    """n, leaks, upper, confidence over all hospitals; None while one of them is unread."""


ProofGate = Callable[[Mapping[str, frozenset[str]]], Proven]
"""Hospital → receipts behind the cases → what the readings say. Handed in: the PHI zone keeps them, and the two zones never meet."""


def card_of(home: Home, draft: Draft, cases: list[DraftCase], found: dict[str, Verdict], name: str, version: str, proven: Proven
            ) -> dict[str, Any]:
    """What a reader of the set may know: no case, no label, no count per label."""
    spec = draft.spec
    counted = {stratum: dict(sorted(Counter(case.strata[stratum] for case in cases if stratum in case.strata).items()))
               for stratum in spec.strata if stratum != "lesion_size"}
    level = agreement(home, draft.dataset_id)["case_level"]
    return {
        "set": f"{name}@{version}", "title": spec.title.model_dump(), "task": spec.task,
        "intended_use": spec.intended_use.model_dump() if spec.intended_use else None,
        "cases": len(cases), "persons": len({case.person for case in cases}), "sites": len({case.site_id for case in cases}),
        "strata": counted, "selection": spec.select.model_dump(mode="json"), "left_out_at_selection": dict(draft.left_out),
        "reference_standard": spec.reference_standard.model_dump(mode="json") | {
            "sources": dict(sorted(Counter(found[case.case_id].source for case in cases).items())),
            "fleiss_kappa": level["fleiss_kappa"], "krippendorff_alpha": level["krippendorff_alpha"]},
        "split": spec.split.model_dump(mode="json") | {"unit": "person"},
        "deidentification": {"zh": f"按 PS3.15 附录 E 的保留清单策略；日期按主体平移；标识为密钥假名；{_read(proven, 'zh')}",
                             "en": "keep-list policy after PS3.15 Annex E; dates shifted per subject; identifiers are keyed pseudonyms; "
                                   + _read(proven, "en")},
        "limitations": spec.limitations.model_dump() if spec.limitations else None, "contact": spec.contact}


def _read(proven: Proven, lang: str) -> str:
    if proven.reading is None:
        return "没有人工抽样阅读的记录" if lang == "zh" else "no human sample recorded"
    text = ("人工抽样阅读 {n} 份，{leaks} 份泄漏，单侧 {confidence:.0%} 上界 {upper:.2%}" if lang == "zh" else
            "human sample: {leaks} of {n} documents leak, one-sided {confidence:.0%} upper bound {upper:.2%}")
    return text.format(**proven.reading)
