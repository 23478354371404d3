"""Policies: judged before they are used, explained, and carried to and from deid and CTP."""
from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pydicom
import pytest
from dicom_build import ct, part10
from dicom_door import deidentify, read
from typer.testing import CliRunner

from eval_harness.base import WrongUsage
from pipelines.cli.policy import app
from pipelines.phi_zone.dicom import check_policy, load_policy, policy_names
from pipelines.phi_zone.dicom.conformance import statement
from pipelines.phi_zone.recipes import export_recipe, import_any
from schemas import ps3_15
from schemas.shapes.dicom_policy import DicomPolicy

BASE = {"policy_id": "small", "version": 1, "title": {"zh": "小", "en": "small"}, "explanation": {"zh": "小", "en": "small"},
        "options": ["113100"], "dates": "remove", "pixels": {"clean": False}}


def small(**fields: object) -> DicomPolicy:
    return DicomPolicy.model_validate(BASE | fields)


@pytest.mark.parametrize("name", policy_names())
def test_every_policy_that_ships_may_be_used(name: str) -> None:
    assert check_policy(load_policy(name), name) == []


def test_the_table_is_the_edition_it_says() -> None:
    assert len(ps3_15.attributes()) == 657
    assert ps3_15.attributes()["WaveformAnnotationSequence"].action == "X/D"
    assert len(ps3_15.concepts()) == 213
    assert len(ps3_15.safe_private()) == 479


def test_a_kept_element_that_the_table_would_not_keep_needs_a_written_reason() -> None:
    assert [issue.code for issue in check_policy(small(keep=["InstitutionName"]), "p")] == ["POL-004"]
    assert check_policy(small(keep=["InstitutionName"], reasons={"InstitutionName": "one hospital only, named in the contract"}), "p") == []
    assert check_policy(small(keep=["KVP"]), "p") == []


def test_a_misspelt_keyword_is_refused_with_the_nearest_right_one() -> None:
    issue = check_policy(small(keep=["KVp"]), "p")[0]
    assert (issue.code, "KVP" in issue.hint_en) == ("POL-003", True)


def test_an_option_that_the_policy_does_not_do_is_refused() -> None:
    assert check_policy(small(options=["113100", "113107"]), "p")[0].code == "POL-006"


def test_a_reason_for_nothing_is_refused() -> None:
    assert check_policy(small(reasons={"KVP": "because we like voltage"}), "p")[0].code == "POL-011"


def test_an_unknown_policy_names_those_there_are() -> None:
    with pytest.raises(WrongUsage) as caught:
        load_policy("cn-glod")
    assert "cn-gold" in caught.value.issue.hint_en


def test_the_statement_covers_the_table_and_says_what_is_done() -> None:
    rows = {row.keyword: row for row in statement(load_policy("cn-gold"))}
    assert rows.keys() >= ps3_15.attributes().keys()
    assert (rows["PatientName"].ours, rows["StudyDate"].ours, rows["StudyInstanceUID"].ours) == ("D", "C", "U")
    assert (rows["PatientAddress"].ours, rows["KVP"].ours) == ("X", "K")


def test_an_exported_recipe_does_in_deid_what_the_policy_does_here(tmp_path: Path) -> None:
    policy = small(keep=["KVP", "SliceThickness", "Rows", "Columns", "Modality", "ImageType", "PatientSex"],
                   reasons={"PatientSex": "needed for a breakdown by sex"})
    source = tmp_path / "ct.dcm"
    source.write_bytes(part10(ct()))
    recipe = tmp_path / "recipe.deid"
    recipe.write_text(export_recipe(policy), encoding="utf-8")
    theirs = deid_run(source, recipe)
    from dicom_door import KEY, SITE

    from pipelines.phi_zone.dicom import deidentify_instance

    outcome = deidentify_instance(source.read_bytes(), policy, KEY, SITE)
    ours = read(outcome)
    for keyword in policy.keep:
        assert str(theirs.get(keyword)) == str(ours.get(keyword)) == str(pydicom.dcmread(source).get(keyword))
    for keyword in ("PatientBirthDate", "ReferringPhysicianName", "Manufacturer", "StudyTime"):
        assert not theirs.get(keyword)
        assert not ours.get(keyword)


