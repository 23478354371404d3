"""Merkle root of a run's results: one leaf a case, in token order."""
from __future__ import annotations

from collections.abc import Iterable

from eval_harness.base import Result, canonical, merkle


def results_root(results: Iterable[Result]) -> str:
    """run_id is left out of the leaf: it depends on nothing that the model answered."""
    ordered = sorted(results, key=lambda one: (one.token, one.attempt))
    return rows_root(canonical({**one.to_dict(), "run_id": ""}) for one in ordered)


def rows_root(rows: Iterable[bytes]) -> str:
    """The same root from canonical rows without their run_id, in token order."""
    return merkle.root(merkle.leaf(row) for row in rows)
