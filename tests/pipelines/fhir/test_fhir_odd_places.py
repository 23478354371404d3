"""Identities in numbers, types, urls, codes and displays, each with the near miss that must survive."""

from __future__ import annotations

import json

import pytest
from fhir_world import IDENTITIES, everything, observation, released
from test_fhir_memory import content, engine, patient
from traps_in_odd_places import ODD_PLACES


@pytest.mark.parametrize("name", ODD_PLACES)
def test_nothing_identifying_comes_out_of_an_odd_place_and_its_near_miss_survives(name):
    resource, forbidden, near_miss = ODD_PLACES[name]
    outcome = released(resource)
    assert outcome.status == "released", [issue.text("en") for issue in outcome.issues]
    seen = everything(outcome)
    assert [value for value in (*IDENTITIES, *forbidden) if value in seen] == []
    assert near_miss in seen


@pytest.mark.parametrize("name", ODD_PLACES)
def test_an_odd_place_is_treated_the_same_whatever_was_met_before(name):
    resource, work = ODD_PLACES[name][0], engine()
    if resource["resourceType"] != "Patient" and "subject" in resource:
        content(work, {**resource, "subject": patient(2)}, True)
    assert content(work, resource, True) == content(engine(), resource, False)


def test_a_limit_that_is_one_patients_number_stays_in_another_patients_record():
    work = engine()
    limits = {"referenceRange": [{"high": {"value": 88012345, "unit": "1"}}]}
    others = json.loads(content(work, observation(**limits, subject=patient(2)), True)[0])
    own = json.loads(content(work, observation(**limits), True)[0])
    assert others["referenceRange"] == limits["referenceRange"]
    assert own["referenceRange"] == [{"high": {"unit": "1"}}]
