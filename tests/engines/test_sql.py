"""The SQL subset: joins and windows give the same rows on both engines; what differs between them is refused by name."""
from __future__ import annotations

import pyarrow as pa
import pytest

from pipelines.engines.errors import EngineRefused

STUDIES = pa.table({"site_id": ["east", "east", "west"], "study": ["1", "2", "1"], "at": [3, 1, 2]})
REPORTS = pa.table({"site_id": ["east", "east", "east"], "study": ["1", "1", "3"], "report": ["a", "b", "c"]})


def ask(engine, text):
    frames = {"studies": engine.frame(STUDIES), "reports": engine.frame(REPORTS)}
    return sorted(tuple(row.values()) for row in engine.table(engine.sql(text, **frames)).to_pylist())


def test_an_equi_join_keeps_to_its_keys(engine):
    text = "SELECT s.study, r.report FROM studies s JOIN reports r ON s.site_id = r.site_id AND s.study = r.study"
    assert ask(engine, text) == [("1", "a"), ("1", "b")]


def test_groups_unions_and_row_numbers(engine):
    counted = 'SELECT site_id, COUNT(*) AS n, MAX("at") AS latest FROM studies GROUP BY site_id'
    assert ask(engine, counted) == [("east", 2, 3), ("west", 1, 2)]
    first = ('SELECT study FROM (SELECT study, ROW_NUMBER() OVER (PARTITION BY site_id ORDER BY "at" DESC NULLS LAST) AS place '
             "FROM studies) WHERE place = 1 UNION ALL SELECT CAST(COUNT(*) AS VARCHAR) FROM reports")
    assert ask(engine, first) == [("1",), ("1",), ("3",)]


def test_a_frame_of_a_frame_is_a_frame(engine):
    east = engine.sql("SELECT study FROM studies WHERE site_id = 'east'", studies=engine.frame(STUDIES))
    both = engine.sql("SELECT e.study FROM studies e JOIN reports r ON e.study = r.study", studies=east,
                      reports=engine.frame(REPORTS))
    assert engine.table(both).num_rows == 2


@pytest.mark.parametrize("text, named", [
    ("SELECT regexp_matches(study, '1') FROM studies", "Regexp"),
    ("SELECT 7 / 2 FROM studies", "Div"),
    ("SELECT [study] FROM studies", "Array"),
    ("SELECT 1 FROM studies CROSS JOIN reports", "join"),
    ("SELECT 1 FROM studies s JOIN reports r ON s.study < r.study", "equality"),
    ("SELECT study FROM studies UNION SELECT study FROM reports", "UNION"),
    ("SELECT read_text('/etc/passwd')", "read_text"),
    ("DROP TABLE studies", "Drop"),
    ("SELECT 1; SELECT 2", "one statement"),
    ("SELEC study", "no query"),
    ("SELECT FROM WHERE", "parse"),
])
def test_sql_outside_the_subset_is_refused_by_name(engine, text, named):
    with pytest.raises(EngineRefused) as refusal:
        ask(engine, text)
    assert refusal.value.issue.code == "ENG-007"
    assert named.lower() in refusal.value.issue.message_en.lower()
