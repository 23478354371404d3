"""Units that wait for a person: what is wrong, in two languages, with advice, and never an identity.

A row is written when a step refuses a unit; the original stays sealed in the landing zone. A steward retries a unit (with
a written reason) or rejects it; the row stays as the record of what was decided.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from eval_harness.base import WrongUsage
from pipelines.engines.base import Commit, Engine
from pipelines.ledger import of_site
from schemas.messages import messages
from schemas.tables import QUARANTINE, UNIT_KEY

OPEN_STATES = ("open", "retrying")
STATES = ("open", "retrying", "released", "rejected")


@dataclass(frozen=True)
class Refusal:
    """One unit that a step refused."""

    site_id: str
    kind: str
    unit_token: str
    seq: int
    m: str
    step: str
    issues: tuple[Mapping[str, str], ...]

    @property
    def key(self) -> tuple[str, str, str, int]:
        return self.site_id, self.kind, self.unit_token, self.seq


def put(engine: Engine, refusals: Iterable[Refusal], *, receipt_id: str, run_id: str, at: dt.datetime) -> Commit:
    """Write or re-open the rows of refused units. Numbers go on from the largest one there is; a known unit keeps its own.

    The caller holds the lease "quarantine": two writers would give one number twice.
    """
    found = {refusal.key: refusal for refusal in refusals}
    if not found:
        return Commit(run_id, None)
    numbers = engine.table(engine.read(QUARANTINE, columns=[*UNIT_KEY, "number"])).to_pylist()
    known = {tuple(row[name] for name in UNIT_KEY): row for row in numbers}
    highest = max((row["number"] for row in known.values()), default=0)
    written = []
    for key, refusal in sorted(found.items()):
        before = known.get(key)
        if before is None:
            highest += 1
        fresh = {"number": before["number"] if before else highest, "m": refusal.m, "step": refusal.step,
                 "code": refusal.issues[0]["code"] if refusal.issues else "ENG-CRASH", "issues": list(refusal.issues),
                 "receipt_id": receipt_id, "run_id": run_id, "state": "open", "reason": "", "at": at}
        written.append(dict(zip(UNIT_KEY, key, strict=True)) | fresh)
    return _upsert(engine, written, f"{run_id}:quarantine:{at.timestamp()}")


def rows(engine: Engine, *, site_id: str | None = None, rule: str | None = None, states: Sequence[str] = STATES) -> list[dict[str, Any]]:
    """Quarantine rows by number. rule: an issue code, anywhere among the row's issues."""
    found = engine.table(engine.read(QUARANTINE, where=of_site(site_id))).to_pylist()
    return sorted((row for row in found if row["state"] in states
                   and (rule is None or any(issue["code"] == rule for issue in row["issues"]))), key=lambda row: row["number"])


def one(engine: Engine, number: int) -> dict[str, Any]:
    """The row of that number. Raises WrongUsage QUA-001."""
    for row in rows(engine):
        if row["number"] == number:
            return row
    raise WrongUsage(messages().issue("QUA-001", f"N={number}"))


def chosen(engine: Engine, numbers: Sequence[int], where: str | None) -> list[dict[str, Any]]:
    """The open rows a command means: by number, or by `where` ("code=DCM-012", "site=sh-east", "step=check", joined by commas).

    Raises WrongUsage QUA-001 for an unknown number, QUA-002 for a condition that cannot be read, QUA-003 when nothing is open.
    """
    if bool(numbers) == (where is not None):
        raise WrongUsage(messages().issue("QUA-002", "N | --where", found=where or "-"))
    picked = [one(engine, number) for number in numbers] if numbers else matching(rows(engine), where or "")
    still = [row for row in picked if row["state"] in OPEN_STATES]
    if not still:
        raise WrongUsage(messages().issue("QUA-003", ", ".join(map(str, numbers)) or where or "-"))
    return still


WHERE_FIELDS = {"code": "code", "rule": "code", "site": "site_id", "step": "step", "kind": "kind", "state": "state"}


def matching(found: list[dict[str, Any]], where: str) -> list[dict[str, Any]]:
    """Rows for which every `field=value` of `where` holds. Raises WrongUsage QUA-002."""
    for condition in where.split(","):
        field, equals, value = (part.strip() for part in condition.partition("="))
        if not equals or field not in WHERE_FIELDS or not value:
            raise WrongUsage(messages().issue("QUA-002", "--where", found=condition.strip()))
        found = [row for row in found if row[WHERE_FIELDS[field]] == value]
    return found


def move(engine: Engine, moved: Iterable[Mapping[str, Any]], state: str, reason: str, *, run_id: str, at: dt.datetime) -> Commit:
    """Give rows a new state and the reason that was written down for it."""
    changed = [dict(row) | {"state": state, "reason": reason, "at": at} for row in moved]
    return _upsert(engine, changed, f"{run_id}:{state}:{at.timestamp()}")


def settle(engine: Engine, site_id: str, keys: set[tuple[str, str, str, int]], state: str, *, run_id: str, at: dt.datetime) -> Commit:
    """Close the open rows of units that were released or rejected after all."""
    still = [row for row in rows(engine, site_id=site_id, states=OPEN_STATES) if tuple(row[name] for name in UNIT_KEY) in keys]
    return move(engine, still, state, "retried", run_id=run_id, at=at) if still else Commit(run_id, None)


def _upsert(engine: Engine, changed: list[dict[str, Any]], commit_id: str) -> Commit:
    return engine.upsert(QUARANTINE, pa.Table.from_pylist(changed, schema=QUARANTINE.columns), commit_id=commit_id)
