"""What one attempt at one case came to, before the driver decides whether it is the last."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from eval_harness.base import canonical, sha256

INLINE_CAP_BYTES = 64 * 1024
TIME_LIMIT = "time_limit"   # CPU or its wall backstop: which of them struck first depends on the machine's load


@dataclass(frozen=True)
class Spending:
    """Measured use of one attempt."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0


@dataclass(frozen=True)
class Kept:
    """Canonical JSON of the inline output, its digest and the names of its blobs; the blobs by digest. A long answer is a blob."""

    output: bytes
    digest: bytes
    names: bytes
    blobs: Mapping[str, bytes]


@dataclass(frozen=True)
class Outcome:
    """status and cause are tokens; `answer` the rounded answer of an `ok` case; `log` what the model printed, capped."""

    status: str
    cause: str | None = None
    fault: str | None = None
    answer: Any = None
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    """Declared output files by name."""
    log: bytes = b""
    spending: Spending = Spending()

    @cached_property
    def kept(self) -> Kept:
        """The answer as it is stored. Written out by hand into `row`: a generic encoder would be the dearest step of a case."""
        if self.status != "ok":
            return Kept(b"null", b"null", b"{}", {})
        names = {name: sha256(data) for name, data in self.blobs.items()}
        blobs = {names[name]: data for name, data in self.blobs.items()}
        data = inline = canonical(self.answer)
        digest = sha256(data)
        if len(data) > INLINE_CAP_BYTES:
            inline, names, blobs = b"null", {**names, "output.json": digest}, {**blobs, digest: data}
        return Kept(inline, canonical(digest), canonical(names), blobs)

    def row(self, run_id: str, token: str, attempt: int) -> bytes:
        """The Result as canonical JSON."""
        kept = self.kept
        return _ROW % (attempt, kept.names, canonical(self.cause), kept.output, kept.digest, canonical(run_id), canonical(self.status),
                       canonical(token))

    def telemetry(self, queue_s: float, node: str) -> bytes:
        """The telemetry of this attempt as JSON, without the names that its Result carries."""
        spent = self.spending
        return json.dumps({"fault": self.fault, "wall_s": round(spent.wall_s, 6), "cpu_s": round(spent.cpu_s, 6),
                           "queue_s": round(queue_s, 6), "peak_bytes": spent.peak_bytes, "node": node}).encode()


_ROW = b'{"attempt":%d,"blobs":%s,"cause":%s,"output":%s,"output_sha256":%s,"run_id":%s,"status":%s,"token":%s}'
_RUN = b'"run_id":'


def without_run(row: bytes, run_id: str) -> bytes:
    """A Result row as the results root takes it: run_id depends on nothing that the model answered."""
    head, name, tail = row.rpartition(_RUN)   # only a status and a token come after it
    return head + name + b'""' + tail[len(canonical(run_id)):]


def signal_cause(status: int) -> str:
    """A token for how a program ended: bubblewrap and shells give 128 + signal."""
    if status < 0 or status > 128:
        return f"signal:{-status if status < 0 else status - 128}"
    return f"exit:{status}"

