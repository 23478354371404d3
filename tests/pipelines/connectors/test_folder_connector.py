"""A folder is told by content: every file, line and Bundle entry is a unit of some kind, and nothing is both or neither."""
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.phi_zone.connectors import Connector, Gone, Patience, SourceUnavailable, open_connectors
from schemas.shapes.site import Site
from simulator.hospitals import Hospitals

from .conftest import pull

Connect = Callable[..., Connector]
PATIENT = {"resourceType": "Patient", "id": "p1", "meta": {"versionId": "3"}}


def over(path: Path, **changes: object) -> Connector:
    site = Site.bare("usb").model_dump() | {"folder": {"path": str(path)}} | changes
    return open_connectors(Site.model_validate(site), {}, Patience(sleep=lambda _: None))[0]


def dicom(hospitals: Hospitals, modality: str = "DX") -> tuple[str, bytes]:
    return next((uid, each.data) for uid, each in hospitals.sites["xj-south"].shelf.instances.items() if each.modality == modality)


def test_a_disk_of_odd_names_is_read_whole(hospitals: Hospitals, connect: Connect) -> None:
    came = pull(connect("xj-south", "folder"))
    shelf = hospitals.sites["xj-south"].shelf
    assert {uid: came.data[uid] for uid in shelf.instances} == {uid: each.data for uid, each in shelf.instances.items()}
    assert {key: json.loads(came.data[key]) for key in shelf.resources} == shelf.resources
    assert len(came.data) == len(shelf.instances) + len(shelf.resources)
    assert sorted(name.rsplit(":", 1)[0] for name in came.files) == ["AUTORUN.INF", "说明.txt"]
    assert came.expected == len(came.data) + len(came.files)


def test_deletions_come_from_a_transaction_bundle(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.advance(2)
    assert pull(connect("xj-south", "folder")).deleted == set(hospitals.sites["xj-south"].shelf.deleted)


def test_a_broken_line_is_a_file_and_its_neighbours_are_resources(tmp_path: Path) -> None:
    good = [json.dumps(PATIENT | {"id": name}) for name in ("p1", "p2")]
    (tmp_path / "a.ndjson").write_text(good[0] + '\n{"resourceType": "Pat\n\n{"resourceType": "Patient"}\n' + good[1])
    came = pull(over(tmp_path))
    assert set(came.data) == {"Patient/p1", "Patient/p2"}
    assert came.files == {"a.ndjson#2": b'{"resourceType": "Pat', "a.ndjson#4": b'{"resourceType": "Patient"}'}
    assert came.expected == 4


@pytest.mark.parametrize("name, indent", [("bundle.json", None), ("bundle", 2), ("出院.txt", 2)])
def test_a_bundle_is_its_entries_whatever_its_name(tmp_path: Path, name: str, indent: int | None) -> None:
    entries = [{"resource": PATIENT}, {"fullUrl": "urn:uuid:1"}, {"request": {"method": "DELETE", "url": "Patient/old"}}]
    (tmp_path / name).write_text(json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}, indent=indent))
    came = pull(over(tmp_path))
    assert (set(came.data), set(came.files), came.deleted) == ({"Patient/p1"}, {f"{name}#entry1"}, {"Patient/old"})


def test_entries_that_know_each_other_by_full_url_get_ids_and_point_to_each_other(tmp_path: Path) -> None:
    uuid = "8a9bb1c2-77aa-4d19-9c5e-0d7719aa01"
    made = {key: value for key, value in PATIENT.items() if key != "id"}
    who, doctor = {"reference": f"urn:uuid:{uuid}01"}, {"reference": f"URN:UUID:{uuid.upper()}03"}
    condition = {"resourceType": "Condition", "subject": who, "asserter": doctor}
    entries = [
        {"fullUrl": f"urn:uuid:{uuid}02", "resource": condition},
        {"fullUrl": f"urn:uuid:{uuid}01", "resource": made},
        {"fullUrl": f"urn:uuid:{uuid}03", "resource": {"resourceType": "Practitioner", "id": "dr-1"}},
        {"fullUrl": "urn:uuid:", "resource": ["odd"]},
        "odd",
    ]
    (tmp_path / "b.json").write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    came = pull(over(tmp_path))
    assert set(came.data) == {f"Patient/{uuid}01", f"Condition/{uuid}02", "Practitioner/dr-1"}
    told = json.loads(came.data[f"Condition/{uuid}02"])
    assert (told["subject"], told["asserter"]) == ({"reference": f"Patient/{uuid}01"}, {"reference": "Practitioner/dr-1"})
    assert set(came.files) == {"b.json#entry3", "b.json#entry4"}


@pytest.mark.parametrize("url, key", [
    ("https://his.example/fhir/Patient/p9", "Patient/p9"), ("http://his.example/Patient/p9/_history/2", "Patient/p9"),
    ("urn:uuid:8A9BB1C2-77AA-4D19-9C5E-0D7719AA0101", "Patient/8a9bb1c2-77aa-4d19-9c5e-0d7719aa0101"),
    ("https://his.example/fhir/Person/p9", None), ("https://his.example/tmp/p9", None), ("https://his.example/Patient?x=p9", None),
    ("https://his.example/Patient/p%209", None), ("Patient/p9", None), ("urn:uuid:", None)])
def test_an_entry_without_an_id_has_the_one_that_its_full_url_names(tmp_path: Path, url: str, key: str | None) -> None:
    made = {name: value for name, value in PATIENT.items() if name != "id"}
    entries = [{"fullUrl": url, "resource": made}, {"fullUrl": "https://his.example/fhir/Patient/other", "resource": PATIENT}]
    (tmp_path / "b.json").write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    came = pull(over(tmp_path))
    assert (set(came.data), set(came.files)) == ({"Patient/p1"} | ({key} if key else set()), set() if key else {"b.json#entry0"})


