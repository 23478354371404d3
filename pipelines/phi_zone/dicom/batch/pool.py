"""Child processes that may die: a codec that crashes or never ends takes down one file, and the next child goes on after it.

multiprocessing's pools hang or fail as a whole when a child is killed, so this one speaks to each child over its own pipe.
"""
from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from pipelines.engines.forkserver import forkserver
from pipelines.phi_zone.dicom.batch.worker import Task, Unit, Worker

SECONDS_A_FILE = 600.0


@dataclass
class _Child:
    process: Any
    pipe: Connection
    unit: Unit | None = None
    at: int = 0
    """Files of the unit that are done."""
    since: float = 0.0


@dataclass(frozen=True)
class Lost:
    """A file whose child died on it (twice), or took too long."""

    number: int
    survey: bool
    code: str


class ChildPool:
    """`results` over units: what workers yield, and a Lost for every file that cost a child its life."""

    def __init__(self, task: Task, jobs: int, seconds_a_file: float = SECONDS_A_FILE, make_worker: Callable[[Task], Any] = Worker) -> None:
        self.task, self.jobs, self.seconds, self.make_worker = task, max(1, jobs), seconds_a_file, make_worker
        self.context = forkserver()
        self.children: list[_Child] = []
        self.suspects: set[int] = set()

    def results(self, units: Iterator[Unit]) -> Iterator[Any]:
        again: list[Unit] = []
        source = iter(units)
        exhausted = False
        while True:
            while len([one for one in self.children if one.unit is not None]) < self.jobs:
                unit = again.pop() if again else next(source, None) if not exhausted else None
                if unit is None:
                    exhausted = True
                    break
                self._give(unit)
            busy = [one for one in self.children if one.unit is not None]
            if not busy:
                return
            ready = wait([one.pipe for one in busy], timeout=1.0)
            for child in busy:
                if child.pipe in ready:
                    yield from self._hear(child, again)
                elif time.monotonic() - child.since > self.seconds:
                    yield from self._lost(child, again, "DCM-143")

    def _give(self, unit: Unit) -> None:
        child = next((one for one in self.children if one.unit is None), None)
        if child is None:
            ours, theirs = self.context.Pipe()
            process = self.context.Process(target=_serve, args=(theirs, self.task, self.make_worker), daemon=True)
            process.start()
            theirs.close()
            child = _Child(process, ours)
            self.children.append(child)
        child.unit, child.at, child.since = unit, 0, time.monotonic()
        child.pipe.send(unit)

    def _hear(self, child: _Child, again: list[Unit]) -> Iterator[Any]:
        try:
            result = child.pipe.recv()
        except (EOFError, OSError):
            yield from self._lost(child, again, "DCM-142")
            return
        if result is None:
            child.unit = None
        elif isinstance(result, BaseException):
            raise result
        else:
            child.at, child.since = child.at + 1, time.monotonic()
            yield result

    def _lost(self, child: _Child, again: list[Unit], code: str) -> Iterator[Lost]:
        """The child is gone: its current file is tried once more alone, and given up the second time; the rest goes on."""
        child.process.kill()
        child.process.join()
        child.pipe.close()
        self.children.remove(child)
        unit = child.unit
        if unit is None or child.at >= len(unit.files):
            return
        number = unit.files[child.at].number
        rest = unit.files[child.at + 1:]
        if rest:
            again.append(replace(unit, files=rest))
        if number in self.suspects or code == "DCM-143":
            yield Lost(number, unit.survey, code)
        else:
            self.suspects.add(number)
            again.append(replace(unit, files=unit.files[child.at:child.at + 1]))

    def close(self) -> None:
        for child in self.children:
            child.pipe.close()
        for child in self.children:
            child.process.join(timeout=5)
            if child.process.is_alive():
                child.process.kill()
                child.process.join()
        self.children = []


def _serve(pipe: Connection, task: Task, make_worker: Callable[[Task], Any]) -> None:
    """A child's life: units until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)     # ctrl-C is for the parent
    try:
        worker = make_worker(task)
    except Exception as error:  # noqa: BLE001 - handed to the parent, which raises it
        pipe.send(error)
        return
    while True:
        try:
            unit = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            for result in worker.work(unit):
                pipe.send(result)
            pipe.send(None)
        except (BrokenPipeError, ConnectionResetError):
            return
        except Exception as error:  # noqa: BLE001 - handed to the parent, which raises it
            pipe.send(error)
            return
