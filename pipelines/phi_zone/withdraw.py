"""Deletes propagated: a tombstone first, then the row, then the part without the member; only then is the claim settled.

Every step looks at what is there and does what is left, so a killed run is finished by the next one. The same pruning takes
out of a part what a newer version of an instance has replaced.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from eval_harness.base import digest
from pipelines.balance import fhir_tables
from pipelines.engines.base import Engine
from pipelines.engines.parts import members_of, rewrite_without
from pipelines.ledger import of_site
from pipelines.phi_zone.worker import released_objects
from schemas.home import Home
from schemas.tables import INSTANCE, PART, TOMBSTONE

Row = dict[str, Any]


def withdraw(engine: Engine, home: Home, site_id: str, units: Iterable[tuple[str, str]], reason: str, at: dt.datetime) -> None:
    """Take released units out: (kind, unit_token) pairs. A unit that was never released gets a tombstone without a target."""
    found = sorted(set(units))
    if not found:
        return
    images = {token for kind, token in found if kind == "instance"}
    commit_id = f"withdraw:{site_id}:{digest([list(unit) for unit in found])[:24]}"
    stones = {(stone["kind"], stone["unit_token"]): stone for stone in _stones(engine, site_id, found)}
    rows = _instances(engine, site_id, images)
    resources = {table: _rows_of(engine, table, site_id, {token for kind, token in found if kind == "resource"})
                 for table in fhir_tables(home)}
    fresh = [_stone(site_id, "instance", row["unit_token"], row["sop_instance_uid"], row["part"]["digest"]) for row in rows]
    fresh += [_stone(site_id, "resource", row["unit_token"], f"{table.name.removeprefix('deid.fhir_')}/{row['id']}", "")
              for table, there in resources.items() for row in there]
    named = {(stone["kind"], stone["unit_token"]) for stone in fresh} | set(stones)
    fresh += [_stone(site_id, kind, token, "", "") for kind, token in found if (kind, token) not in named]
    written = [stone | {"reason": reason, "commit_id": commit_id, "at": at} for stone in fresh]
    engine.upsert(TOMBSTONE, pa.Table.from_pylist(written, schema=TOMBSTONE.columns), commit_id=f"{commit_id}:{_mark(at)}")
    if rows:
        engine.delete(INSTANCE, _keys(rows, INSTANCE.key, INSTANCE.partition_by), commit_id=f"{commit_id}:instance:{_mark(at)}")
    for table, there in resources.items():
        if there:
            engine.delete(table, _keys(there, table.key, table.partition_by), commit_id=f"{commit_id}:{table.name}:{_mark(at)}")
    digests = {row["part"]["digest"] for row in rows} | {stone["object_digest"] for stone in stones.values() if stone["object_digest"]}
    prune(engine, home, site_id, digests, at)


def prune(engine: Engine, home: Home, site_id: str, digests: Iterable[str], at: dt.datetime) -> list[str]:
    """Rewrite parts that hold members no row points at; give the digests that are gone. New object, rows, then the old object."""
    store, gone = released_objects(home), []
    for old in sorted(set(digests)):
        if not store.has(old):
            continue
        rows = engine.table(engine.read(INSTANCE, where=f"site_id = '{site_id}' AND part.digest = '{old}'")).to_pylist()
        there = members_of(store, old)
        unused = set(there) - {row["sop_instance_uid"] for row in rows}
        if not unused:
            continue
        part = rewrite_without(store, old, unused)
        mark = f"prune:{old[:24]}:{_mark(at)}"
        if part is not None:
            moved = [row | {"part": {"zone": "parts", "digest": part.digest, "offset": part.members[row["sop_instance_uid"]].offset,
                                     "length": part.members[row["sop_instance_uid"]].length}} for row in rows]
            engine.upsert(INSTANCE, pa.Table.from_pylist(moved, schema=INSTANCE.columns), commit_id=f"{mark}:instance")
        before = engine.table(engine.read(PART, where=f"site_id = '{site_id}' AND digest = '{old}'")).to_pylist()
        after = [row | {"live": False} for row in before]
        if part is not None:
            after += [row | {"digest": part.digest, "bytes": part.bytes, "members": len(part.members), "live": True, "written_at": at}
                      for row in before[:1]]
        engine.upsert(PART, pa.Table.from_pylist(after, schema=PART.columns), commit_id=f"{mark}:part")
        store.remove(old)
        gone.append(old)
    return gone


def _stone(site_id: str, kind: str, token: str, target: str, object_digest: str) -> Row:
    return {"site_id": site_id, "kind": kind, "unit_token": token, "target": target, "object_digest": object_digest}


def _stones(engine: Engine, site_id: str, units: list[tuple[str, str]]) -> list[Row]:
    wanted = set(units)
    return [row for row in engine.table(engine.read(TOMBSTONE, where=of_site(site_id))).to_pylist()
            if (row["kind"], row["unit_token"]) in wanted]


def _instances(engine: Engine, site_id: str, tokens: set[str]) -> list[Row]:
    return _rows_of(engine, INSTANCE, site_id, tokens) if tokens else []


def _rows_of(engine: Engine, table: Any, site_id: str, tokens: set[str]) -> list[Row]:
    if not tokens:
        return []
    wanted = engine.frame(pa.table({"unit_token": pa.array(sorted(tokens), pa.utf8())}))
    text = "SELECT r.* FROM stored AS r JOIN wanted AS w ON r.unit_token = w.unit_token"
    rows: list[Row] = engine.table(engine.sql(text, stored=engine.read(table, where=of_site(site_id)), wanted=wanted)).to_pylist()
    return rows


def _keys(rows: list[Row], key: tuple[str, ...], partition_by: tuple[str, ...]) -> pa.Table:
    names = list(dict.fromkeys((*key, *partition_by)))
    return pa.Table.from_pylist([{name: row[name] for name in names} for row in rows])


def _mark(at: dt.datetime) -> str:
    """Part of a commit id: the same work at another moment is another commit, because rows may have come back meanwhile."""
    return at.strftime("%Y%m%dT%H%M%S%f")
