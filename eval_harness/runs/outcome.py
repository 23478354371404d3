"""What one attempt at one case came to, before the driver decides whether it is the last."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eval_harness.base import Result, Telemetry, canonical, sha256

INLINE_CAP_BYTES = 64 * 1024
TIME_LIMIT = "time_limit"   # CPU or its wall backstop: which of them struck first depends on the machine's load


@dataclass(frozen=True)
class Spending:
    """Measured use of one attempt."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0


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
    node: str = ""

    def result(self, run_id: str, token: str, attempt: int) -> tuple[Result, dict[str, bytes]]:
        """The Result and the blobs it points to, by digest. A long answer becomes a blob itself."""
        names = {name: sha256(data) for name, data in self.blobs.items()}
        held = {names[name]: data for name, data in self.blobs.items()}
        if self.status != "ok":
            return Result(run_id, token, attempt, self.status, self.cause), {}
        data = canonical(self.answer)
        inline = self.answer
        if len(data) > INLINE_CAP_BYTES:
            inline, names, held = None, {**names, "output.json": sha256(data)}, {**held, sha256(data): data}
        return Result(run_id, token, attempt, "ok", None, sha256(data), inline, dict(sorted(names.items()))), held

    def telemetry(self, run_id: str, token: str, attempt: int, queue_s: float) -> Telemetry:
        spent = self.spending
        return Telemetry(run_id, token, attempt, self.fault, round(spent.wall_s, 6), round(spent.cpu_s, 6), round(queue_s, 6),
                         spent.peak_bytes, self.node)
