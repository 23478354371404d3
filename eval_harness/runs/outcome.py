"""What one attempt at one case came to, before the driver decides whether it is the last."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from json.encoder import encode_basestring
from typing import Any

from eval_harness.base import canonical, sha256

INLINE_CAP_BYTES = 64 * 1024
KILLED, TIME_LIMIT = -9, "time_limit"   # CPU or its wall backstop: which of them struck first depends on the machine's load


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
        data = canonical(self.answer)
        digest = sha256(data)
        if not self.blobs and len(data) <= INLINE_CAP_BYTES:
            return Kept(data, _text(digest), b"{}", {})
        names = {name: sha256(data) for name, data in self.blobs.items()}
        blobs = {names[name]: data for name, data in self.blobs.items()}
        if len(data) > INLINE_CAP_BYTES:
            data, names, blobs = b"null", {**names, "output.json": digest}, {**blobs, digest: data}
        return Kept(data, _text(digest), canonical(names), blobs)

    def row(self, run_id: str, token: str, attempt: int) -> bytes:
        """The Result as canonical JSON."""
        kept = self.kept
        return _ROW % (attempt, kept.names, _known(self.cause), kept.output, kept.digest, _known(run_id), _known(self.status), _text(token))

    def telemetry(self, queue_s: float, node: str) -> bytes:
        """The telemetry of this attempt as JSON, without the names that its Result carries."""
        spent = self.spending
        return _TELEMETRY % (_known(self.fault), round(spent.wall_s, 6), round(spent.cpu_s, 6), round(queue_s, 6), spent.peak_bytes,
                             _known(node))


def unanswered(broken: str | None, oom: bool, status: int, lost: str | None, **told: Any) -> Outcome:
    """How a program ended that gave no answer, and whose fault that is. The order decides: a limit, memory, the platform, the program.

    broken: the limit that ended it; lost: what of the platform may have, where no limit did; told: log and spending.
    """
    if broken in ("cpu", "wall"):
        return Outcome("timeout", TIME_LIMIT, "vendor", **told)
    if broken == "memory" or oom:
        return Outcome("oom", None, "vendor", **told)
    if broken is None and lost is not None:
        return Outcome("crash", f"platform:{lost}", "platform", **told)
    return Outcome("crash", broken or signal_cause(status), "vendor", **told)


def lost_cause(unborn: bool, status: int, sealed: bool) -> str | None:
    """What of the platform ended a vendor's program: an engine that never started it, or somebody outside walls that it cannot reach."""
    return "engine" if unborn else "killed" if status == KILLED and sealed else None


_ROW = b'{"attempt":%d,"blobs":%s,"cause":%s,"output":%s,"output_sha256":%s,"run_id":%s,"status":%s,"token":%s}'
_TELEMETRY = b'{"fault":%s,"wall_s":%a,"cpu_s":%a,"queue_s":%a,"peak_bytes":%d,"node":%s}'
_RUN = b'"run_id":'


def _text(word: str) -> bytes:
    return encode_basestring(word).encode()


@lru_cache(maxsize=256)
def _known(word: str | None) -> bytes:
    """A word that many cases share."""
    return b"null" if word is None else _text(word)


def without_run(row: bytes, run_id: str) -> bytes:
    """A Result row as the results root takes it: run_id depends on nothing that the model answered."""
    head, name, tail = row.rpartition(_RUN)   # only a status and a token come after it
    return head + name + b'""' + tail[len(_known(run_id)):]


def signal_cause(status: int) -> str:
    """A token for how a program ended: bubblewrap and shells give 128 + signal."""
    if status < 0 or status > 128:
        return f"signal:{-status if status < 0 else status - 128}"
    return f"exit:{status}"

