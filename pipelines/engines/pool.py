"""A pool of processes for steps. A child that crashes, hangs or runs out of memory costs one row, not the run.

Children come from a fork server (DuckDB and its threads stay in the parent). A batch whose child died is bisected until
one row is left, which leaves as `quarantined`, ENG-CRASH. Why no ProcessPoolExecutor: one dead child breaks all of it.
"""
from __future__ import annotations

import pickle
import sys
import time
import types
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any

import pyarrow as pa

from pipelines.engines.base import Step, WorkerSpec
from pipelines.engines.child import from_bytes, serve, to_bytes
from pipelines.engines.errors import StepFailed
from pipelines.engines.forkserver import forkserver
from pipelines.engines.logic import Task
from pipelines.engines.rows import crashed
from schemas.messages import messages

CHILD_MEMORY_BYTES = 8 << 30
OPENING_S = 300.0
"""How long a step may take to load what it needs (OCR models) before its first row."""


class Pool:
    def __init__(self, spec: WorkerSpec, jobs: int, memory_bytes: int = CHILD_MEMORY_BYTES) -> None:
        self.spec, self.jobs, self.memory_bytes = spec, jobs, memory_bytes
        self.idle: list[_Child] = []

    def run(self, step: Step, tasks: Iterator[Task]) -> Iterator[pa.RecordBatch]:
        """Output batches of every task, in the order they come back."""
        blob = pickle.dumps(step)
        again: deque[Task] = deque()
        busy: list[_Child] = []
        try:
            while True:
                while len(busy) < self.jobs and (task := again.popleft() if again else next(tasks, None)) is not None:
                    child = self._idle() or _Child(self.spec, self.memory_bytes)
                    child.give(blob, task, step.timeout_s)
                    busy.append(child)
                if not busy:
                    return
                for child in _stirred(busy):
                    kind, body = child.answer()
                    if kind == "opened":
                        continue
                    busy.remove(child)
                    if kind in ("rows", "error"):
                        self.idle.append(child)
                    yield from self._take(step, child, kind, body, again)
        finally:
            for child in busy:
                child.kill()

    def _idle(self) -> _Child | None:
        while self.idle:
            child = self.idle.pop()
            if child.process.is_alive():
                return child
            child.kill()
        return None

    def _take(self, step: Step, child: _Child, kind: str, body: Any, again: deque[Task]) -> Iterator[pa.RecordBatch]:
        if kind == "rows":
            yield from_bytes(body)
        elif kind == "error":
            raise body
        else:
            child.kill()
            if not child.opened:     # it never came to a row: the environment is at fault, not the data
                raise StepFailed(messages().issue("ENG-005", step.name, step=step.name, kind=kind, frames="open"))
            assert child.task is not None
            halves = child.task.halves()
            if halves:
                again.extendleft(reversed(halves))
            else:
                yield crashed(step, child.task.batch, kind)

    def close(self) -> None:
        for child in self.idle:
            child.close()
        self.idle.clear()


class _Child:
    """One process and the task it holds."""

    def __init__(self, spec: WorkerSpec, memory_bytes: int) -> None:
        context = forkserver()
        context.set_forkserver_preload(["pipelines.engines.child", "pandas"])   # Arrow imports pandas at the first conversion
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, spec, memory_bytes), daemon=True)
        with _no_main():
            self.process.start()
        theirs.close()
        self.task: Task | None = None
        self.timeout_s, self.deadline, self.opened = 0.0, 0.0, False
        if not self.pipe.poll(60) or self.answer()[0] != "ready":
            self.kill()
            raise StepFailed(messages().issue("ENG-005", "pool", step="pool", kind="no child process", frames="start"))

    def give(self, blob: bytes, task: Task, timeout_s: float) -> None:
        self.task, self.timeout_s, self.opened = task, timeout_s, False
        with suppress(BrokenPipeError):       # died while idle: `answer` says so
            self.pipe.send((blob, task.cuts, to_bytes(task.batch)))
        self.deadline = time.monotonic() + OPENING_S

    def answer(self) -> tuple[str, Any]:
        try:
            if self.pipe.poll(0):
                kind, body = self.pipe.recv()
                if kind == "opened":
                    self.opened, self.deadline = True, time.monotonic() + self.timeout_s
                return kind, body
        except (EOFError, ConnectionResetError):
            self.process.join(5)
            return f"exit {self.process.exitcode}", None
        return "time-out", None

    def kill(self) -> None:
        self.process.kill()
        self.process.join(10)
        self.pipe.close()

    def close(self) -> None:
        self.pipe.close()
        self.process.join(2)
        if self.process.is_alive():
            self.kill()


def _stirred(busy: list[_Child]) -> list[_Child]:
    """Children that have said something, died, or are past their deadline."""
    by_pipe: dict[Connection, _Child] = {child.pipe: child for child in busy}
    patience = max(0.0, min(child.deadline for child in busy) - time.monotonic())
    spoke = [by_pipe[pipe] for pipe in wait(list(by_pipe), patience)]  # type: ignore[index]
    return spoke or [child for child in busy if child.deadline <= time.monotonic()]


@contextmanager
def _no_main() -> Iterator[None]:
    """Children must not run the caller's script again: a step lives in a module, and a script may have no `__main__` guard."""
    kept = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = kept
