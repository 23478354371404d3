"""From released series to a draft that readers have answered: chosen, read, counted."""
from __future__ import annotations

import json

import pytest
from datasets_built import STUDIES, build, marks, spec

from eval_harness.base import WrongUsage
from pipelines.deid_zone import cohort
from pipelines.deid_zone.agreement import agreement
from pipelines.deid_zone.draft import DraftFolder
from pipelines.deid_zone.readings import import_readings


def test_the_same_tables_give_the_same_draft(hospital):
    first, second = build(hospital), cohort.build(hospital.home, "nodules", spec(per_person=1))
    assert first.to_bytes() == second.to_bytes()
    assert first.table_versions["deid.series"] >= 0


def test_a_person_stands_once_and_on_one_side(hospital):
    draft = build(hospital, per_person=None)
    sides = {}
    for case in draft.cases:
        sides.setdefault(case.person, set()).add(case.fold)
    assert len(draft.cases) == STUDIES
    assert all(len(folds) == 1 for folds in sides.values())
    assert {case.fold for case in draft.cases} == {"practice", "sealed"}
    assert len(build(hospital).cases) == STUDIES - 1, "one case of the person with two subjects"
    assert build(hospital).left_out == {"enough cases of the person": 1}


@pytest.mark.parametrize("select, cases", [({"where": "slice_thickness > 1"}, 5), ({"sites": ["west"]}, 0), ({"min_instances": 7}, 0),
                                           ({"modalities": ["MR"]}, 0), ({"where": "subject IN (SELECT subject FROM condition)"}, 0)])
def test_criteria_choose(hospital, select, cases):
    if cases:
        assert len(build(hospital, **select).cases) == cases
    else:
        with pytest.raises(WrongUsage, match="DST-002"):
            build(hospital, **select)


@pytest.mark.parametrize("where", ["1 = 1; DROP TABLE x", "slice_thicknes > 1",
                                   "1 = 1) UNION SELECT * FROM read_csv('/etc/passwd') WHERE (1 = 1"])
def test_a_condition_that_reaches_further_is_refused(hospital, where):
    with pytest.raises(WrongUsage, match="SQL-00"):
        build(hospital, where=where)


@pytest.mark.parametrize("by", ["study_instance_uid", "pixel_sha256"])
def test_readings_find_their_cases_and_the_rest_is_counted(hospital, tmp_path, by):
    build(hospital)
    file = marks(tmp_path / "marks.csv", by)
    done = import_readings(hospital.home, "nodules", file)
    assert (done.cases, done.rows, done.unmatched_rows, done.readers) == (5, 15, 3, ("a", "b", "c"))
    assert done.issues[0].code == "DST-010"
    assert not import_readings(hospital.home, "nodules", file).changed
    assert "2.25.10" not in (DraftFolder(hospital.home, "nodules").path / "readings.jsonl").read_text()


@pytest.mark.parametrize("line, reason", [("x,Zhang Wei,negative,,,,", "reader"), ("x,a,maybe,,,,", "label"),
                                          ("x,a,nodule,1,2,3,-1", "diameter"),
                                          ("x,a,nodule,1,nan,3,1", "y_mm"), (",a,negative,,,,", "must be given")])
def test_a_wrong_row_refuses_the_whole_file_with_its_place(hospital, tmp_path, line, reason):
    build(hospital)
    file = tmp_path / "marks.csv"
    file.write_text(f"study_instance_uid,reader,label,x_mm,y_mm,z_mm,diameter_mm\n2.25.101,a,negative,,,,\n{line}\n")
    with pytest.raises(WrongUsage) as refusal:
        import_readings(hospital.home, "nodules", file)
    assert refusal.value.issue.where.endswith("row 2")
    assert reason in refusal.value.issue.message_en
    assert "Zhang" not in str(refusal.value)
    assert list(DraftFolder(hospital.home, "nodules").lines("readings.jsonl")) == []


def test_agreement_counts_what_was_read(hospital, tmp_path):
    build(hospital, per_person=None)
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv"))
    found = agreement(hospital.home, "nodules")
    assert (found["cases"], found["complete"]) == (6, 6)
    assert found["case_level"]["cohen_kappa"]["a / b"]["value"] == 1.0
    assert 0 < found["case_level"]["fleiss_kappa"]["value"] < 1
    assert found["lesion_level"]["positive_agreement"]["a / b"] == {"value": 1.0, "n": 6}
    assert found["lesion_level"]["positive_agreement"]["a / c"]["value"] == pytest.approx(6 / 7)
    json.dumps(found, allow_nan=False)


def test_agreement_without_readings_is_absent_with_a_reason(hospital):
    build(hospital)
    found = agreement(hospital.home, "nodules")
    assert found["case_level"]["fleiss_kappa"] == {"value": None, "n": 0, "absent": "no case was read by enough readers"}
