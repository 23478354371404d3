"""Hostile input larger than a line: each ends in its code with bounded memory, and what comes next is processed."""

from __future__ import annotations

import base64
import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from fhir_world import KEY, PATIENT, SITE, observation, policy, report

from pipelines.phi_zone.fhir.folder import deidentify_folder
from pipelines.phi_zone.text.policy import load_text_policy

PERSON, GOOD = json.dumps(PATIENT).encode(), json.dumps(observation(id="good")).encode()


def rows(tmp_path: Path, *files: Path, **parameters: int) -> list[dict]:
    rules = policy().model_copy(update={"parameters": policy().parameters.model_copy(update=parameters)})
    deidentify_folder(list(files), tmp_path / "out", SITE, KEY, rules, load_text_policy("cn-gold"))
    return [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()]


def codes(row: dict) -> list[str]:
    return [issue["code"] for issue in row["issues"]]


def test_a_line_of_one_gigabyte_is_passed_over_with_bounded_memory(tmp_path):
    big = tmp_path / "big.ndjson"
    with big.open("wb") as out:
        out.write(PERSON + b"\n")
        out.seek(1_000_000_000)
        out.write(b"\n" + GOOD + b"\n")
    (tmp_path / "small.ndjson").write_bytes(PERSON + b"\n" + GOOD)
    rows(tmp_path, tmp_path / "small.ndjson")   # word lists and tables are made once a process
    tracemalloc.start()
    found = rows(tmp_path, big, max_line_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row["status"] for row in found] == ["released", "quarantined", "released"]
    assert codes(found[1]) == ["FHR-004"]
    assert peak < 60_000_000


def test_a_compressed_file_that_explodes_is_stopped_and_the_next_file_is_read(tmp_path):
    with gzip.open(tmp_path / "a-bomb.ndjson.gz", "wb", compresslevel=9) as out:
        for _ in range(120):
            out.write(b" " * 1_000_000)
    (tmp_path / "b.ndjson").write_bytes(PERSON + b"\n" + GOOD)
    found = rows(tmp_path, tmp_path / "a-bomb.ndjson.gz", tmp_path / "b.ndjson")
    assert [row["status"] for row in found] == ["quarantined", "released", "released"]
    assert codes(found[0]) == ["FHR-017"]


def test_a_compressed_bomb_of_short_lines_is_stopped_as_well(tmp_path):
    with gzip.open(tmp_path / "bomb.ndjson.gz", "wb", compresslevel=9) as out:
        for _ in range(70):
            out.write((b" " * 99_999 + b"\n") * 10)
    assert codes(rows(tmp_path, tmp_path / "bomb.ndjson.gz")[-1]) == ["FHR-017"]


def test_a_giant_base64_is_dropped_with_its_code_and_the_next_line_is_processed(tmp_path):
    giant = report(
        conclusion="右肺结节", presentedForm=[{"contentType": "text/plain", "data": base64.b64encode(b"a" * 9_000_000).decode()}]
    )
    (tmp_path / "in.ndjson").write_bytes(b"\n".join([PERSON, json.dumps(giant).encode(), GOOD]))
    found = rows(tmp_path, tmp_path / "in.ndjson")
    assert [row["status"] for row in found] == ["released"] * 3
    assert codes(found[1]) == ["FHR-013"]
    assert (tmp_path / "out" / "released" / "DiagnosticReport.ndjson").stat().st_size < 1000


LOOPS = {
    "contained": observation(
        contained=[
            {"resourceType": "Specimen", "id": "a", "parent": [{"reference": "#b"}]},
            {"resourceType": "Specimen", "id": "b", "parent": [{"reference": "#a"}]},
        ],
        specimen={"reference": "#a"},
    ),
    "contained in itself": observation(
        contained=[{"resourceType": "Specimen", "id": "a", "contained": [{"resourceType": "Specimen", "id": "a"}]}]
    ),
    "member of itself": observation(hasMember=[{"reference": "Observation/o-1"}], derivedFrom=[{"reference": "Observation/o-1"}]),
    "its own patient by a contained reference": observation(
        contained=[{"resourceType": "Patient", "id": "p", "link": [{"other": {"reference": "#p"}}]}]
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_references_that_go_in_circles_end_and_the_next_line_is_processed(tmp_path, name):
    (tmp_path / "in.ndjson").write_bytes(b"\n".join([PERSON, json.dumps(LOOPS[name]).encode(), GOOD]))
    assert [row["status"] for row in rows(tmp_path, tmp_path / "in.ndjson")] == ["released"] * 3


def test_patients_that_replace_each_other_in_a_circle_are_all_answered_for(tmp_path):
    ring = [
        {**PATIENT, "id": f"p-{n}", "link": [{"other": {"reference": f"Patient/p-{(n + 1) % 3}"}, "type": "replaced-by"}]} for n in range(3)
    ]
    (tmp_path / "in.ndjson").write_bytes(b"\n".join(json.dumps(one).encode() for one in ring))
    assert [row["status"] for row in rows(tmp_path, tmp_path / "in.ndjson")] == ["released"] * 3


def test_a_bundle_of_bundles_is_answered_for_at_its_own_cost(tmp_path):
    inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": observation(id="inner")}]}
    for _ in range(7):
        inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}
    (tmp_path / "in.ndjson").write_bytes(b"\n".join([PERSON, json.dumps(inner).encode(), GOOD]))
    found = rows(tmp_path, tmp_path / "in.ndjson")
    assert [row["status"] for row in found] == ["released", "quarantined", "released"]
    assert found[1]["issues"]


@pytest.mark.parametrize("piece", ["A", "A.", "O'", "Ab ", "文", "省", "1 ", "-"])
def test_a_text_of_one_endless_word_is_read_to_its_end(tmp_path, piece):
    """Cleaning takes time in step with the length: ten such lines would hold a run for hours if it grew with the square."""
    lines = [json.dumps(observation(id=f"o-{n}", valueString=(piece * 40_000)[:40_000] + "x" * n)).encode() for n in range(3)]
    (tmp_path / "in.ndjson").write_bytes(b"\n".join([PERSON, *lines, GOOD]))
    assert [row["status"] for row in rows(tmp_path, tmp_path / "in.ndjson")] == ["released"] * 5


@pytest.mark.parametrize("entry", [None, {}, "x", 5])
def test_a_bundle_whose_entries_are_no_list_is_answered_for(tmp_path, entry):
    bundle = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()
    (tmp_path / "in.ndjson").write_bytes(b"\n".join([PERSON, bundle, GOOD]))
    found = rows(tmp_path, tmp_path / "in.ndjson")
    assert [row["status"] for row in found] == ["released", "quarantined", "released"]
    assert codes(found[1]) == ["FHR-011"]
