"""Open the reference standard. For the scorer's process alone: nothing that runs a model imports this module."""
from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval_harness.base import CaseKey, Terminal, Truth, eval_messages
from eval_harness.testset.layout import LEAVES, PRACTICE_REFERENCE, TestSet, read_lines
from eval_harness.testset.leaves import reference_leaf
from eval_harness.testset.seal import KEY, KEY_BYTES, SEALED, decrypt


def open_reference(held: TestSet, sealed: Path | None = None, key: bytes | None = None) -> list[tuple[CaseKey, Truth]]:
    """Key and truth of every case that was not withdrawn, in token order, each checked against its Merkle leaf.

    A practice set needs neither `sealed` (folder or reference.enc) nor key; a sealed set needs both. Without key,
    reference.key beside reference.enc is read.
    Raises Terminal SET-020 when the seal does not open, SET-021 when a row is not the one that was frozen.
    """
    if held.manifest.visibility == "practice":
        rows: Iterable[Any] = read_lines(held.path / PRACTICE_REFERENCE)
    else:
        rows = _opened(held, sealed, key)
    leaves = {row["token"]: row["reference"] for row in read_lines(held.path / LEAVES)}
    present = {case.token for case in held.cases}
    out = []
    for row in rows:
        case_key, truth = CaseKey(**row["key"]), _truth(row["truth"])
        if leaves.get(case_key.token) != reference_leaf(held.manifest.scope, case_key, truth).hex():
            raise Terminal(eval_messages().issue("SET-021", case_key.token))
        if case_key.token in present:
            out.append((case_key, truth))
    if {case_key.token for case_key, _ in out} != present:
        raise Terminal(eval_messages().issue("SET-022", held.manifest.scope, cases=len(present), rows=len(out)))
    return sorted(out, key=lambda pair: pair[0].token)


def read_reference_key(path: Path) -> bytes:
    """The 32 bytes of a reference key file (hexadecimal text)."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise Terminal(eval_messages().issue("SET-023", path.name)) from error
    if len(key) != KEY_BYTES:
        raise Terminal(eval_messages().issue("SET-023", path.name))
    return key


def _opened(held: TestSet, sealed: Path | None, key: bytes | None) -> list[Any]:
    if sealed is None:
        raise Terminal(eval_messages().issue("SET-024", held.manifest.scope))
    file = sealed / SEALED if sealed.is_dir() else sealed
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Terminal(eval_messages().issue("SET-024", held.manifest.scope)) from error
    plain = decrypt(data, read_reference_key(file.parent / KEY) if key is None else key, held.manifest.scope)
    return [json.loads(line) for line in plain.splitlines() if line]


def _truth(row: dict[str, Any]) -> Truth:
    return Truth(**{**row, "ignore": tuple(row["ignore"]), "readers": tuple(row["readers"])})
