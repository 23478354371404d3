"""`touchstone sql` sees every de-identified table and view, and nothing else: no PHI, no file, no network, no change."""
from __future__ import annotations

import json
import sys

import pytest

from eval_harness.base import WrongUsage
from pipelines.deid_zone.fhirpath import compiled
from pipelines.deid_zone.query import ask
from pipelines.deid_zone.tabulate import tabulate


def test_a_table_has_its_bare_and_its_full_name(lake):
    lake.instances({})
    tabulate(lake.engine, "east", "run", "c")
    for name in ("instance", "deid.instance"):
        assert ask(lake.home, f"SELECT modality, COUNT(*) AS n FROM {name} GROUP BY modality").rows == [{"modality": "CT", "n": 1}]
    assert ask(lake.home, "SELECT s.bytes FROM series s JOIN study t USING (study_instance_uid)").rows == [{"bytes": 100}]


def test_text_is_found_after_a_second_night_has_changed_rows(lake):
    lake.instances({"sop_instance_uid": "2.25.1"}, {"sop_instance_uid": "2.25.2"})
    lake.instances({"sop_instance_uid": "2.25.2", "seq": 2, "manufacturer": "ACME"})
    assert ask(lake.home, "SELECT sop_instance_uid FROM instance WHERE manufacturer = 'ACME'").rows == [{"sop_instance_uid": "2.25.2"}]


def test_a_list_of_the_tables_shows_tables_and_views_only(lake):
    shown = {row["name"] for row in ask(lake.home, "SHOW TABLES").rows}
    assert {"instance", "claim", "patient"} <= shown
    assert [name for name in shown if name.startswith("empty")] == []


def test_tables_that_hold_nothing_yet_answer_with_no_rows(lake):
    assert ask(lake.home, "SELECT COUNT(*) AS n FROM ledger.claim").rows == [{"n": 0}]
    assert ask(lake.home, "SELECT * FROM views.observation").rows == []


@pytest.mark.parametrize("text", [
    "SELECT * FROM phi.subject_key", "SELECT * FROM subject_key", "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'", "SELECT * FROM read_text('/etc/hostname')", "SELECT * FROM glob('/*')",
    "SELECT * FROM read_parquet('https://example.org/x.parquet')",
])
def test_nothing_outside_the_tables_can_be_read(lake, text):
    with pytest.raises(WrongUsage, match="SQL-002"):
        ask(lake.home, text)


@pytest.mark.parametrize("text", [
    "CREATE TABLE t (a INT)", "DROP VIEW instance", "COPY (SELECT 1) TO '/tmp/x.csv'", "SELECT 1; SELECT 2", "SET threads = 1",
    "ATTACH '/tmp/x.db'", "INSTALL httpfs", "INSERT INTO instance SELECT * FROM instance", "",
])
def test_anything_but_one_select_is_refused(lake, text):
    with pytest.raises(WrongUsage, match="SQL-001"):
        ask(lake.home, text)


def test_a_local_variable_is_no_table(lake):
    secrets = [{"a": 1}]
    with pytest.raises(WrongUsage, match="SQL-002"):
        ask(lake.home, "SELECT * FROM secrets")
    assert secrets


def test_awkward_values_become_json(lake):
    answer = ask(lake.home, "SELECT 1 AS a, 2 AS a, 'NaN'::DOUBLE AS b, SUM(3) AS c, DATE '2024-02-29' AS d, "
                            "'\\x41'::BLOB AS e, [1.5] AS f")
    assert answer.columns[:2] == ("a", "a_2")
    assert answer.rows == [{"a": 1, "a_2": 2, "b": "nan", "c": 3, "d": "2024-02-29", "e": "41", "f": [1.5]}]
    json.dumps(answer.rows, allow_nan=False)


OBSERVATION = {"resourceType": "Observation", "id": "o1", "status": "final", "encounter": {"reference": "Encounter/e9"},
               "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}, {"code": "local"}]},
               "valueQuantity": {"value": 6.1, "unit": "%"}}
CONDITION = {"resourceType": "Condition", "id": "c1", "code": {"coding": [{"code": "A"}, {"code": "B"}]}}
IMAGING = {"resourceType": "ImagingStudy", "id": "i1", "numberOfSeries": 2,
           "identifier": [{"system": "http://other", "value": "x"}, {"system": "urn:dicom:uid", "value": "urn:oid:2.25.1"}],
           "series": [{"modality": {"code": "CT"}}, {"modality": {"code": "SR"}}]}


def test_views_turn_resources_into_columns(lake):
    lake.resources(OBSERVATION, CONDITION, IMAGING)
    lake.resources({"resourceType": "Condition", "id": "c2"}, subject="s2")
    (row,) = ask(lake.home, "SELECT * FROM observation").rows
    assert (row["code"], row["value"], row["unit"], row["encounter_id"], row["value_text"]) == ("4548-4", 6.1, "%", "e9", None)
    assert (row["site_id"], row["subject"]) == ("east", "s1")
    conditions = ask(lake.home, "SELECT id, code FROM condition ORDER BY id, code").rows
    assert conditions == [{"id": "c1", "code": "A"}, {"id": "c1", "code": "B"}, {"id": "c2", "code": None}]
    (imaging,) = ask(lake.home, "SELECT study_uri, modalities, number_of_series FROM imaging_study").rows
    assert imaging == {"study_uri": "urn:oid:2.25.1", "modalities": ["CT", "SR"], "number_of_series": 2}


@pytest.mark.parametrize("path", ["code.matches('x')", "code..text", "where(a > 1)", "a.b('; DROP TABLE x; --')", "where(a = 'it''s')"])
def test_a_path_outside_the_subset_is_refused(path):
    with pytest.raises(WrongUsage, match="SQL-003"):
        compiled(path, "r")


def test_the_command_prints_a_table_or_one_json_object(lake, capsys, monkeypatch):
    from pipelines.cli.sql import sql
    from pipelines.settings import open_home, settings

    home = lake.home.root.parent / "fresh"
    open_home(settings(home))
    monkeypatch.setattr(sys, "argv", ["touchstone"])
    sql("SELECT COUNT(*) AS n FROM study", home=str(home), as_json=True)
    assert json.loads(capsys.readouterr().out) == {"columns": ["n"], "types": ["int64"], "rows": [{"n": 0}]}
    sql("SELECT 1 AS one", home=str(home))
    assert capsys.readouterr().out.split() == ["one", "1"]
