"""The last look of the data line searches for the site's own people too, and for the other patients of the batch; and Patient.link."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.tables import PERSON_LINK, fhir_table
from tests.pipelines.flow.conftest import Disk, Lake
from tests.pipelines.flow.test_gate import codes, lake_with, observation, patients, policy

PATIENTS = patients()[:2]
DOCTOR = {"resourceType": "Practitioner", "id": "d-1", "name": [{"text": "鲁子衿"}], "telecom": [{"value": "021-64370045"}]}
NAMED_AS_A_WORD = {"resourceType": "Practitioner", "id": "d-2", "name": [{"text": "高峰"}]}
ENGLISH = {"resourceType": "Practitioner", "id": "d-3", "name": [{"family": "Quenneville", "given": ["Brigitte"]}]}
HOSPITAL = {"resourceType": "Organization", "id": "o-1", "name": "云栖妇婴保健院"}
WARD = {"resourceType": "Organization", "id": "o-2", "name": "心血管内科"}
RELATIVE = {"resourceType": "RelatedPerson", "id": "r-1", "patient": {"reference": "Patient/canary-0"}, "name": [{"text": "令狐望舒"}]}
STAFF = [DOCTOR, NAMED_AS_A_WORD, ENGLISH, HOSPITAL, WARD]


LEAKS = ["鲁子衿已阅", "Brigitte Quenneville", "云栖妇婴保健院会诊", "致电021-64370045", "审核：高峰，阴性", "令狐望舒陪同"]


@pytest.mark.parametrize("planted", LEAKS)
def test_the_sites_own_people_and_relatives_put_past_the_cleaner_are_found(planted: str, tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, policy(tmp_path, "broken", canaries=0, residual="row"))
    disk.lines([*STAFF, RELATIVE, *PATIENTS, observation("o-leak", 0, f"右肺结节 {planted}"), observation("o-clean", 0, "未见异常")])
    lake.ingest()
    assert codes(lake) == {"RES-001": 1}
    assert [json.loads(row["resource"])["valueString"] for row in lake.rows(fhir_table("Observation"))] == ["未见异常"]


@pytest.mark.parametrize("near_miss", ["主动脉瓣高峰流速 2.1 m/s", "转心血管内科治疗", "说明子宫内膜", "Brigitta Quennevilles"])
def test_words_that_only_look_like_staff_leave(near_miss: str, tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, policy(tmp_path, "broken", canaries=0, residual="row"))
    disk.lines([*STAFF, *PATIENTS, observation("o-1", 0, near_miss)])
    lake.ingest()
    assert codes(lake) == {}
    assert [json.loads(row["resource"])["valueString"] for row in lake.rows(fhir_table("Observation"))] == [near_miss]


def test_another_patient_of_the_batch_is_found_too(tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, policy(tmp_path, "broken", canaries=0, residual="row"))
    stranger = PATIENTS[1]["name"][0]["text"]
    disk.lines([*PATIENTS, observation("o-0", 0, f"同室{stranger}阳性"), observation("o-1", 1, "未见异常")])
    lake.ingest()
    assert codes(lake) == {"RES-001": 1}


def test_linked_patients_are_one_person_and_each_is_cleaned_with_what_is_known_of_both(lake: Lake, disk: Disk) -> None:
    def patient(name: str, number: str, **members: Any) -> dict[str, Any]:
        return {"resourceType": "Patient", "id": number, "name": [{"text": name}],
                "identifier": [{"type": {"text": "病案号"}, "value": f"ZY{number}"}], **members}

    old = patient("章玮", "70000001", link=[{"other": {"reference": "Patient/70000002"}, "type": "replaced-by"}])
    disk.lines([old, patient("张伟国", "70000002"), patient("鲁子衿", "70000003"),
                {**observation("o-1", 0, "章玮旧档，血钾正常"), "subject": {"reference": "Patient/70000002"}}])
    lake.ingest()
    assert codes(lake) == {}
    assert "章玮" not in lake.rows(fhir_table("Observation"))[0]["resource"]
    links = {row["subject"]: row["person"] for row in lake.rows(PERSON_LINK)}
    assert len(links) == 3
    assert len(set(links.values())) == 2


def test_a_device_of_a_patient_is_that_patients_and_one_without_is_the_sites(lake: Lake, disk: Disk) -> None:
    name = PATIENTS[0]["name"][0]["text"]
    worn = {"resourceType": "Device", "id": "d-1", "patient": {"reference": "Patient/canary-0"}, "note": [{"text": f"{name}的起搏器"}]}
    disk.lines([*PATIENTS, worn, {"resourceType": "Device", "id": "d-2", "type": {"text": "CT机"}}])
    lake.ingest()
    assert codes(lake) == {}
    stored = {bool(row["subject"]): json.loads(row["resource"]) for row in lake.rows(fhir_table("Device"))}
    subject = next(row["subject"] for row in lake.rows(fhir_table("Device")) if row["subject"])
    assert stored[True]["patient"] == {"reference": f"Patient/{subject}"}
    assert name not in stored[True]["note"][0]["text"]
    assert stored[False]["type"] == {"text": "CT机"}


def test_staff_in_a_code_is_taken_out_and_nothing_is_refused_for_it(lake: Lake, disk: Disk) -> None:
    coded = {**observation("o-1", 0, "阴性"), "code": {"coding": [{"system": "http://his/lab", "code": "QUENNEVILLE-K", "display": "钾"}]}}
    disk.lines([*STAFF, *PATIENTS, coded])
    lake.ingest()
    assert codes(lake) == {}
    (row,) = lake.rows(fhir_table("Observation"))
    assert "QUENNEVILLE" not in row["resource"]
    assert json.loads(row["resource"])["code"]["coding"][0]["display"] == "钾"
