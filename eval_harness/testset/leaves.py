"""Merkle leaves of a set: what was shown to the model, and (salted) what is true about it."""
from __future__ import annotations

from eval_harness.base import Case, CaseKey, Truth, canonical, merkle


def input_leaf(case: Case) -> bytes:
    """Hash of one case's inputs (digests, not bytes)."""
    return merkle.leaf(canonical(case.to_dict()))


def reference_leaf(scope: str, key: CaseKey, truth: Truth) -> bytes:
    """Salted hash of one case's key and truth; scope is "set@version". The salt is not part of the row."""
    row = {"key": key.to_dict(), "truth": {**truth.to_dict(), "salt": ""}}
    return merkle.salted_leaf("reference", scope, bytes.fromhex(truth.salt), row)
