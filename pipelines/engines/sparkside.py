"""What runs inside Spark's Python workers: the same logic as everywhere, over the batches of a partition.

Spark sends an error home as text; ours travel as one line of JSON, so that the driver raises what the embedded engine would.
"""
from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from eval_harness.base import Issue, TouchstoneError
from pipelines.engines import errors
from pipelines.engines.base import Step, WorkerSpec
from pipelines.engines.logic import Task, grouped_tasks, opened, run, tasks
from pipelines.engines.pool import Pool
from pipelines.engines.rows import with_row_sha256

_MARK = "touchstone-issue:"


class Carried(Exception):
    """One of our errors on its way through Spark."""


def step_batches(batches: Iterable[pa.RecordBatch], step: Step, spec: WorkerSpec, by: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """mapInArrow body of a step. `by` is empty, or the columns the partition is sorted by."""
    work = grouped_tasks(batches, list(by), step) if by else tasks(batches, step)
    try:
        for made in _made(step, spec, work):
            yield made.cast(plain_schema(step.schema_out))
    except TouchstoneError as error:
        text = json.dumps({"kind": type(error).__name__, "issue": error.issue.to_dict()})
        raise Carried(_MARK + text) from None


def _made(step: Step, spec: WorkerSpec, work: Iterator[Task]) -> Iterator[pa.RecordBatch]:
    if step.isolate:
        pool = Pool(spec, 1)
        try:
            yield from pool.run(step, work)
        finally:
            pool.close()
        return
    logic = None
    for task in work:
        logic = logic or opened(step, spec)
        yield run(step, logic, task)


def digest_batches(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """mapInArrow body that adds row_sha256. schema: the table's columns, in the types digests are defined over."""
    for batch in batches:
        yield from with_row_sha256(pa.Table.from_batches([batch.cast(schema)])).to_batches()


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """The same columns in types Spark knows: no fixed-size binary."""
    return pa.schema([pa.field(field.name, pa.binary() if pa.types.is_fixed_size_binary(field.type) else field.type)
                      for field in schema])


def carried(error: Exception) -> TouchstoneError | None:
    """Our own error out of Spark's text, or None when it is Spark's."""
    found = re.search(re.escape(_MARK) + r"(\{.*\})", str(error))
    if found is None:
        return None
    told: dict[str, Any] = json.loads(found[1])
    kind = getattr(errors, told["kind"], errors.StepFailed)
    made: TouchstoneError = kind(Issue(**told["issue"]))
    return made
