"""The audit log: append-only, hash-chained, and it fails closed: what cannot be written down does not happen.

One JSON line a record in `<audit>/log.jsonl`; every record carries the hash of the one before it, and the log's Merkle
root over all record hashes is printed in reports and statements. One record per action, not per row, and no identity in
it: objects are named by pseudonyms, ids and digests (GB/T 22239-2019 level 3, audit; RFC 6962 for the tree).
"""
from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from eval_harness.base import Retryable, Terminal, canonical, merkle
from eval_harness.base.canonical import sha256
from governance.store import now
from schemas.messages import messages

T = TypeVar("T")
GENESIS = "0" * 64
LINE_BYTES = 65536
"""More than a record can take."""
OBJECT = re.compile(r"^[A-Za-z0-9@._:/+=-]{1,200}$")
"""What may stand as actor, object or reason: ids, digests, tokens. Free text does not fit, so no name slips in."""


@dataclass(frozen=True)
class Actor:
    """Who acts: an account name and the role it acts in."""

    name: str
    role: str

    def __str__(self) -> str:
        return f"{self.name}:{self.role}"


@dataclass(frozen=True)
class Head:
    """A place in the log: how many records there were, and the Merkle root over them."""

    seq: int
    hash: str
    root: str
    at: str


class Audit:
    """The log of one home. Safe for several processes at once (a file lock), each write synced before it returns."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.jsonl"

    def record(self, action: str, actor: Actor, object: str, result: str = "done", **facts: str | int | float | bool | None) -> Head:
        """Append one record and give the head after it.

        Raises Terminal AUD-001 when a word could be free text, Retryable AUD-002 when the disk refuses: the caller must
        then not act. Raises Terminal AUD-003 when the log on disk is not a chain any more.
        """
        for word in (action, actor.name, actor.role, object, result, *facts, *(v for v in facts.values() if isinstance(v, str))):
            if not OBJECT.match(word):
                raise Terminal(messages().issue("AUD-001", action, field=str(len(word))))
        try:
            with self._locked():
                last = self._last()
                body: dict[str, Any] = {"seq": last["seq"] + 1, "at": now(), "actor": actor.name, "role": actor.role,
                                        "action": action, "object": object, "result": result, "facts": dict(facts),
                                        "prev": last["hash"]}
                body["hash"] = sha256(canonical(body))
                with self.path.open("ab") as out:
                    out.write(canonical(body) + b"\n")
                    out.flush()
                    os.fsync(out.fileno())
        except OSError as error:
            raise Retryable(messages().issue("AUD-002", action, reason=error.strerror or "I/O error")) from error
        return Head(body["seq"], body["hash"], "", body["at"])

    def guard(self, action: str, actor: Actor, object: str, work: Callable[[], T], **facts: str | int | float | bool | None) -> T:
        """Run `work` between a "begun" and a "done" or "failed" record. No record, no work."""
        self.record(action, actor, object, "begun", **facts)
        try:
            outcome = work()
        except BaseException as error:
            self.record(action, actor, object, "failed", error=type(error).__name__)
            raise
        self.record(action, actor, object, "done")
        return outcome

    def head(self) -> Head:
        """The last record with the Merkle root over the whole log."""
        hashes: list[bytes] = []
        last: dict[str, Any] = {"seq": 0, "hash": GENESIS, "at": ""}
        for record in self.records():
            hashes.append(merkle.leaf(bytes.fromhex(record["hash"])))
            last = record
        return Head(last["seq"], last["hash"], merkle.root(hashes), last["at"])

    def place(self) -> dict[str, int | str]:
        """Where the log ends now: its length, and the number and hash of its last record."""
        with self._locked():
            last = self._last()
            size = self.path.stat().st_size if self.path.exists() else 0
        return {"bytes": size, "seq": last["seq"], "hash": last["hash"]}

    def holds(self, place: Mapping[str, Any]) -> bool:
        """Whether the log still has the record that ended at `place`. Reads that one line."""
        if not place["bytes"]:
            return True
        try:
            with self.path.open("rb") as log:
                log.seek(max(0, place["bytes"] - LINE_BYTES))
                line = log.read(min(place["bytes"], LINE_BYTES)).rstrip(b"\n").rpartition(b"\n")[2]
            record = _parsed(line, int(place["seq"]))
            return bool(record["hash"] == place["hash"] == _hash(record))
        except (FileNotFoundError, Terminal):
            return False

    def records(self) -> Iterator[dict[str, Any]]:
        """Every record in order, chain checked. Raises Terminal AUD-003 at the first that does not fit."""
        previous, seq = GENESIS, 0
        if not self.path.exists():
            return
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):     # cut by a crash, as in `_last`: it never returned, so nothing was done on it
                    return
                record = _parsed(line, seq + 1)
                if record["seq"] != seq + 1 or record["prev"] != previous or _hash(record) != record["hash"]:
                    raise Terminal(messages().issue("AUD-003", f"log.jsonl:{seq + 1}"))
                previous, seq = record["hash"], seq + 1
                yield record

    def _last(self) -> dict[str, Any]:
        if not self.path.exists() or self.path.stat().st_size == 0:
            return {"seq": 0, "hash": GENESIS}
        with self.path.open("rb") as log:
            log.seek(max(0, self.path.stat().st_size - LINE_BYTES))
            tail = log.read()
        if not tail.endswith(b"\n"):      # a crash cut the last line: it never returned, so nothing was done on it
            whole = tail.rfind(b"\n") + 1
            with self.path.open("r+b") as log:
                log.truncate(self.path.stat().st_size - (len(tail) - whole))
            return self._last()
        record = _parsed(tail.rstrip(b"\n").rpartition(b"\n")[2], 0)
        if _hash(record) != record["hash"]:
            raise Terminal(messages().issue("AUD-003", f"log.jsonl:{record['seq']}"))
        return record

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path.parent / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _hash(record: Mapping[str, Any]) -> str:
    return sha256(canonical({key: value for key, value in record.items() if key != "hash"}))


def _parsed(line: bytes, place: int) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(line)
        record["seq"], record["prev"], record["hash"], record["at"]
    except (ValueError, KeyError, TypeError) as error:
        raise Terminal(messages().issue("AUD-003", f"log.jsonl:{place}")) from error
    return record
