"""A folder's night: every unit is accounted for, patients come first, and the same night again changes nothing."""
from __future__ import annotations

import datetime as dt

import pytest

from pipelines import ledger
from schemas.tables import CLAIM, INSTANCE, LANDING_INDEX, fhir_table
from tests.pipelines.flow.conftest import NIGHT, Disk, Lake, shelf

pytestmark = pytest.mark.slow


def test_a_night_is_released_whole_and_the_same_night_again_writes_nothing(lake: Lake, disk: Disk) -> None:
    disk.fill()
    receipt = lake.ingest()
    assert receipt.counts["released"] == len(shelf().instances) + len(shelf().resources)
    assert (receipt.state, receipt.counts["in_flight"], receipt.counts["unlisted"]) == ("closed", 0, 0)
    assert all(line.difference == 0 and line.settled for line in lake.days())
    assert sum(line.released for line in lake.days()) == receipt.counts["released"]
    images = lake.rows(INSTANCE)
    assert {row["subject"] for row in images} <= {row["id"] for row in lake.rows(fhir_table("Patient"))}
    before = lake.versions()
    again = lake.ingest(as_of=NIGHT + dt.timedelta(days=1))
    assert (again.counts["claimed"], again.counts["landed"], again.counts["released"]) == (0, 0, 0)
    assert lake.versions() == before


def test_no_name_and_no_number_of_a_patient_leaves_the_phi_zone(lake: Lake, disk: Disk) -> None:
    disk.fill()
    lake.ingest()
    needles = [value.encode() for key, patient in shelf().resources.items() if key.startswith("Patient/")
               for value in (patient["identifier"][0]["value"], patient["name"][0]["text"], key.split("/")[1]) if len(value) > 1]
    needles += [uid.encode() for uid in shelf().instances]
    for file, data in lake.bytes_outside_phi():
        for needle in needles:
            assert needle not in data, f"a planted value in {file.name}"


def test_a_record_whose_patient_never_came_is_quarantined_by_name_and_released_when_the_patient_comes(lake: Lake, disk: Disk) -> None:
    everything = list(shelf().resources.values())
    lonely = next(one for one in everything if (one.get("subject") or {}).get("reference", "").startswith("Patient/"))
    patient = shelf().resources[lonely["subject"]["reference"]]
    disk.lines([lonely])
    assert lake.ingest().counts["quarantined"] == 1
    assert [row["code"] for row in lake.quarantined()] == ["FHR-008"]
    disk.lines([lonely, patient])
    receipt = lake.ingest(as_of=NIGHT + dt.timedelta(days=1))
    assert receipt.counts["released"] == 2
    assert lake.quarantined() == []
    assert all(line.difference == 0 for line in lake.days())


