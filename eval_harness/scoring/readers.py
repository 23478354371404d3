"""The reader ceiling: how far each reader agrees with the others, which is what a model's numbers are read against."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval_harness.base import Measurement, Truth
from eval_harness.stats.estimates import proportion

CALLS = {"positive": True, "negative": False, 1: True, 0: False}


def ceiling(measurements: Sequence[Measurement], truths: Mapping[str, Truth], level: float) -> list[dict[str, Any]]:
    """Each reader against the majority of the other readers (leave-one-out), over cases that two others called.

    Against the final reference standard a reader who helped to make it would look better than he is. Cases on which the
    others are divided equally are left out and lower n. Empty where the readings are not calls of a case.
    """
    agreed: dict[str, list[int]] = {}
    for one in measurements:
        calls = {str(row["reader"]): CALLS[row["answer"]] for row in truths[one.token].readers
                 if isinstance(row, Mapping) and row.get("answer") in CALLS}
        for reader, call in calls.items():
            others = [other for name, other in calls.items() if name != reader]
            if len(others) >= 2 and 2 * sum(others) != len(others):
                agreed.setdefault(reader, []).append(int(call == (2 * sum(others) > len(others))))
    return [{"reader": reader, "n": len(hits), "estimate": proportion(f"agreement:{reader}", sum(hits), len(hits), "wilson", level,
                                                                      unit_of_analysis="case").to_dict()}
            for reader, hits in sorted(agreed.items())]
