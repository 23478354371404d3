"""Steps for the contract suite: one of each kind, and some that break the contract or their process on purpose."""
from __future__ import annotations

import ctypes
import hashlib
import os
import time
from collections.abc import Callable

import pyarrow as pa

from eval_harness.base import Issue
from pipelines.engines.base import STEP_COLUMNS, Logic, Step, Worker

ROW_ID = pa.field("row_id", pa.binary(16))
IN = pa.schema([ROW_ID, pa.field("site_id", pa.utf8()), pa.field("number", pa.int64()), pa.field("word", pa.utf8())])
OUT = pa.schema([*[pa.field(name, kind) for name, kind in STEP_COLUMNS], pa.field("site_id", pa.utf8()),
                 pa.field("number", pa.int64())])
CHILDREN = OUT.append(pa.field("parent_row_id", pa.binary(16)))


def rows(*numbers: int, word: str = "word") -> pa.Table:
    return pa.table({"row_id": [number.to_bytes(16, "big") for number in numbers], "site_id": ["east"] * len(numbers),
                     "number": list(numbers), "word": [word] * len(numbers)}, schema=IN)


def mapped(act: Callable[[dict], dict]) -> Logic:
    def logic(batch: pa.RecordBatch) -> pa.RecordBatch:
        made = [{"row_id": row["row_id"], "site_id": row["site_id"], "outcome": "ok", "issues": []} | act(row)
                for row in batch.to_pylist()]
        return pa.RecordBatch.from_pylist(made, schema=OUT)
    return logic


def open_double(worker: Worker) -> Logic:
    return mapped(lambda row: {"number": row["number"] * 2})


def open_issue(worker: Worker) -> Logic:
    issue = Issue("T-001", "error", "row", "奇数", "odd", "无", "none").to_dict()
    return mapped(lambda row: {"number": row["number"]} if row["number"] % 2 == 0
                  else {"outcome": "quarantined", "issues": [issue]})


def _die(how: str) -> None:
    if how == "segfault":
        ctypes.string_at(0)
    if how == "exit":
        os._exit(9)
    if how == "hang":
        time.sleep(60)
    if how == "memory":
        raise MemoryError


def open_fragile(worker: Worker) -> Logic:
    def act(row: dict) -> dict:
        _die(row["word"] if row["number"] % 7 == 3 else "live")
        return {"number": row["number"]}
    return mapped(act)


def open_writer(worker: Worker) -> Logic:
    def act(row: dict) -> dict:
        ref = worker.put("parts", [f"object {row['number'] % 3}".encode()])
        return {"number": len(worker.read(ref).read())}
    return mapped(act)


def open_loses(worker: Worker) -> Logic:
    double = open_double(worker)
    return lambda batch: double(batch).slice(1)


def open_renames(worker: Worker) -> Logic:
    return lambda batch: open_double(worker)(batch).rename_columns([*OUT.names[:-1], "figure"])


def open_raises(worker: Worker) -> Logic:
    def logic(batch: pa.RecordBatch) -> pa.RecordBatch:
        raise ValueError(f"secret {batch.column('word')[0]}")
    return logic


def open_explodes(worker: Worker) -> Logic:
    def logic(batch: pa.RecordBatch) -> pa.RecordBatch:
        made = [{"row_id": hashlib.sha256(row["row_id"] + bytes([child])).digest()[:16], "parent_row_id": row["row_id"],
                 "outcome": "ok", "issues": [], "site_id": row["site_id"], "number": child}
                for row in batch.to_pylist() for child in range(row["number"] % 3 + 1)]
        return pa.RecordBatch.from_pylist(made, schema=CHILDREN)
    return logic


def open_group_sum(worker: Worker) -> Logic:
    def logic(batch: pa.RecordBatch) -> pa.RecordBatch:
        whole = sum(batch.column("number").to_pylist())
        return mapped(lambda row: {"number": whole})(batch)
    return logic


def step(name: str, opener: Callable[[Worker], Logic], **more: object) -> Step:
    given = {"schema_out": OUT, "zone": "deid", "batch_rows": 8} | more
    return Step(name=name, version="1", params_digest="", schema_in=IN, open=opener, **given)  # type: ignore[arg-type]


DOUBLE = step("double", open_double)
ISSUE = step("issue", open_issue)
FRAGILE = step("fragile", open_fragile, isolate=True, timeout_s=2.0)
WRITER = step("writer", open_writer)
LOSES = step("loses", open_loses)
RENAMES = step("renames", open_renames)
RAISES = step("raises", open_raises)
EXPLODES = step("explodes", open_explodes, explodes=True, schema_out=CHILDREN)
GROUP_SUM = step("group_sum", open_group_sum, batch_rows=4)
