"""The set's card as a vendor edition of a sealed set gives it: numbers of cases by level in whole tens, "<10" below ten."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval_harness.scoring.disclose import POLICY

COUNTS = (("strata", "*"), ("reference_standard", "sources"), ("left_out_at_selection",))
"""Where a card holds numbers of cases by level; * stands for any name."""


def disclosed_card(card: Mapping[str, Any], policy: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Pure: `verify` makes it again from the opened card. The smallest cell is the disclosure policy's `min_cell`."""
    cell = int({**POLICY, **(policy or {})}["min_cell"])
    out: Any = dict(card)
    for path in COUNTS:
        out = _blurred(out, path, cell)
    return dict(out)


def _blurred(value: Any, path: Sequence[str], cell: int) -> Any:
    if not isinstance(value, Mapping):
        return value
    if path:
        return {name: _blurred(held, path[1:], cell) if path[0] in (name, "*") else held for name, held in value.items()}
    return {name: _tens(held, cell) if isinstance(held, int) else held for name, held in value.items()}


def _tens(count: int, cell: int) -> int | str:
    return f"<{cell}" if count < cell else count // 10 * 10
