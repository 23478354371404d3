"""The folder a score leaves: the parts of both editions of the evidence, readable by the scorer alone.

    OUT/facts.full.json measurements.jsonl protocol.json submission.json pack.json commitments.json audit.json
        env.json sandbox.json card.json speed.json
        blobs/<sha256>   declared output files, where the task has any
        keys.jsonl results.jsonl reference.jsonl salts.jsonl telemetry.jsonl
Same stored results, same bytes in every file but telemetry.jsonl, speed.json and env.json, which speak of the machine.
"""
from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval_harness.base import CaseKey, Measurement, Result, Telemetry, Truth, canonical, merkle
from eval_harness.scoring import facts, speed
from eval_harness.scoring.answers import OpenBlob, blobs_of, no_blobs
from eval_harness.scoring.evidence import Evidence, check_order
from eval_harness.scoring.measures import Measure, measure_run
from eval_harness.scoring.roots import results_root

FACTS, BLOBS = "facts.full.json", "blobs"
DOCUMENTS = ("protocol.json", "submission.json", "pack.json", "commitments.json", "audit.json", "env.json", "sandbox.json",
             "card.json", "speed.json")
SEALED_TABLES = ("baseline.jsonl", "keys.jsonl", "measurements.jsonl", "reference.jsonl", "results.jsonl", "salts.jsonl", "telemetry.jsonl")


@dataclass(frozen=True)
class ScoreDir:
    path: Path

    def bytes_of(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def json(self, name: str) -> Any:
        return json.loads(self.bytes_of(name))

    @property
    def facts(self) -> dict[str, Any]:
        return self.json(FACTS)  # type: ignore[no-any-return]


def measurement_salt(truth: Truth, run_id: str) -> bytes:
    """32 bytes that nobody without the sealed reference standard can guess; the same in every scoring of this run."""
    return hashlib.sha256(b"measurement\x00" + bytes.fromhex(truth.salt or "00" * 32) + run_id.encode()).digest()


def measurements_root(measurements: Sequence[Measurement], salts: Mapping[str, bytes], scope: str) -> str:
    """Merkle root over salted leaves in token order."""
    ordered = sorted(measurements, key=lambda one: one.token)
    return merkle.root(merkle.salted_leaf("measurement", scope, salts[one.token], one.to_dict()) for one in ordered)


def score(evidence: Evidence, out: Path, *, own_measure: Measure | None = None, baseline: tuple[ScoreDir, str] | None = None,
          telemetry: Sequence[Telemetry] = (), environment: Mapping[str, Any] | None = None,
          sandbox: Mapping[str, Any] | None = None, open_blob: OpenBlob = no_blobs) -> ScoreDir:
    """Measure, estimate and write `out`. baseline: another score of the same set and its name, for paired differences.
    open_blob: bytes of declared output files by digest; they are copied to OUT/blobs.

    Raises Terminal SCO-001..003 where a sealed set was opened out of order.
    """
    from eval_harness.scoring import compare

    run = {**evidence.run, "results_root": evidence.run.get("results_root") or results_root(evidence.results)}
    evidence = replace(evidence, run=run, keys=sorted(evidence.keys, key=lambda key: key.token))
    check_order(evidence)
    measurements = measure_run(evidence.results, evidence.keys, evidence.truths, evidence.pack, own_measure, open_blob)
    run_id = str(evidence.run["run_id"])
    salts = {key.token: measurement_salt(evidence.truths[key.token], run_id) for key in evidence.keys}
    roots = {"inputs_root": evidence.dataset["inputs_root"], "reference_root": evidence.dataset["reference_root"],
             "results_root": evidence.run["results_root"],
             "measurements_root": measurements_root(measurements, salts, evidence.scope)}
    compared, carried = compare.baseline(evidence, measurements, *baseline) if baseline else (None, b"")
    found = facts.build(evidence, measurements, roots, compared)
    out.mkdir(parents=True, exist_ok=True)
    os.chmod(out, 0o700)
    documents: dict[str, Any] = {
        FACTS: found, "protocol.json": evidence.protocol, "submission.json": evidence.submission, "pack.json": evidence.pack,
        "commitments.json": {**roots, "set": dict(evidence.dataset)}, "audit.json": {"heads": dict(evidence.heads)},
        "env.json": environment or {}, "sandbox.json": sandbox or {}, "card.json": evidence.context.get("card") or {},
        "speed.json": speed.summary(telemetry, evidence.results),
    }
    for name, value in documents.items():
        (out / name).write_bytes(canonical(value))
    tables: dict[str, Iterable[Any]] = {
        "measurements.jsonl": (one.to_dict() for one in measurements), "keys.jsonl": (key.to_dict() for key in evidence.keys),
        "results.jsonl": (one.to_dict() for one in evidence.results),
        "reference.jsonl": ({"token": key.token, "truth": evidence.truths[key.token].to_dict()} for key in evidence.keys),
        "salts.jsonl": ({"token": token, "salt": salt.hex()} for token, salt in sorted(salts.items())),
        "telemetry.jsonl": (one.to_dict() for one in telemetry),
    }
    for name, rows in tables.items():
        (out / name).write_bytes(lines(rows))
    (out / "baseline.jsonl").write_bytes(carried)
    for blob in blobs_of(evidence.results):
        (out / BLOBS).mkdir(exist_ok=True)
        (out / BLOBS / blob).write_bytes(open_blob(blob))
    return ScoreDir(out)


def lines(rows: Iterable[Any]) -> bytes:
    return b"".join(canonical(row) + b"\n" for row in rows)


def read_lines(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.splitlines() if line]


def measurements_from(data: bytes) -> list[Measurement]:
    return [Measurement(**row) for row in read_lines(data)]


def keys_from(data: bytes) -> list[CaseKey]:
    return [CaseKey(**row) for row in read_lines(data)]


def results_from(data: bytes) -> list[Result]:
    return [Result(**row) for row in read_lines(data)]


def truths_from(data: bytes) -> dict[str, Truth]:
    return {row["token"]: Truth(**{**row["truth"], "ignore": tuple(row["truth"]["ignore"]), "readers": tuple(row["truth"]["readers"])})
            for row in read_lines(data)}
