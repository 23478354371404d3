"""Places where a record hides an identity, each with the near miss that must survive."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from fhir_world import (
    HOME,
    IDCARD,
    IDENTITIES,
    KEY,
    MOBILE,
    MRN,
    NAME,
    PATIENT,
    SITE,
    attached,
    everything,
    observation,
    released,
    report,
    tree,
)

NOTE = f"姓名：{NAME}，住院号：{MRN}，电话{MOBILE}。右肺上叶见磨玻璃结节。"
LOINC = "http://loinc.org"
EXT = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
HTML = "<html><body><p>姓名：闻<b>人疏</b>影 &#20303;院号 ZY880<!-- x -->12345</p><p>右肺上叶见磨玻璃结节。</p></body></html>"


def _encounter(**members: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": "e-1",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": "Patient/p-1"},
        **members,
    }


def _other(kind: str, **members: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": "x-1", **members}


def _about(kind: str, **members: Any) -> dict[str, Any]:
    return _other(kind, subject={"reference": "Patient/p-1"}, **members)


TRAPS: dict[str, tuple[dict[str, Any], str]] = {
    "narrative": (observation(text={"status": "generated", "div": f"<div>{NAME}</div>"}, valueString="阴性"), "阴性"),
    "subject display": (observation(subject={"reference": "Patient/p-1", "display": NAME}, valueString="阳性"), "阳性"),
    "performer display": (observation(performer=[{"reference": "Practitioner/9", "display": f"{NAME}医生"}]), "Practitioner/"),
    "logical reference": (
        observation(performer=[{"type": "Practitioner", "identifier": {"system": "http://x/ids", "value": MRN}, "display": NAME}]),
        "urn:touchstone:identifier",
    ),
    "conditional reference": (observation(performer=[{"reference": f"Practitioner?identifier=http://x|{MRN}"}]), "Practitioner"),
    "absolute reference": (observation(encounter={"reference": "https://his.east.example/fhir/Encounter/44/_history/2"}), "Encounter/"),
    "name in coding display": (
        observation(code={"coding": [{"system": LOINC, "code": "718-7", "display": f"Hemoglobin {NAME}"}]}),
        "Hemoglobin",
    ),
    "phone as a code": (observation(code={"coding": [{"system": LOINC, "code": MOBILE, "display": "Hemoglobin"}]}), "Hemoglobin"),
    "name as a local code": (
        observation(code={"coding": [{"system": "http://his.east.example/codes", "code": NAME, "display": "血常规"}]}),
        "血常规",
    ),
    "hospital in a system url": (
        observation(code={"coding": [{"system": f"http://{MRN}.example/lab", "code": "HB", "display": "血红蛋白"}]}),
        "血红蛋白",
    ),
    "name in concept text": (observation(code={"text": f"血红蛋白（{NAME}）"}), "血红蛋白"),
    "name in value string": (observation(valueString=f"{NAME} 标本溶血"), "标本溶血"),
    "pinyin name": (observation(valueString="WENREN SHUYING hemolysed sample"), "hemolysed sample"),
    "pinyin other order": (observation(valueString="Shuying Wenren hemolysed"), "hemolysed"),
    "spaced name": (observation(valueString="闻 人 疏 影 标本合格"), "标本合格"),
    "zero-width name": (observation(valueString="闻\u200b人\u2060疏\ufeff影 标本合格"), "标本合格"),
    "full-width number": (observation(valueString="电话１３９１７２４６５８０，标本合格"), "标本合格"),
    "note": (observation(note=[{"authorString": NAME, "text": f"{NAME}要求复查，血红蛋白偏低"}]), "血红蛋白偏低"),
    "unit with a name": (
        observation(valueQuantity={"value": 110, "unit": f"g/L {NAME}", "code": "g/L", "system": "http://unitsofmeasure.org"}),
        "110",
    ),
    "identifier": (
        observation(identifier=[{"system": "http://his", "value": MRN, "assigner": {"display": NAME}}]),
        "urn:touchstone:identifier",
    ),
    "id is a phone": ({**observation(valueString="阴性"), "id": MOBILE}, "阴性"),
    "meta": (
        observation(
            meta={
                "source": f"urn:{MRN}",
                "tag": [{"display": NAME}],
                "lastUpdated": "2024-01-01T00:00:00Z",
                "profile": [f"http://his/{MRN}", "http://hl7.org/fhir/us/core/StructureDefinition/x"],
            }
        ),
        "us/core",
    ),
    "unknown extension": (observation(extension=[{"url": "http://his/ext", "valueString": NAME}, {"url": EXT, "valueCode": "F"}]), '"F"'),
    "known extension, wrong content": (
        observation(
            extension=[
                {
                    "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
                    "extension": [
                        {"url": "text", "valueString": NAME},
                        {
                            "url": "ombCategory",
                            "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": "2106-3", "display": "White"},
                        },
                    ],
                }
            ]
        ),
        "2106-3",
    ),
    "primitive extension": (
        observation(
            _status={
                "extension": [
                    {"url": "http://his/who", "valueString": NAME},
                    {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"},
                ]
            }
        ),
        "masked",
    ),
    "unknown element": (observation(staffNote=NAME, valueString="阴性"), "阴性"),
    "contained patient": (
        observation(
            contained=[
                {"resourceType": "Patient", "id": "q", "name": [{"text": NAME}]},
                {"resourceType": "Specimen", "id": "s", "type": {"text": "静脉血"}},
            ],
            specimen={"reference": "#s"},
        ),
        "静脉血",
    ),
    "contained id": (
        observation(
            contained=[{"resourceType": "Specimen", "id": "闻人疏影", "type": {"text": "静脉血"}}], specimen={"reference": "#闻人疏影"}
        ),
        "静脉血",
    ),
    "contained medication note": (
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "subject": {"reference": "Patient/p-1"},
            "contained": [{"resourceType": "Medication", "id": "k", "code": {"text": f"阿司匹林 {NAME}"}}],
            "medicationReference": {"reference": "#k"},
        },
        "阿司匹林",
    ),
    "dosage text": (
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "subject": {"reference": "Patient/p-1"},
            "dosageInstruction": [{"text": f"{NAME} 每日一次口服"}],
        },
        "每日一次口服",
    ),
    "attachment title and url": (
        attached("右肺上叶见磨玻璃结节。".encode(), title=f"{NAME}报告", url=f"http://pacs/{MRN}.pdf", creation="2024-01-10"),
        "磨玻璃结节",
    ),
    "attachment hash": (attached(NOTE.encode(), hash="AAAA", size=3), "磨玻璃结节"),
    "attachment gb18030 undeclared": (attached(NOTE.encode("gb18030")), "磨玻璃结节"),
    "attachment gb18030 declared utf-8": (attached(NOTE.encode("gb18030"), "text/plain; charset=utf-8"), "磨玻璃结节"),
    "attachment utf-16 with mark": (attached(NOTE.encode("utf-16")), "磨玻璃结节"),
    "attachment utf-16 without mark": (attached(NOTE.encode("utf-16-le"), "text/plain; charset=utf-16"), "磨玻璃结节"),
    "attachment html": (attached(HTML.encode(), "text/html"), "磨玻璃结节"),
    "attachment html comment": (attached(f"<p>右肺结节<!-- {NAME} --></p><a href='x?n={MRN}'>片</a>".encode(), "text/html"), "右肺结节"),
    "attachment entities": (attached("".join(f"&#x{ord(c):x};" for c in NAME).encode() + "右肺结节".encode(), "text/html"), "右肺结节"),
    "attachment pdf": (
        report(
            conclusion="右肺结节",
            presentedForm=[{"contentType": "application/pdf", "data": base64.b64encode(b"%PDF-1.4 " + NOTE.encode()).decode()}],
        ),
        "右肺结节",
    ),
    "attachment image called text": (
        report(
            conclusion="右肺结节",
            presentedForm=[
                {
                    "contentType": "text/plain",
                    "data": base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) + NAME.encode()).decode(),
                }
            ],
        ),
        "右肺结节",
    ),
    "conclusion": (report(conclusion=f"{NAME}，右肺结节，请随访。"), "右肺结节"),
    "imaging description": (
        _about(
            "ImagingStudy",
            status="available",
            description=f"胸部CT {NAME}",
            series=[
                {
                    "uid": "1.2.3.4",
                    "description": f"薄层 {MRN}",
                    "modality": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"},
                    "performer": [{"actor": {"display": NAME}}],
                }
            ],
        ),
        "胸部CT",
    ),
    "encounter provider": (
        _encounter(
            serviceProvider={"display": "沉香市第一人民医院"}, location=[{"location": {"display": f"12床{NAME}"}, "status": "completed"}]
        ),
        "completed",
    ),
    "endpoint address": (
        _other(
            "Endpoint",
            status="active",
            address=f"http://u:p@{MRN}.example",
            header=[f"Authorization: {NAME}"],
            connectionType={"system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", "code": "dicom-wado-rs"},
        ),
        "dicom-wado-rs",
    ),
    "practitioner": (
        _other("Practitioner", name=[{"text": NAME}], telecom=[{"value": MOBILE}], photo=[{"url": "http://x"}], gender="female"),
        "female",
    ),
    "organization": (_other("Organization", name=f"{NAME}诊所", address=[{"text": HOME}], type=[{"text": "诊所"}]), "诊所"),
    "patient photo and link": (
        {**PATIENT, "photo": [{"data": "AAAA"}], "link": [{"other": {"reference": "Patient/p-1", "display": NAME}, "type": "seealso"}]},
        "seealso",
    ),
    "coverage": (
        _other(
            "Coverage",
            status="active",
            beneficiary={"reference": "Patient/p-1"},
            subscriberId=MRN,
            policyHolder={"display": NAME},
            payor=[{"display": "医保局"}],
            relationship={"coding": [{"code": "self", "system": "http://terminology.hl7.org/CodeSystem/subscriber-relationship"}]},
        ),
        "self",
    ),
    "family history": (
        _other(
            "FamilyMemberHistory",
            status="completed",
            patient={"reference": "Patient/p-1"},
            name="令狐望舒",
            relationship={"text": "配偶"},
            condition=[{"code": {"text": "高血压"}, "note": [{"text": "令狐望舒口述"}]}],
        ),
        "高血压",
    ),
    "questionnaire answers": (
        _about(
            "QuestionnaireResponse",
            status="completed",
            item=[
                {"linkId": "1", "text": "姓名", "answer": [{"valueString": NAME}]},
                {
                    "linkId": "2",
                    "text": "吸烟",
                    "answer": [
                        {"valueBoolean": False, "item": [{"linkId": "2.1", "text": f"{NAME}的备注", "answer": [{"valueString": "无"}]}]}
                    ],
                },
            ],
        ),
        "吸烟",
    ),
    "communication": (
        _about("Communication", status="completed", payload=[{"contentString": f"已告知{NAME}本人危急值血钾6.8"}]),
        "血钾6.8",
    ),
    "device serial": (
        _other(
            "Device",
            patient={"reference": "Patient/p-1"},
            serialNumber=MRN,
            lotNumber=MOBILE,
            udiCarrier=[{"carrierHRF": MRN}],
            type={"text": "心脏起搏器"},
            contact=[{"value": MOBILE}],
        ),
        "心脏起搏器",
    ),
    "provenance signature": (
        _other(
            "Provenance",
            target=[{"reference": "Patient/p-1"}],
            recorded="2024-01-10T00:00:00Z",
            agent=[{"who": {"display": NAME}}],
            signature=[{"who": {"display": NAME}, "data": "AAAA"}],
            activity={"text": "更新"},
        ),
        "更新",
    ),
    "specimen accession": (
        _about("Specimen", accessionIdentifier={"value": MRN}, type={"text": "静脉血"}, collection={"collector": {"display": NAME}}),
        "静脉血",
    ),
    "binary": (
        _other(
            "Binary",
            contentType="text/plain",
            securityContext={"reference": "Patient/p-1"},
            data=base64.b64encode(NOTE.encode("gb18030")).decode(),
        ),
        "磨玻璃结节",
    ),
    "composition title": (
        _about(
            "Composition",
            status="final",
            title=f"{NAME}出院小结",
            section=[{"title": "诊断", "text": {"div": f"<div>{NAME}</div>"}, "section": [{"title": f"{NAME}随访"}]}],
        ),
        "诊断",
    ),
    "resident id with a wrong check digit": (observation(valueString=f"身份证{IDCARD[:-1]}9，标本合格"), "标本合格"),
    "status is a name": ({**observation(valueString="阴性"), "status": NAME}, "阴性"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_nothing_identifying_passes_a_trap_and_its_near_miss_survives(name):
    resource, near_miss = TRAPS[name]
    outcome = released(resource)
    assert outcome.status == "released", [issue.text("en") for issue in outcome.issues]
    seen = everything(outcome)
    assert [value for value in IDENTITIES if value in seen] == []
    assert "WENREN" not in seen.upper()
    assert near_miss in seen


def test_there_are_at_least_forty_traps():
    assert len(TRAPS) >= 40


def test_an_unknown_modifier_extension_sends_the_resource_to_quarantine():
    outcome = released(observation(modifierExtension=[{"url": "http://his/negated", "valueBoolean": True}]))
    assert outcome.status == "quarantined"
    assert [issue.code for issue in outcome.issues] == ["FHR-010"]
    assert outcome.content is None
    assert released(observation(modifierExtension=[])).status == "released"


@pytest.mark.parametrize(
    "broken",
    [
        {"valueQuantity": "110 g/L"},
        {"code": "血红蛋白"},
        {"valueBoolean": NAME},
        {"effectiveDateTime": 20240110},
        {"valueInteger": 2**60},
        {"contained": NAME},
    ],
)
def test_a_member_of_a_wrong_shape_is_quarantined_with_its_place_and_no_value(broken):
    outcome = released(observation(**broken))
    assert outcome.status == "quarantined"
    assert outcome.issues[0].code in ("FHR-011", "FHR-012")
    assert outcome.issues[0].where.startswith("Observation")
    assert NAME not in everything(outcome)


def test_a_hash_and_a_size_are_those_of_the_cleaned_text():
    import hashlib

    form = tree(released(attached(NOTE.encode("gb18030"), hash="AAAA", size=3)))["presentedForm"][0]
    data = base64.b64decode(form["data"])
    assert form["size"] == len(data)
    assert form["hash"] == base64.b64encode(hashlib.sha1(data).digest()).decode()
    assert form["contentType"] == "text/plain; charset=utf-8"


def test_a_practice_policy_drops_notes_and_a_gold_policy_keeps_them_cleaned():
    assert "presentedForm" in tree(released(attached(NOTE.encode())))
    assert "presentedForm" not in tree(released(attached(NOTE.encode()), "cn-practice"))


def test_an_identifier_and_a_conditional_reference_to_it_still_join():
    practitioner = tree(released(_other("Practitioner", identifier=[{"system": "http://npi", "value": "12345"}])))
    pointing = tree(released(observation(performer=[{"reference": "Practitioner?identifier=http://npi|12345"}])))
    assert pointing["performer"][0]["identifier"] == practitioner["identifier"][0]
    other = tree(released(observation(performer=[{"reference": "Practitioner?identifier=http://npi|12346"}])))
    assert other["performer"][0]["identifier"] != practitioner["identifier"][0]


def test_an_imaging_study_gets_the_uids_the_images_get():
    study = tree(
        released(
            _about(
                "ImagingStudy",
                status="available",
                identifier=[{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3.4"}],
                series=[
                    {
                        "uid": "1.2.3.4.5",
                        "instance": [
                            {"uid": "1.2.3.4.5.6", "sopClass": {"system": "urn:ietf:rfc:3986", "code": "urn:oid:1.2.840.10008.5.1.4.1.1.2"}}
                        ],
                    }
                ],
            )
        )
    )
    assert study["identifier"] == [{"system": "urn:dicom:uid", "value": "urn:oid:" + KEY.uid(SITE.site_id, "1.2.3.4")}]
    assert study["series"][0]["uid"] == KEY.uid(SITE.site_id, "1.2.3.4.5")
    assert study["series"][0]["instance"][0]["uid"] == KEY.uid(SITE.site_id, "1.2.3.4.5.6")
    assert study["series"][0]["instance"][0]["sopClass"]["code"] == "urn:oid:1.2.840.10008.5.1.4.1.1.2"


def test_the_patient_becomes_the_subject_dicom_gives_for_the_same_number():
    patient = tree(released(PATIENT))
    assert patient["id"] == KEY.subject(SITE.site_id, SITE.patient_id_issuer, MRN)
    assert tree(released(observation()))["subject"] == {"reference": f"Patient/{patient['id']}"}


def test_the_same_resource_gives_the_same_bytes():
    assert released(report(conclusion=NOTE)).content == released(json.dumps(report(conclusion=NOTE)).encode()).content
