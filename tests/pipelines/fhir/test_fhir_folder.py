"""`touchstone deid fhir` on the reference data and on small made-up folders: every line answered, nothing of anyone in the output."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from fhir_world import KEY, MRN, NAME, PATIENT, SITE, observation, policy

from eval_harness.base import canonical
from pipelines.phi_zone.fhir.folder import deidentify_folder
from pipelines.phi_zone.text.policy import load_text_policy

DATA = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[4] / "shared" / "data")) / "fhir"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="TOUCHSTONE_DATA/fhir is not here")


def run(inputs, out):
    report = deidentify_folder(inputs, out, SITE, KEY, policy(), load_text_policy("cn-gold"))
    return report, [json.loads(line) for line in (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


def everything(out: Path) -> str:
    parts = [str(file.relative_to(out)) + "\n" + file.read_text(encoding="utf-8") for file in sorted(out.rglob("*")) if file.is_file()]
    text = "\n".join(parts)
    return text + "\n".join(base64.b64decode(m).decode("utf-8", "replace") for m in re.findall(r'"data":"([A-Za-z0-9+/=]+)"', text))


@needs_data
@pytest.mark.data
def test_no_value_of_the_chinese_answer_key_is_anywhere(tmp_path):
    report, manifest = run([DATA / "zh-dev"], tmp_path / "out")
    sources = sorted((DATA / "zh-dev").glob("*.ndjson"))
    lines = [line for file in sources for line in file.read_bytes().split(b"\n") if line]
    assert [row["source_sha256"] for row in manifest] == [hashlib.sha256(line).hexdigest() for line in lines]
    assert all(row["status"] == "released" for row in manifest)
    seen = everything(tmp_path / "out")
    values = {value for line in (DATA / "zh-dev" / "phi_key.jsonl").open(encoding="utf-8") for value in json.loads(line)["values"]}
    assert [value for value in values if value in seen] == []
    assert report.by_status["released"] == len(lines)


@needs_data
@pytest.mark.data
@pytest.mark.slow
def test_no_name_number_telephone_or_street_of_a_synthetic_patient_is_anywhere_in_a_thousand_notes(tmp_path):
    names = ["Patient", "DocumentReference", "Practitioner", "Organization"]
    _, manifest = run([DATA / "synthea-notes" / f"{name}.ndjson" for name in names], tmp_path / "out")
    assert {row["status"] for row in manifest} == {"released"}
    seen = everything(tmp_path / "out")
    words = set(re.findall(r"[A-Za-z0-9][A-Za-z0-9'\-]*", seen))
    for line in (DATA / "synthea-notes" / "Patient.ndjson").open(encoding="utf-8"):
        patient = json.loads(line)
        tokens = [
            patient["id"],
            *(i["value"] for i in patient["identifier"]),
            *(n for name in patient["name"] for n in (*name["given"], name["family"])),
        ]
        assert [token for token in tokens if token in words] == []
        assert [
            value
            for value in (*(t["value"] for t in patient["telecom"]), *(x for a in patient["address"] for x in a["line"]))
            if value in seen
        ] == []
    assert "year-old nonhispanic white" in seen


@needs_data
@pytest.mark.data
def test_the_second_run_writes_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        run([DATA / "zh-dev"], tmp_path / name)
    for file in sorted((tmp_path / "one").rglob("*")):
        if file.is_file():
            assert file.read_bytes() == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes()
    before = {file: file.read_bytes() for file in (tmp_path / "one").rglob("*") if file.is_file()}
    run([DATA / "zh-dev"], tmp_path / "one")
    assert all(file.read_bytes() == data for file, data in before.items())


def test_a_bundle_is_answered_entry_by_entry_and_its_urns_are_resolved(tmp_path):
    urn = "urn:uuid:0b7cf1a4-2b1e-4f0c-9a58-2d1f1c3e9a77"
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": "urn:uuid:11111111-2b1e-4f0c-9a58-2d1f1c3e9a77",
                "resource": {
                    **observation(),
                    "subject": {"reference": urn},
                    "encounter": {"reference": "urn:uuid:22222222-2b1e-4f0c-9a58-2d1f1c3e9a77"},
                },
            },
            {"fullUrl": urn, "resource": PATIENT},
            {
                "fullUrl": "urn:uuid:22222222-2b1e-4f0c-9a58-2d1f1c3e9a77",
                "resource": {
                    "resourceType": "Encounter",
                    "id": "enc-7",
                    "status": "finished",
                    "class": {"code": "AMB"},
                    "subject": {"reference": urn},
                },
            },
            {"request": {"method": "GET"}},
        ],
    }
    source = tmp_path / "bundle.json"
    source.write_text(json.dumps(bundle, indent=2, ensure_ascii=False), encoding="utf-8")
    _, manifest = run([source], tmp_path / "out")
    assert [row["status"] for row in manifest] == ["released", "released", "released", "quarantined"]
    assert manifest[1]["source_sha256"] == hashlib.sha256(canonical(PATIENT)).hexdigest()
    row = json.loads((tmp_path / "out" / "released" / "Observation.ndjson").read_text())
    encounter = json.loads((tmp_path / "out" / "released" / "Encounter.ndjson").read_text())
    assert row["encounter"]["reference"] == f"Encounter/{encounter['id']}"
    assert row["subject"]["reference"] == f"Patient/{manifest[1]['subject']}"


def test_an_entry_without_an_id_has_the_one_at_the_end_of_its_address(tmp_path):
    nameless = {name: value for name, value in PATIENT.items() if name != "id"}
    address = "https://his.example/fhir/Patient/p-9"
    entries = [{"fullUrl": "urn:uuid:1", "resource": {**observation(), "subject": {"reference": address}}},
               {"fullUrl": address, "resource": nameless}, {"fullUrl": "https://his.example/fhir/new/9", "resource": nameless}]
    (tmp_path / "b.json").write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), encoding="utf-8")
    _, manifest = run([tmp_path / "b.json"], tmp_path / "out")
    assert [row["status"] for row in manifest] == ["released", "released", "quarantined"]
    assert manifest[0]["subject"] == manifest[1]["subject"]
    assert [issue["code"] for issue in manifest[2]["issues"]] == ["FHR-016"]


def test_patients_are_read_first_wherever_they_stand(tmp_path):
    (tmp_path / "a.ndjson").write_text(json.dumps(observation(valueString=f"{NAME}阴性"), ensure_ascii=False) + "\n", encoding="utf-8")
    (tmp_path / "z.ndjson").write_text(json.dumps(PATIENT, ensure_ascii=False) + "\n", encoding="utf-8")
    _, manifest = run([tmp_path / "a.ndjson", tmp_path / "z.ndjson"], tmp_path / "out")
    assert [row["status"] for row in manifest] == ["released", "released"]
    assert manifest[0]["subject"] == KEY.subject(SITE.site_id, SITE.patient_id_issuer, MRN)


def test_the_same_resource_twice_points_to_one_line_and_another_content_is_held_back(tmp_path):
    first, other = observation(valueString="阴性"), observation(valueString="阳性")
    (tmp_path / "a.ndjson").write_text(
        "\n".join(json.dumps(r, ensure_ascii=False) for r in (PATIENT, first, first, other)) + "\n", encoding="utf-8"
    )
    _, manifest = run([tmp_path / "a.ndjson"], tmp_path / "out")
    assert [(row["status"], row["output_line"]) for row in manifest] == [
        ("released", 0),
        ("released", 0),
        ("released", 0),
        ("quarantined", None),
    ]
    assert [row["issues"][0]["code"] for row in manifest[2:]] == ["FHR-019", "FHR-022"]


def test_a_binary_is_cleaned_with_the_identities_of_the_patient_whose_document_points_to_it(tmp_path):
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "status": "current",
        "subject": {"reference": "Patient/p-1"},
        "content": [{"attachment": {"contentType": "text/plain", "url": "Binary/b9"}}],
    }
    binary = {
        "resourceType": "Binary",
        "id": "b9",
        "contentType": "text/plain",
        "data": base64.b64encode(f"{NAME}右肺结节".encode("gb18030")).decode(),
    }
    (tmp_path / "a.ndjson").write_text(
        "\n".join(json.dumps(r, ensure_ascii=False) for r in (binary, document, PATIENT)) + "\n", encoding="utf-8"
    )
    _, manifest = run([tmp_path / "a.ndjson"], tmp_path / "out")
    assert {row["status"] for row in manifest} == {"released"}
    seen = everything(tmp_path / "out")
    assert NAME not in seen
    assert "右肺结节" in seen
    pointing = json.loads((tmp_path / "out" / "released" / "DocumentReference.ndjson").read_text())
    assert (
        pointing["content"][0]["attachment"]["url"]
        == "Binary/" + json.loads((tmp_path / "out" / "released" / "Binary.ndjson").read_text())["id"]
    )
