"""The ledger's balance: expected = released + quarantined + rejected, per hospital, day, kind and basis.

`released` is never a counter: a claim counts as released only while its row, or the tombstone that took the row's place,
and the part with its bytes are really there. Losses of one group cannot hide behind surpluses of another.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from pipelines import ledger
from pipelines.engines.base import Engine, Frame
from schemas.home import Home
from schemas.tables import INSTANCE, ISSUE_ROW, PART, TOMBSTONE, Table, fhir_table

SAME_PATIENT = "REL-004"
"""Remark on a Patient whose subject has a row already, from another Patient of the same MRN: that row stands for both."""


@dataclass(frozen=True)
class Calendar:
    """When a hospital's day ends, and how long late arrivals may take."""

    timezone: str
    settle_hours: int

    def settled(self, day: dt.date, now: dt.datetime) -> bool:
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(self.timezone))
        return end + dt.timedelta(hours=self.settle_hours) <= now


@dataclass
class DayRow:
    """One line of the ledger (DOORS.md)."""

    site_id: str
    day: str
    kind: str
    basis: str
    expected: int = 0
    released: int = 0
    quarantined: int = 0
    rejected: int = 0
    in_flight: int = 0
    unlisted: int = 0
    difference: int = 0
    settled: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


GROUPS = """
SELECT site_id, expected_on, kind, basis, group_token, standing, COUNT(*) AS units FROM (
  SELECT s.site_id, s.expected_on, s.kind, s.basis, s.group_token,
         CASE WHEN s.state = 'void' THEN 'void'
              WHEN s.state = 'quarantined' OR s.state = 'rejected' THEN s.state
              WHEN s.state = 'released' AND p.seq >= s.of_seq THEN 'released'
              WHEN s.state = 'released' THEN 'lost'
              ELSE 'in_flight' END AS standing
  FROM standing AS s LEFT JOIN present AS p
    ON s.site_id = p.site_id AND s.of_kind = p.kind AND s.of_token = p.unit_token) AS placed
GROUP BY site_id, expected_on, kind, basis, group_token, standing"""
PRESENT = "SELECT site_id, kind, unit_token, MAX(seq) AS seq FROM found GROUP BY site_id, kind, unit_token"


def fhir_tables(home: Home) -> list[Table]:
    """The resource tables this home has."""
    return [fhir_table(folder.name.removeprefix("fhir_")) for folder in sorted((home.tables("deid") / "deid").glob("fhir_*"))]


def present(engine: Engine, home: Home, site_id: str | None = None, objects: Collection[str] | None = None) -> Frame:
    """What is really there: site_id, kind, unit_token, seq (the newest row; a tombstone stands for every seq).

    objects: digests of the parts on disk; an instance whose part is missing is not there. None = not looked at.
    """
    where = ledger.of_site(site_id)
    rows = engine.table(engine.read(INSTANCE, columns=["site_id", "unit_token", "seq", "part"], where=where))
    keep = [objects is None or part["digest"] in objects for part in rows.column("part").to_pylist()]
    images = rows.filter(pa.array(keep, pa.bool_())).drop_columns(["part"])
    tables = [_with_kind(images, "instance")]
    for table in fhir_tables(home):
        found = engine.table(engine.read(table, columns=["site_id", "unit_token", "seq"], where=where))
        tables.append(_with_kind(found, "resource"))
    condition = f"code = '{SAME_PATIENT}'" + (f" AND {where}" if where else "")
    tables.append(engine.table(engine.read(ISSUE_ROW, columns=["site_id", "kind", "unit_token", "seq"], where=condition)))
    stones = engine.table(engine.read(TOMBSTONE, columns=["site_id", "kind", "unit_token"], where=where))
    tables.append(stones.append_column("seq", pa.array([2**31 - 1] * stones.num_rows, pa.int32())))
    return engine.sql(PRESENT, found=engine.frame(pa.concat_tables([table.select(_COLUMNS).cast(_SHAPE) for table in tables])))


_COLUMNS = ["site_id", "kind", "unit_token", "seq"]
_SHAPE = pa.schema([("site_id", pa.utf8()), ("kind", pa.utf8()), ("unit_token", pa.utf8()), ("seq", pa.int32())])


def _with_kind(rows: pa.Table, kind: str) -> pa.Table:
    return rows.append_column("kind", pa.array([kind] * rows.num_rows, pa.utf8()))


def parts_on_disk(engine: Engine, home: Home, site_id: str | None = None) -> set[str]:
    """Parts that are there with as many bytes as were written: one that a disk has cut is not there."""
    there = {Path(file).stem: Path(file).stat().st_size for file in home.objects.glob("??/*.tar")}
    written = engine.table(engine.read(PART, columns=["digest", "bytes"], where=ledger.of_site(site_id))).to_pylist()
    return set(there) - {part["digest"] for part in written if there.get(part["digest"], part["bytes"]) != part["bytes"]}


def days(engine: Engine, home: Home, calendars: Mapping[str, Calendar], now: dt.datetime, site_id: str | None = None,
         first: dt.date | None = None, last: dt.date | None = None) -> list[DayRow]:
    """The ledger's rows, oldest day first.

    difference = sum over groups of |expected - released - quarantined - rejected - in_flight while the day is open|.
    A claim of basis "transfer" arrived without being listed: it is `unlisted` and fills no gap of another group.
    """
    frame = engine.sql(GROUPS, standing=ledger.standing(engine, site_id),
                       present=present(engine, home, site_id, parts_on_disk(engine, home, site_id)))
    groups: dict[tuple[str, dt.date, str, str], dict[str, dict[str, int]]] = {}
    for row in engine.table(frame).to_pylist():
        if (first is None or row["expected_on"] >= first) and (last is None or row["expected_on"] <= last):
            key = (row["site_id"], row["expected_on"], row["kind"], row["basis"])
            groups.setdefault(key, {}).setdefault(row["group_token"], {})[row["standing"]] = row["units"]
    lines = []
    for (site, day, kind, basis), by_group in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1], item[0][2:])):
        calendar = calendars.get(site, Calendar("Asia/Shanghai", 72))
        lines.append(_line(DayRow(site, day.isoformat(), kind, basis, settled=calendar.settled(day, now)), by_group))
    return [line for line in lines if line.expected or line.unlisted]


def _line(line: DayRow, by_group: Mapping[str, Mapping[str, int]]) -> DayRow:
    for counts in by_group.values():
        expected = sum(units for standing, units in counts.items() if standing != "void")
        done = sum(counts.get(state, 0) for state in ledger.FINAL)
        waiting = counts.get("in_flight", 0)
        line.expected += expected
        line.released += counts.get("released", 0)
        line.quarantined += counts.get("quarantined", 0)
        line.rejected += counts.get("rejected", 0)
        line.in_flight += waiting
        line.difference += abs(expected - done - (0 if line.settled else waiting))
    if line.basis == "transfer":
        line.unlisted = line.expected
    return line


def needs_a_person(lines: list[DayRow]) -> bool:
    """Exit code 1: a settled day has a difference, or something arrived that nobody had listed."""
    return any((line.settled and line.difference) or line.unlisted for line in lines)
