"""Slots as threads of this process, each with its own supervisor and sandbox."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from eval_harness.runs.desk import Answered, Desk
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.supervisor import Supervisor
from eval_harness.tasks.pack import Pack

JOIN_S = 0.5


class LocalPool:
    """`workers` threads. Each reads its next case while the sandbox works on the present one."""

    def __init__(self, order: SlotOrder, workers: int, pack: Pack) -> None:
        self._supervisors = [Supervisor(order, pack) for _ in range(workers)]
        self._failed: list[Exception] = []
        self._warm = threading.Barrier(workers, self._mark)
        self.started_at: float | None = None

    def _mark(self) -> None:
        self.started_at = time.monotonic()

    def run(self, desk: Desk) -> None:
        """Work until the desk has no more cases. An error of the desk itself (a full disk) ends every slot and is raised here."""
        threads = [threading.Thread(target=self._work, args=(supervisor, desk), daemon=True) for supervisor in self._supervisors]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(JOIN_S)
        finally:
            desk.halt()
            for thread in threads:
                thread.join()
        if self._failed:
            raise self._failed[0]

    def close(self) -> None:
        """Every thread has ended its own sandbox."""

    def _work(self, supervisor: Supervisor, desk: Desk) -> None:
        try:
            supervisor.warm()
            self._warm.wait()
            tokens = desk.take(supervisor.batch)
            desk.begin(tokens)
            while tokens:
                tokens = self._answered(supervisor, desk, tokens)
        except Exception as failed:  # noqa: BLE001 - handed to the thread that waits for this one
            self._failed.append(failed)
            self._warm.abort()
            desk.halt()
        finally:
            supervisor.stop()

    def _answered(self, supervisor: Supervisor, desk: Desk, tokens: Sequence[str]) -> list[str]:
        """One attempt at each, their commit, and what comes next."""
        ahead: list[str] = []

        def meanwhile() -> None:
            if not desk.careful:
                ahead.extend(desk.take())
                supervisor.look_ahead(ahead)

        answered = [self._one(supervisor, token, meanwhile) for token in tokens]
        return desk.bring(answered, ahead, supervisor.batch)

    def _one(self, supervisor: Supervisor, token: str, meanwhile: Callable[[], None]) -> Answered:
        try:
            return Answered(token, supervisor.predict(token, meanwhile), supervisor.node)
        except Exception as failed:  # noqa: BLE001 - a defect of ours must not lose a case silently
            return Answered(token, None, supervisor.node, f"platform:{type(failed).__name__}")