def deid_run(source: Path, recipe: Path) -> pydicom.Dataset:
    import contextlib

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        from deid.config import DeidRecipe
        from deid.dicom import get_identifiers, replace_identifiers

        items = get_identifiers([str(source)])
        for values in items.values():
            values.update(subject="x", jitter=0, new_uid=lambda **_: "2.25.1", token=lambda **_: "t", capped_age=lambda **_: "000Y")
        return replace_identifiers([str(source)], deid=DeidRecipe(deid=str(recipe)), ids=items, save=False, strip_sequences=False)[0]


CTP = """' GE dose screens
{ Modality.equals("CT") * Manufacturer.containsIgnoreCase("GE MEDICAL") }
(0,0,512,110) (10,400,50,20)
{ Modality.equals("US") + SeriesDescription.contains("x") }
(0,0,10,10)
"""


def test_ctp_rectangles_become_regions_and_what_cannot_be_said_is_reported(tmp_path: Path) -> None:
    script = tmp_path / "ctp.script"
    script.write_text(CTP, encoding="utf-8")
    found = import_any(script)
    assert [(region.modality, region.manufacturer, region.boxes) for region in found.regions] == [
        ("CT", "GE MEDICAL", ((0, 0, 512, 110), (10, 400, 60, 420)))]
    assert [issue.code for issue in found.issues] == ["POL-010"]


def test_a_deid_recipe_comes_in_as_a_draft_that_the_check_understands(tmp_path: Path) -> None:
    recipe = tmp_path / "own.deid"
    recipe.write_text("FORMAT dicom\n\n%header\n\nREMOVE ALL\nKEEP KVP\nJITTER StudyDate var:jitter\nREPLACE SOPInstanceUID func:u\n\n"
                      "%filter graylist\n\nLABEL us\n  contains Modality US\n  + contains Manufacturer ACME\n  coordinates 0,0,640,40\n",
                      encoding="utf-8")
    found = import_any(recipe)
    assert (found.keep, found.shift, found.new_uid) == (["KVP"], ["StudyDate"], ["SOPInstanceUID"])
    assert found.regions[0].boxes == ((0, 0, 640, 40),)
    draft = tmp_path / "own.yaml"
    draft.write_text(found.to_yaml("own"), encoding="utf-8")
    assert load_policy(str(draft)).keep == ("KVP", "SOPInstanceUID", "StudyDate")


def test_the_command_explains_and_refuses_in_json(tmp_path: Path) -> None:
    runner = CliRunner()
    told = json.loads(runner.invoke(app, ["explain", "cn-gold", "StudyDate", "--json"]).stdout)
    assert told["elements"][0]["ours"] == "C"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("policy_id: x\nversion: 1\nkeeep: []\n", encoding="utf-8")
    result = runner.invoke(app, ["check", str(wrong), "--json"])
    assert result.exit_code == 1
    assert "POL-001" in result.stdout


