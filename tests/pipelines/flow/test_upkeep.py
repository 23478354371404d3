"""Upkeep over a real home: after `compact` the ledger, the rows and the next night are as if it had not been."""
from __future__ import annotations

import datetime as dt

import pytest

from eval_harness.base import WrongUsage
from pipelines.engines import compact as compaction
from pipelines.upkeep import compact_tables, tables
from schemas.tables import EVENT, INSTANCE
from tests.pipelines.flow.conftest import NIGHT, Disk, Lake, shelf

DAY = dt.timedelta(days=1)


def nights(lake: Lake, disk: Disk, count: int) -> None:
    """That many nights on end, each with a record more."""
    patient = next(value for key, value in shelf().resources.items() if key.startswith("Patient/"))
    disk.fill()
    for number in range(count):
        disk.lines([patient | {"id": f"new-{number}"}], f"night-{number}.ndjson")
        assert lake.ingest(as_of=NIGHT + number * DAY).state == "closed"


def test_a_home_that_was_compacted_answers_as_before_and_its_next_night_changes_nothing(lake, disk, monkeypatch):
    monkeypatch.setattr(compaction, "MANY", 3)
    nights(lake, disk, 3)
    before, days = {name: lake.rows(table) for name, table in tables(lake.home).items()}, lake.days()
    done = {one.table: one for one in compact_tables(lake.settings)}
    assert done[EVENT.name].files_after < done[EVENT.name].files_before
    for name, table in tables(lake.home).items():
        assert sorted(map(str, lake.rows(table))) == sorted(map(str, before[name])), name
    assert lake.days() == days

    versions = lake.versions()
    again = lake.ingest(as_of=NIGHT + 3 * DAY)
    assert (again.counts["released"], again.counts["claimed"]) == (0, 0)
    changed = {place for place, newest in lake.versions().items() if versions.get(place) != newest}
    assert {place for place in changed if INSTANCE.folder in place or "fhir_" in place} == set()


def test_a_table_nobody_has_is_refused_by_name(lake):
    with pytest.raises(WrongUsage) as refusal:
        compact_tables(lake.settings, ["deid.instances"])
    assert refusal.value.issue.code == "ENG-013"
