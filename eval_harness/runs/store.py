"""The run store: what was predicted, case by case, written once and only appended to.

    RUN/run.json          {"run": record, "environment", "sandbox", "dispatch", "counts"}
        submission.json       the manifest that was handed in
        log.jsonl         append-only: planned, result, requeued, stopped, finished; a result is committed once it is here
        telemetry.jsonl   times and memory, never hashed
        results.jsonl     written at the end: one final Result a case, by token
        blobs/<sha256>    declared output files
        logs/<token>.txt  what the model printed, capped; practice sets only
"""
from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval_harness.base import Result, Telemetry, Terminal, canonical, eval_messages, sha256

RUN, LOG, TELEMETRY, RESULTS = "run.json", "log.jsonl", "telemetry.jsonl", "results.jsonl"
SYNC_EVERY_S = 0.2
BLOBS, LOGS, SUBMISSION = "blobs", "logs", "submission.json"


@dataclass(frozen=True)
class Run:
    """A run as the scorer reads it. `record` is the part that is the same on any machine."""

    path: Path
    record: Mapping[str, Any]
    results: Sequence[Result]
    telemetry: Sequence[Telemetry]
    environment: Mapping[str, Any] = field(default_factory=dict)
    sandbox: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.record.get("state") in ("complete", "stopped", "failed")

    def blob(self, digest: str) -> bytes:
        return (self.path / BLOBS / digest).read_bytes()


def read_run(path: Path) -> Run:
    """The run at `path`, ended or not; results of one that goes on are those committed so far. Raises Terminal RUN-001."""
    try:
        head = json.loads((path / RUN).read_bytes())
    except (OSError, ValueError) as error:
        raise Terminal(eval_messages().issue("RUN-001", path.name)) from error
    if (path / RESULTS).exists():
        results = [Result(**row) for row in _lines(path / RESULTS)]
    else:
        results = sorted(final_results(_lines(path / LOG)).values(), key=lambda result: result.token)
    telemetry = [Telemetry(**row) for row in _lines(path / TELEMETRY)]
    return Run(path, head["run"], results, telemetry, head.get("environment", {}), head.get("sandbox", {}), head.get("counts", {}))


def final_results(events: Iterable[Mapping[str, Any]]) -> dict[str, Result]:
    """The last attempt's result of every case that is done with."""
    return {event["result"]["token"]: Result(**event["result"]) for event in events
            if event["kind"] == "result" and event["final"]}


class RunStore:
    """The one writer of a run folder: bytes of blobs first, then the log, synced in groups."""

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        (path / BLOBS).mkdir(exist_ok=True)
        self.earlier = self._open(head)
        """Events of earlier starts; what this start appends is not kept in memory."""
        self._log = (path / LOG).open("ab")
        self._synced = 0.0
        self._telemetry = (path / TELEMETRY).open("ab")

    def _open(self, head: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Events of an earlier start of the same run; a line cut by a kill is taken off."""
        if (self.path / RUN).exists():
            found = json.loads((self.path / RUN).read_bytes())["run"]["run_id"]
            if found != head["run"]["run_id"]:
                raise Terminal(eval_messages().issue("RUN-002", self.path.name, found=found[:12], known=head["run"]["run_id"][:12]))
        else:
            self.write_head(head)
        for name in (LOG, TELEMETRY):
            _cut_to_whole_lines(self.path / name)
        return list(_lines(self.path / LOG))

    def write_head(self, head: Mapping[str, Any]) -> None:
        _replace(self.path / RUN, canonical(dict(head)))

    def commit(self, events: Sequence[Mapping[str, Any]], telemetry: Sequence[Telemetry] = (),
               blobs: Mapping[str, bytes] | None = None) -> None:
        """Append events and telemetry; the system has them when this returns, the disk within SYNC_EVERY_S."""
        for digest, data in (blobs or {}).items():
            self._blob(digest, data)
        for row in telemetry:
            self._telemetry.write(canonical(vars(row)) + b"\n")
        self._telemetry.flush()
        self._log.write(b"".join(canonical(dict(event)) + b"\n" for event in events))
        self._log.flush()   # from here on a killed driver loses nothing; a lost power supply at most the last SYNC_EVERY_S
        if time.monotonic() - self._synced > SYNC_EVERY_S:
            self._sync()

    def _sync(self) -> None:
        os.fsync(self._log.fileno())
        self._synced = time.monotonic()

    def keep_submission(self, manifest: Mapping[str, Any]) -> None:
        """The manifest as handed in, for the report."""
        _replace(self.path / SUBMISSION, canonical(dict(manifest)))

    def keep_log(self, token: str, text: bytes) -> None:
        folder = self.path / LOGS
        folder.mkdir(exist_ok=True)
        (folder / f"{token}.txt").write_bytes(text)

    def write_results(self, results: Iterable[Result]) -> None:
        _replace(self.path / RESULTS, b"".join(canonical(result.to_dict()) + b"\n" for result in results))

    def close(self) -> None:
        self._sync()
        self._log.close()
        self._telemetry.close()

    def _blob(self, digest: str, data: bytes) -> None:
        target = self.path / BLOBS / digest
        if not target.exists():
            assert sha256(data) == digest
            _replace(target, data)


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(partial, path)


def _cut_to_whole_lines(path: Path) -> None:
    if not path.exists():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        with path.open("r+b") as held:
            held.truncate(whole)


def _lines(path: Path) -> Iterable[Any]:
    if not path.exists():
        return
    with path.open("rb") as held:
        for line in held:
            if line.endswith(b"\n"):
                yield json.loads(line)
