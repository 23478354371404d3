"""Which frozen sets hold cases of a subject: a frozen copy does not change with the lake, so a steward must be told of it."""
from __future__ import annotations

from collections.abc import Iterable

from eval_harness.testset import layout
from pipelines.deid_zone.freeze import KEYS
from schemas.home import Home


def sets_of(home: Home, subjects: Iterable[str]) -> list[str]:
    """Names (`set@version`) of the frozen sets with at least one case of these subjects, in order."""
    wanted = set(subjects)
    return sorted(f"{keys.parent.parent.name}@{keys.parent.name}" for keys in home.sealed.glob(f"*/*/{KEYS}")
                  if any(row.get("subject") in wanted for row in layout.read_lines(keys)))
