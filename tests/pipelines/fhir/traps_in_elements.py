"""References, codes, texts, extensions and contained resources that hide an identity, each with what must survive."""

from __future__ import annotations

from typing import Any

from fhir_world import IDCARD, MOBILE, MRN, NAME, observation

LOINC = "http://loinc.org"
EXT = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
IN_ELEMENTS: dict[str, tuple[dict[str, Any], str]] = {
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
    "resident id with a wrong check digit": (observation(valueString=f"身份证{IDCARD[:-1]}9，标本合格"), "标本合格"),
    "status is a name": ({**observation(valueString="阴性"), "status": NAME}, "阴性"),
}
