"""Repeat and canary cases of a frozen set: chosen at freeze, declared in its sealed part only, counted in no headline.

A repeat is a case shown a second time under another token: what a model answers twice says how repeatable it is. A canary is a
case whose sealed reference standard is another case's: nobody should ever agree with it, unless the sealed part has leaked.
"""
from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval_harness.scoring.optimism import ladder_card
from eval_harness.testset.layout import new_token
from governance.limits import limit
from pipelines.deid_zone.consensus import Verdict
from pipelines.deid_zone.draft import DraftCase
from schemas.shapes.dataset import HiddenCases

CANARY_SOURCE = "canary"
HIDDEN = {"zh": "病例数包含少量重复病例和监测病例，不计入主要结果；是哪些病例只写在封存部分",
          "en": "the number of cases includes a few repeat and canary cases, which count in no headline; only the sealed part says which"}


@dataclass(frozen=True)
class Shown:
    """One token of a set: the case behind it, why it is there, and the planted reference of a canary."""

    token: str
    case: DraftCase
    role: str = "scored"
    value: Any = None


def shown(cases: Sequence[DraftCase], values: Mapping[str, Any], rule: HiddenCases, fold: str) -> list[Shown]:
    """Every token of one fold's set. values: reference standard by case id. A practice set hides nothing.

    A case without a fitting donor (all references alike) is scored as it is.
    """
    if fold == "practice":
        return [Shown(new_token(), case) for case in cases]
    ordered = sorted(cases, key=lambda case: _place(rule.seed, case.case_id))
    planted: dict[str, Any] = {}
    for case in ordered:
        if len(planted) == _share(rule.canaries, len(cases)):
            break
        donor = next((other for other in reversed(ordered) if conflicting(values[case.case_id], values[other.case_id])), None)
        if donor is not None:
            planted[case.case_id] = values[donor.case_id]
    scored = [case for case in ordered if case.case_id not in planted]
    out = [Shown(new_token(), case) for case in scored]
    out += [Shown(new_token(), case, "canary", planted[case.case_id]) for case in ordered if case.case_id in planted]
    return out + [Shown(new_token(), case, "repeat") for case in scored[:_share(rule.repeats, len(scored))]]


def told(fold: str, rule: HiddenCases, kind: str, tokens: Sequence[Shown], found: Mapping[str, Verdict]) -> dict[str, Any]:
    """What the card adds: that there are check cases, and the Ladder's block of a validation set. No number of either."""
    out: dict[str, Any] = {"hidden_cases": HIDDEN} if fold != "practice" and (rule.repeats or rule.canaries) else {}
    if fold == "validation":
        truths = [(one.case.person, found[one.case.case_id].value) for one in tokens if one.role == "scored"]
        out |= {"tier": fold, "ladder": ladder_card(kind, truths, limit(fold, "set") or 0)}
    return out


def _share(share: float, cases: int) -> int:
    return min(cases - 1, max(1, round(share * cases))) if share > 0 and cases > 1 else 0


def _place(seed: int, case_id: str) -> str:
    return hashlib.sha256(f"hidden cases\0{seed}\0{case_id}".encode()).hexdigest()


def conflicting(own: Any, other: Any) -> bool:
    """Whether an answer cannot be right on both references: another label, or lesions that do not touch."""
    if "label" in own:
        return bool(own["label"] != other["label"])
    mine, theirs = own["nodules"], other["nodules"]
    if not mine or not theirs:
        return bool(mine) != bool(theirs)
    return all(math.dist([a[axis] for axis in "xyz"], [b[axis] for axis in "xyz"]) > (a["diameter_mm"] + b["diameter_mm"]) / 2
               for a in mine for b in theirs)
