"""From released series to a signed test set: chosen, read, frozen, verified, compared, withdrawn."""
from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from images_planted import ct_slices, release, volume
from lake_built import Lake

from eval_harness.base import WrongUsage
from eval_harness.testset.layout import read_set
from eval_harness.testset.reference import open_reference
from eval_harness.testset.verify import verify_set
from eval_harness.testset.volume import read_image
from governance.access import acting
from governance.audit import Audit
from governance.registry import datasets
from governance.signing import load_public_key
from governance.store import open_store
from pipelines.cli import dataset as commands
from pipelines.cli import readings as readings_commands
from pipelines.deid_zone import cohort, frozen
from pipelines.deid_zone.agreement import agreement
from pipelines.deid_zone.draft import DraftFolder
from pipelines.deid_zone.freeze import Platform, freeze
from pipelines.deid_zone.readings import import_readings, queue
from pipelines.deid_zone.tabulate import tabulate
from schemas.shapes.dataset import DatasetSpec
from schemas.tables import INSTANCE

SPEC = {"title": {"zh": "胸部 CT 结节", "en": "Chest CT nodules"}, "intended_use": {"zh": "试验", "en": "trial"}, "task": "lung-nodule-ct",
        "select": {"modalities": ["CT"], "min_instances": 3}, "strata": ["site", "sex", "age_band", "lesion_size"],
        "split": {"practice": 0.34, "seed": 1}}
STUDIES = 6


