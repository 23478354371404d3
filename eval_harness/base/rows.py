"""The rows that travel between the three layers: output, measurement, estimate. Only `Truth` and `CaseKey` know more
than the model may; they never enter a sandbox, a log or Ray (design/evaluation).
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

STATUSES = ("ok", "timeout", "oom", "crash", "invalid_output", "refused")
FAULTS = ("vendor", "platform", "undetermined")
ROLES = ("scored", "repeat", "canary")


class _Row:
    def to_dict(self) -> dict[str, Any]:
        return asdict(self)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class Socket:
    """One input of a case as the model sees it."""

    socket: str
    sha256: str
    bytes: int
    media_type: str
    path: str
    """Relative to the set's inputs folder."""


@dataclass(frozen=True)
class Case(_Row):
    """What the runner may see."""

    token: str
    inputs: tuple[Socket, ...]


@dataclass(frozen=True)
class CaseKey(_Row):
    """What a case is; the scorer's alone."""

    token: str
    case_id: str
    person: str
    study: str
    site: str
    strata: Mapping[str, str] = field(default_factory=dict)
    role: str = "scored"
    in_scope: bool = True
    weight: float = 1.0


@dataclass(frozen=True)
class Truth(_Row):
    """The reference standard of one case. `value` has the shape of the pack's reference.schema.json."""

    case_id: str
    value: Any
    state: str = "defined"
    """defined | uncertain | absent"""
    ignore: tuple[Any, ...] = ()
    grid: Mapping[str, Any] | None = None
    source: str = ""
    readers: tuple[Any, ...] = ()
    salt: str = ""
    """32 random bytes in hexadecimal, for the Merkle leaf."""


@dataclass(frozen=True)
class Result(_Row):
    """What came out of the sandbox for one case: the deterministic, hashed part."""

    run_id: str
    token: str
    attempt: int
    status: str
    cause: str | None = None
    output_sha256: str | None = None
    output: Any = None
    """Inline output of at most 64 KiB of canonical JSON, quantised to the pack's output resolution."""
    blobs: Mapping[str, str] = field(default_factory=dict)
    """Declared output files by name: SHA-256 in the run's blob store."""


@dataclass(frozen=True)
class Telemetry(_Row):
    """The part that differs from run to run and is never hashed into results."""

    run_id: str
    token: str
    attempt: int
    fault: str | None
    wall_s: float
    cpu_s: float
    queue_s: float
    peak_bytes: int
    node: str


@dataclass(frozen=True)
class Measurement(_Row):
    """One case against its truth. `rows` are unit rows in the shape of the pack's measure kind."""

    token: str
    person: str
    rows: Any
    imputed: bool = False
    rule_id: str | None = None
