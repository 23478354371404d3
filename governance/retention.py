"""How long things are kept: floors the law sets, and what is due today. It decides; the flows delete."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from eval_harness.base import WrongUsage
from eval_harness.base.record import Record
from schemas.messages import messages

AUDIT_FLOOR_DAYS = 184
"""Six calendar months at their longest (Cybersecurity Law, network logs)."""
EVIDENCE_FLOOR_DAYS = 1096
"""Three years (PIPL article 56, records of handling)."""


class RetentionPolicy(Record):
    policy_id: str
    version: int = Field(ge=1)
    audit_days: int
    """Days the audit log is kept."""
    pixels_after_release_days: int = Field(ge=0)
    """Days landed pixels stay after their release; then the receipt's data key is destroyed."""
    records_after_release_days: int = Field(ge=0)
    evidence_days: int


def load(path: Path | None = None) -> RetentionPolicy:
    """The policy in `path` or the default one. Raises WrongUsage RET-001 below a floor."""
    file = path or Path(__file__).parent / "policies" / "retention" / "default.yaml"
    policy = RetentionPolicy.from_file(file, catalogue=messages())
    for name, floor in (("audit_days", AUDIT_FLOOR_DAYS), ("evidence_days", EVIDENCE_FLOOR_DAYS)):
        if getattr(policy, name) < floor:
            raise WrongUsage(messages().issue("RET-001", f"{file.name}, {name}", found=getattr(policy, name), right=floor))
    return policy


def due(policy: RetentionPolicy, released: Iterable[tuple[str, str, dt.datetime]], today: dt.datetime) -> list[str]:
    """Receipts whose landed bytes may go now. `released`: (receipt id, "pixels" | "records", when its last unit was released)."""
    days = {"pixels": policy.pixels_after_release_days, "records": policy.records_after_release_days}
    return [receipt for receipt, kind, at in released if at + dt.timedelta(days=days[kind]) <= today]
