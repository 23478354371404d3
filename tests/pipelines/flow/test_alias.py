"""A name or number learned on a later night: what was released before and holds it is decided again, and the old bytes are gone."""
from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipelines.phi_zone import subjects
from pipelines.phi_zone.landing import shred
from schemas.tables import SUBJECT_KEY, TOMBSTONE, fhir_table
from tests.pipelines.flow.conftest import NIGHT, Disk, Lake, shelf

pytestmark = pytest.mark.slow
ALIAS = "QKX77PD1W"
NEXT = NIGHT + dt.timedelta(days=1)


def patient(*more: str) -> dict[str, Any]:
    one = next(value for key, value in shelf().resources.items() if key.startswith("Patient/"))
    return with_card(one, *more) if more else one


def with_card(one: dict[str, Any], *values: str) -> dict[str, Any]:
    """A new version of a Patient, with a number that nobody knew before."""
    return one | {"meta": {"versionId": "2"},
                  "identifier": [*one["identifier"], *({"system": "http://old.example/card", "value": value} for value in values)]}


def observation() -> dict[str, Any]:
    return {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "FEV1"}, "valueString": f"see {ALIAS} of May",
            "subject": {"reference": f"Patient/{patient()['id']}"}}


def bystander() -> dict[str, Any]:
    return observation() | {"id": "o2", "valueString": "moderate"}


def texts(lake: Lake) -> list[str]:
    return sorted(json.loads(row["resource"]).get("valueString", "") for row in lake.rows(fhir_table("Observation")))


def on_disk(folder: Path) -> list[str]:
    """Files below `folder` that hold the alias: Parquet read as rows, everything else as bytes."""
    held = []
    for file in folder.rglob("*"):
        if file.suffix == ".parquet" and "_delta_log" not in file.parts:
            whole = json.dumps(pq.read_table(file, partitioning=None).to_pylist(), default=str)
        elif file.is_file():
            whole = file.read_bytes().decode("latin-1")
        else:
            continue
        if ALIAS in whole:
            held.append(file.name)
    return held


def first_night(lake: Lake, disk: Disk) -> None:
    disk.lines([patient(), observation(), bystander()])
    lake.ingest()
    assert texts(lake) == ["moderate", f"see {ALIAS} of May"]
    assert on_disk(lake.home.deid)


def test_what_holds_an_alias_learned_later_is_cleaned_and_its_old_bytes_are_gone(lake: Lake, disk: Disk) -> None:
    first_night(lake, disk)
    disk.lines([patient(ALIAS), observation(), bystander()])
    receipt = lake.ingest(as_of=NEXT)
    cleaned = texts(lake)
    assert cleaned[0] == "moderate"
    assert ALIAS not in cleaned[1]
    assert cleaned[1].startswith("see [")
    assert on_disk(lake.home.deid) == []
    told = [issue for issue in receipt.issues if issue.code == "FLW-008"]
    assert len(told) == 1
    assert ALIAS not in json.dumps(told[0].to_dict())
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())
    again = lake.ingest(as_of=NEXT + dt.timedelta(days=1))
    assert (again.counts["released"], [issue.code for issue in again.issues]) == (0, [])


def test_a_run_killed_before_the_alias_was_written_down_finds_it_again(lake: Lake, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    first_night(lake, disk)
    disk.lines([patient(ALIAS), observation(), bystander()])

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(subjects, "_row", killed)
        with pytest.raises(KeyboardInterrupt):
            lake.ingest(as_of=NEXT)
    assert f"see {ALIAS} of May" in texts(lake)
    receipt = lake.ingest(as_of=NEXT)
    assert [issue.code for issue in receipt.issues] == ["FLW-008"]
    assert all(ALIAS not in text for text in texts(lake))
    assert on_disk(lake.home.deid) == []
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def test_what_cannot_be_cleaned_again_because_its_original_expired_is_taken_out(lake: Lake, disk: Disk) -> None:
    first_night(lake, disk)
    for receipt in (lake.home.landing / "usb").iterdir():
        shred(lake.home, "usb", receipt.name)
    disk.lines([patient(ALIAS), bystander()])
    lake.ingest(as_of=NEXT)
    assert texts(lake) == ["moderate"]
    assert on_disk(lake.home.deid) == []
    assert [row["reason"] for row in lake.rows(TOMBSTONE)] == ["RECALLED"]
    assert len(lake.quarantined()) == 1
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def test_a_header_that_holds_the_alias_is_cleaned_in_table_and_part(lake: Lake, disk: Disk) -> None:
    import io

    import pydicom

    image = pydicom.dcmread(io.BytesIO(next(one.data for one in shelf().instances.values() if one.modality == "CT")))
    image.StudyDescription = f"CHEST {ALIAS}"
    held = io.BytesIO()
    image.save_as(held)
    disk.put("ct.dcm", held.getvalue())
    mrn = str(image.PatientID)
    owner = next(value for key, value in shelf().resources.items() if key.startswith("Patient/")
                 and any(one["value"] == mrn for one in value["identifier"]))
    disk.lines([owner])
    lake.ingest()
    assert on_disk(lake.home.deid)
    disk.lines([with_card(owner, ALIAS)])
    lake.ingest(as_of=NEXT)
    assert on_disk(lake.home.deid) == []
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def test_the_log_of_a_table_holds_no_text_of_its_rows(lake: Lake, disk: Disk) -> None:
    first_night(lake, disk)
    logs = list(lake.home.root.glob("*/tables/**/_delta_log/*.json"))
    assert logs
    assert all(ALIAS not in log.read_text(encoding="utf-8") for log in logs)
    assert any('"id":' in log.read_text(encoding="utf-8").replace("\\", "") for log in logs if "fhir_observation" in str(log))
    assert lake.rows(SUBJECT_KEY)
