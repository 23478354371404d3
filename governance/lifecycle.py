"""The life cycle of submissions and evaluations as one table: an absent pair is refused by name."""
from __future__ import annotations

NEXT_STATE = {
    ("submitted", "inspect"): "inspected", ("submitted", "send_back"): "draft",
    ("inspected", "approve"): "approved", ("approved", "start"): "predicting",
    ("predicting", "finish"): "predicted", ("predicting", "give_up"): "failed",
    ("predicted", "score"): "scored", ("scored", "sign"): "reported",
    ("reported", "publish"): "published", ("published", "withdraw"): "withdrawn",
}
"""The life cycle. A submission lives until `approved` and may be evaluated on several sets; an evaluation from `predicting` on."""


def next_state(state: str, action: str) -> str:
    """The state that `action` leads to. Raises KeyError where it leads nowhere from here."""
    return NEXT_STATE[(state, action)]
