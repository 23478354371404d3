"""The run store: what was predicted, case by case, written once and only appended to.

    RUN/run.json          {"run": record, "environment", "sandbox", "dispatch", "counts"}
        submission.json       the manifest that was handed in
        log.jsonl         append-only: planned, given, result (with its telemetry, which is never hashed), requeued, finished
        results.jsonl     written at the end: one final Result a case, by token
        blobs/<sha256>    declared output files
        logs/<token>.txt  what the model printed, capped; practice sets only

A case is committed once its line stands in the log: from then on a killed driver loses nothing. The disk has it within
SYNC_EVERY_S, many cases to one flush.
"""
from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from eval_harness.base import Result, Telemetry, Terminal, WrongUsage, canonical, eval_messages, sha256
from eval_harness.runs.lines import line_at, read_lines

RUN, LOG, RESULTS = "run.json", "log.jsonl", "results.jsonl"
SYNC_EVERY_S = 0.2
FINAL_HEAD = b'{"final":true,"kind":"result","result":'
RESULT_LINE = b'{"final":%s,"kind":"result","result":%s,"telemetry":%s}\n'
BLOBS, LOGS, SUBMISSION = "blobs", "logs", "submission.json"


class Run:
    """A run as the scorer reads it. `record` is the part that is the same on any machine; rows are read when asked for."""

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        self.path = path
        self.record: Mapping[str, Any] = head["run"]
        self.environment: Mapping[str, Any] = head.get("environment", {})
        self.sandbox: Mapping[str, Any] = head.get("sandbox", {})
        self.counts: Mapping[str, int] = head.get("counts", {})
        self.rerun: Mapping[str, int] = head.get("rerun", {})
        """Served models: {"cases", "differing"} of the re-run test."""
        self.dispatch: Mapping[str, Any] = head.get("dispatch", {})
        """How and where it ran; start_s and predict_s are the seconds before the first case and for all cases."""

    @cached_property
    def results(self) -> Sequence[Result]:
        """One Result a case, by token; of a run that goes on, those committed so far."""
        if (self.path / RESULTS).exists():
            return [Result(**row) for _, row in read_lines(self.path / RESULTS)]
        held = {event["result"]["token"]: event["result"] for _, event in read_lines(self.path / LOG)
                if event["kind"] == "result" and event["final"]}
        return [Result(**held[token]) for token in sorted(held)]

    @cached_property
    def telemetry(self) -> Sequence[Telemetry]:
        """One row an attempt, in the order of their ends."""
        return [Telemetry(event["result"]["run_id"], event["result"]["token"], event["result"]["attempt"], **event["telemetry"])
                for _, event in read_lines(self.path / LOG) if event["kind"] == "result"]

    @property
    def ended(self) -> bool:
        return self.record.get("state") in ("complete", "stopped", "failed")

    def blob(self, digest: str) -> bytes:
        return (self.path / BLOBS / digest).read_bytes()


def read_run(path: Path) -> Run:
    """The run at `path`, ended or not. Raises WrongUsage RUN-001."""
    try:
        return Run(path, json.loads((path / RUN).read_bytes()))
    except (OSError, ValueError, KeyError) as error:
        raise WrongUsage(eval_messages().issue("RUN-001", path.name)) from error


class RunStore:
    """The one writer of a run folder: bytes of blobs first, then the log."""

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        (path / BLOBS).mkdir(exist_ok=True)
        self._check(head)
        _cut_to_whole_lines(path / LOG)
        self._log = os.open(path / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        self.end = os.fstat(self._log).st_size
        """Where the next line will stand."""
        self._closed, self._dirty = threading.Event(), False
        self._syncing = threading.Thread(target=self._sync_in_groups, daemon=True)
        self._syncing.start()

    def _check(self, head: Mapping[str, Any]) -> None:
        if not (self.path / RUN).exists():
            self.write_head(head)
            return
        found = json.loads((self.path / RUN).read_bytes())["run"]["run_id"]
        if found != head["run"]["run_id"]:
            raise Terminal(eval_messages().issue("RUN-002", self.path.name, found=found[:12], known=head["run"]["run_id"][:12]))

    def write_head(self, head: Mapping[str, Any]) -> None:
        _replace(self.path / RUN, canonical(dict(head)))

    def events(self) -> Iterator[tuple[int, Any]]:
        """(offset, event) of every line in the log."""
        return read_lines(self.path / LOG)

    def note(self, *events: Mapping[str, Any]) -> None:
        """Append events that carry no result."""
        self.append(b"".join(canonical(dict(event)) + b"\n" for event in events))

    def append(self, lines: bytes) -> None:
        """Append whole lines. The system has them when this returns."""
        held = memoryview(lines)
        while held:
            held = held[os.write(self._log, held):]
        self.end += len(lines)
        self._dirty = True

    def rows(self, offsets: Iterable[int]) -> Iterator[bytes]:
        """Result rows, as canonical bytes, of the lines at these offsets."""
        start, stop = len(FINAL_HEAD), b',"telemetry":'
        with (self.path / LOG).open("rb", buffering=0) as held:
            for offset in offsets:
                yield line_at(held, offset)[start:].rpartition(stop)[0]

    def keep_submission(self, manifest: Mapping[str, Any]) -> None:
        """The manifest as handed in, for the report."""
        _replace(self.path / SUBMISSION, canonical(dict(manifest)))

    def keep_log(self, token: str, text: bytes) -> None:
        folder = self.path / LOGS
        folder.mkdir(exist_ok=True)
        (folder / f"{token}.txt").write_bytes(text)

    def keep_blobs(self, blobs: Mapping[str, bytes]) -> None:
        for digest, data in blobs.items():
            target = self.path / BLOBS / digest
            if not target.exists():
                assert sha256(data) == digest
                _replace(target, data)

    def write_results(self, rows: Iterable[bytes]) -> Iterator[bytes]:
        """Writes the rows and hands each on; the table is there once the last was taken."""
        with _replacing(self.path / RESULTS) as out:
            for row in rows:
                out.write(row + b"\n")
                yield row

    def close(self) -> None:
        self._closed.set()
        self._syncing.join()
        os.close(self._log)

    def _sync_in_groups(self) -> None:
        while not self._closed.wait(SYNC_EVERY_S):
            self._sync()
        self._sync()

    def _sync(self) -> None:
        if self._dirty:
            self._dirty = False
            os.fsync(self._log)


def _replace(path: Path, data: bytes) -> None:
    with _replacing(path) as out:
        out.write(data)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of `path` whole, and on the disk, or not at all."""
    partial = path.with_name(f".{path.name}.{threading.get_ident()}.partial")
    with partial.open("wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
    os.replace(partial, path)


def _cut_to_whole_lines(path: Path) -> None:
    """Take off a line that a kill cut short."""
    if not path.exists():
        return
    with path.open("r+b") as held:
        end = at = held.seek(0, os.SEEK_END)
        while at > 0:
            start = max(0, at - 65536)
            held.seek(start)
            newline = held.read(at - start).rfind(b"\n")
            if newline >= 0:
                at = start + newline + 1
                break
            at = start
        if at != end:
            held.truncate(at)
