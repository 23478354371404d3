"""What FHIR requires stays in place as masked when its content may not leave, and the structure check passes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir_world import MRN, NAME, about, everything, other, released

from pipelines.deid_zone.structure import problems

PATIENT = {"reference": "Patient/p-1"}
WHO = {"display": NAME}
PDF = {"contentType": "application/pdf", "data": "JVBERi0="}
MASKED = '"valueCode":"masked"'
TYPE = {"text": "住院"}
ONLY_DISPLAYS: list[dict[str, Any]] = [
    other("Composition", status="final", type=TYPE, subject=PATIENT, date="2024-03-01", title="出院记录", author=[WHO]),
    other("Coverage", status="active", beneficiary=PATIENT, payor=[WHO]),
    other("Provenance", target=[PATIENT], recorded="2024-03-01T00:00:00Z", agent=[{"who": WHO}]),
    other("DocumentReference", status="current", subject=PATIENT, content=[{"attachment": PDF}]),
    other("Media", status="completed", subject=PATIENT, content=PDF),
    other("DeviceUseStatement", status="active", subject=PATIENT, device=WHO),
    other("Slot", status="free", schedule=WHO, start="2024-03-01T08:00:00Z", end="2024-03-01T09:00:00Z"),
    other("Endpoint", status="active", connectionType={"code": "x"}, payloadType=[TYPE], address=f"http://{MRN}.example"),
    other(
        "ExplanationOfBenefit",
        status="active",
        type=TYPE,
        use="claim",
        patient=PATIENT,
        created="2024-03-01",
        insurer=WHO,
        provider=WHO,
        outcome="complete",
        insurance=[{"focal": True, "coverage": WHO}],
    ),
    other("MeasureReport", status="complete", type="individual", subject=PATIENT, measure="http://his/m", period={"start": "2024-03-01"}),
    other("GuidanceResponse", status="success", moduleUri=f"http://his/{MRN}", subject=PATIENT),
]


@pytest.mark.parametrize("resource", ONLY_DISPLAYS, ids=lambda one: one["resourceType"])
def test_a_resource_whose_required_parts_only_named_somebody_keeps_its_shape(resource):
    outcome = released(resource)
    assert outcome.status == "released"
    seen = everything(outcome)
    assert MASKED in seen
    assert NAME not in seen
    assert MRN not in seen
    assert [issue["code"] for issue in problems(outcome.resource_type, outcome.resource_id, (outcome.content or b"").decode())] == []


def test_what_the_source_did_not_have_is_not_made_up():
    outcome = released(other("Composition", status="final", type=TYPE, subject=PATIENT, date="2024-03-01", title="x"))
    assert "author" not in json.loads(outcome.content or b"")
    assert MASKED not in everything(outcome)


def test_the_module_of_a_guidance_stays_when_it_is_public():
    module = "http://hl7.org/fhir/PlanDefinition/x"
    assert module in everything(released(about("GuidanceResponse", status="success", moduleUri=module)))
