"""Compaction changes files and nothing else: rows, keys and every version of the last week stay as they are, on both engines."""
from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from test_commits import LOG, UNITS, stored, unit, units

from pipelines.engines import compact as compaction
from pipelines.engines.compact import MANY, compact, remove
from pipelines.engines.erase import erase

WEEKS_AGO = time.time() - 30 * 86400
SORTED = replace(UNITS, name="deid.contract_sorted", columns=UNITS.columns.append(pa.field("series_instance_uid", pa.utf8())))


def nights(engine: Any, table: Any = UNITS, count: int = MANY) -> None:
    """One commit a night, each a file of its own."""
    for number in range(count):
        row = unit(f"{number:02}") | ({"series_instance_uid": f"2.25.{number % 3}"} if table is SORTED else {})
        engine.insert_new(table, pa.Table.from_pylist([row], schema=table.columns), commit_id=f"night-{number}")


def opened(config: Any, table: Any = UNITS) -> Any:
    return DeltaTable(str(config.home.table(table.zone, table.folder)))


def test_small_files_become_one_and_the_rows_stay(engine, config):
    nights(engine)
    engine.insert_new(UNITS, units(unit("x", site="west")), commit_id="other")
    before = stored(engine)
    done = compact(engine, config.home, UNITS)
    assert (done.partitions, done.files_before, done.files_after) == (1, MANY + 1, 2)
    assert stored(engine) == before
    engine.upsert(UNITS, units(unit("00", seq=2)), commit_id="later")
    assert [row["seq"] for row in stored(engine, where="uid = '00'")] == [2]


def test_a_reader_of_an_earlier_version_is_not_disturbed(engine, config):
    nights(engine)
    early = engine.read(UNITS, version=2)          # opened before, read after
    for file in config.home.table("deid", UNITS.folder).rglob("*.parquet"):
        os.utime(file, (WEEKS_AGO, WEEKS_AGO))     # written long ago, replaced only now
    reading = engine.read(UNITS)
    assert compact(engine, config.home, UNITS).removed == 0
    assert engine.table(reading).num_rows == MANY
    assert engine.table(early).num_rows == engine.table(engine.read(UNITS, version=2)).num_rows < MANY


def test_a_second_run_writes_nothing(engine, config):
    nights(engine)
    compact(engine, config.home, UNITS)
    version, log = engine.version(UNITS), sorted(os.listdir(config.home.table("deid", UNITS.folder) / "_delta_log"))
    again = compact(engine, config.home, UNITS)
    assert (again.partitions, engine.version(UNITS)) == (0, version)
    assert sorted(os.listdir(config.home.table("deid", UNITS.folder) / "_delta_log")) == log
    nights(engine, count=1)                        # the same commit id is still known
    assert engine.version(UNITS) == version


def test_few_files_are_left_alone_and_an_absent_table_is_none(engine, config):
    assert compact(engine, config.home, UNITS) is None
    nights(engine, count=MANY - 1)
    assert compact(engine, config.home, UNITS).partitions == 0


def test_large_files_are_no_crowd(engine, config, monkeypatch):
    nights(engine)
    monkeypatch.setattr(compaction, "SMALL_BYTES", 1)
    assert compact(engine, config.home, UNITS).partitions == 0


def test_what_is_taken_out_of_a_hospital_goes_from_the_disk_even_when_the_log_has_forgotten_it(engine, config):
    nights(engine)
    engine.insert_new(UNITS, units(unit("x", site="west")), commit_id="other")
    folder = config.home.table("deid", UNITS.folder)
    forgotten = [folder / f"site_id={site}" / "m=2026-11" / "of-a-year-ago.parquet" for site in ("east", "west")]
    for file in forgotten:
        file.write_bytes(b"a row of somebody who has withdrawn")
    assert erase(config.home, UNITS, "east") >= 1
    assert [file.exists() for file in forgotten] == [False, True]
    assert len(stored(engine)) == MANY + 1


def test_an_append_only_table_is_compacted_too(engine, config):
    nights(engine, LOG)
    assert compact(engine, config.home, LOG).files_after == 1
    assert len(stored(engine, LOG)) == MANY


def test_rows_of_a_series_lie_together_and_the_log_learns_no_text(engine, config):
    nights(engine, SORTED)
    compact(engine, config.home, SORTED)
    order = [row["series_instance_uid"] for row in engine.table(engine.read(SORTED)).to_pylist()]
    assert sorted(order) == sorted(f"2.25.{number % 3}" for number in range(MANY))
    assert engine.name == "spark" or order == sorted(order)     # Spark's Z-order decides on files, not on the order inside one
    found = opened(config, SORTED)
    protocol = found.protocol()
    assert (protocol.min_reader_version, protocol.min_writer_version <= 4, protocol.writer_features) == (1, True, None)
    counted = {name for name in found.get_add_actions(flatten=True).column_names if name.startswith("min.")}
    assert counted <= {"min.uid", "min.seq", "min.series_instance_uid", "min.at"}, counted


def test_old_leftovers_go_and_young_ones_stay(config, engine):
    nights(engine)
    folder = config.home.table("deid", UNITS.folder) / "site_id=east" / "m=2026-11"
    for name, at in (("killed-long-ago.parquet", WEEKS_AGO), ("at-work-now.parquet", time.time())):
        (folder / name).write_bytes(b"half a file")
        os.utime(folder / name, (at, at))
    assert compact(engine, config.home, UNITS).removed == 1
    assert not (folder / "killed-long-ago.parquet").exists()
    assert (folder / "at-work-now.parquet").exists()


def test_after_the_retention_the_replaced_files_go(config, engine):
    nights(engine)
    compact(engine, config.home, UNITS)
    path: Path = config.home.table("deid", UNITS.folder)
    assert remove(opened(config), path, keep_hours=0) >= MANY    # Spark leaves check sums beside its files
    assert len(list(path.rglob("part-*.parquet"))) == 1
    assert len(stored(engine)) == MANY


def test_a_killed_compaction_leaves_the_table_whole(config, engine, monkeypatch):
    nights(engine)
    before = stored(engine)

    def killed(found: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(compaction, "_shorten_log", killed)
        with pytest.raises(KeyboardInterrupt):
            compact(engine, config.home, UNITS)
    assert stored(engine) == before
    assert compact(engine, config.home, UNITS).files_after == 1
