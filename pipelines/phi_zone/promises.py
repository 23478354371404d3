"""Pull, first half: what a source promises becomes claims, before anything of it is retrieved.

A promise by id is claimed as that unit; a promise by number, or a second promise of one id in a listing (two files with the
same SOP Instance UID), is claimed as a numbered slot that the arriving unit will fill.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from eval_harness.base import digest
from eval_harness.base.merkle import leaf, root
from pipelines import ledger
from pipelines.phi_zone.connectors.base import Group, Unit
from pipelines.phi_zone.run import Run

UNITS_AT_ONCE = 20_000
ARRIVED = ("landed", "retry", "released", "quarantined", "rejected", "void")


@dataclass(frozen=True)
class Promise:
    """One claim as the retrieval needs it."""

    kind: str
    token: str
    seq: int
    m: str
    op: str
    arrived: bool
    """Nothing has to be fetched for it."""
    gone: bool = False
    """It was listed before and was not there (SRC-GONE). Listed again, it is asked for again."""
    filled_by: str = ""
    """Slots: token of the unit that fills it already."""
    slot: bool = False
    again: bool = False
    """It arrived, and its unit is asked for again (Run.expired): where it does not come, nothing happens to what is there."""


@dataclass
class Plan:
    """A group with its promises."""

    group: Group
    group_token: str
    by_unit: dict[str, list[Promise]] = field(default_factory=dict)
    """ids and inventory: promises by unit id, in listing order."""
    slots: list[Promise] = field(default_factory=list)
    """count: the numbered slots."""

    @property
    def promises(self) -> list[Promise]:
        return self.slots or [promise for promises in self.by_unit.values() for promise in promises]


def in_chunks(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """Groups in lots of about UNITS_AT_ONCE units, so that memory does not grow with the hospital."""
    lot: list[Group] = []
    units = 0
    for group in groups:
        lot.append(group)
        units += max(len(group.units), group.expected or 0, 1)
        if units >= UNITS_AT_ONCE:
            yield lot
            lot, units = [], 0
    if lot:
        yield lot


def claim(run: Run, source: str, groups: list[Group]) -> list[Plan]:
    """Claim everything these groups promise; commit, and put the claims' Merkle root into the audit log."""
    plans = [Plan(group, _group_token(run, source, group)) for group in groups]
    wanted = [(plan, *entry) for plan in plans for entry in _wanted(run, source, plan)]
    listed = {(kind, token) for _, kind, token, *_ in wanted}
    if run.full:
        run.census.setdefault(source, set()).update(token for _, token in listed)
    tokens = pa.table({"kind": pa.array([kind for kind, _ in listed], pa.utf8()),
                       "unit_token": pa.array([token for _, token in listed], pa.utf8())})
    known = ledger.newest(run.engine, run.site_id, tokens) if listed else {}
    fresh: dict[tuple[str, str, int], dict[str, Any]] = {}
    for plan, kind, token, unit, slot in wanted:
        before = known.get((kind, token))
        version = version_token(run, plan.group.basis, unit.version, unit.size_bytes)
        changed = before is not None and not slot and _changed(before, unit.op, version)
        seq = 1 if before is None else before["top_seq"] + 1 if changed else before["seq"]
        m = run.m if before is None else before["m"]
        if before is None or changed:
            fresh[(kind, token, seq)] = claim_row(run, kind, token, seq, m, unit.op, plan.group_token, source, plan.group.basis, version)
        gone = before is not None and not changed and (before["state"], before["reason"]) == ("rejected", "SRC-GONE")
        arrived = before is not None and not changed and not gone and before["state"] in ARRIVED
        filled_by = before["of_token"] if slot and arrived and before is not None else ""
        again = arrived and before is not None and before["of_token"] in run.expired
        promise = Promise(kind, token, seq, m, unit.op, arrived and not again, gone, filled_by, slot, again)
        if plan.group.units:
            plan.by_unit.setdefault(unit.unit_id, []).append(promise)
        else:
            plan.slots.append(promise)
    write_claims(run, list(fresh.values()))
    return plans


def write_claims(run: Run, rows: list[dict[str, Any]]) -> None:
    """Audit record first (no record, no claim), then the claims."""
    if not rows:
        return
    leaves = sorted(digest([row["kind"], row["unit_token"], row["seq"], row["op"], row["group_token"]]) for row in rows)
    merkle = root([leaf(bytes.fromhex(one)) for one in leaves])
    run.audit.record("ledger.claim", run.actor, run.receipt_id, count=len(rows), root=merkle)
    ledger.claim(run.engine, rows, f"claim:{run.receipt_id}:{merkle}")
    run.count("claimed", len(rows))


def claim_row(run: Run, kind: str, token: str, seq: int, m: str, op: str, group_token: str, source: str, basis: str,
              version: str) -> dict[str, Any]:
    return {"site_id": run.site_id, "kind": kind, "unit_token": token, "seq": seq, "op": op, "group_token": group_token, "source": source,
            "basis": basis, "expected_on": run.day, "m": m, "receipt_id": run.receipt_id, "version_token": version,
            "claimed_at": run.clock()}


def version_token(run: Run, basis: str, version: str | None, size_bytes: int | None) -> str:
    """The source's own version; of a file in a folder, its size. Empty when nothing tells versions apart."""
    if not version and basis == "inventory" and size_bytes is not None:
        version = f"{size_bytes} bytes"
    return run.key.token("version", run.site_id, version) if version else ""


def _changed(before: dict[str, Any], op: str, version: str) -> bool:
    """A new version by the source's own word. A source without versions (QIDO) is compared by content when it arrives."""
    return bool(before["top_op"] != op or (version and before["version_token"] and version != before["version_token"]))


def _group_token(run: Run, source: str, group: Group) -> str:
    """A group with ids is the same study or folder every night. A counted one belongs to this receipt, under a name that a second
    export for the same receipt (after a kill) gives again: its resource type and its place among the groups of that type."""
    if group.units:
        return run.key.token("group", run.site_id, source, group.group_id)
    kind = group.locator.get("type") or group.group_id
    run.ordinals[source, kind] = place = run.ordinals.get((source, kind), 0) + 1
    return run.key.token("group", run.site_id, source, kind, str(place), run.receipt_id)


def _wanted(run: Run, source: str, plan: Plan) -> Iterator[tuple[str, str, Unit, bool]]:
    """(kind, token, unit, slot) of every promise of a group.

    An inventory counts things, so the second file of one SOP Instance UID is a promise of its own, wherever it lies.
    """
    group = plan.group
    seen = run.seen.setdefault(source, {}) if group.basis == "inventory" else {}
    here: dict[str, int] = {}
    for unit in group.units:
        seen[unit.unit_id] = seen.get(unit.unit_id, 0) + 1
        here[unit.unit_id] = here.get(unit.unit_id, 0) + 1
        if seen[unit.unit_id] == 1:
            yield group.kind, run.unit_token(group.kind, unit.unit_id), unit, False
        else:
            slot = run.key.token("slot", run.site_id, plan.group_token, unit.unit_id, str(here[unit.unit_id]))
            yield group.kind, slot, unit, True
    if not group.units:
        for place in range(group.expected or 0):
            token = run.key.token("slot", run.site_id, plan.group_token, str(place))
            yield group.kind, token, Unit("", None, "put", None), True