def test_one_pretty_resource_is_one_unit_with_its_version(tmp_path: Path) -> None:
    (tmp_path / "patient.json").write_text(json.dumps(PATIENT, indent=2))
    (group,) = over(tmp_path).list(None, None)
    assert [(unit.unit_id, unit.version) for unit in group.units] == [("Patient/p1", "3")]


@pytest.mark.parametrize("name, content", [
    ("index.csv", b"a,b\n1,2\n"), ("empty.bin", b""), ("notes.json", b'{"a": 1}'), ("list.json", b"[1, 2]"), ("zeros", b"\0" * 5000),
    ("half.json", b'{"resourceType": "Bundle", "entry": ['),
    ("key.jsonl", b'{"resourceType": "Patient", "id": "1"}\n' * 2), ("deep.json", b'{"a":' * 5000),
    ("magic", b"\0" * 128 + b"DICM")])
def test_what_is_no_record_is_a_file_delivered_as_it_is(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    came = pull(over(tmp_path))
    assert came.files == {f"{name}:{len(content)}": content}
    assert not came.data


def test_an_ndjson_file_without_lines_is_no_unit(tmp_path: Path) -> None:
    (tmp_path / "Patient.ndjson").write_bytes(b"\n  \n")
    (tmp_path / "Empty.ndjson").write_bytes(b"")
    assert pull(over(tmp_path)).expected == 0


def test_lines_under_another_name_are_lines_when_they_are_fhir(tmp_path: Path) -> None:
    (tmp_path / "export.dat").write_text("{broken\n" + json.dumps(PATIENT) + "\n")
    came = pull(over(tmp_path))
    assert (set(came.data), set(came.files)) == ({"Patient/p1"}, {"export.dat#1"})


def test_a_dicom_file_without_preamble_is_told_by_its_elements(tmp_path: Path, hospitals: Hospitals) -> None:
    import io

    import pydicom

    uid, data = dicom(hospitals)
    ds = pydicom.dcmread(io.BytesIO(data))
    bare = io.BytesIO()
    from pydicom.filewriter import write_dataset

    bare_file = pydicom.filebase.DicomFileLike(bare)
    bare_file.is_little_endian, bare_file.is_implicit_VR = True, False
    write_dataset(bare_file, ds)
    (tmp_path / "00000001").write_bytes(bare.getvalue())
    assert set(pull(over(tmp_path)).data) == {uid}


def test_a_truncated_file_is_still_that_instance(tmp_path: Path, hospitals: Hospitals) -> None:
    uid, data = dicom(hospitals)
    (tmp_path / "cut.dcm").write_bytes(data[:-1000])
    assert pull(over(tmp_path)).data == {uid: data[:-1000]}


def test_two_files_of_one_instance_are_two_promises(tmp_path: Path, hospitals: Hospitals) -> None:
    uid, data = dicom(hospitals)
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(data)
    came = pull(over(tmp_path))
    assert (came.expected, came.times) == (2, {uid: 2})


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.txt").write_text("not here")
    (inside / "link.txt").symlink_to(outside / "secret.txt")
    (inside / "folder").symlink_to(outside)
    assert pull(over(inside)).expected == 0


def test_a_file_that_disappears_after_listing_is_gone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    connector = over(tmp_path)
    (tmp_path / "b.ndjson").write_bytes(b"\n")
    (group,) = connector.list(None, None)
    (tmp_path / "a.txt").unlink()
    assert list(connector.fetch(group)) == [Gone("a.txt:1")]


def test_a_disk_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        pull(over(tmp_path / "absent"))
    assert caught.value.issue.code == "CON-007"


def test_modalities_that_are_not_selected_are_not_promised(tmp_path: Path, hospitals: Hospitals) -> None:
    wanted = {}
    for modality in ("DX", "CT", "US"):
        uid, data = dicom(hospitals, modality)
        (tmp_path / modality).write_bytes(data)
        wanted[modality] = uid
    assert set(pull(over(tmp_path, select={"modalities": ["CT", "DX"]})).data) == {wanted["CT"], wanted["DX"]}


@pytest.mark.data
def test_real_files_and_records_are_counted_as_a_separate_count_says(reference_data: Path) -> None:
    """Files + non-empty NDJSON lines + Bundle entries, over the real DICOM files and the FHIR data."""
    for folder in ("dicom", "fhir"):
        files = [path for path in (reference_data / folder).rglob("*") if path.is_file()]
        ndjson = [path for path in files if path.suffix == ".ndjson"]
        lines = sum(sum(1 for line in path.read_bytes().split(b"\n") if line.strip()) for path in ndjson)
        connector = over(reference_data / folder)
        listed = sum(len(group.units) for group in connector.list(None, None))
        assert listed == len(files) - len(ndjson) + lines, folder


@pytest.mark.data
def test_real_dicom_files_are_told_from_others(reference_data: Path) -> None:
    groups = list(over(reference_data / "dicom").list(None, None))
    instances = sum(len(group.units) for group in groups if group.kind == "instance")
    others = sorted(unit.unit_id for group in groups if group.kind == "file" for unit in group.units)
    assert instances >= 138
    assert any(name.startswith("index.csv:") for name in others)
    nameless = ("DICOMDIR", "index.csv", "no_meta", "NoMeta", "meta_missing", "charset_LEI", "nested_priv")
    assert all(any(each in name for each in nameless) for name in others), others
