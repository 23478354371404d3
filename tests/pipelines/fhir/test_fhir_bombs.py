"""Hostile lines: each costs its own bytes, ends in a reason code, and the next line is processed."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from fhir_world import KEY, NAME, PATIENT, SITE, observation, policy, released

from eval_harness.base import Issue
from pipelines.phi_zone.fhir.folder import deidentify_folder
from pipelines.phi_zone.fhir.read import read_resource
from pipelines.phi_zone.text.policy import load_text_policy

GOOD = json.dumps(observation(valueString="阴性"), ensure_ascii=False).encode()
BOMBS: dict[str, tuple[bytes, set[str]]] = {
    "not json": (b"{not json", {"FHR-001"}),
    "cut": (GOOD[:-5], {"FHR-001"}),
    "two objects": (GOOD + GOOD, {"FHR-001"}),
    "array": (b"[1,2,3]", {"FHR-002"}),
    "string": (b'"Patient"', {"FHR-002"}),
    "no type": (b'{"id":"1"}', {"FHR-002"}),
    "type is a path": (b'{"resourceType":"../../etc/passwd","id":"1"}', {"FHR-002"}),
    "type is a number": (b'{"resourceType":7}', {"FHR-002"}),
    "unknown type": (b'{"resourceType":"Zhangsan","id":"1"}', {"FHR-007", "FHR-009"}),
    "deep, known element": (
        b'{"resourceType":"QuestionnaireResponse","id":"1","subject":{"reference":"Patient/p-1"},"item":'
        + b'[{"item":' * 60
        + b"[]"
        + b"}]" * 60
        + b"}",
        {"FHR-003"},
    ),
    "deep, unknown element": (b'{"resourceType":"Observation","id":"1","x":' + b"[" * 900 + b"]" * 900 + b"}", {"FHR-003"}),
    "very deep": (b'{"resourceType":"Observation","id":"1","x":' + b"[" * 200_000 + b"]" * 200_000 + b"}", {"FHR-003"}),
    "very deep, never closed": (b'{"a":' * 200_000, {"FHR-003"}),
    "duplicate key": (
        b'{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/p-1"},"subject":{"reference":"Patient/p-2"},"status":"final"}',
        {"FHR-005"},
    ),
    "duplicate key, escaped": (b'{"resourceType":"Observation","id":"1","status":"final","sta\\u0074us":"x\\u0022\\u0022"}', {"FHR-005"}),
    "duplicate nested key": (
        b'{"resourceType":"Observation","id":"1","status":"final","code":{"text":"a","text":"b"},"subject":{"reference":"Patient/p-1"}}',
        {"FHR-005"},
    ),
    "invalid utf-8": (b'{"resourceType":"Observation","id":"\xff\xfe","status":"final"}', {"FHR-006"}),
    "gb18030 line": (json.dumps(observation(valueString=NAME), ensure_ascii=False).encode("gb18030"), {"FHR-006"}),
    "lone surrogate": (b'{"resourceType":"Observation","id":"1","status":"final","valueString":"\\ud800"}', {"FHR-001"}),
    "huge number": (
        b'{"resourceType":"Observation","id":"1","status":"final","subject":{"reference":"Patient/p-1"},"valueInteger":123456789012345678}',
        {"FHR-012"},
    ),
    "not a number": (b'{"resourceType":"Observation","id":"1","valueDecimal":NaN}', {"FHR-001"}),
    "no id": (b'{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/p-1"}}', {"FHR-016"}),
    "patient never came": (
        b'{"resourceType":"Observation","id":"9","status":"final","subject":{"reference":"Patient/unknown"}}',
        {"FHR-008"},
    ),
    "no patient": (b'{"resourceType":"Observation","id":"9","status":"final"}', {"FHR-009"}),
}


@pytest.fixture
def run(tmp_path):
    def run(*lines: bytes, name: str = "in.ndjson", **parameters: int):
        rules = policy().model_copy(update={"parameters": policy().parameters.model_copy(update=parameters)})
        source = tmp_path / name
        source.write_bytes((gzip.compress if name.endswith(".gz") else bytes)(b"\n".join(lines) + b"\n"))
        report = deidentify_folder([source], tmp_path / "out", SITE, KEY, rules, load_text_policy("cn-gold"))
        manifest = [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()]
        return report, manifest

    return run


def test_each_bomb_has_its_code_and_every_next_line_is_processed(run):
    patient = json.dumps(PATIENT, ensure_ascii=False).encode()
    goods = [
        json.dumps({**observation(valueString="阴性"), "id": f"g{number}"}, ensure_ascii=False).encode() for number in range(len(BOMBS))
    ]
    _, manifest = run(patient, *(line for bomb, good in zip(BOMBS.values(), goods, strict=True) for line in (bomb[0], good)))
    assert len(manifest) == 1 + 2 * len(BOMBS)
    for number, (name, (_, codes)) in enumerate(BOMBS.items()):
        row, following = manifest[1 + 2 * number], manifest[2 + 2 * number]
        assert row["status"] == "quarantined", name
        found = {issue["code"] for issue in row["issues"]}
        assert found, name
        assert found <= codes, (name, row["issues"])
        assert row["output"] is None
        assert following["status"] == "released", name


def test_there_are_at_least_twenty_bombs():
    assert len(BOMBS) >= 20


def test_a_cut_compressed_file_is_named_and_an_ordinary_one_is_read(run, tmp_path):
    assert [row["status"] for row in run(json.dumps(PATIENT).encode(), GOOD, name="ok.ndjson.gz")[1]] == ["released", "released"]
    cut = tmp_path / "cut.ndjson.gz"
    cut.write_bytes(gzip.compress(random.Random(1).randbytes(5000))[:-20])
    deidentify_folder([cut], tmp_path / "out", SITE, KEY, policy(), load_text_policy("cn-gold"))
    rows = [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()]
    assert rows[-1]["issues"][0]["code"] == "FHR-018"


@pytest.mark.parametrize("seed", range(8))
def test_a_mutated_line_never_crashes_and_never_shows_its_bytes(seed):
    rng = random.Random(seed)
    base = json.dumps(
        {
            **observation(valueString="阴性", note=[{"text": "随访"}], component=[{"valueQuantity": {"value": 1.5}}]),
            "contained": [{"resourceType": "Specimen", "id": "s"}],
        },
        ensure_ascii=False,
    ).encode()
    tree = json.loads(base)
    for _ in range(60):
        line = bytearray(base)
        for _ in range(rng.randint(1, 6)):
            line[rng.randrange(len(line))] = rng.randrange(256)
        found = read_resource(bytes(line))
        outcome = released(bytes(line)) if not isinstance(found, Issue) else None
        assert outcome is None or outcome.status in ("released", "quarantined")
        broken = json.loads(json.dumps(tree))
        node = broken
        while isinstance(node, dict) and node and rng.random() < 0.7:
            key = rng.choice(list(node))
            if isinstance(node[key], dict):
                node = node[key]
                continue
            node[key] = rng.choice([None, 1, -0.0, 1e308, 2**70, "x", [], {}, [[]], [None], {"a": [{}]}, True, "\u0000", "闻人疏影" * 3])
            break
        if isinstance(broken.get("resourceType"), str) and isinstance(broken.get("id"), str):
            assert released(broken).status in ("released", "quarantined")


def test_the_bombs_leave_nothing_of_themselves_behind(run, tmp_path):
    run(json.dumps(PATIENT).encode(), json.dumps({**observation(), "modifierExtension": [{"url": NAME}]}).encode())
    written = "".join(file.read_text() for file in Path(tmp_path / "out").rglob("*") if file.is_file())
    assert NAME not in written
    assert not (tmp_path / "out" / ".work").exists()
