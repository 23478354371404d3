"""The driver's book: which case is where, how often it was tried, when to stop. Pure: no process, no clock, no disk.

A case is a place in the plan. What the book keeps of it is a few bytes; the Result itself lies in the log, at `offset`.
"""
from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eval_harness.base.rows import STATUSES
from eval_harness.runs.plan import Plan

RETRIED = frozenset({"crash", "oom", "invalid_output"})
TIMEOUTS_IN_A_ROW, PLATFORM_TRIES, DRIVER_TRIES = 3, 3, 10
STOPPED_CAUSE, LOST_CAUSE, DRIVER_LOST = "stopped_after_timeouts", "lost_three_times", "driver_lost"
TIMEOUT = 1 + STATUSES.index("timeout")


@dataclass(frozen=True)
class Verdict:
    """What the book says about one outcome: the attempt's number, whether it is the case's last."""

    attempt: int
    final: bool


class Book:
    """Counts attempts and decides. `allowed`: attempts of a case that failed by its own doing."""

    def __init__(self, plan: Plan, allowed: int) -> None:
        self.plan, self.allowed, self.done, self.given_up = plan, allowed, 0, 0
        self.status = bytearray(len(plan))
        """0: not done with; else 1 + index into STATUSES."""
        self.offset = array("q", bytes(8 * len(plan)))
        self._tries, self._lost, self._dropped = bytearray(len(plan)), bytearray(len(plan)), bytearray(len(plan))
        self._again: deque[int] = deque()
        self._cursor = 0
        self.stopped_at: int | None = None

    def recall(self, events: Iterable[tuple[int, Mapping[str, Any]]]) -> list[int]:
        """Enter the log of earlier starts, as (offset, event); the places that were in flight when the last one ended.

        Of a batch that was given out together the first unanswered case alone was begun: a slot works in order, and ends its
        batch at a case that timed out or was lost.
        """
        open_: dict[int, int] = {}
        for number, (offset, event) in enumerate(events):
            if event["kind"] == "planned":
                open_.clear()
            elif event["kind"] == "given":
                open_ |= {self.plan.place(token): number for token in event["tokens"]}
            elif event["kind"] == "requeued":
                place = self.plan.place(event["token"])
                _close(open_, place)
                self._count_loss(place, event["cause"])
            elif event["kind"] == "result":
                place = self.plan.place(event["result"]["token"])
                _close(open_, place, whole=event["result"]["status"] == "timeout")
                self._tries[place] = event["result"]["attempt"]
                if event["final"]:
                    self.finish(place, event["result"]["status"], offset, event["result"]["cause"])
        first: dict[int, int] = {}
        for place, number in open_.items():
            first.setdefault(number, place)
        return list(first.values())

    def next(self) -> int | None:
        """The next place to give out; None when there is none (any more)."""
        while self._again:
            place = self._again.popleft()
            if not self.beyond(place):
                return place
        while self._cursor < len(self.plan):
            place, self._cursor = self._cursor, self._cursor + 1
            if not self.status[place] and not self.beyond(place):
                return place
        return None

    @property
    def waiting(self) -> int:
        """At most so many cases may still be given out."""
        end = len(self.plan) if self.stopped_at is None else self.stopped_at + 1
        return sum(not self.beyond(place) for place in self._again) + max(0, end - self._cursor)

    def beyond(self, place: int) -> bool:
        """Whether a place comes after the stop of the run."""
        return self.stopped_at is not None and place > self.stopped_at

    def judge(self, place: int, status: str) -> Verdict:
        """Decide about a vendor outcome; the case goes back into the queue when it may be tried again."""
        self._tries[place] += 1
        final = status not in RETRIED or self._tries[place] >= self.allowed
        if not final:
            self.give_back(place)
        return Verdict(self._tries[place], final)

    def give_back(self, place: int) -> None:
        """A case that was not begun, or may be begun again, is next in the queue."""
        self._again.appendleft(place)

    def finish(self, place: int, status: str, offset: int, cause: str | None = None) -> None:
        """The case is done with; its Result lies at `offset` of the log."""
        self.status[place] = 1 + STATUSES.index(status)
        self.offset[place] = offset
        self.done += 1
        self.given_up += cause == LOST_CAUSE
        if self.status[place] == TIMEOUT:
            self._stop_around(place)

    def lose(self, place: int, cause: str, *, in_queue: bool = False) -> bool:
        """A try lost to the platform: not counted against the case. False when it was lost too often to go on.

        A driver that was killed says little about the case it had in hand, a slot that died with it says more.
        in_queue: the case waits in its turn already.
        """
        again = self._count_loss(place, cause)
        if again and not in_queue:
            self.give_back(place)
        return again

    def next_attempt(self, place: int) -> int:
        return self._tries[place] + 1

    @property
    def stopped(self) -> bool:
        return self.stopped_at is not None

    def _count_loss(self, place: int, cause: str) -> bool:
        held, allowed = (self._dropped, DRIVER_TRIES) if cause == DRIVER_LOST else (self._lost, PLATFORM_TRIES)
        held[place] += 1
        return held[place] < allowed

    def _stop_around(self, place: int) -> None:
        """Three time-outs in a row, in plan order, stop the run at the third, in whatever order they became known."""
        for last in range(max(place, TIMEOUTS_IN_A_ROW - 1), min(place + TIMEOUTS_IN_A_ROW, len(self.plan))):
            if all(held == TIMEOUT for held in self.status[last - TIMEOUTS_IN_A_ROW + 1:last + 1]):
                self.stopped_at = last if self.stopped_at is None else min(self.stopped_at, last)
                return


def _close(open_: dict[int, int], place: int, whole: bool = True) -> None:
    """A case is in nobody's hand any more; `whole`: nor is what is left of its batch."""
    number = open_.pop(place, None)
    if whole and number is not None:
        for other in [held for held, batch in open_.items() if batch == number]:
            del open_[other]
