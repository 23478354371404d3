"""Release: the only door out of the PHI zone. Nothing here decides what is clean; it moves what was found clean.

Order, so that a kill at any moment loses and doubles nothing: objects, then rows, then (by the caller) ledger events. Each
part is addressed by its content and each row by its key, so a second run writes the same again and changes nothing.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from eval_harness.base import digest
from pipelines import ledger
from pipelines.balance import SAME_PATIENT
from pipelines.engines.base import Engine, ObjectRef
from pipelines.engines.parts import Member, Part, PartWriter, group_series
from pipelines.phi_zone.worker import released_objects, staged_objects
from pipelines.quarantine import Refusal
from schemas.home import Home
from schemas.messages import messages
from schemas.tables import INSTANCE, ISSUE_ROW, PART, UNIT_KEY, fhir_table

Row = dict[str, Any]


@dataclass
class Released:
    """What one batch came to: units by what became of them."""

    released: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    replaced_parts: set[str] = field(default_factory=set)
    """Parts that hold an older version of something released now; `prune` takes it out."""


def unit_key(row: Row) -> tuple[str, str, str, int]:
    return row["site_id"], row["kind"], row["unit_token"], row["seq"]


def refusal(row: Row, step: str, issues: Iterable[Any]) -> Refusal:
    return Refusal(*unit_key(row), row["m"], step, tuple(issues))


def release_instances(engine: Engine, home: Home, rows: list[Row], commit_id: str, at: dt.datetime) -> Released:
    """Pack clean instances (rows of shapes.DEID_INSTANCE, outcome ok) and write deid.instance, deid.part and deid.issue.

    The same SOP Instance UID again: same pixels → the newest version stands; other pixels → refused, REL-001.
    """
    out = Released()
    stored = _stored_instances(engine, rows)
    newest: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: (row["sop_instance_uid"], row["seq"], row["unit_token"])):
        place = (row["site_id"], row["sop_instance_uid"])
        before = newest.get(place) or stored.get(place)
        if before is not None and before["pixel_token"] != row["pixel_token"] and unit_key_of(before) != unit_key_of(row):
            out.refused.append(refusal(row, "release", [messages().issue("REL-001", "SOPInstanceUID").to_dict()]))
            continue
        out.released.append(row)
        newest[place] = row
    fresh = [row for place, row in newest.items() if place not in stored or stored[place]["seq"] <= row["seq"]]
    placed = _pack(home, fresh)
    instances = [{name: row.get(name) for name in INSTANCE.columns.names} | {"part": _struct(placed[i][1])} for i, row in enumerate(fresh)]
    engine.upsert(INSTANCE, pa.Table.from_pylist(instances, schema=INSTANCE.columns), commit_id=f"{commit_id}:instance")
    engine.upsert(PART, _part_rows(fresh, placed, at), commit_id=f"{commit_id}:part")
    _write_issues(engine, out.released, commit_id)
    for row, (part, _) in zip(fresh, placed, strict=True):
        before = stored.get((row["site_id"], row["sop_instance_uid"]))
        if before is not None and before["part"]["digest"] != part.digest:
            out.replaced_parts.add(before["part"]["digest"])
    return out


def unit_key_of(row: Row) -> tuple[str, int]:
    return row["unit_token"], row["seq"]


def release_resources(engine: Engine, rows: list[Row], commit_id: str) -> Released:
    """Write clean resources (rows of shapes.DEID_RESOURCE, outcome ok) to their types' tables; the newest version stands.

    Two Patients of one MRN are one subject and one row: the other unit is released with the remark REL-004, which stands for its row.
    """
    out = Released(released=list(rows))
    by_type: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["seq"], row["unit_token"])):
        by_type.setdefault(row["resource_type"], []).append(row)
    for resource_type, found in sorted(by_type.items()):
        table = fhir_table(resource_type)
        standing = {row["id"]: row["unit_token"] for row in _stored_patients(engine, found)} if resource_type == "Patient" else {}
        kept: dict[str, Row] = {}
        for row in found:
            if standing.setdefault(row["id"], row["unit_token"]) == row["unit_token"]:
                kept[row["id"]] = row
            else:
                row["issues"] = [*(row["issues"] or []), messages().issue(SAME_PATIENT, "Patient").to_dict()]
        written = [{name: row[name] for name in table.columns.names} for row in kept.values()]
        engine.upsert(table, pa.Table.from_pylist(written, schema=table.columns), commit_id=f"{commit_id}:{resource_type.lower()}")
    _write_issues(engine, rows, commit_id)
    return out


def _stored_patients(engine: Engine, rows: list[Row]) -> list[Row]:
    wanted = engine.frame(pa.table({"id": pa.array(sorted({row["id"] for row in rows}), pa.utf8())}))
    stored = engine.read(fhir_table("Patient"), columns=["id", "unit_token"], where=ledger.of_site(rows[0]["site_id"]))
    found = engine.sql("SELECT s.id, s.unit_token FROM stored AS s JOIN wanted AS w ON s.id = w.id", stored=stored, wanted=wanted)
    return engine.table(found).to_pylist()  # type: ignore[no-any-return]


def _stored_instances(engine: Engine, rows: list[Row]) -> dict[tuple[str, str], Row]:
    """Rows of deid.instance that already stand for these SOP Instance UIDs."""
    names = pa.table({"site_id": pa.array([row["site_id"] for row in rows], pa.utf8()),
                      "sop_instance_uid": pa.array([row["sop_instance_uid"] for row in rows], pa.utf8())})
    text = """SELECT i.site_id, i.sop_instance_uid, i.unit_token, i.seq, i.pixel_token, i.part
              FROM instance AS i JOIN (SELECT DISTINCT site_id, sop_instance_uid FROM wanted) AS w
                ON i.site_id = w.site_id AND i.sop_instance_uid = w.sop_instance_uid"""
    sites = sorted({row["site_id"] for row in rows})
    where = ledger.of_site(sites[0]) if len(sites) == 1 else None
    columns = ["site_id", "sop_instance_uid", "unit_token", "seq", "pixel_token", "part"]
    found = engine.sql(text, instance=engine.read(INSTANCE, columns=columns, where=where), wanted=engine.frame(names))
    return {(row["site_id"], row["sop_instance_uid"]): row for row in engine.table(found).to_pylist()}


def _pack(home: Home, rows: list[Row]) -> list[tuple[Part, ObjectRef]]:
    """Write the parts of these rows; for each row its part and its place in it. Memory: one chunk at a time."""
    source, store = staged_objects(home), released_objects(home)
    sizes: dict[tuple[str, str], int] = {}
    for row in rows:
        series = (row["study_instance_uid"], row["series_instance_uid"])
        sizes[series] = sizes.get(series, 0) + row["staged"]["length"]
    label_of = {series: label for label, group in group_series(sizes).items() for series in group}
    writers: dict[str, PartWriter] = {}
    labels = [label_of[(row["study_instance_uid"], row["series_instance_uid"])] for row in rows]
    for row, label in zip(rows, labels, strict=True):
        ref = ObjectRef(**row["staged"])
        writers.setdefault(label, PartWriter(store)).add(
            Member(row["sop_instance_uid"], ref.length, lambda ref=ref: source.open(ref)))  # type: ignore[misc]
    parts = {label: writer.write() for label, writer in sorted(writers.items())}
    return [(parts[label], parts[label].members[row["sop_instance_uid"]]) for row, label in zip(rows, labels, strict=True)]


def _part_rows(rows: list[Row], placed: list[tuple[Part, ObjectRef]], at: dt.datetime) -> pa.Table:
    found: dict[tuple[str, str], Row] = {}
    series_of: dict[str, set[str]] = {}
    for row, (part, _) in zip(rows, placed, strict=True):
        series_of.setdefault(part.digest, set()).add(row["series_instance_uid"])
    for row, (part, _) in zip(rows, placed, strict=True):
        series, place = series_of[part.digest], (row["site_id"], part.digest)
        found[place] = {"site_id": row["site_id"], "digest": part.digest, "m": row["m"], "bytes": part.bytes, "members": len(part.members),
                        "study_instance_uid": row["study_instance_uid"], "live": True, "written_at": at,
                        "series_instance_uid": row["series_instance_uid"] if len(series) == 1 else None}
    return pa.Table.from_pylist(list(found.values()), schema=PART.columns)


def _write_issues(engine: Engine, rows: list[Row], commit_id: str) -> None:
    """Remarks on released units: code, severity and place; the words come from the catalogue."""
    written = [{name: row[name] for name in UNIT_KEY} | {
        "m": row["m"], "number": number, "code": issue["code"], "severity": issue["severity"], "where": issue["where"],
        "receipt_id": row["receipt_id"]} for row in rows for number, issue in enumerate(row["issues"] or [])]
    if written:
        engine.upsert(ISSUE_ROW, pa.Table.from_pylist(written, schema=ISSUE_ROW.columns), commit_id=f"{commit_id}:issue")


def _struct(ref: ObjectRef) -> Row:
    return {"zone": ref.zone, "digest": ref.digest, "offset": ref.offset, "length": ref.length}


def batch_id(prefix: str, rows: list[Row]) -> str:
    """Commit id of a batch: other rows, other id; the same rows again, the same id."""
    return f"{prefix}:{digest(sorted([*map(list, map(unit_key, rows))]))[:24]}"
