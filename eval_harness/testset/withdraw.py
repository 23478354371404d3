"""Withdraw a case: its bytes go, its Merkle leaf stays, and a signed slip says when and why."""
from __future__ import annotations

import shutil
from pathlib import Path

from eval_harness.base import WrongUsage, canonical, dsse, eval_messages
from eval_harness.testset import layout
from eval_harness.testset.seal import seal_reference, write_private

PREDICATE = "https://touchstone.example/predicates/withdrawal/v1"


def withdraw_case(set_dir: Path, token: str, *, reason: str, withdrawn_on: str, signing_key: bytes | None = None,
                  sealed_dir: Path | None = None, reference_key: bytes | None = None) -> None:
    """Erase case `token` from the set (and from its sealed reference where sealed_dir is given). Runs again harmlessly.

    Order: slip, row, bytes, so that a kill in between leaves a case that verify already calls WITHDRAWN.
    Raises WrongUsage SET-006 for a token that was never in the set.
    """
    from eval_harness.testset.reference import open_reference

    held = layout.read_set(set_dir)
    leaves = {row["token"]: row["inputs"] for row in layout.read_lines(set_dir / layout.LEAVES)}
    if token not in leaves:
        raise WrongUsage(eval_messages().issue("SET-006", token))
    body = {"set": held.manifest.scope, "token": token, "reason": reason, "withdrawn_on": withdrawn_on}
    slip = set_dir / layout.WITHDRAWALS / f"{token}.json"
    slip.parent.mkdir(exist_ok=True)
    if not slip.exists():
        statement = dsse.statement(PREDICATE, {token: leaves[token]}, body)
        write_private(slip, canonical(statement) if signing_key is None else dsse.sign(statement, signing_key))
    practice = set_dir / layout.PRACTICE_REFERENCE
    if sealed_dir is not None and held.manifest.visibility == "sealed":
        kept = [row for row in open_reference(held, sealed_dir, reference_key) if row[0].token != token]
        from eval_harness.testset.reference import read_reference_key
        from eval_harness.testset.seal import KEY

        seal_reference(sealed_dir, held.manifest.scope, kept, reference_key or read_reference_key(sealed_dir / KEY))
    if practice.exists():
        rows = [row for row in layout.read_lines(practice) if row["key"]["token"] != token]
        write_private(practice, b"".join(canonical(row) + b"\n" for row in rows))
    left = [case for case in held.cases if case.token != token]
    write_private(set_dir / layout.CASES, b"".join(canonical(case.to_dict()) + b"\n" for case in left))
    shutil.rmtree(held.folder(token), ignore_errors=True)
