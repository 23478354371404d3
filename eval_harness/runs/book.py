"""The driver's book: which case is where, how often it was tried, when to stop. Pure: no process, no clock, no disk."""
from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval_harness.base import Result
from eval_harness.runs.outcome import Outcome
from eval_harness.runs.store import final_results

RETRIED = frozenset({"crash", "oom", "invalid_output"})
TIMEOUTS_IN_A_ROW, PLATFORM_TRIES = 3, 3
STOPPED_CAUSE = "stopped_after_timeouts"


@dataclass(frozen=True)
class Verdict:
    """What the book says about one outcome: the attempt's number, whether it is the case's last."""

    attempt: int
    final: bool


class Book:
    """Counts attempts and decides. `order`: tokens in plan order; `events`: the log of an earlier start, if there was one."""

    def __init__(self, order: Sequence[str], events: Iterable[Mapping[str, Any]], attempts: int) -> None:
        self.order, self.allowed = list(order), attempts
        self.place = {token: index for index, token in enumerate(self.order)}
        held = list(events)
        self.results: dict[str, Result] = final_results(held)
        self.tries: dict[str, int] = {}
        self.lost: dict[str, int] = {}
        for event in held:
            if event["kind"] == "result" and not event["final"]:
                self.tries[event["result"]["token"]] = event["result"]["attempt"]
            elif event["kind"] == "requeued":
                self.lost[event["token"]] = self.lost.get(event["token"], 0) + 1
        self.waiting = deque(token for token in self.order if token not in self.results)
        self.stopped_at = self._stop_place()

    def next(self) -> str | None:
        """The next token to give out; None when there is none (any more)."""
        while self.waiting:
            token = self.waiting.popleft()
            if self.stopped_at is None or self.place[token] <= self.stopped_at:
                return token
        return None

    @property
    def more(self) -> bool:
        """Whether a token still waits to be given out."""
        return any(self.stopped_at is None or self.place[token] <= self.stopped_at for token in self.waiting)

    def judge(self, token: str, outcome: Outcome) -> Verdict:
        """Decide about a vendor outcome; the case goes back into the queue when it may be tried again."""
        attempt = self.tries.get(token, 0) + 1
        self.tries[token] = attempt
        final = outcome.status not in RETRIED or attempt >= self.allowed
        if not final:
            self.waiting.appendleft(token)
        return Verdict(attempt, final)

    def finish(self, result: Result) -> None:
        self.results[result.token] = result
        if result.status == "timeout":
            self.stopped_at = self._stop_place()

    def lose(self, token: str) -> bool:
        """A try lost to the platform: not counted against the case. False when it was lost too often to go on."""
        self.lost[token] = self.lost.get(token, 0) + 1
        if self.lost[token] >= PLATFORM_TRIES:
            return False
        self.waiting.appendleft(token)
        return True

    @property
    def stopped(self) -> bool:
        return self.stopped_at is not None

    def table(self, run_id: str) -> list[Result]:
        """One Result a case, by token. After a stop everything later in plan order is refused, whatever was in flight."""
        rows = []
        for token in sorted(self.order):
            if self.stopped_at is not None and self.place[token] > self.stopped_at:
                rows.append(Result(run_id, token, 0, "refused", STOPPED_CAUSE))
            else:
                rows.append(self.results[token])
        return rows

    def _stop_place(self) -> int | None:
        """Where the third time-out in a row (in plan order, all before it known) stands."""
        row = 0
        for index, token in enumerate(self.order):
            held = self.results.get(token)
            if held is None:
                row = 0
                continue
            row = row + 1 if held.status == "timeout" else 0
            if row >= TIMEOUTS_IN_A_ROW:
                return index
        return None
