"""From a read draft to a signed test set: frozen, verified, withdrawn, exported."""
from __future__ import annotations

import json
import tarfile

import pytest
from datasets_built import SPEC, build, marks
from images_planted import ct_slices, release, volume

from eval_harness.base import WrongUsage
from eval_harness.testset.layout import read_set
from eval_harness.testset.reference import open_reference
from eval_harness.testset.verify import verify_set
from eval_harness.testset.volume import read_image
from governance.registry import datasets
from governance.signing import load_public_key
from pipelines.cli import dataset as commands
from pipelines.cli import readings as readings_commands
from pipelines.deid_zone import frozen
from pipelines.deid_zone.freeze import freeze
from pipelines.deid_zone.readings import import_readings, queue
from pipelines.deid_zone.tabulate import tabulate
from pipelines.engines.errors import EngineRefused
from schemas.tables import INSTANCE


def test_a_draft_with_undecided_cases_is_not_frozen(hospital, platform, tmp_path):
    build(hospital)
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv", readers="ab"))
    assert {row["why"] for row in queue(hospital.home, "nodules")} == {"readings 2 of 3"}
    with pytest.raises(WrongUsage, match="DST-020"):
        freeze(platform, hospital.engine, "nodules")
    with pytest.raises(WrongUsage, match="DST-022"):
        freeze(platform, hospital.engine, "nodules", leave_out=True)
    assert frozen.all_sets(hospital.home) == []


def test_a_set_is_not_frozen_from_a_part_with_one_byte_turned(hospital, platform, tmp_path):
    build(hospital, per_person=None)
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv"))
    part = next(hospital.home.objects.rglob("*.tar"))
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.chmod(0o600)
    part.write_bytes(bytes(data))
    with pytest.raises(EngineRefused, match="ENG-010"):
        freeze(platform, hospital.engine, "nodules")
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