def test_bad_input_is_quarantined_with_its_neighbours_untouched(lake: Lake, disk: Disk) -> None:
    image = next(iter(shelf().instances.values())).data
    patient = next(one for key, one in shelf().resources.items() if key.startswith("Patient/"))
    disk.lines([patient, b'{"resourceType": "Patient", "id": "half', patient | {"id": "other"}])
    disk.put("truncated.dcm", image[:len(image) // 2])
    disk.put("table.csv", b"name,age\nsomebody,44\n")
    disk.put("whole.dcm", image)
    receipt = lake.ingest()
    assert receipt.counts["quarantined"] == 3
    assert receipt.counts["released"] == 3
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())
    assert all(row["issues"][0]["message_zh"] and row["issues"][0]["hint_en"] for row in lake.quarantined())


def test_a_broken_line_and_an_entry_without_an_id_say_so_in_the_words_of_fhir(lake: Lake, disk: Disk) -> None:
    patient = next(one for key, one in shelf().resources.items() if key.startswith("Patient/"))
    nameless = {key: value for key, value in patient.items() if key != "id"}
    disk.lines([patient, b'{"resourceType": "Patient", "id": "half', nameless])
    entries = [{"fullUrl": "https://his.example/fhir/Patient/addressed", "resource": nameless}, {"request": {"method": "POST"}},
               {"fullUrl": "https://his.example/fhir/new/7", "resource": nameless}]
    disk.lines([{"resourceType": "Bundle", "type": "collection", "entry": entries}], "bundle.json")
    disk.put("table.csv", b"number,remark\n1,not a record of anybody\n")
    receipt = lake.ingest()
    assert (receipt.counts["released"], sorted(row["code"] for row in lake.quarantined())) == (
        2, ["DCM-101", "FHR-001", "FHR-002", "FHR-016", "FHR-016"])
    assert {row["kind"] for row in lake.quarantined()} == {"file"}
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def test_the_same_file_twice_is_two_promises_and_one_row(lake: Lake, disk: Disk) -> None:
    image = next(iter(shelf().instances.values())).data
    disk.put("a/one.dcm", image)
    disk.put("b/copy of one.dcm", image)
    receipt = lake.ingest()
    assert (receipt.counts["claimed"], receipt.counts["landed"], receipt.counts["duplicate"]) == (2, 1, 1)
    assert sum(line.released for line in lake.days()) == 2
    assert len(lake.rows(INSTANCE)) == 1


def test_one_uid_with_other_pixels_is_quarantined_and_an_edited_name_is_released_again(lake: Lake, disk: Disk) -> None:
    image = next(one for one in shelf().instances.values() if one.modality == "DX")
    other_pixels = image.data[:-64] + bytes(byte ^ 0x15 for byte in image.data[-64:])
    disk.put("1.dcm", image.data)
    lake.ingest()
    disk.put("2.dcm", other_pixels)
    receipt = lake.ingest(as_of=NIGHT + dt.timedelta(days=1))
    assert receipt.counts["quarantined"] == 1
    assert [row["code"] for row in lake.quarantined()] == ["REL-001"]
    old = image.query["PatientName"].split("=")[0].encode("ascii", "ignore")[:4]
    assert old in image.data
    disk.put("3.dcm", image.data.replace(old, b"Q" * len(old)))
    receipt = lake.ingest(as_of=NIGHT + dt.timedelta(days=2))
    assert (receipt.counts["released"], receipt.counts["quarantined"]) == (1, 0)
    rows = lake.rows(INSTANCE)
    assert (len(rows), rows[0]["seq"]) == (1, 3)
    assert all(line.difference == 0 for line in lake.days())


def test_a_silent_change_is_found_by_full_and_not_before(lake: Lake, disk: Disk) -> None:
    patient = next(one for key, one in shelf().resources.items() if key.startswith("Patient/"))
    disk.lines([patient])
    lake.ingest()
    disk.lines([patient | {"gender": "unknown"}])
    quiet = lake.ingest(as_of=NIGHT + dt.timedelta(days=1))
    full = lake.ingest(as_of=NIGHT + dt.timedelta(days=2), full=True)
    assert (quiet.counts["released"], full.counts["released"], full.counts["changed"]) == (0, 1, 1)
    assert '"unknown"' in lake.rows(fhir_table("Patient"))[0]["resource"]
    assert {row["seq"] for row in lake.rows(CLAIM)} == {1, 2}


def test_a_deletion_leaves_a_tombstone_and_takes_the_row_out(lake: Lake, disk: Disk) -> None:
    disk.fill()
    lake.ingest()
    gone = next(key for key in shelf().resources if key.startswith("Observation/"))
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "DELETE", "url": gone}}]}
    disk.lines([one for key, one in shelf().resources.items() if key != gone])
    disk.lines([bundle], "deleted.json")
    before = len(lake.rows(fhir_table("Observation")))
    receipt = lake.ingest(as_of=NIGHT + dt.timedelta(days=1))
    assert len(lake.rows(fhir_table("Observation"))) == before - 1
    assert receipt.counts["released"] == 1
    assert all(line.difference == 0 for line in lake.days())
    assert {row["op"] for row in lake.rows(LANDING_INDEX)} == {"put", "delete"}


def test_what_was_deleted_before_it_was_decided_is_rejected_and_not_released(lake: Lake, disk: Disk) -> None:
    orphan = {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "FEV1"},
              "subject": {"reference": "Patient/never"}}
    disk.lines([orphan])
    assert lake.ingest().counts["quarantined"] == 1
    disk.lines([{"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "DELETE", "url": "Observation/o1"}}]}],
               "deleted.json")
    disk.lines([orphan, {"resourceType": "Patient", "id": "never"}])
    receipt = lake.ingest(as_of=NIGHT + dt.timedelta(days=1))
    assert receipt.counts["rejected"] == 1
    assert lake.rows(fhir_table("Observation")) == []
    assert lake.quarantined() == []
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


@pytest.mark.parametrize(("afterwards", "reason"), [("deleted", "SRC-DELETED"), ("changed", "SRC-GONE")])
def test_what_was_promised_and_taken_back_before_it_was_fetched_does_not_stay_in_flight(
        lake: Lake, disk: Disk, monkeypatch: pytest.MonkeyPatch, afterwards: str, reason: str) -> None:
    record = {"resourceType": "Observation", "id": "o1", "meta": {"versionId": "1"}, "status": "final", "code": {"text": "FEV1"}}
    disk.lines([record])
    with monkeypatch.context() as context:
        context.setattr("pipelines.phi_zone.pull._one_chunk", interrupted)
        with pytest.raises(KeyboardInterrupt):
            lake.ingest()
    if afterwards == "deleted":
        (disk.path / "records.ndjson").unlink()
        deletion = {"request": {"method": "DELETE", "url": "Observation/o1"}}
        disk.lines([{"resourceType": "Bundle", "type": "transaction", "entry": [deletion]}], "deleted.json")
    else:
        disk.lines([record | {"meta": {"versionId": "2"}}])
    lake.ingest(as_of=NIGHT + dt.timedelta(days=1))
    with lake.engine() as engine:
        standing = engine.table(ledger.standing(engine, "usb")).to_pylist()
    first = min(standing, key=lambda row: row["seq"])
    assert (first["state"], first["reason"]) == ("rejected", reason)
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt
