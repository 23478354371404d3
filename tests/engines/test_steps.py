"""What an engine does with steps: every row comes back once, bad rows as rows, broken contracts as refusals."""
from __future__ import annotations

from typing import Any

import pytest
import steps_planted as planted

from pipelines.engines.errors import EngineRefused, StepFailed


def staged_rows(engine: Any, staged: Any) -> list[dict]:
    return sorted(engine.table(engine.staged(staged)).to_pylist(), key=lambda row: row["row_id"])


def test_a_step_sees_every_row_once(engine):
    staged = engine.map(engine.frame(planted.rows(*range(50))), planted.DOUBLE, "run-1")
    assert staged.rows == 50
    assert [row["number"] for row in staged_rows(engine, staged)] == [2 * number for number in range(50)]


def test_no_rows_make_no_rows(engine):
    staged = engine.map(engine.frame(planted.rows()), planted.DOUBLE, "run-1")
    assert staged.rows == 0
    assert staged_rows(engine, staged) == []


def test_a_bad_row_is_a_row_with_its_issue(engine):
    rows = staged_rows(engine, engine.map(engine.frame(planted.rows(*range(20))), planted.ISSUE, "run-1"))
    assert [row["outcome"] for row in rows] == ["ok", "quarantined"] * 10
    assert rows[1]["issues"][0]["code"] == "T-001"


@pytest.mark.parametrize("how", ["segfault", "exit", "memory"])
def test_a_row_that_kills_its_process_is_found_and_quarantined_alone(engine, how):
    rows = staged_rows(engine, engine.map(engine.frame(planted.rows(*range(20), word=how)), planted.FRAGILE, "run-1"))
    assert [place for place, row in enumerate(rows) if row["outcome"] == "quarantined"] == [3, 10, 17]
    poisoned = rows[3]
    assert poisoned["issues"][0]["code"] == "ENG-CRASH"
    assert (poisoned["site_id"], poisoned["number"]) == ("east", None)


def test_a_row_that_never_ends_is_stopped_and_quarantined_alone(engine):
    rows = staged_rows(engine, engine.map(engine.frame(planted.rows(2, 3, word="hang")), planted.FRAGILE, "run-1"))
    assert [row["outcome"] for row in rows] == ["ok", "quarantined"]
    assert "time-out" in rows[1]["issues"][0]["message_en"]


def test_a_step_may_write_objects_and_writing_them_again_changes_nothing(engine, config):
    for run in ("run-1", "run-2"):
        engine.map(engine.frame(planted.rows(*range(20))), planted.WRITER, run)
        assert len(list(config.home.objects.glob("??/*.tar"))) == 3


def test_children_name_their_parents(engine):
    rows = staged_rows(engine, engine.map(engine.frame(planted.rows(0, 1, 2)), planted.EXPLODES, "run-1"))
    assert sorted(int.from_bytes(row["parent_row_id"], "big") for row in rows) == [0, 1, 1, 2, 2, 2]


def test_a_group_is_never_torn_apart(engine):
    given = planted.rows(*range(60))
    sites = [f"site-{number % 7}" for number in range(60)]
    given = given.set_column(given.schema.names.index("site_id"), "site_id", [sites])
    rows = staged_rows(engine, engine.map_groups(engine.frame(given), ["site_id"], planted.GROUP_SUM, "run-1"))
    right = {site: sum(n for n in range(60) if f"site-{n % 7}" == site) for site in set(sites)}
    assert len(rows) == 60
    assert all(row["number"] == right[row["site_id"]] for row in rows)


@pytest.mark.parametrize("broken, code", [(planted.LOSES, "ENG-002"), (planted.RENAMES, "ENG-001")])
def test_a_step_that_loses_rows_or_changes_its_shape_is_refused(engine, broken, code):
    with pytest.raises(EngineRefused) as refusal:
        engine.map(engine.frame(planted.rows(*range(20))), broken, "run-1")
    assert refusal.value.issue.code == code


def test_a_missing_input_column_is_refused(engine):
    with pytest.raises(EngineRefused, match="no column word"):
        engine.map(engine.frame(planted.rows(1).drop_columns(["word"])), planted.DOUBLE, "run-1")


@pytest.mark.parametrize("count", [1, 20])
def test_an_exception_names_the_place_and_never_the_value(engine, count):
    with pytest.raises(StepFailed) as failure:
        engine.map(engine.frame(planted.rows(*range(count), word="ZHANG^WEI")), planted.RAISES, "run-1")
    assert "ValueError" in str(failure.value)
    assert "steps_planted.py" in str(failure.value)
    assert "ZHANG" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__context__ is None


def test_what_a_run_staged_can_be_discarded(engine, config):
    staged = engine.map(engine.frame(planted.rows(1)), planted.DOUBLE, "run-1")
    engine.discard("run-1")
    assert not any(file.exists() for file in staged.files)
