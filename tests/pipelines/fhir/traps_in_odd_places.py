"""Identities where nobody looks for one: in numbers, types, urls, codes, displays, and elements of other FHIR versions.

Each with the strings that may not come out beside the patient's own, and what must survive.
"""

from __future__ import annotations

import base64
from typing import Any

from fhir_world import HOME, MOBILE, MRN, NAME, PATIENT, about, encounter, observation, other

RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
CORE = "http://hl7.org/fhir/StructureDefinition"
LOINC = "http://loinc.org"
Trap = tuple[dict[str, Any], tuple[str, ...], str]


def asked(**answer: Any) -> dict[str, Any]:
    return about("QuestionnaireResponse", status="completed", item=[{"linkId": "1", "text": "吸烟", "answer": [answer]}])


def shown(text: str) -> dict[str, Any]:
    return observation(code={"coding": [{"system": LOINC, "code": "718-7", "display": text}]})


def local(code: str) -> dict[str, Any]:
    return observation(code={"coding": [{"system": "http://his", "code": code, "display": "血红蛋白"}]})


def noted(text: str) -> dict[str, Any]:
    return observation(note=[{"text": text}])


def task(**put: Any) -> dict[str, Any]:
    whose = {"for": {"reference": "Patient/p-1"}}
    return other("Task", status="requested", intent="order", **whose, input=[{"type": {"text": "联系"}, **put}])


def document(**members: Any) -> dict[str, Any]:
    data = base64.b64encode(f"{NAME}无异常".encode()).decode()
    return about("DocumentReference", status="current", content=[{"attachment": {"contentType": "text/plain", "data": data, **members}}])


