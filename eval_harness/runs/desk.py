"""Where slots take cases and bring answers. An answer is committed before its slot begins another case, so that a kill of
anything costs at most the one case that each slot had in hand, and the log says which.
"""
from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from eval_harness.base import canonical
from eval_harness.base.console import Progress
from eval_harness.runs.book import DRIVER_LOST, LOST_CAUSE, Book, Verdict
from eval_harness.runs.outcome import Outcome
from eval_harness.runs.store import RESULT_LINE, RunStore


@dataclass(frozen=True)
class Answered:
    """What came back for a case from `node`: its outcome, or None when its worker was lost (`lost` says how)."""

    token: str
    outcome: Outcome | None
    node: str = ""
    lost: str = ""


class Desk:
    """One desk a run, used by every slot; each method is one step under one lock."""

    def __init__(self, book: Book, store: RunStore, visibility: str, bar: Progress) -> None:
        self.book, self.store, self.bar = book, store, bar
        self.logs_kept = visibility == "practice"   # on a sealed set a log could carry an image out
        self.careful = False
        """A case timed out: the next one may stop the run, so nothing is given out ahead of its turn any more."""
        self._lock = threading.Lock()
        self._held: dict[str, tuple[int, float]] = {}
        """Tokens that were taken: place, and when."""
        self._halted = False

    def resume(self) -> bool:
        """Enter what earlier starts wrote: a case that a killed driver had in hand is marked, not charged, and run again.

        False when there was no earlier start.
        """
        earlier, plan = self.store.end > 0, self.book.plan
        dropped = self.book.recall(self.store.events())
        self.store.note({"kind": "planned", "cases": len(plan), "waiting": len(plan) - self.book.done})
        for place in dropped:
            again = self.book.lose(place, DRIVER_LOST, in_queue=True)
            self.store.append(self._lost(Answered(plan[place], None), place, DRIVER_LOST, 0.0, again))
        self.bar.done = self.book.done
        return earlier

    def take(self, most: int = 1) -> list[str]:
        """The next tokens, fewer or none when there are no more. Nothing is begun yet."""
        with self._lock:
            return self._take(most)

    @property
    def waiting(self) -> int:
        """At most so many cases are left to take."""
        return self.book.waiting

    def begin(self, tokens: Sequence[str]) -> None:
        """Say in the log that a slot begins these, in this order."""
        with self._lock:
            self.store.append(_given(tokens))

    def bring(self, answered: Sequence[Answered], ahead: Sequence[str] = (), most: int = 1) -> list[str]:
        """Commit answers and begin what the slot does next, in one write: `ahead`, if it may still be run, else at most so many others."""
        for one in answered:
            self._keep_blobs(one)
        with self._lock:
            lines = bytearray()
            for one in answered:
                lines += self._settled(one, len(lines))
            following = self._following(ahead, most)
            self.store.append(bytes(lines + _given(following) if following else lines))
            return following

    def settle(self, answered: Answered) -> None:
        """Commit an answer of a slot that already has its next case."""
        self._keep_blobs(answered)
        with self._lock:
            self.store.append(self._settled(answered))

    def give_back(self, tokens: Sequence[str]) -> None:
        """Cases that were taken and never begun."""
        with self._lock:
            for token in reversed(tokens):
                self.book.give_back(self._held.pop(token)[0])

    def halt(self) -> None:
        """Give nothing out any more: the driver is ending."""
        self._halted = True

    def _take(self, most: int) -> list[str]:
        tokens: list[str] = []
        while len(tokens) < most and not self._halted and (place := self.book.next()) is not None:
            tokens.append(self.book.plan[place])
            self._held[tokens[-1]] = (place, time.monotonic())
        return tokens

    def _following(self, ahead: Sequence[str], most: int) -> list[str]:
        if self._halted:
            return []
        return [token for token in ahead if not self.book.beyond(self._held[token][0])] or self._take(most)

    def _keep_blobs(self, answered: Answered) -> None:
        """Before the line that points to them, and outside the lock: they may be large."""
        if answered.outcome is not None and answered.outcome.fault != "platform":
            self.store.keep_blobs(answered.outcome.kept.blobs)

    def _settled(self, answered: Answered, after: int = 0) -> bytes:
        """Enter one answer into the book; its line of the log, which will stand `after` bytes behind the log's end."""
        place, since = self._held.pop(answered.token)
        waited_s, outcome = time.monotonic() - since, answered.outcome
        if outcome is None or outcome.fault == "platform":
            cause = answered.lost or (outcome.cause if outcome else None) or "platform"
            return self._lost(answered, place, cause, waited_s, self.book.lose(place, cause), after)
        return self._entered(answered.token, place, outcome, self.book.judge(place, outcome.status), waited_s, answered.node, after)

    def _lost(self, answered: Answered, place: int, cause: str, waited_s: float, again: bool, after: int = 0) -> bytes:
        """A try that the platform lost, and the case's end when it was one too many."""
        line = canonical({"kind": "requeued", "token": answered.token, "fault": "platform", "cause": cause}) + b"\n"
        if again:
            return line
        log = answered.outcome.log if answered.outcome is not None else b""
        outcome, verdict = Outcome("crash", LOST_CAUSE, "undetermined", log=log), Verdict(self.book.next_attempt(place), True)
        return line + self._entered(answered.token, place, outcome, verdict, waited_s, answered.node, after + len(line))

    def _entered(self, token: str, place: int, outcome: Outcome, verdict: Verdict, waited_s: float, node: str, after: int) -> bytes:
        """The line of a result."""
        row = outcome.row(self.book.plan.run_id, token, verdict.attempt)
        if verdict.final:
            self.book.finish(place, outcome.status, self.store.end + after, outcome.cause)
            self.bar.advance(1)
        self.careful = self.careful or outcome.status == "timeout"
        if self.logs_kept and (outcome.log or outcome.status != "ok"):
            self.store.keep_log(token, _log_text(outcome, verdict.attempt))
        telemetry = outcome.telemetry(max(0.0, waited_s - outcome.spending.wall_s), node)
        return RESULT_LINE % (b"true" if verdict.final else b"false", row, telemetry)


def _given(tokens: Sequence[str]) -> bytes:
    return b'{"kind":"given","tokens":%s}\n' % canonical(list(tokens))


def _log_text(outcome: Outcome, attempt: int) -> bytes:
    """Never empty: what happened in a line of ours, then what the model printed."""
    why = f" ({outcome.cause})" if outcome.cause else ""
    spent = f"{outcome.spending.cpu_s:.2f} s CPU, {outcome.spending.peak_bytes // 2**20} MiB"
    return f"attempt {attempt}: {outcome.status}{why}, {spent}\n".encode() + outcome.log
