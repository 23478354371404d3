"""Steps that the engine benchmark runs: in a module of their own, because child processes import them."""
from __future__ import annotations

import os

import pyarrow as pa

from pipelines.engines.base import STEP_COLUMNS, Logic, Worker

COLUMNS = [pa.field(name, kind) for name, kind in STEP_COLUMNS]
ROWS_IN = pa.schema([pa.field("row_id", pa.binary(16)), pa.field("number", pa.int64())])
ROWS_OUT = pa.schema([*COLUMNS, pa.field("number", pa.int64())])


def digest_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A step that does some arithmetic on each row, about 20 µs."""
    made = [{"row_id": row["row_id"], "outcome": "ok", "issues": [], "number": sum(i * i for i in range(300)) + row["number"]}
            for row in batch.to_pylist()]
    return pa.RecordBatch.from_pylist(made, schema=ROWS_OUT)


def open_digest(worker: Worker) -> Logic:
    return digest_rows


def open_fragile(worker: Worker) -> Logic:
    def logic(batch: pa.RecordBatch) -> pa.RecordBatch:
        if any(number % 1000 == 999 for number in batch.column("number").to_pylist()):
            os._exit(9)
        return digest_rows(batch)
    return logic