def spec(**select: Any) -> DatasetSpec:
    return DatasetSpec.model_validate(SPEC | {"select": SPEC["select"] | select})


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A home with six chest CTs of six subjects, made once and copied; subjects s0 and s1 are one person."""
    lake = Lake(tmp_path_factory.mktemp("released") / "home")
    for number in range(STUDIES):
        release(lake, ct_slices(volume(number), f"2.25.{number}"), study=f"2.25.10{number}", series=f"2.25.20{number}",
                subject=f"s{number}")
    lake.persons(s0="p0", s1="p0", **{f"s{number}": f"p{number}" for number in range(2, STUDIES)})
    tabulate(lake.engine, "east", "run", lake.commit_id())
    lake.engine.close()
    return lake.home.root


@pytest.fixture(scope="module")
def frozen_home(released, tmp_path_factory):
    """The same home after both sets were frozen."""
    folder = tmp_path_factory.mktemp("frozen")
    lake = Lake(shutil.copytree(released, folder / "home"))
    build(lake, per_person=None)
    import_readings(lake.home, "nodules", marks(folder / "m.csv"))
    with contextlib.closing(open_store(lake.settings.store_url)) as store:
        freeze(Platform(lake.home, store, Audit(lake.home.audit), acting("tester:operator")), lake.engine, "nodules")
    lake.engine.close()
    return lake.home.root


@pytest.fixture
def hospital(request, tmp_path):
    source = request.getfixturevalue("frozen_home" if "done" in request.fixturenames else "released")
    lake = Lake(shutil.copytree(source, tmp_path / "home"))
    lake.commits = 1000
    yield lake
    lake.engine.close()


@pytest.fixture
def platform(hospital):
    with contextlib.closing(open_store(hospital.settings.store_url)) as store:
        yield Platform(hospital.home, store, Audit(hospital.home.audit), acting("tester:operator"))


@pytest.fixture
def done(hospital):
    """The sets of a home where the draft was frozen."""
    return frozen.all_sets(hospital.home)


def build(lake, name: str = "nodules", **select: Any):
    draft = cohort.build(lake.home, name, spec(**{"per_person": 1} | select))
    DraftFolder(lake.home, name).write(draft)
    return draft


def marks(path: Path, by: str = "study_instance_uid", readers: str = "abc", studies: int = STUDIES) -> Path:
    """Every reader marks one nodule in odd studies, none in even ones; reader c also sees one in study 0."""
    rows = []
    for number in range(studies):
        name = {"study_instance_uid": f"2.25.10{number}",
                "pixel_sha256": hashlib.sha256(ct_slices(volume(number), "2.25.9")[0].PixelData).hexdigest()}[by]
        for reader in readers:
            seen = number % 2 or (number == 0 and reader == "c")
            place = {"x_mm": -98.0 + ord(reader) / 1000, "y_mm": -78, "z_mm": 14, "diameter_mm": 6} if seen else {}
            rows.append({by: name, "reader": reader, "label": "nodule" if seen else "negative"} | place)
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, [by, "reader", "label", "x_mm", "y_mm", "z_mm", "diameter_mm"])
        writer.writeheader()
        writer.writerows(rows)
    return path


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


def test_a_draft_with_undecided_cases_is_not_frozen(hospital, platform, tmp_path):
    build(hospital)
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv", readers="ab"))
    assert {row["why"] for row in queue(hospital.home, "nodules")} == {"readings 2 of 3"}
    with pytest.raises(WrongUsage, match="DST-020"):
        freeze(platform, hospital.engine, "nodules")
    with pytest.raises(WrongUsage, match="DST-022"):
        freeze(platform, hospital.engine, "nodules", leave_out=True)
    assert frozen.all_sets(hospital.home) == []


def test_a_frozen_set_verifies_and_holds_the_pixels_and_the_truth(hospital, platform, done):
    home = hospital.home
    assert done == ["nodules@1", "nodules-practice@1"]
    for name in ("nodules", "nodules-practice"):
        report = verify_set(home.frozen / name / "1", load_public_key(home.signing_key.with_suffix(".pub")))
        assert report.ok
        assert report.signer_checked
    held = read_set(home.frozen / "nodules" / "1")
    pairs = open_reference(held, home.sealed / "nodules" / "1")
    for key, truth in pairs:
        number = int(key.study.removeprefix("2.25.10"))
        made = read_image(held.folder(key.token) / "ct.npy")
        assert (made == volume(number)).all()
        assert len(truth.value["nodules"]) == number % 2
        assert len(truth.ignore) == (number == 0)
        assert key.strata["lesion_size"] == ("5-10 mm" if number % 2 else "none")
        assert key.strata["age_band"] == "45-59"
    assert [row["dataset_id"] for row in datasets(platform.store)] == ["nodules-practice", "nodules"]


def test_no_name_of_a_study_or_subject_and_no_label_is_in_the_frozen_folder(hospital, done):
    everything = b"".join(file.read_bytes() for file in (hospital.home.frozen / "nodules").rglob("*") if file.is_file())
    for word in (b"2.25.10", b"2.25.20", b'"s2"', b'"p2"', b"nodules\":[", b"lesion_size\":{"):
        assert word not in everything


def test_freezing_again_makes_no_second_version_and_changed_readings_do(hospital, platform, done, tmp_path):
    with pytest.raises(WrongUsage, match="DST-040"):
        frozen.last_two(hospital.home, "nodules")
    again = freeze(platform, hospital.engine, "nodules")
    assert [(made.version, made.new) for made in again.sets] == [("1", False), ("1", False)]
    file = tmp_path / "chief.csv"
    file.write_text("study_instance_uid,reader,label,x_mm,y_mm,z_mm,diameter_mm\n2.25.102,chief,nodule,-98,-78,14,6\n")
    import_readings(hospital.home, "nodules", file, decisions=True)
    second = freeze(platform, hospital.engine, "nodules")
    assert {made.version for made in second.sets} == {"2"}
    change = frozen.compared(hospital.home, *frozen.last_two(hospital.home, "nodules"))
    assert (change["old"], change["new"]) == ("nodules@1", "nodules@2")
    assert (change["added"], change["removed"], change["input_changed"]) == ([], [], [])


def test_no_copy_of_a_case_stays_in_the_lake(hospital, done):
    parts = {row["part"]["digest"] for row in hospital.rows(INSTANCE)}
    assert {file.stem for file in hospital.home.objects.glob("??/*.tar")} == parts


def test_withdrawal_erases_bytes_rows_and_truth_and_keeps_the_leaf(hospital, platform, done):
    home = hospital.home
    gone = frozen.withdraw(platform, reason="consent-revoked", on="2026-11-26", subject="s3")
    assert len(gone) == 1
    name, token = gone[0].split()
    folder = frozen.folder_of(home, name)
    report = verify_set(folder, load_public_key(home.signing_key.with_suffix(".pub")))
    assert report.ok
    assert report.rows[token] == "WITHDRAWN"
    assert not (folder / "inputs" / token).exists()
    assert "2.25.103" not in (home.sealed / folder.parent.name / "1" / "keys.jsonl").read_text()
    with pytest.raises(WrongUsage, match="DST-043"):
        frozen.withdraw(platform, reason="again", on="2026-11-26", subject="s3")


def test_a_link_found_later_is_an_issue_on_the_set_and_changes_nothing(hospital, done):
    assert frozen.shown(hospital.home, "nodules")["issues"] == []
    before = (hospital.home.frozen / "nodules" / "1" / "set_manifest.json").read_bytes()
    hospital.persons(s2="p9", s4="p9", s3="p9", s5="p9")
    (issue,) = frozen.shown(hospital.home, "nodules")["issues"]
    assert issue["code"] == "DST-042"
    assert (hospital.home.frozen / "nodules" / "1" / "set_manifest.json").read_bytes() == before


def test_a_series_that_is_no_volume_is_left_out_by_name(hospital, platform, tmp_path):
    release(hospital, ct_slices(volume(7), "2.25.7")[::2][:2] + ct_slices(volume(7), "2.25.7")[3:], study="2.25.107", series="2.25.207",
            subject="s7")
    tabulate(hospital.engine, "east", "run", hospital.commit_id())
    build(hospital)
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv", studies=8))
    outcome = freeze(platform, hospital.engine, "nodules")
    assert [issue.code for _, issue in outcome.left_out] == ["DST-031"]
    assert sum(made.cases for made in outcome.sets) == 5


HIDING = {"split": {"practice": 0.17, "validation": 0.17, "seed": 1}, "hidden": {"repeats": 0.5, "canaries": 0.2}}


def test_a_validation_set_has_persons_of_its_own_and_the_ladder_on_its_card(hospital, platform, tmp_path):
    DraftFolder(hospital.home, "nodules").write(cohort.build(hospital.home, "nodules", DatasetSpec.model_validate(SPEC | HIDING)))
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv"))
    outcome = freeze(platform, hospital.engine, "nodules")
    assert {made.set_id for made in outcome.sets} == {"nodules", "nodules-practice", "nodules-validation"}
    assert frozen.outcome_view(outcome)["dataset_id"] == "nodules"
    persons = {}
    for made in outcome.sets:
        folder = hospital.home.frozen / made.set_id / "1"
        persons[made.set_id] = {key["person"] for key in frozen.keys(hospital.home, folder).values()}
    assert sum(len(found) for found in persons.values()) == len(set.union(*persons.values()))
    shown = frozen.shown(hospital.home, "nodules-validation")
    assert read_set(hospital.home.frozen / "nodules-validation" / "1").manifest.tier == "validation"
    assert (shown["card"]["ladder"]["queries"], shown["card"]["ladder"]["bound"]) == (500, None), "one case: no bound"
    assert frozen.shown(hospital.home, "nodules")["card"].get("ladder") is None


def test_repeat_and_canary_cases_are_declared_in_the_sealed_part_only(hospital, platform, tmp_path):
    spec = DatasetSpec.model_validate(SPEC | HIDING | {"split": {"practice": 0.0}})
    DraftFolder(hospital.home, "nodules").write(cohort.build(hospital.home, "nodules", spec))
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv"))
    (made,) = freeze(platform, hospital.engine, "nodules").sets
    folder, sealed = hospital.home.frozen / "nodules" / "1", hospital.home.sealed / "nodules" / "1"
    held = read_set(folder)
    pairs = open_reference(held, sealed)
    roles = {key.token: key.role for key, _ in pairs}
    assert (made.cases, sorted(roles.values()).count("canary"), sorted(roles.values()).count("repeat")) == (8, 1, 2)
    by_case = {key.case_id: truth.value for key, truth in pairs if key.role == "scored"}
    images = {case.token: [socket.sha256 for socket in case.inputs if socket.socket != "case"] for case in held.cases}
    for key, truth in pairs:
        number = int(key.study.removeprefix("2.25.10"))
        assert (len(truth.value["nodules"]) == number % 2) == (key.role != "canary")
        if key.role == "repeat":
            assert truth.value == by_case[key.case_id]
            assert images[key.token] in [images[other.token] for other, _ in pairs if other.token != key.token]
        if key.role == "canary":
            assert key.case_id not in by_case
    outside = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.suffix in (".json", ".jsonl"))
    assert not any(word in outside for word in (b'"role"', b'"canary"', b'"repeat"'))
    assert "hidden_cases" in frozen.shown(hospital.home, "nodules")["card"]
    gone = frozen.withdraw(platform, reason="consent-revoked", on="2026-11-26", study=next(k.study for k, _ in pairs if k.role == "repeat"))
    assert len(gone) == 2, "a case and its repeat leave together"


def test_an_export_is_the_folder_and_never_the_reference(hospital, done, tmp_path):
    out = tmp_path / "set.tar"
    frozen.export(hospital.home, "nodules", out)
    with tarfile.open(out) as tar:
        names = tar.getnames()
    assert "nodules@1/set_manifest.json" in names
    assert not any("reference" in name or "keys" in name for name in names)
    with pytest.raises(WrongUsage, match="DST-041"):
        frozen.export(hospital.home, "nodules", out)


def test_the_commands_do_the_same_and_say_it_as_json(hospital, tmp_path, capsys):
    home, last = str(hospital.home.root), {}

    def said(code: int) -> dict:
        last.clear()
        last.update(json.loads(capsys.readouterr().out.splitlines()[-1]), exit=code)
        return last

    file = tmp_path / "spec.yaml"
    file.write_text(json.dumps(SPEC | {"dataset_id": "nodules"}), encoding="utf-8")
    assert said(commands.build(file, "nodules", home=home, as_json=True))["folds"] == {"practice": 2, "validation": 0, "sealed": 4}
    assert said(readings_commands.adjudicate("nodules", home=home, as_json=True))["exit"] == 1
    assert said(readings_commands.import_("nodules", marks(tmp_path / "m.csv"), home=home, as_json=True))["exit"] == 0
    assert said(readings_commands.adjudicate("nodules", home=home, as_json=True)) == {"dataset_id": "nodules", "cases": [], "exit": 0}
    made = said(commands.freeze("nodules", home=home, as_json=True))
    assert (made["exit"], made["dataset_id"], made["version"], made["left_out"]) == (0, "nodules", "1", [])
    checked = said(commands.verify("nodules@1", home=home, as_json=True))
    assert (checked["exit"], checked["ok"], checked["signer_checked"]) == (0, True, True)
    assert said(commands.verify(str(hospital.home.frozen / "nodules" / "1"), home=home, as_json=True))["exit"] == 1, "signer not checked"
    use = said(commands.show("nodules@1", home=home, as_json=True))["use"]
    assert (use["tier"], use["queries"], use["evaluations"], use["whole"]) == ("sealed", {"used": 0, "limit": None, "left": None}, 0, True)
    assert said(commands.show(None, home=home, as_json=True))["frozen"] == ["nodules@1", "nodules-practice@1"]
    actions = [json.loads(line)["action"] for line in (hospital.home.audit / "log.jsonl").read_text().splitlines()]
    assert [action for action in actions if action != "decide"] == ["dataset.build", "readings.import", "dataset.freeze", "dataset.freeze"]


def test_a_spec_for_another_id_and_an_unknown_key_are_refused(hospital, tmp_path):
    file = tmp_path / "spec.yaml"
    for wrong, code in ((SPEC | {"dataset_id": "other"}, "DST-004"), (SPEC | {"titel": {}}, "CFG-001")):
        file.write_text(json.dumps(wrong), encoding="utf-8")
        with pytest.raises(WrongUsage, match=code):
            commands.build(file, "nodules", home=str(hospital.home.root))
