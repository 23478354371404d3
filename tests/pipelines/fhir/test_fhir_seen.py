"""Which resources were written before, and which files the first pass may pass over."""

from __future__ import annotations

import hashlib
import json

import pytest
from fhir_world import KEY, PATIENT, SITE, observation, policy

from pipelines.phi_zone.fhir import census, seen
from pipelines.phi_zone.fhir.census import census as first_pass
from pipelines.phi_zone.fhir.seen import Seen, Written


def token(number: int) -> str:
    return "Observation/" + hashlib.sha256(b"%d" % number).hexdigest()[:32]


@pytest.mark.parametrize("bits", [27, 9])
def test_every_id_is_new_once_and_known_afterwards(tmp_path, monkeypatch, bits):
    monkeypatch.setattr(seen, "BITS", bits)
    monkeypatch.setattr(seen, "_MASK", (1 << bits) - 1)
    monkeypatch.setattr(seen, "MOST_RECENT", 50)
    table = Seen(tmp_path / "seen.db")
    for number in range(1000):
        assert table.before(token(number)) is None
        table.add(token(number), b"%012d" % number, number)
        old = number // 2
        assert table.before(token(old)) == Written(b"%012d" % old, old)
    table.close()
    assert not (tmp_path / "seen.db").exists()


def test_an_id_that_was_only_asked_for_is_not_taken_for_written(tmp_path):
    table = Seen(tmp_path / "seen.db")
    assert [table.before(token(1)), table.before(token(1))] == [None, None]
    table.close()


@pytest.mark.parametrize("filler", [0, 40, 4000])
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_patient_is_found_wherever_it_stands_in_a_file(tmp_path, monkeypatch, filler, end):
    monkeypatch.setattr(census, "PIECE", 700)
    line = json.dumps(observation()).encode()
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([line] * filler + [json.dumps(PATIENT, indent=None).encode()]) + end)
    (tmp_path / "b.ndjson").write_bytes(b"\n".join([line] * 50))
    files = [tmp_path / "a.ndjson", tmp_path / "b.ndjson"]
    assert [census._may_name_people(file) for file in files] == [True, False]
    assert "Patient/p-1" in first_pass(files, SITE, KEY, policy()).subjects


def test_a_line_without_end_is_not_gathered_to_be_searched(tmp_path, monkeypatch):
    monkeypatch.setattr(census, "CHUNK", 1000)
    (tmp_path / "a.ndjson").write_bytes(b"x" * 100_000)
    assert census._may_name_people(tmp_path / "a.ndjson")
