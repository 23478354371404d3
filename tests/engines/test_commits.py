"""What a commit promises: keys once, nothing for nothing, one version per commit id, a protocol both engines write."""
from __future__ import annotations

import datetime as dt
import multiprocessing
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from pipelines.engines.errors import EngineRefused, TableBusy
from pipelines.engines.lease import lease
from pipelines.engines.rows import with_row_sha256
from schemas.tables import TIME, Table

STAMP = dt.datetime(2026, 11, 1, 22, 30, 0, 123456, tzinfo=dt.UTC)
UNITS = Table("deid.contract", "deid", pa.schema([
    pa.field("site_id", pa.utf8()), pa.field("uid", pa.utf8()), pa.field("m", pa.utf8()), pa.field("seq", pa.int32()),
    pa.field("at", TIME), pa.field("day", pa.date32()), pa.field("spacing", pa.list_(pa.float64())), pa.field("bytes", pa.binary()),
    pa.field("part", pa.struct([("digest", pa.utf8()), ("offset", pa.int64())])), pa.field("live", pa.bool_()),
]), ("site_id", "uid"), ("site_id", "m"), "契约测试用表。", "A table of the contract suite.", "seq")
LOG = replace(UNITS, name="deid.contract_log", append_only=True, newer="")


def unit(uid: str, *, site: str = "east", m: str = "2026-11", seq: int = 1, spacing: list[float] | None = None) -> dict[str, Any]:
    return {"site_id": site, "uid": uid, "m": m, "seq": seq, "at": STAMP, "day": STAMP.date(), "spacing": spacing or [0.5, 0.5],
            "bytes": b"\x00\xff", "part": {"digest": "aa", "offset": 512}, "live": True}


def units(*given: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(given), schema=UNITS.columns)


def stored(engine: Any, table: Table = UNITS, **how: Any) -> list[dict[str, Any]]:
    return sorted(engine.table(engine.read(table, **how)).to_pylist(), key=lambda row: row.get("uid") or "")


def test_what_is_written_is_read_back_whole(engine):
    given = [unit("1"), unit("2", spacing=[1 / 3, 1e-300]), unit("3", site="west")]
    commit = engine.insert_new(UNITS, units(*given), commit_id="c1")
    assert (commit.inserted, commit.updated, commit.version) == (3, 0, 1)
    assert stored(engine) == given


def test_an_absent_table_reads_as_empty_and_has_no_version(engine):
    assert stored(engine) == []
    assert engine.version(UNITS) is None


def test_insert_new_leaves_what_is_there(engine):
    engine.insert_new(UNITS, units(unit("1")), commit_id="c1")
    commit = engine.insert_new(UNITS, units(unit("1", seq=9), unit("2")), commit_id="c2")
    assert commit.inserted == 1
    assert [row["seq"] for row in stored(engine)] == [1, 1]


def test_an_upsert_replaces_newer_rows_skips_equal_and_older_ones(engine):
    engine.insert_new(UNITS, units(unit("1", seq=5), unit("2", seq=5), unit("3", seq=5)), commit_id="c1")
    commit = engine.upsert(UNITS, units(unit("1", seq=4, spacing=[9, 9]), unit("2", seq=5), unit("3", seq=6), unit("4")),
                           commit_id="c2")
    assert (commit.inserted, commit.updated) == (1, 1)
    assert [(row["uid"], row["seq"]) for row in stored(engine)] == [("1", 5), ("2", 5), ("3", 6), ("4", 1)]


def test_an_upsert_of_equal_rows_makes_no_version(engine):
    engine.upsert(UNITS, units(unit("1"), unit("2")), commit_id="c1")
    before = engine.version(UNITS)
    commit = engine.upsert(UNITS, units(unit("2"), unit("1")), commit_id="c2")
    assert commit.version is None
    assert engine.version(UNITS) == before


@pytest.mark.parametrize("one, other", [([1.0, float("nan")], None), ([float("inf"), 1.0], [float("-inf"), 1.0]), ([1.0, 2.0], [2.0, 1.0])])
def test_rows_that_differ_only_in_a_number_json_cannot_say_are_different_rows(one, other):
    first, second = (with_row_sha256(units(unit("1") | {"spacing": value})).column("row_sha256")[0].as_py() for value in (one, other))
    assert first != second
    assert first == with_row_sha256(units(unit("1") | {"spacing": one})).column("row_sha256")[0].as_py()


def test_the_same_commit_id_again_changes_nothing(engine):
    engine.insert_new(UNITS, units(unit("1")), commit_id="c1")
    before = engine.version(UNITS)
    assert engine.insert_new(UNITS, units(unit("1"), unit("2")), commit_id="c1").version is None
    assert engine.upsert(UNITS, units(unit("1", seq=2)), commit_id="c1").version is None
    assert engine.version(UNITS) == before


