"""Canary cases: their reference is the wrong label that was once public, so who is right on them has seen it.

A model that never saw the set agrees with a wrong label about as often as it errs on clean cases. Exact one-sided binomial
test of more agreement than that. Never shown to a vendor.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eval_harness.base import Measurement
from eval_harness.stats.distributions import binom_sf


def suspicion(canaries: Sequence[Measurement], clean: Sequence[Measurement], kind: str, threshold: float | None) -> dict[str, Any] | None:
    """{"n", "agree", "expected_share", "p"}; None where there is no canary, no threshold or no call of a case."""
    if kind != "binary" or threshold is None or not canaries or not clean:
        return None
    answered = [one for one in clean if one.rows["score"] is not None]
    wrong = sum(not _agrees(one, threshold) for one in answered)
    share = (wrong + 1) / (len(answered) + 2)      # never 0: a perfect model on clean cases may still err by chance
    agree = sum(one.rows["score"] is not None and _agrees(one, threshold) for one in canaries)
    return {"n": len(canaries), "agree": agree, "expected_share": share, "p": binom_sf(agree - 1, len(canaries), share) if agree else 1.0}


def _agrees(one: Measurement, threshold: float) -> bool:
    return bool((one.rows["score"] >= threshold) == bool(one.rows["truth"]))
