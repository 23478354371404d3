"""Dates: moved by whole days with the subject, partial ones stay partial, ages over 89 are not told."""

from __future__ import annotations

import datetime as dt

import pytest
from fhir_world import KEY, MRN, PATIENT, SITE, attached, observation, released, tree
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.fhir.dates import moved

SHIFT = KEY.shift_days(KEY.subject(SITE.site_id, SITE.patient_id_issuer, MRN))


@settings(max_examples=60, deadline=None)
@given(st.dates(dt.date(1930, 1, 1), dt.date(2030, 1, 1)), st.dates(dt.date(1930, 1, 1), dt.date(2030, 1, 1)))
def test_every_interval_is_as_in_the_source(first, second):
    new = [
        dt.date.fromisoformat(tree(released(observation(effectiveDateTime=day.isoformat())))["effectiveDateTime"])
        for day in (first, second)
    ]
    assert new[1] - new[0] == second - first
    assert (new[0] - first).days == SHIFT


@pytest.mark.parametrize("value", ["2024-02-29T23:59:59.123+08:00", "2024-02-29T23:59:59Z", "2024-02-29T10:30+05:30"])
def test_time_and_zone_stay_as_they_were(value):
    new = tree(released(observation(effectiveDateTime=value)))["effectiveDateTime"]
    assert new[10:] == value[10:]
    assert dt.date.fromisoformat(new[:10]) == dt.date(2024, 2, 29) + dt.timedelta(days=SHIFT)


def test_partial_dates_stay_partial():
    assert len(tree(released(observation(effectiveDateTime="2024")))["effectiveDateTime"]) == 4
    assert len(tree(released(observation(effectiveDateTime="2024-05")))["effectiveDateTime"]) == 7


@pytest.mark.parametrize("value", ["2024-02-30", "昨天", "2024-1-5", "0001-01-02", "2024-01-01T99"])
def test_what_is_no_date_goes_with_a_warning_and_the_rest_stays(value):
    outcome = released(observation(effectiveDateTime=value, valueString="阴性"))
    assert "effectiveDateTime" not in tree(outcome)
    assert [issue.code for issue in outcome.issues] == ["FHR-015"] or value.endswith("T99")
    assert tree(outcome)["valueString"] == "阴性"


def test_a_birth_date_over_eighty_nine_is_not_told_and_one_below_moves():
    assert "birthDate" not in tree(released({**PATIENT, "birthDate": "1931-01-01"}))
    assert tree(released({**PATIENT, "birthDate": "1978-06-12"}))["birthDate"] == moved("1978-06-12", SHIFT)
    assert tree(released({**PATIENT, "birthDate": "1978-06-12"}, "us-safe-harbor"))["birthDate"] == "1978"


def test_an_age_over_eighty_nine_becomes_at_least_ninety():
    old = tree(released(observation(valueQuantity={"value": 97, "unit": "岁", "code": "a", "system": "http://unitsofmeasure.org"})))
    assert old["valueQuantity"]["value"] == 90
    assert old["valueQuantity"]["comparator"] == ">="
    young = tree(released(observation(valueQuantity={"value": 88, "unit": "岁", "code": "a"})))
    assert young["valueQuantity"]["value"] == 88
    assert tree(released(observation(valueQuantity={"value": 97, "unit": "mg"})))["valueQuantity"]["value"] == 97


def test_safe_harbor_keeps_years_only_and_three_digits_of_a_zip_code():
    patient = {**PATIENT, "address": [{"state": "MA", "postalCode": "02139", "city": "Cambridge"}, {"postalCode": "03601"}]}
    out = tree(released(patient, "us-safe-harbor"))
    assert [part.get("postalCode") for part in out["address"]] == ["021", "000"]
    assert "city" not in out["address"][0]
    assert tree(released(observation(effectiveDateTime="2024-05-06T10:00:00Z"), "us-safe-harbor"))["effectiveDateTime"] == "2024"


def test_where_only_years_leave_the_day_a_document_was_made_does_not():
    document = attached("右肺结节".encode(), creation="2024-03-05T10:00:00Z")
    assert tree(released(document, "us-safe-harbor"))["presentedForm"][0]["creation"] == "2024"
    assert len(tree(released(document))["presentedForm"][0]["creation"]) == len("2024-03-05T10:00:00Z")