def test_a_steward_is_told_in_words_and_a_word_that_is_no_keyword_is_not_explained_away(tmp_path: Path) -> None:
    runner = CliRunner()
    checked = runner.invoke(app, ["check", "--lang", "en"])
    assert checked.exit_code == 0
    folder = Path(__file__).parents[3] / "governance" / "policies"
    shipped = {f"{kind}/{one.stem}: may be used" for kind in ("dicom", "fhir", "text") for one in (folder / kind).glob("*.yaml")}
    assert {f"dicom/{name}: may be used" for name in policy_names()} <= shipped
    assert set(checked.stdout.splitlines()) == shipped
    told = runner.invoke(app, ["explain", "cn-gold", "StudyDate", "--lang", "zh"]).stdout
    assert told == "(0008,0020) StudyDate：清洗、平移或封顶后保留 · PS3.15 表 E.1-1 Z (113106:K 113107:C)\n"
    assert runner.invoke(app, ["explain", "cn-gold", "PatientAddress", "--lang", "en"]).stdout == (
        "(0010,1040) PatientAddress: removed · PS3.15 Table E.1-1 X\n")
    found = runner.invoke(app, ["explain", "cn-gold", "Patientname"]).exception
    assert isinstance(found, WrongUsage)
    assert (found.issue.code, "PatientName" in found.issue.hint_en) == ("POL-003", True)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("policy_id: x\nversion: 1\n", encoding="utf-8")
    assert "wrong.yaml：不能使用（1 处）" in runner.invoke(app, ["check", str(wrong), "--lang", "zh"]).stdout


def test_a_code_that_must_be_cleaned_stays_a_code_and_a_required_text_is_never_empty() -> None:
    out = read(deidentify(part10(ct(ContentLabel="WANG JIANGUO"))))
    assert out.ContentLabel == "REMOVED"
    assert read(deidentify(part10(ct(ContentLabel="LIVER")))).ContentLabel == "LIVER"
    assert read(deidentify(part10(ct(Manufacturer="Wang Jianguo")))).Manufacturer == "REMOVED"


def test_years_only_and_five_year_ages_under_the_practice_policy() -> None:
    outcome = deidentify(part10(ct()), "cn-practice")
    assert outcome.status == "released"
    assert read(outcome).StudyDate == "20240101"
    assert read(outcome).PatientAge == "060Y"
    assert not read(outcome).get("StudyTime")


@pytest.mark.parametrize(("name", "lang"), [("dicom-conformance.md", "en"), ("dicom-conformance.zh.md", "zh")])
def test_the_conformance_page_is_what_policy_and_table_say(name: str, lang: str) -> None:
    from pipelines.phi_zone.dicom.conformance import page

    written = Path(__file__).parents[3] / "docs" / name
    assert written.read_text(encoding="utf-8") == page(load_policy("cn-gold"), lang)


GOOD = "policy_id: small\nversion: 1\ntitle: {zh: 小, en: small}\nexplanation: {zh: 小, en: small}\noptions: ['113100']\ndates: remove\n"
WRONG_FORMS = {
    "a misspelt key": (GOOD + "keeep: [KVP]\n", "POL-001", "keep"),
    "a misspelt key further in": (GOOD + "pixels: {cleen: true}\n", "POL-001", "clean"),
    "a key that is missing": ("policy_id: x\nversion: 1\n", "POL-012", "title"),
    "a number that is none": (GOOD.replace("version: 1", "version: first"), "POL-013", "1, 2, 3"),
    "a number too small": (GOOD.replace("version: 1", "version: 0"), "POL-013", "≥ 1"),
    "a number too large": (GOOD + "age_cap_years: 500\n", "POL-013", "≤ 120"),
    "a word of no list": (GOOD.replace("dates: remove", "dates: move"), "POL-013", "'shift', 'year', 'remove'"),
    "no YAML": ("keep: [a, b\nx: 1\n", "POL-014", ""),
    "a list for a file": ("- a\n", "POL-013", "key: value"),
}


@pytest.mark.parametrize("name", WRONG_FORMS)
def test_a_wrong_form_is_named_in_both_languages_with_what_is_right(name: str, tmp_path: Path) -> None:
    text, code, right = WRONG_FORMS[name]
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongUsage) as caught:
        load_policy(str(path))
    told = caught.value.issue.to_dict()
    assert told["code"] == code
    assert right in told["hint_zh"] + told["message_zh"]
    assert right in told["hint_en"] + told["message_en"]
    words = re.findall(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{3,}", told["message_zh"] + told["hint_zh"])
    assert [one for one in words if one != "touchstone policy check"] == []
