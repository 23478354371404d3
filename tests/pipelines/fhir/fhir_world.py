"""A made-up patient and a hospital with one key, for the record tests."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

from pipelines.phi_zone.fhir.deidentify import deidentify_resource, load_fhir_policy
from pipelines.phi_zone.fhir.subjects import subject_reference_of
from pipelines.phi_zone.identity import SubjectIndex, identity_of_patient
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.policy import load_text_policy
from schemas.deid import FhirOutcome
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site

SITE = Site.bare("east")
KEY = ProjectKey(bytes(range(32)), "test")
NAME, MRN, IDCARD, MOBILE, HOME = "闻人疏影", "ZY88012345", "310104197806123417", "13917246580", "沉香市月桥路88号602室"
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p-1",
    "name": [{"text": NAME, "family": "闻人", "given": ["疏影"]}],
    "gender": "female",
    "birthDate": "1978-06-12",
    "identifier": [{"type": {"text": "住院号"}, "value": MRN}, {"type": {"text": "居民身份证"}, "value": IDCARD}],
    "telecom": [{"system": "phone", "value": MOBILE}],
    "address": [{"text": HOME}],
    "contact": [{"name": {"text": "令狐望舒"}, "telecom": [{"value": "021-58881234"}]}],
}
NOTE = f"姓名：{NAME}，住院号：{MRN}，电话{MOBILE}。右肺上叶见磨玻璃结节。"
IDENTITIES = (NAME, MRN, IDCARD, MOBILE, HOME, "疏影", "令狐望舒", "58881234", "1978-06-12")


@cache
def policy(name: str = "cn-gold") -> FhirPolicy:
    return load_fhir_policy(name)


@cache
def cleaner(name: str = "cn-gold") -> TextCleaner:
    return TextCleaner(load_text_policy(name))


def index(*patients: dict[str, Any]) -> SubjectIndex:
    found = SubjectIndex(KEY, SITE)
    for patient in patients or (PATIENT,):
        identity = identity_of_patient(patient, SITE)
        assert identity is not None
        found.add_patient(identity)
    return found


def released(resource: dict[str, Any] | bytes, policy_name: str = "cn-gold") -> FhirOutcome:
    """`resource` through the engine, with its patient looked up as flow A does."""
    spine = index()
    tree = json.loads(resource) if isinstance(resource, bytes) else resource
    subject = spine.resolve(subject_reference_of(tree))
    return deidentify_resource(resource, policy(policy_name), KEY, SITE, subject, spine.known.get(subject or ""), cleaner(), spine)


def tree(outcome: FhirOutcome) -> dict[str, Any]:
    assert outcome.status == "released", [issue.code for issue in outcome.issues]
    return json.loads(outcome.content or b"")


def everything(outcome: FhirOutcome) -> str:
    """Everything a receiver could read of an outcome: content, decoded base64, issues."""
    content = (outcome.content or b"").decode()
    parts = [content, *(issue.text("zh") + issue.where for issue in outcome.issues)]

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "data" and isinstance(value, str):
                    parts.append(base64.b64decode(value).decode("utf-8", "replace"))
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(json.loads(content) if content else {})
    return "\n".join(parts)


def observation(**members: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "o-1",
        "status": "final",
        "code": {"text": "血红蛋白"},
        "subject": {"reference": "Patient/p-1"},
        **members,
    }


def report(**members: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": "r-1",
        "status": "final",
        "code": {"text": "胸部CT"},
        "subject": {"reference": "Patient/p-1"},
        **members,
    }


def attached(data: bytes, content_type: str = "text/plain", **members: Any) -> dict[str, Any]:
    return report(presentedForm=[{"contentType": content_type, "data": base64.b64encode(data).decode(), **members}])


def encounter(**members: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": "e-1",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": "Patient/p-1"},
        **members,
    }


def other(kind: str, **members: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": "x-1", **members}


def about(kind: str, **members: Any) -> dict[str, Any]:
    return other(kind, subject={"reference": "Patient/p-1"}, **members)