def test_a_delete_takes_the_named_rows_only_and_once(engine):
    engine.insert_new(UNITS, units(unit("1"), unit("2"), unit("1", site="west")), commit_id="c1")
    keys = pa.table({"site_id": ["east", "east"], "uid": ["1", "absent"]})
    assert engine.delete(UNITS, keys, commit_id="c2").deleted == 1
    assert [(row["site_id"], row["uid"]) for row in stored(engine)] == [("west", "1"), ("east", "2")]
    assert engine.delete(UNITS, keys, commit_id="c3").version is None


@pytest.mark.parametrize("act", ["insert_new", "upsert"])
def test_a_key_that_comes_twice_is_refused_and_nothing_is_written(engine, act):
    with pytest.raises(EngineRefused) as refusal:
        getattr(engine, act)(UNITS, units(unit("1"), unit("2"), unit("1", seq=2)), commit_id="c1")
    assert refusal.value.issue.code == "ENG-003"
    assert stored(engine) == []


def test_a_row_without_its_key_is_refused(engine):
    with pytest.raises(EngineRefused) as refusal:
        engine.upsert(UNITS, units(unit("1") | {"uid": None}), commit_id="c1")
    assert refusal.value.issue.code == "ENG-004"


def test_rows_of_another_shape_are_refused(engine):
    wrong = units(unit("1")).drop_columns(["seq"]).append_column("seq", pa.array(["one"]))
    with pytest.raises(EngineRefused) as refusal:
        engine.upsert(UNITS, wrong, commit_id="c1")
    assert refusal.value.issue.code == "ENG-001"


def test_an_append_only_table_takes_new_rows_and_refuses_every_change(engine):
    engine.insert_new(LOG, units(unit("1")), commit_id="c1")
    for act in ("upsert", "delete"):
        with pytest.raises(EngineRefused) as refusal:
            getattr(engine, act)(LOG, units(unit("1", seq=2)), commit_id="c2")
        assert refusal.value.issue.code == "ENG-012"


def test_an_older_version_can_be_read(engine):
    first = engine.insert_new(UNITS, units(unit("1")), commit_id="c1").version
    engine.upsert(UNITS, units(unit("1", seq=2)), commit_id="c2")
    assert [row["seq"] for row in stored(engine, version=first)] == [1]
    assert [row["seq"] for row in stored(engine)] == [2]


def test_reading_can_be_narrowed(engine):
    engine.insert_new(UNITS, units(unit("1"), unit("2"), unit("3", site="west")), commit_id="c1")
    assert stored(engine, columns=["uid"], where="site_id = 'east' AND seq = 1") == [{"uid": "1"}, {"uid": "2"}]


def test_rows_that_were_merged_can_be_filtered_by_text(engine):
    engine.insert_new(UNITS, units(unit("1"), unit("2")), commit_id="c1")
    engine.upsert(UNITS, units(unit("1", seq=2), unit("it's %", site="we st")), commit_id="c2")
    for where, seqs in (("uid = '1'", [2]), ("uid IN ('1', '2')", [2, 1]), ("uid > '1'", [1, 1]),
                        ("site_id = 'we st' AND uid = 'it''s %'", [1])):
        assert [row["seq"] for row in stored(engine, where=where)] == seqs, where


def test_the_table_stays_readable_by_both_engines(engine, config):
    engine.upsert(UNITS, units(unit("1")), commit_id="c1")
    engine.upsert(UNITS, units(unit("1", seq=2)), commit_id="c2")
    engine.delete(UNITS, units(unit("1")).select(["site_id", "uid"]), commit_id="c3")
    protocol = DeltaTable(str(config.home.table("deid", "deid/contract"))).protocol()
    assert protocol.min_reader_version == 1
    assert protocol.min_writer_version <= 4
    assert not protocol.reader_features
    assert not protocol.writer_features


def test_a_column_added_later_is_empty_in_older_rows(engine):
    engine.insert_new(UNITS, units(unit("1")), commit_id="c1")
    wider = replace(UNITS, columns=UNITS.columns.append(pa.field("kvp", pa.float64())))
    row = unit("2") | {"kvp": 120.0}
    engine.upsert(wider, pa.Table.from_pylist([row], schema=wider.columns), commit_id="c2")
    assert [row["kvp"] for row in stored(engine, wider)] == [None, 120.0]


def test_a_column_of_another_type_is_refused_before_anything_is_written(engine):
    engine.insert_new(UNITS, units(unit("1")), commit_id="c1")
    place = UNITS.columns.names.index("seq")
    other = replace(UNITS, columns=UNITS.columns.set(place, pa.field("seq", pa.utf8())), newer="")
    row = unit("2") | {"seq": "two"}
    with pytest.raises(EngineRefused) as refusal:
        engine.upsert(other, pa.Table.from_pylist([row], schema=other.columns), commit_id="c2")
    assert refusal.value.issue.code == "ENG-008"


def _hold(home: Any, ready: Any, done: Any) -> None:
    with lease(home, UNITS):
        ready.set()
        done.wait(20)


def test_one_writer_at_a_time_and_a_dead_holder_leaves_no_lease(config):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(config.home, ready, done))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(TableBusy), lease(config.home, UNITS, patience_s=0.2):
        pass
    holder.kill()
    holder.join()
    with lease(config.home, UNITS, patience_s=5):
        pass