AS_NUMBERS: dict[str, Trap] = {
    "mobile as an integer": (observation(valueInteger=int(MOBILE)), (), "血红蛋白"),
    "record number without its letters as an integer": (observation(valueInteger=88012345), ("88012345",), "血红蛋白"),
    "record number as a decimal": (observation(valueDecimal=88012345.0), ("88012345",), "血红蛋白"),
    "landline with area code as an integer": (observation(valueInteger=2158881234), (), "血红蛋白"),
    "local landline as an integer": (observation(valueInteger=58881234), (), "血红蛋白"),
    "birth date as an integer": (observation(valueInteger=19780612), ("19780612",), "血红蛋白"),
    "birth date as an amount": (observation(valueQuantity={"value": 19780612, "unit": "1"}), ("19780612",), '"unit":"1"'),
    "negative record number": (observation(valueDecimal=-88012345), ("88012345",), "血红蛋白"),
    "somebody's mobile as an amount": (observation(valueQuantity={"value": 13800138126, "unit": "1"}), ("13800138126",), '"unit":"1"'),
    "mobile as a limit": (observation(referenceRange=[{"low": {"value": int(MOBILE)}, "text": "110-150"}]), (), "110-150"),
    "record number as a number of a series": (
        about("ImagingStudy", status="available", series=[{"uid": "1.2.3", "number": 88012345, "description": "薄层"}]),
        ("88012345",),
        "薄层",
    ),
    "record number as a total": (
        other("Claim", status="active", use="claim", patient={"reference": "Patient/p-1"}, total={"value": 88012345, "currency": "CNY"}),
        ("88012345",),
        "CNY",
    ),
    "record number as a count of doses": (
        about("MedicationRequest", status="active", dosageInstruction=[{"timing": {"repeat": {"count": 88012345, "frequency": 3}}}]),
        ("88012345",),
        '"frequency":3',
    ),
    "platelets": (observation(valueQuantity={"value": 250000, "unit": "/uL"}), (), "250000"),
    "copies of a virus": (observation(valueQuantity={"value": 13000000000, "unit": "copies/mL"}), (), "13000000000"),
    "a large integer": (observation(valueInteger=88012346), (), "88012346"),
}
IN_NAMES_OF_THINGS: dict[str, Trap] = {
    "url of a part of an extension": (
        observation(
            extension=[{"url": RACE, "extension": [{"url": "WenrenShuying", "valueCode": "a"}, {"url": "text", "valueString": "Asian"}]}]
        ),
        ("Shuying",),
        "Asian",
    ),
    "three extensions deep": (
        observation(
            extension=[
                {
                    "url": RACE,
                    "extension": [
                        {"url": "detailed", "extension": [{"url": "text", "extension": [{"url": "text", "valueString": NAME}]}]},
                        {"url": "text", "valueString": "Asian"},
                    ],
                }
            ]
        ),
        (),
        "Asian",
    ),
    "type of a logical reference": (
        observation(performer=[{"type": "WenrenShuying", "identifier": {"value": "7"}}]), ("Shuying",), "urn:touchstone:identifier",
    ),
    "type of a literal reference": (observation(encounter={"reference": "Wenrenshuying/1"}), ("shuying",), "血红蛋白"),
    "type of a conditional reference": (observation(encounter={"reference": "Wenrenshuying?identifier=7"}), ("shuying",), "血红蛋白"),
    "a type of FHIR R5": (observation(encounter={"reference": "Transport/1"}), (), "Transport/"),
    "query behind a questionnaire": (
        {**asked(valueString="否"), "questionnaire": f"http://hl7.org/fhir/Questionnaire/x?patient={MRN}"}, (), "吸烟",
    ),
    "link id": (about("QuestionnaireResponse", status="completed", item=[{"linkId": NAME, "text": "吸烟"}]), (), "吸烟"),
    "address of a page": (asked(valueUri=f"https://weibo.com/u/{MOBILE}"), (), "吸烟"),
    "address of a workstation as a local code": (local("10.23.45.67"), ("10.23.45.67",), "血红蛋白"),
    "hardware address as a local code": (local("00:1A:2B:3C:4D:5E"), ("1A:2B",), "血红蛋白"),
    "number plate as a local code": (local("沪A8F263"), ("8F263",), "血红蛋白"),
    "account as a code": (observation(valueCode="wxid_8k2jdl39sk", note=[{"text": "阴性"}]), ("wxid",), "阴性"),
    "a code with dots": (local("1.2.10.4"), (), "1.2.10.4"),
    "implicit rules and language": (observation(implicitRules=f"http://x/{MRN}", language=NAME, valueString="阴性"), (), "阴性"),
}
AS_DISPLAYS: dict[str, Trap] = {
    "age above 89": (shown("患者94岁，右肺结节"), ("94岁",), "右肺结节"),
    "month of birth": (shown("1978年6月出生，右肺结节"), ("1978年6月",), "右肺结节"),
    "mobile in Chinese numerals": (shown("电话一三九一七二四六五八零，右肺结节"), ("一三九一七",), "右肺结节"),
    "a diagnosis with a comma": (shown("2型糖尿病，伴有肾并发症"), (), "2型糖尿病，伴有肾并发症"),
    "name of a device": (
        other("Device", status="active", patient={"reference": "Patient/p-1"}, deviceName=[{"name": f"{NAME}的起搏器", "type": "other"}]),
        (),
        "起搏器",
    ),
}
IN_TEXT: dict[str, Trap] = {
    "WeChat": (noted("微信号：wxid_8k2jdl39sk，请复查血常规"), ("wxid_8k2jdl39sk",), "复查血常规"),
    "QQ": (noted("QQ：283746519，请复查血常规"), ("283746519",), "复查血常规"),
    "number plate": (noted("家属车牌沪A·8F263等候，请复查血常规"), ("8F263",), "复查血常规"),
    "serial number of a pacemaker": (noted("起搏器序列号 PJN2837465S，心律齐"), ("PJN2837465S",), "心律齐"),
    "address of a workstation": (noted("工作站IP 10.23.45.67，图像已上传"), ("10.23.45.67",), "图像已上传"),
    "hardware address": (noted("MAC 00:1A:2B:3C:4D:5E，图像已上传"), ("1A:2B:3C",), "图像已上传"),
    "answers of other kinds": (task(valueHumanName={"text": NAME}), (), "联系"),
    "a telephone as an input": (task(valueContactPoint={"value": MOBILE}), (), "联系"),
    "relative in an input": (task(valueString="家属令狐望舒 021-58881234，复查血常规"), (), "复查血常规"),
    "contained doctor in a note": (
        observation(
            contained=[{"resourceType": "Practitioner", "id": "d", "name": [{"text": "慕容秋白"}]}],
            performer=[{"reference": "#d"}],
            note=[{"text": "慕容秋白审核，标本合格"}],
        ),
        ("慕容秋白",),
        "标本合格",
    ),
}
OF_OTHER_VERSIONS: dict[str, Trap] = {
    "birth time": (
        {**PATIENT, "_birthDate": {"extension": [{"url": f"{CORE}/patient-birthTime", "valueDateTime": "1978-06-12T03:04:05Z"}]}},
        ("03:04:05",),
        "female",
    ),
    "place of a home": (
        {
            **PATIENT,
            "address": [{"extension": [{"url": f"{CORE}/geolocation", "extension": [{"url": "latitude", "valueDecimal": 31.2304}]}]}],
        },
        ("31.2304",),
        "female",
    ),
    "place of a location": (
        other("Location", status="active", name=f"{NAME}家", position={"longitude": 121.4737, "latitude": 31.2304}, address={"text": HOME}),
        ("121.4737",),
        "active",
    ),
    "R5 attachment": (document(height=5, pages=2, title=NAME), (), "无异常"),
    "R5 encounter": (encounter(actualPeriod={"start": "2024-03-05"}, subjectStatus={"text": NAME}), ("2024-03-05",), "finished"),
    "R5 trigger": (observation(triggeredBy=[{"observation": {"display": NAME}, "reason": NAME}], valueString="阴性"), (), "阴性"),
}
ODD_PLACES = {**AS_NUMBERS, **IN_NAMES_OF_THINGS, **AS_DISPLAYS, **IN_TEXT, **OF_OTHER_VERSIONS}
