"""`.json` files as documents: one answer for each resource, one for a document that cannot be read, and nothing passed over in silence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from fhir_world import KEY, NAME, PATIENT, SITE, observation, policy

from pipelines.phi_zone.fhir.folder import deidentify_folder, issues_of
from pipelines.phi_zone.text.policy import load_text_policy

GOOD = {**observation(valueString="阴性"), "id": "good"}


def bundle(*resources: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources], **members}


def answers(tmp_path: Path, files: dict[str, bytes]) -> tuple[list[tuple[Any, ...]], Any]:
    """(type, status, codes) of every line of the manifest; and the report."""
    for name, data in files.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
    report = deidentify_folder([tmp_path / "in"], tmp_path / "out", SITE, KEY, policy(), load_text_policy("cn-gold"))
    rows = [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(row["resource_type"], row["status"], *(issue["code"] for issue in row["issues"])) for row in rows], report


def text(document: Any, **how: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, **how).encode()


BOTH = [("Patient", "released"), ("Observation", "released")]
SHAPES: dict[str, tuple[dict[str, bytes], list[tuple[Any, ...]]]] = {
    "a Bundle on many lines, compressed": ({"b.json.gz": gzip.compress(text(bundle(PATIENT, GOOD), indent=1))}, BOTH),
    "an array on many lines": ({"b.json": text([PATIENT, GOOD], indent=1)}, BOTH),
    "a byte order mark": ({"b.json": b"\xef\xbb\xbf" + text(bundle(PATIENT, GOOD), indent=1)}, BOTH),
    "lines in a file called json": ({"b.json": text(PATIENT) + b"\r\n\r\n" + text(GOOD)}, BOTH),
    "a Bundle within a Bundle": ({"b.json": text(bundle(PATIENT, bundle(GOOD)))}, BOTH),
    "a cut document": ({"b.json": text(bundle(PATIENT, GOOD), indent=1)[:-40]}, [(None, "quarantined", "FHR-001")]),
    "a document in another encoding": (
        {"b.json": json.dumps(bundle(PATIENT), indent=1, ensure_ascii=False).encode("gb18030")},
        [(None, "quarantined", "FHR-006")],
    ),
    "a Bundle without resources": ({"b.json": text(bundle())}, [(None, "rejected", "FHR-025")]),
    "a line with a Bundle without resources": (
        {"b.ndjson": text({"resourceType": "Bundle", "type": "searchset", "total": 0}) + b"\n" + text(PATIENT)},
        [(None, "rejected", "FHR-025"), ("Patient", "released")],
    ),
    "a key named twice": (
        {"b.json": text(PATIENT, indent=1).replace(b'"id": "p-1"', b'"id": "p-1",\n"id": "p-2"')},
        [(None, "quarantined", "FHR-005")],
    ),
    "a key named twice in one entry": (
        {"b.json": text(bundle(PATIENT, GOOD)).replace(b'"id": "good"', b'"id": "bad", "id": "good"')},
        [("Patient", "released"), (None, "quarantined", "FHR-005")],
    ),
    "an entry without a resource": (
        {"b.json": text({"resourceType": "Bundle", "entry": [{"request": {"method": "DELETE", "url": f"Patient/{NAME}"}}, None, 7]})},
        [(None, "quarantined", "FHR-002")] * 3,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_resource_of_a_document_is_answered_for(shape, tmp_path):
    files, expected = SHAPES[shape]
    found, _ = answers(tmp_path, files)
    assert found == expected


def test_files_of_other_names_are_counted_and_never_named(tmp_path):
    _, report = answers(tmp_path, {"a.ndjson": text(PATIENT), f"{NAME}.xml": b"<Patient/>", "b.jsonl": text(GOOD)})
    assert report.files_passed_over == 2
    assert [issue.code for issue in issues_of(report)] == ["FHR-026"]
    assert NAME not in "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "out").rglob("*") if file.is_file())


@pytest.mark.parametrize("kind, shown", [("ZhangSanResource", None), ("Parameters", "Parameters")])
def test_a_type_that_fhir_does_not_have_is_not_repeated_in_the_manifest(kind, shown, tmp_path):
    found, _ = answers(tmp_path, {"a.ndjson": text({"resourceType": kind, "id": "1"})})
    assert found == [(shown, "quarantined", "FHR-007")]


@pytest.mark.parametrize("planted", [0, 3])
def test_as_many_canaries_are_sent_as_the_policy_says(planted, tmp_path):
    rules = load_text_policy("cn-gold")
    rules = rules.model_copy(update={"proof": rules.proof.model_copy(update={"canaries": planted})})
    (tmp_path / "a.ndjson").write_bytes(text(PATIENT))
    report = deidentify_folder([tmp_path / "a.ndjson"], tmp_path / "out", SITE, KEY, policy(), rules)
    assert report.canaries == planted
