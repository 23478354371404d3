"""Check a frozen set with nothing but its folder: bytes against digests, digests against leaves, leaves against roots."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval_harness.base import Case, Issue, canonical, dsse, eval_messages, merkle, sha256
from eval_harness.testset import layout
from eval_harness.testset.leaves import input_leaf
from eval_harness.testset.write import set_statement


@dataclass(frozen=True)
class SetReport:
    """What verify_set found. `rows` gives INTACT, WITHDRAWN, DIFFERS or MISSING per token."""

    scope: str
    rows: dict[str, str]
    signer: str | None
    """Key id of the signature, None for an unsigned set."""
    signer_checked: bool
    issues: list[Issue] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not any(issue.severity in ("error", "fatal") for issue in self.issues)

    def count(self, status: str) -> int:
        return sum(found == status for found in self.rows.values())

    def to_dict(self) -> dict[str, Any]:
        return {"set": self.scope, "ok": self.ok, "cases": len(self.rows), "intact": self.count("INTACT"),
                "withdrawn": sorted(token for token, status in self.rows.items() if status == "WITHDRAWN"),
                "signer": self.signer, "signer_checked": self.signer_checked,
                "issues": [issue.to_dict() for issue in self.issues]}


def verify_set(path: Path, trusted: bytes | None = None) -> SetReport:
    """Check every byte of the set at `path`. `trusted`: raw Ed25519 public key that must have signed.

    Raises SetRefused when the folder is no set at all; everything else is an issue in the report.
    """
    manifest = layout.read_manifest(path)
    issues: list[Issue] = []
    leaf_bytes, card = _bytes(path / layout.LEAVES), _bytes(path / layout.CARD)
    if (path / layout.MANIFEST).read_bytes() != canonical(manifest.to_dict()):
        issues.append(_issue("SET-030", layout.MANIFEST))
    for name, data, expected in ((layout.LEAVES, leaf_bytes, manifest.leaves_sha256), (layout.CARD, card, manifest.card_sha256)):
        if sha256(data) != expected:
            issues.append(_issue("SET-030", name))
    leaves = _leaf_rows(leaf_bytes)
    roots = [merkle.root(bytes.fromhex(row[side]) for row in leaves) for side in ("inputs", "reference")]
    whole = merkle.root([bytes.fromhex(root) for root in roots])
    if (*roots, whole) != (manifest.inputs_root, manifest.reference_root, manifest.merkle_root) or len(leaves) != manifest.cases:
        issues.append(_issue("SET-031", layout.MANIFEST))
    signer = _check_signature(path, manifest, trusted, issues)
    return SetReport(manifest.scope, _check_cases(path, manifest, leaves, signer, issues),
                     None if signer is None else dsse.key_id(signer), trusted is not None and signer == trusted, issues)


def _issue(code: str, where: str, **params: object) -> Issue:
    return eval_messages().issue(code, where, **params)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _leaf_rows(data: bytes) -> list[dict[str, str]]:
    try:
        rows = [json.loads(line) for line in data.splitlines() if line]
        return [row for row in rows if bytes.fromhex(row["inputs"]) and bytes.fromhex(row["reference"])]
    except (ValueError, KeyError, TypeError):
        return []   # the digest of leaves.jsonl and the roots then differ, which is what the report says


def _check_signature(path: Path, manifest: layout.SetManifest, trusted: bytes | None, issues: list[Issue]) -> bytes | None:
    data = _bytes(path / layout.SIGNATURE)
    if not data:
        issues.append(_issue("SET-033" if trusted is None else "SET-032", layout.SIGNATURE, reason="there is no signature"))
        return None
    try:
        body, signer = dsse.open_envelope(data, trusted)
    except dsse.EnvelopeRefused as error:
        issues.append(_issue("SET-032", layout.SIGNATURE, reason=str(error)))
        return None
    if body != set_statement(manifest):
        issues.append(_issue("SET-032", layout.SIGNATURE, reason="signs another set"))
    if trusted is None:
        issues.append(_issue("SET-034", layout.SIGNATURE, signer=dsse.key_id(signer)))
    return signer


def _check_cases(path: Path, manifest: layout.SetManifest, leaves: list[dict[str, str]], signer: bytes | None,
                 issues: list[Issue]) -> dict[str, str]:
    try:
        cases = {case.token: case for case in layout.read_cases(path)}
    except (OSError, ValueError, KeyError, TypeError):
        cases = {}
        issues.append(_issue("SET-030", layout.CASES))
    rows = {}
    for row in leaves:
        token = row["token"]
        rows[token] = _case_status(path, manifest, row, cases.pop(token, None), signer)
        if rows[token] in ("DIFFERS", "MISSING"):
            issues.append(_issue("SET-035", token, status=rows[token]))
    for token in sorted(cases):
        rows[token] = "DIFFERS"
        issues.append(_issue("SET-036", token))
    inputs = path / layout.INPUTS
    strangers = {folder.name for folder in inputs.iterdir()} - set(rows) if inputs.is_dir() else set()
    issues.extend(_issue("SET-036", token) for token in sorted(strangers))
    return rows


def _case_status(path: Path, manifest: layout.SetManifest, row: dict[str, str], case: Case | None, signer: bytes | None) -> str:
    if _withdrawn(path, manifest, row, signer):
        return "WITHDRAWN"
    if case is None:
        return "MISSING"
    if input_leaf(case).hex() != row["inputs"]:
        return "DIFFERS"
    for socket in case.inputs:
        file = path / layout.INPUTS / socket.path
        if not file.is_file():
            return "MISSING"
        if file.is_symlink() or sha256(file.read_bytes()) != socket.sha256:
            return "DIFFERS"
    extra = {file.name for file in (path / layout.INPUTS / case.token).iterdir()} - {Path(s.path).name for s in case.inputs}
    return "DIFFERS" if extra else "INTACT"


def _withdrawn(path: Path, manifest: layout.SetManifest, row: dict[str, str], signer: bytes | None) -> bool:
    """A slip counts when it names this case's leaf and set and is signed by whoever signed the set."""
    data = _bytes(path / layout.WITHDRAWALS / f"{row['token']}.json")
    if not data:
        return False
    try:
        body = json.loads(data) if signer is None else dsse.open_envelope(data, signer)[0]
        named = body["subject"] == [{"name": row["token"], "digest": {"sha256": row["inputs"]}}]
        return bool(named and body["predicate"]["set"] == manifest.scope)
    except (ValueError, KeyError, TypeError):   # EnvelopeRefused is a ValueError
        return False
