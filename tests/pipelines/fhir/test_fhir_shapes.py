"""Shapes a resource must have, and ids, UIDs, hashes and references that still fit together afterwards."""

from __future__ import annotations

import base64
import json

import pytest
from fhir_world import KEY, MRN, NAME, NOTE, PATIENT, SITE, about, attached, everything, observation, other, released, report, tree


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
    practitioner = tree(released(other("Practitioner", identifier=[{"system": "http://npi", "value": "12345"}])))
    pointing = tree(released(observation(performer=[{"reference": "Practitioner?identifier=http://npi|12345"}])))
    assert pointing["performer"][0]["identifier"] == practitioner["identifier"][0]
    stranger = tree(released(observation(performer=[{"reference": "Practitioner?identifier=http://npi|12346"}])))
    assert stranger["performer"][0]["identifier"] != practitioner["identifier"][0]


def test_an_imaging_study_gets_the_uids_the_images_get():
    study = tree(
        released(
            about(
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


@pytest.mark.parametrize("comparator", ["<", ">=", "ad", "&lt;", "≤"])
def test_a_comparator_stays_and_another_word_in_its_place_is_refused(comparator):
    assert "comparator" in tree(released(observation(valueQuantity={"value": 5, "comparator": comparator})))["valueQuantity"]
    assert released(observation(valueQuantity={"value": 5, "comparator": "Shu"})).status == "quarantined"


def test_a_remark_written_as_a_unit_is_searched_for_names():
    out = tree(released(observation(valueQuantity={"value": 5, "unit": "ng/mL (called to Dr Gadsby)"})))["valueQuantity"]
    assert out == {"value": 5, "unit": "ng/mL (called to Dr [NAME])"}
    counted = {"value": 5, "unit": "10*3/uL per field"}
    assert tree(released(observation(valueQuantity=counted)))["valueQuantity"] == counted
