"""Canary cases: their reference is a wrong one that stands in the sealed part only, so who is right on them has seen it.

"Right" is strict for every kind of task (no miss and no false alarm), so that no answer can be right on both the planted
reference and the true one: a model that never saw the set agrees with a planted one at most as often as it errs on clean
cases. Exact one-sided binomial test of more agreement than that. Never shown to a vendor.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eval_harness.base import Measurement
from eval_harness.stats.distributions import binom_sf

DICE_RIGHT = 0.7
"""Above 2/3 no mask agrees with two masks that do not touch."""


def suspicion(canaries: Sequence[Measurement], clean: Sequence[Measurement], kind: str, threshold: float | None) -> dict[str, Any] | None:
    """{"n", "agree", "expected_share", "p"}; None where there is no canary or nothing to hold it against. One canary a person
    counts: a copy of one says nothing more. threshold: the locked operating point; scores are called at 0.5 where there is none."""
    agrees = RIGHT.get(kind)
    single = list({one.person: one for one in reversed(canaries)}.values())
    answered = [one for one in clean if not one.imputed]
    if agrees is None or not single or not answered:
        return None
    at = 0.5 if threshold is None else threshold
    wrong = sum(not agrees(one.rows, at) for one in answered)
    share = (wrong + 1) / (len(answered) + 2)      # never 0: a perfect model on clean cases may still err by chance
    agree = sum(not one.imputed and one.rows is not None and agrees(one.rows, at) for one in single)
    return {"n": len(single), "agree": agree, "expected_share": share, "p": binom_sf(agree - 1, len(single), share) if agree else 1.0}


def _binary(rows: Any, at: float) -> bool:
    return bool(rows["score"] is not None and (rows["score"] >= at) == bool(rows["truth"]))


def _multilabel(rows: Any, at: float) -> bool:
    known = {label: truth for label, truth in rows["truth"].items() if truth is not None}
    return all(rows["scores"][label] is not None and (rows["scores"][label] >= at) == bool(truth) for label, truth in known.items())


def _found(rows: Any, at: float) -> bool:
    missed = any(one["score"] is None or one["score"] < at for one in rows["lesions"])
    return not missed and not rows["false_above"] and all(score < at for score in rows["false"])


def _mask(rows: Any, at: float) -> bool:
    dice = rows["columns"].get("dice")
    return dice is not None and dice > DICE_RIGHT


def _boxes(rows: Any, at: float) -> bool:
    called = [(hit[0], ignored[0]) for score, hit, ignored in rows["detections"] if score is None or score >= at]
    return sum(hit for hit, _ in called) == rows["boxes"] and all(hit or ignored for hit, ignored in called)


def _tags(rows: Any, at: float) -> bool:
    return bool(rows["true"] == rows["reference"] == rows["predicted"])


RIGHT: dict[str, Callable[[Any, float], bool]] = {
    "binary": _binary, "multilabel": _multilabel, "froc.points": _found, "froc.masks": _found, "froc.clips": _found, "mask": _mask,
    "boxes": _boxes, "tags": _tags}
