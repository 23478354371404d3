"""Checks let a plausible chest CT and a plain resource through, and name what is planted; every rule has a near miss."""
from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from pipelines.deid_zone.check import check_instances, check_resources
from schemas.tables import INSTANCE

CT, SR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.33"


def ct_slice(number: int = 0, **differs: Any) -> dict[str, Any]:
    """One slice of a plausible chest CT."""
    row = dict.fromkeys(INSTANCE.columns.names) | {
        "row_id": number.to_bytes(16, "big"), "site_id": "east", "subject": "sabc", "m": "2026-11", "unit_token": f"u{number}", "seq": 1,
        "sop_instance_uid": f"2.25.{number + 1}", "series_instance_uid": "2.25.100", "study_instance_uid": "2.25.200",
        "sop_class_uid": CT, "modality": "CT", "study_date": "20240229", "patient_sex": "F", "patient_age": "045Y",
        "rows": 512, "columns": 512, "bits_allocated": 16, "bits_stored": 12, "samples_per_pixel": 1, "pixel_representation": 1,
        "photometric_interpretation": "MONOCHROME2", "pixel_spacing": [0.7, 0.7], "slice_thickness": 3.0, "kvp": 120.0,
        "image_position_patient": [0.0, 0.0, 3.0 * number], "image_orientation_patient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        "rescale_slope": 1.0, "rescale_intercept": -1024.0}
    return row | differs


def verdicts(*rows: dict[str, Any]) -> list[tuple[str, list[str]]]:
    shape = pa.schema([pa.field("row_id", pa.binary(16)), *INSTANCE.columns])
    table = check_instances(pa.Table.from_pylist(list(rows), schema=shape))
    return [(row["outcome"], [issue["code"] for issue in row["issues"]]) for row in table.to_pylist()]


def test_a_plausible_series_passes_without_a_remark():
    assert verdicts(*[ct_slice(number) for number in range(5)]) == [("ok", [])] * 5


def test_no_rows_no_verdicts():
    assert verdicts() == []


@pytest.mark.parametrize("planted, code", [
    ({"modality": None}, "CHK-101"), ({"pixel_spacing": None}, "CHK-101"), ({"rescale_slope": None}, "CHK-101"),
    ({"study_date": "20241301"}, "CHK-102"), ({"sop_instance_uid": "1.2.3"}, "CHK-102"), ({"patient_age": "093Y"}, "CHK-102"),
    ({"rows": 0}, "CHK-104"), ({"bits_stored": 24}, "CHK-105"), ({"samples_per_pixel": 2}, "CHK-103"),
    ({"pixel_spacing": [0.7, 0.0]}, "CHK-110"), ({"image_orientation_patient": [1.0, 0.0, 0.0, 0.5, 1.0, 0.0]}, "CHK-111"),
])
def test_a_planted_error_sends_that_row_alone_to_quarantine(planted, code):
    found = verdicts(ct_slice(0), ct_slice(1, **planted), ct_slice(2))
    assert found[1][0] == "quarantined"
    assert code in found[1][1]
    assert [found[0][0], found[2][0]] == ["ok", "ok"]


@pytest.mark.parametrize("near_miss", [
    {"study_date": "20240229"}, {"study_date": None}, {"patient_age": "090Y"}, {"patient_age": "011M"}, {"bits_stored": 16},
    {"patient_sex": None}, {"image_orientation_patient": [1.0, 0.0, 0.0, 0.0, 0.9999, 0.0]}])
def test_a_near_miss_passes(near_miss):
    assert verdicts(ct_slice(0, **near_miss)) == [("ok", [])]


def test_an_object_without_pixels_needs_no_pixel_attributes():
    bare = dict.fromkeys(("rows", "columns", "bits_allocated", "bits_stored", "samples_per_pixel", "pixel_representation",
                          "photometric_interpretation", "pixel_spacing", "image_position_patient", "image_orientation_patient"))
    assert verdicts(ct_slice(0, sop_class_uid=SR, modality="SR", **bare)) == [("ok", [])]


def test_remarks_on_a_series_do_not_hold_it_back():
    rows = [ct_slice(0), ct_slice(1), ct_slice(2), ct_slice(4), ct_slice(5, image_position_patient=[0.0, 0.0, 12.0]),
            ct_slice(6, rows=256)]
    found = verdicts(*rows)
    assert {outcome for outcome, _ in found} == {"ok"}
    assert "CHK-114" in found[2][1], "a slice is missing after the third"
    assert "CHK-113" in found[3][1], "two slices lie at 12 mm"
    assert found[5][1] == ["CHK-112"]


def resource_verdicts(*bodies: Any) -> list[tuple[str, list[str]]]:
    rows = [{"row_id": number.to_bytes(16, "big"), "resource_type": body.get("resourceType"), "id": body.get("id"), "subject": "sabc",
             "resource": json.dumps(body)} for number, body in enumerate(bodies)]
    table = check_resources(pa.Table.from_pylist(rows))
    return [(row["outcome"], [issue["code"] for issue in row["issues"]]) for row in table.to_pylist()]


OBSERVATION = {"resourceType": "Observation", "id": "a1", "status": "final", "code": {"text": "HbA1c"},
               "subject": {"reference": "Patient/p1"}, "valueQuantity": {"value": 6.1, "unit": "%"}}


def test_a_plain_resource_passes():
    assert resource_verdicts(OBSERVATION) == [("ok", [])]


@pytest.mark.parametrize("planted, code", [
    ({"status": None}, "CHK-201"), ({"colour": "red"}, "CHK-201"), ({"valueString": "twice"}, "CHK-201"),
    ({"effectiveDateTime": "2024-13-45"}, "CHK-201"), ({"resourceType": "Observatory"}, "CHK-202"),
    ({"resourceType": "HumanName"}, "CHK-202"), ({"id": "has space"}, "CHK-102"),
])
def test_a_resource_with_a_wrong_structure_is_quarantined_by_path(planted, code):
    body = {name: value for name, value in (OBSERVATION | planted).items() if value is not None}
    (outcome, codes), (other, _) = resource_verdicts(body, OBSERVATION)
    assert (outcome, other) == ("quarantined", "ok")
    assert code in codes


def test_an_issue_on_a_resource_names_the_path_and_never_the_value():
    body = OBSERVATION | {"effectiveDateTime": "ZHANG WEI"}
    row = {"row_id": bytes(16), "resource_type": "Observation", "id": "a1", "subject": "s", "resource": json.dumps(body)}
    (issue,) = check_resources(pa.Table.from_pylist([row])).to_pylist()[0]["issues"]
    assert "effectiveDateTime" in issue["where"]
    assert "ZHANG" not in json.dumps(issue)
