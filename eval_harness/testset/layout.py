"""What a frozen set looks like on disk, and reading the part of it that a runner may see.

    SET/set_manifest.json     SetManifest, canonical JSON
        signature.dsse.json   in-toto statement over manifest, leaves and card (absent: unsigned)
        card.json             dataset card
        cases.jsonl           one Case a line, by token
        leaves.jsonl          {"token", "inputs", "reference"}: the Merkle leaves, which outlive a withdrawal
        inputs/<token>/       case.json + one file per socket
        withdrawals/          one envelope per withdrawn case
        reference.jsonl       practice sets only; a sealed set keeps it elsewhere, encrypted
"""
from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval_harness.base import Case, WrongUsage, eval_messages
from eval_harness.base.reasons import why
from eval_harness.base.rows import Socket

SCHEMA = "touchstone.set/1"
MANIFEST, SIGNATURE, CARD, CASES, LEAVES = (
    "set_manifest.json", "signature.dsse.json", "card.json", "cases.jsonl", "leaves.jsonl")
INPUTS, WITHDRAWALS, PRACTICE_REFERENCE = "inputs", "withdrawals", "reference.jsonl"
PREDICATE = "https://touchstone.example/predicates/test-set/v1"
VISIBILITIES = ("practice", "sealed")


class SetRefused(WrongUsage):
    """The folder is not a set that can be used as it stands."""


@dataclass(frozen=True)
class CaseInput:
    """One input of a case on its way into a set."""

    socket: str
    data: bytes | Path
    media_type: str
    file_name: str
    meta: Mapping[str, Any] = field(default_factory=dict)
    """What a model may know about this file: shape, dtype, axes, spacing_mm. No identifier, no date."""


@dataclass(frozen=True)
class SetManifest:
    """The signed statement of what is in a set. Roots are Merkle roots over leaves.jsonl in token order."""

    set_id: str
    version: str
    task: str
    visibility: str
    cases: int
    inputs_root: str
    reference_root: str
    merkle_root: str
    leaves_sha256: str
    card_sha256: str
    provenance: Mapping[str, Any]
    schema: str = SCHEMA

    @property
    def scope(self) -> str:
        return f"{self.set_id}@{self.version}"

    @property
    def tier(self) -> str:
        """practice, validation (sealed, and released through the Ladder only) or sealed."""
        return "practice" if self.visibility == "practice" else str(self.provenance.get("tier", "sealed"))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class TestSet:
    """A set as the runner sees it: no key, no truth."""

    path: Path
    manifest: SetManifest
    cases: tuple[Case, ...]
    __test__ = False

    def folder(self, token: str) -> Path:
        return self.path / INPUTS / token


def new_token() -> str:
    """A fresh opaque name for a case: sorts by nothing, means nothing."""
    return secrets.token_hex(16)


def new_salt() -> str:
    """32 random bytes in hexadecimal, for the Merkle leaf of one row."""
    return secrets.token_hex(32)


def read_set(path: Path) -> TestSet:
    """The set at `path`. Raises SetRefused SET-001 when it is not one; checks no digest (verify_set does)."""
    manifest = read_manifest(path)
    return TestSet(path, manifest, tuple(read_cases(path)))


def read_manifest(path: Path) -> SetManifest:
    try:
        data = json.loads((path / MANIFEST).read_bytes())
        manifest = SetManifest(**data)
    except (OSError, ValueError, TypeError) as error:
        raise SetRefused(eval_messages().issue("SET-001", path.name, reason=why(error))) from error
    if manifest.schema != SCHEMA:
        raise SetRefused(eval_messages().issue("SET-002", path.name, found=manifest.schema, known=SCHEMA))
    return manifest


def read_cases(path: Path) -> Iterator[Case]:
    for row in read_lines(path / CASES):
        yield Case(row["token"], tuple(Socket(**socket) for socket in row["inputs"]))


def read_lines(path: Path) -> Iterator[Any]:
    """JSON values of a file, one a line."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
