"""Slots as threads of this process, each with its own supervisor and sandbox."""
from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.outcome import Outcome
from eval_harness.runs.supervisor import Supervisor


@dataclass(frozen=True)
class Answered:
    """A token that came back: its outcome, or None when its worker was lost (`lost` says how)."""

    token: str
    outcome: Outcome | None
    lost: str = ""


class LocalPool:
    """`workers` threads; `give` hands out a token, `answers` yields what comes back, in the order it does."""

    def __init__(self, order: SlotOrder, workers: int) -> None:
        self.size, self.in_flight, self._ahead = workers, 0, workers
        self._todo: queue.Queue[str | None] = queue.Queue()
        self._done: queue.Queue[Answered] = queue.Queue()
        self._threads = [threading.Thread(target=self._work, args=(Supervisor(order),), daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    @property
    def free(self) -> int:
        """One token waits beside each slot's current one, so that no slot idles while the driver writes."""
        return self.size + self._ahead - self.in_flight

    def give(self, token: str) -> None:
        self.in_flight += 1
        self._todo.put(token)

    def answers(self, timeout_s: float) -> Iterator[Answered]:
        """At least one answer unless the time passes; whatever else is ready with it."""
        try:
            yield self._took(self._done.get(timeout=timeout_s))
            while True:
                yield self._took(self._done.get_nowait())
        except queue.Empty:
            return

    def careful(self) -> None:
        """Give nothing ahead any more: a case timed out, and the next one may stop the run."""
        self._ahead = 0

    def drop(self) -> None:
        """Forget tokens that no slot has begun: the run was stopped."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._todo.get_nowait()
                self.in_flight -= 1

    def close(self) -> None:
        self.drop()
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()

    def _took(self, answered: Answered) -> Answered:
        self.in_flight -= 1
        return answered

    def _work(self, supervisor: Supervisor) -> None:
        try:
            while (token := self._todo.get()) is not None:
                try:
                    self._done.put(Answered(token, supervisor.predict(token)))
                except Exception as failed:  # noqa: BLE001 - a defect of ours must not lose a case silently
                    self._done.put(Answered(token, None, f"platform:{type(failed).__name__}"))
        finally:
            supervisor.stop()
