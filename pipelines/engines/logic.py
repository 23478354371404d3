"""Running a step's logic on one task: the same lines in the parent, in a pool's child and in a Spark worker."""
from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from eval_harness.base import TouchstoneError
from pipelines.engines.base import MAX_BATCH_BYTES, Logic, Step, WorkerSpec
from pipelines.engines.errors import StepFailed
from pipelines.engines.rows import check_output, fit
from pipelines.engines.worker import worker_of
from schemas.messages import messages

T = TypeVar("T")

@dataclass(frozen=True)
class Task:
    """Rows for the logic. `cuts` are the row numbers where a new group starts; empty = the rows are not grouped."""

    batch: pa.RecordBatch
    cuts: tuple[int, ...] = ()

    def pieces(self) -> list[pa.RecordBatch]:
        if not self.cuts:
            return [self.batch]
        ends = (*self.cuts[1:], self.batch.num_rows)
        return [self.batch.slice(start, end - start) for start, end in zip(self.cuts, ends, strict=True)]

    def halves(self) -> list[Task]:
        """Two smaller tasks, or none when this one is a single row or a single group."""
        if self.cuts:
            if len(self.cuts) < 2:
                return []
            middle = len(self.cuts) // 2
            at = self.cuts[middle]
            right = tuple(cut - at for cut in self.cuts[middle:])
            return [Task(self.batch.slice(0, at), self.cuts[:middle]), Task(self.batch.slice(at), right)]
        if self.batch.num_rows < 2:
            return []
        at = self.batch.num_rows // 2
        return [Task(self.batch.slice(0, at)), Task(self.batch.slice(at))]


def tasks(batches: Iterable[pa.RecordBatch], step: Step) -> Iterator[Task]:
    """Batches cut to the step's batch_rows and MAX_BATCH_BYTES."""
    for batch in batches:
        at = 0
        while at < batch.num_rows:
            piece = batch.slice(at, step.batch_rows)
            while piece.num_rows > 1 and piece.nbytes > MAX_BATCH_BYTES:
                piece = batch.slice(at, piece.num_rows // 2)
            at += piece.num_rows
            yield Task(fitted(piece, step))


def grouped_tasks(batches: Iterable[pa.RecordBatch], by: list[str], step: Step) -> Iterator[Task]:
    """Batches sorted by `by`, cut so that no group is torn apart; groups go together up to the step's batch_rows."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        whole = _joined(held)
        cuts = _cuts(whole, by)
        if len(cuts) > 1:                      # the last group may go on in the next batch
            yield from _bundles(whole.slice(0, cuts[-1]), cuts[:-1], step)
            whole = whole.slice(cuts[-1])
        held = [whole]
    if held and (whole := _joined(held)).num_rows:
        yield from _bundles(whole, _cuts(whole, by), step)


def _bundles(whole: pa.RecordBatch, cuts: list[int], step: Step) -> Iterator[Task]:
    start = 0
    for place, end in enumerate([*cuts[1:], whole.num_rows]):
        if end - cuts[start] >= step.batch_rows or place == len(cuts) - 1:
            piece = whole.slice(cuts[start], end - cuts[start])
            yield Task(fitted(piece, step), tuple(cut - cuts[start] for cut in cuts[start:place + 1]))
            start = place + 1


def fitted(batch: pa.RecordBatch, step: Step) -> pa.RecordBatch:
    return _joined(fit(batch, step.schema_in, step.name).to_batches(), step.schema_in)


def _joined(pieces: list[pa.RecordBatch], schema: pa.Schema | None = None) -> pa.RecordBatch:
    if len(pieces) == 1:
        return pieces[0]
    whole = pa.Table.from_batches(pieces, schema=schema).combine_chunks().to_batches()
    return whole[0] if whole else pa.RecordBatch.from_pylist([], schema=schema or pieces[0].schema)


def _cuts(batch: pa.RecordBatch, by: list[str]) -> list[int]:
    keys = list(zip(*(batch.column(name).to_pylist() for name in by), strict=True))
    return [place for place, key in enumerate(keys) if place == 0 or key != keys[place - 1]]


def opened(step: Step, spec: WorkerSpec) -> Logic:
    """The step's logic with this process's worker. Raises StepFailed (ENG-005) where opening fails for no named reason."""
    return _speaking(step, lambda: step.open(worker_of(spec)))


def run(step: Step, logic: Logic, task: Task) -> pa.RecordBatch:
    """The checked output of one task. MemoryError passes through: the caller treats it like a crash."""
    pieces = [_speaking(step, lambda given=given: check_output(step, given, logic(given)))  # type: ignore[misc]
              for given in task.pieces()]
    return _joined(pieces, step.schema_out)


def _speaking(step: Step, act: Callable[[], T]) -> T:
    try:
        return act()
    except (TouchstoneError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a step raises must end in a code, kind and places
        # the exception's text may quote a value of the source: kind and places only, and no chained cause
        frames = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)][-4:]
        kind, places = type(error).__name__, " < ".join(reversed(frames))
    raise StepFailed(messages().issue("ENG-005", step.name, step=step.name, kind=kind, frames=places))
