"""A Microsoft configuration becomes a keep-list, and what its deny-list would have let through is listed."""

from __future__ import annotations

import json

import pytest

from eval_harness.base import WrongUsage
from pipelines.phi_zone.fhir.microsoft import import_microsoft
from schemas.shapes.fhir_policy import FhirPolicy

RULES = [
    ("nodesByType('HumanName')", "redact"),
    ("Patient.address", "redact"),
    ("Patient.birthDate", "dateShift"),
    ("Resource.id", "cryptoHash"),
    ("Observation.note", "redact"),
    ("nodesByName('telecom')", "redact"),
    ("Patient.identifier", "keep"),
    ("Patient.contact.where(gender = 'male').name", "redact"),
]


@pytest.fixture
def imported(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(
        json.dumps(
            {"fhirVersion": "R4", "fhirPathRules": [{"path": p, "method": m} for p, m in RULES], "parameters": {"dateShiftKey": "secret"}}
        )
    )
    return import_microsoft(path, "hospital-rules")


def test_what_no_rule_covers_is_listed_and_what_one_covers_is_not(imported):
    assert {
        "Patient.photo (Attachment)",
        "Patient.text (Narrative)",
        "Patient.contact.address (Address)",
        "Observation.valueString (string)",
        "Observation.subject (Reference)",
    } <= set(imported.leaks)
    covered = {
        "Patient.name",
        "Patient.address",
        "Patient.birthDate",
        "Patient.telecom",
        "Patient.contact.name",
        "Patient.contact.telecom",
        "Observation.note",
        "Patient.id",
        "Patient.gender",
    }
    assert not [leak for leak in imported.leaks if leak.split(" ")[0] in covered]


def test_a_rule_that_says_keep_is_a_leak_of_an_identifying_element(imported):
    assert "Patient.identifier (Identifier)" in imported.leaks


def test_a_path_with_a_function_is_named_and_no_key_is_taken_over(imported):
    assert imported.not_understood == ("Patient.contact.where(gender = 'male').name",)
    assert "secret" not in json.dumps(imported.policy)
    assert any("dateShiftKey" in note for note in imported.notes)


def test_the_policy_is_ours_and_narrower_than_gold(imported):
    assert "note" not in imported.policy["resources"]["Observation"]
    assert imported.policy["include"] == "cn-gold"
    FhirPolicy.model_validate({**imported.policy, "types": {}, "resources": {}})


def test_something_else_is_refused(tmp_path):
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(WrongUsage):
        import_microsoft(tmp_path / "x.json", "x")
