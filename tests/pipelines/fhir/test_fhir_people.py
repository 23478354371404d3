"""Whom a resource names beside its patient, who is the same person, and names of departments that tell nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir_world import KEY, NAME, PATIENT, SITE, about, everything, observation, other, policy, released, report, tree

from pipelines.phi_zone.departments import generic
from pipelines.phi_zone.fhir.beside import named_beside
from pipelines.phi_zone.fhir.folder import deidentify_folder
from pipelines.phi_zone.known_people import known_of
from pipelines.phi_zone.text.policy import load_text_policy

BESIDE: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "performer": (report(performer=[{"display": "柳如是"}], conclusion="如是、柳如是已阅，右肺结节"), ["柳如是", "如是"], "右肺结节"),
    "title and name": (report(resultsInterpreter=[{"display": "主任医师 柳如是"}], conclusion="如是已阅，右肺结节"), ["如是"], "右肺结节"),
    "English name": (
        report(performer=[{"display": "Dr. Ottoline Brackwater"}], conclusion="brackwater agrees: nodule in the right lung"),
        ["brackwater"],
        "nodule in the right lung",
    ),
    "author of a note": (observation(note=[{"authorString": "濮阳子衿", "text": "子衿已电话通知"}]), ["子衿"], "已电话通知"),
    "contained practitioner": (
        report(contained=[{"resourceType": "Practitioner", "id": "d", "name": [{"text": "司马南絮"}]}], conclusion="南絮已审，右肺结节"),
        ["南絮"],
        "右肺结节",
    ),
    "hospital": (report(performer=[{"display": "云栖妇婴保健院"}], conclusion="云栖妇婴保健院会诊，右肺结节"), ["云栖"], "右肺结节"),
    "display of the patient": (
        report(subject={"reference": "Patient/p-1", "display": "闻人小影"}, conclusion="小影，右肺结节"),
        ["小影"],
        "右肺结节",
    ),
}


@pytest.mark.parametrize("place", BESIDE)
def test_whoever_a_resource_names_is_searched_for_in_its_text(place):
    resource, gone, kept = BESIDE[place]
    seen = everything(released(resource))
    assert [value for value in gone if value in seen] == []
    assert kept in seen


@pytest.mark.parametrize("display", ["放射科", "检验科", "Radiology", "本人", "常规", "Self"])
def test_departments_and_words_are_nobody(display):
    assert named_beside(report(performer=[{"display": display}])) is None
    assert "放射科会诊" in everything(released(report(performer=[{"display": display}], conclusion="放射科会诊")))


@pytest.mark.parametrize("name", ["心血管内科", "重症监护病房", "3号楼12床", "CT室", "Cardiology", "Emergency Room", "SIEMENS", "西门子"])
def test_what_every_hospital_calls_so_names_no_hospital(name):
    assert generic(name)
    assert known_of({"resourceType": "Organization", "name": name}).organisations == ()


@pytest.mark.parametrize(
    "name", ["嘉禾影像中心", "沉香市第一人民医院", "Larkspur Clinic", "Mercy Hospital", "云月楼", "Siemensstadt Clinic"]
)
def test_a_name_of_its_own_names_a_hospital(name):
    assert not generic(name)
    assert known_of({"resourceType": "Organization", "name": name}).organisations == (name,)


@pytest.mark.parametrize(
    "member",
    [
        {"generalPractitioner": [{"display": "孙家栋"}]},
        {"extension": [{"url": "http://his/former-name", "valueString": "孙家栋"}]},
        {"extension": [{"url": "http://his/family", "extension": [{"url": "spouse", "valueString": "孙家栋"}]}]},
        {"name": [{"text": NAME, "_text": {"extension": [{"url": "http://his/alias", "valueString": "孙家栋"}]}}]},
    ],
)
def test_names_in_displays_and_extensions_of_a_patient_are_known(member):
    assert "孙家栋" in known_of({**PATIENT, **member}).names
    assert "汉族" not in known_of({**PATIENT, "extension": [{"url": "http://his/ethnicity", "valueString": "汉族"}]}).names


def rows(tmp_path, *resources):
    (tmp_path / "a.ndjson").write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in resources) + "\n", encoding="utf-8")
    deidentify_folder([tmp_path / "a.ndjson"], tmp_path / "out", SITE, KEY, policy(), load_text_policy("cn-gold"))
    manifest = [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    return manifest, "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "out" / "released").glob("*"))


def test_what_is_known_of_a_merged_patient_is_searched_for_in_the_records_of_both(tmp_path):
    old = other(
        "Patient",
        name=[{"text": "章玮"}],
        identifier=[{"type": {"text": "病案号"}, "value": "0000699999"}],
        link=[{"other": {"reference": "Patient/p-1"}, "type": "replaced-by"}],
    )
    manifest, seen = rows(tmp_path, old, PATIENT, observation(valueString="章玮旧档 0000699999 血钾正常"))
    assert {row["status"] for row in manifest} == {"released"}
    assert len({row["subject"] for row in manifest}) == 2
    assert "章玮" not in seen
    assert "699999" not in seen
    assert "血钾正常" in seen


def test_a_contained_patient_is_found_by_its_identifier(tmp_path):
    inner = {"resourceType": "Patient", "id": "q", "name": [{"text": NAME}], "identifier": [{"value": "ZY88012345"}]}
    pointing = observation(subject={"reference": "#q"}, contained=[inner], valueString=f"{NAME} 阴性")
    manifest, seen = rows(tmp_path, PATIENT, pointing)
    assert [row["status"] for row in manifest] == ["released", "released"]
    assert f'"subject":{{"reference":"Patient/{manifest[0]["subject"]}"}}' in seen
    assert NAME not in seen
    stranger = {**pointing, "contained": [{**inner, "identifier": [{"value": "ZY00000001"}]}]}
    assert [issue["code"] for issue in rows(tmp_path, PATIENT, stranger)[0][1]["issues"]] == ["FHR-008"]


@pytest.mark.parametrize(
    "coding, gone, kept",
    [
        ({"system": "http://his/lab", "code": "WENRENSHUYING-K", "display": "钾"}, "WENREN", "钾"),
        ({"system": "http://loinc.org", "version": "Shuying Wenren 2.73", "code": "2823-3"}, "Wenren", "2823-3"),
        ({"system": "http://loinc.org.liming-clinic.example", "code": "2823-3", "display": "K"}, "liming", "2823-3"),
        ({"system": "http://terminology.hl7.org/CodeSystem/闻人疏影", "code": "x", "display": "K"}, "闻人", "K"),
        ({"system": "http://loinc.org/13917246580", "code": "2823-3", "display": "K"}, "13917246580", "K"),
    ],
)
def test_a_name_in_a_code_its_version_or_its_system_is_gone(coding, gone, kept):
    seen = everything(released(observation(code={"coding": [coding]})))
    assert gone not in seen
    assert kept in seen


@pytest.mark.parametrize(
    "system",
    [
        "http://loinc.org",
        "http://snomed.info/sct/900000000000207008/version/20240101",
        "urn:oid:2.16.840.1.113883.6.238",
        "http://hl7.org/fhir/sid/icd-10-cn",
        "http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "urn:oid:2.16.156.10011.2.3.1.1",
    ],
)
def test_public_systems_stay_as_they_are(system):
    assert (
        tree(released(observation(code={"coding": [{"system": system, "code": "718-7", "display": "Hb"}]})))["code"]["coding"][0]["system"]
        == system
    )


def test_a_profile_that_names_the_patient_goes_and_another_stays():
    base = "http://hl7.org/fhir/StructureDefinition/"
    meta = {"profile": [base + "ZY88012345", base + "vitalsigns|4.0.1", base + "wenren-shuying"]}
    assert tree(released(observation(meta=meta)))["meta"] == {"profile": [base + "vitalsigns|4.0.1"]}


@pytest.mark.parametrize("value, kept", [(88012345, False), (250000, True)])
def test_an_amount_that_is_a_number_of_the_patient_goes(value, kept):
    patient_number = {"resourceType": "Patient", "id": "p-9", "identifier": [{"type": {"text": "病案号"}, "value": "0088012345"}]}
    from fhir_world import cleaner, index

    from pipelines.phi_zone.fhir.deidentify import deidentify_resource

    spine = index(patient_number)
    subject = spine.resolve(["Patient/p-9"])
    resource = {**observation(valueQuantity={"value": value, "unit": "/uL"}), "subject": {"reference": "Patient/p-9"}}
    out = tree(deidentify_resource(resource, policy(), KEY, SITE, subject, spine.known[subject or ""], cleaner(), spine))
    assert ("value" in out["valueQuantity"]) is kept


def test_a_link_id_survives_as_itself_or_as_one_token_in_both_questionnaires():
    items = [{"linkId": name, "text": "吸烟"} for name in ("1.2", "姓名/2", "1000001")]
    asked = tree(released(other("Questionnaire", status="active", item=items)))
    answered = tree(released(other("QuestionnaireResponse", status="completed", subject={"reference": "Patient/p-1"}, item=items)))
    links = [item["linkId"] for item in asked["item"]]
    assert links == [item["linkId"] for item in answered["item"]]
    assert links[0] == "1.2"
    assert "姓名" not in links[1]
    assert links[2] != "1000001"


@pytest.mark.parametrize("written", ["张^伟", "张|伟", "张/伟", "张，伟", "<family>张</family><given>伟</given>", "ZHANG^WEI"])
def test_a_name_of_two_letters_is_found_across_the_separators_of_messages(written, tmp_path):
    patient = other("Patient", name=[{"text": "张伟"}], identifier=[{"type": {"text": "病案号"}, "value": "0000734192"}])
    said = {**observation(valueString=f"核对 {written} 标本合格"), "subject": {"reference": "Patient/x-1"}}
    _, seen = rows(tmp_path, patient, said)
    assert written not in seen
    assert "标本合格" in seen


@pytest.mark.parametrize(
    "shown, alone",
    [
        ("Brandywine, Leopold J., MD", "Brandywine"),
        ("Dr. Castellane", "Castellane"),
        ("Falkenrath L", "Falkenrath"),
        ("GALBRAITHE, LEOPOLD", "Galbraithe"),
        ("Ingersol", "Ingersol"),
        ("NAKASHIMA^LEOPOLD^J^^DR", "Nakashima"),
        ("Attending: Leopold Ostrowska", "Ostrowska"),
        ("leopold quackenbush", "Quackenbush"),
        ("Leopold van Rautenberg", "Rautenberg"),
        ("Leopold Silvestrini-Smythe, DO", "Silvestrini"),
        ("Trelawney, Leopold [1093817465]", "Trelawney"),
        ("Leopold Ulyanova <lf@x.example>", "Ulyanova"),
        ("心内科 谷梁赤", "谷梁赤"),
        ("宰父黑/工号7719", "宰父黑"),
        ("Leopold Dunwoody, MD (Wexham Medical Center)", "Dunwoody"),
        ("司徒静（东方医院）", "司徒静"),
    ],
)
def test_however_a_system_shows_somebody_the_name_alone_is_searched_for(shown, alone):
    seen = everything(released(report(performer=[{"display": shown}], conclusion=f"ok per {alone}, 右肺结节")))
    assert alone not in seen
    assert "右肺结节" in seen


NOBODY = (
    "External Provider|Lab Interface|System|Unknown, Provider|ICU|PACS|On call|team lead|Radiology Reading Room|Night Shift Nurse|"
    "Anesthesiologist|Ward 4B|Care Team|primary performer|Historical Provider, MD|---|^^^|,|Stool, Blood"
)


@pytest.mark.parametrize("shown", NOBODY.split("|"))
def test_roles_rooms_and_machines_are_nobody(shown):
    assert named_beside(report(performer=[{"display": shown}])) is None


@pytest.mark.parametrize(
    "kind, members",
    [
        ("CarePlan", {"contributor": [{"display": "{}"}]}),
        ("CarePlan", {"activity": [{"detail": {"performer": [{"display": "{}"}]}}]}),
        ("ImagingStudy", {"series": [{"performer": [{"actor": {"display": "{}"}}]}]}),
        ("Specimen", {"collection": {"collector": {"display": "{}"}}}),
        ("FamilyMemberHistory", {"patient": {"reference": "Patient/p-1"}, "name": "{}"}),
    ],
)
def test_people_named_deeper_in_a_resource_are_searched_for_too(kind, members):
    named = json.loads(json.dumps(members).replace("{}", "Leopold Mortlock, MD"))
    seen = everything(released(about(kind, status="active", note=[{"text": "agreed w/ Mortlock on round, stable"}], **named)))
    assert "Mortlock" not in seen
    assert "stable" in seen
