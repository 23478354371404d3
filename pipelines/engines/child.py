"""The child side of the pool: takes tasks from a pipe, runs the logic, sends the rows back. Preloaded by the fork server."""
from __future__ import annotations

import os
import pickle
import signal
from multiprocessing.connection import Connection
from typing import Any

import pyarrow as pa

from eval_harness.base import TouchstoneError
from pipelines.engines.base import Logic, Step, WorkerSpec
from pipelines.engines.errors import StepFailed
from pipelines.engines.logic import Task, opened, run
from schemas.messages import messages


def to_bytes(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as out:
        out.write_batch(batch)
    return bytes(sink.getvalue())


def from_bytes(data: bytes) -> pa.RecordBatch:
    with pa.ipc.open_stream(data) as stream:
        return stream.read_next_batch()


def serve(pipe: Connection, spec: WorkerSpec, memory_bytes: int) -> None:
    """Answer tasks until the parent closes the pipe or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)     # ctrl-C is for the parent, which closes the pipe
    _quiet()
    _limit(memory_bytes)
    logics: dict[bytes, tuple[Step, Logic]] = {}
    pipe.send(("ready", None))
    while True:
        try:
            blob, cuts, data = pipe.recv()
        except EOFError:
            return
        try:
            if blob not in logics:
                step = _loaded(blob)
                logics[blob] = (step, opened(step, spec))
            pipe.send(("opened", None))
            pipe.send(_answer(*logics[blob], Task(from_bytes(data), cuts)))
        except TouchstoneError as error:
            pipe.send(("error", error))
        except BrokenPipeError:
            return


def _loaded(blob: bytes) -> Step:
    """The step. Its module must be importable here: one defined in a script is not (StepFailed, ENG-005)."""
    try:
        step: Step = pickle.loads(blob)
    except (ImportError, AttributeError) as error:
        where = "a step must live in an importable module"
        raise StepFailed(messages().issue("ENG-005", "pool", step="?", kind=type(error).__name__, frames=where)) from None
    return step


def _answer(step: Step, logic: Logic, task: Task) -> tuple[str, Any]:
    try:
        return "rows", to_bytes(run(step, logic, task))
    except MemoryError:
        return "memory", None


def _quiet() -> None:
    """Native decoders write what they read into warnings; nothing of a child's output may reach a log."""
    if not os.environ.get("TOUCHSTONE_DEBUG"):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        os.close(nowhere)


def _limit(memory_bytes: int) -> None:
    """A decompression bomb must end in this child's MemoryError, not in the machine's."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))      # a core file would hold what the child had read
