"""What both engines ask of rows: shape, ids, unique keys, and one digest per row that says whether it changed."""
from __future__ import annotations

import hashlib
import math
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.engines.base import Step
from pipelines.engines.errors import refused
from schemas.messages import messages
from schemas.tables import Table

CARRIED = ("site_id", "kind", "unit_token", "seq", "m", "op", "receipt_id", "group_token", "basis", "expected_on")
"""Columns a crashed row keeps: they say which unit it was, in pseudonyms."""
OUTCOMES = ("ok", "quarantined", "rejected")


def fit(rows: pa.Table | pa.RecordBatch, schema: pa.Schema, where: str) -> pa.Table:
    """`rows` with exactly the columns of `schema`, in its order and types.

    Extra columns are dropped; a missing one or a value that does not fit is refused (ENG-001).
    """
    missing = [name for name in schema.names if name not in rows.schema.names]
    if missing:
        raise refused("ENG-001", where, reason=f"no column {', '.join(missing)}")
    columns = []
    for field in schema:
        column = rows.column(field.name)
        try:
            columns.append(column if column.type == field.type else column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
            found = f"column {field.name} is {column.type}, not {field.type}"
            raise refused("ENG-001", where, reason=found) from None
    return pa.Table.from_arrays([_chunked(column) for column in columns], schema=schema)


def _chunked(column: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def with_row_sha256(rows: pa.Table) -> pa.Table:
    """`rows` and a last column row_sha256: SHA-256 of each row as JSON with sorted names, the same in both engines.

    Says whether a row changed, nothing else; orjson because this is most of what a commit costs. Bytes become {"bytes": hex},
    and numbers JSON has no word for {"float": name}, so that two different rows never give one text.
    """
    import orjson

    listed = rows.to_pylist()
    if any(_unspeakable(column) for column in rows.columns):
        listed = [_plain(row) for row in listed]
    digests = [hashlib.sha256(orjson.dumps(row, _bytes_only, orjson.OPT_SORT_KEYS)).hexdigest() for row in listed]
    return rows.append_column(pa.field("row_sha256", pa.utf8()), pa.array(digests, pa.utf8()))


def _bytes_only(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    raise TypeError(f"{type(value).__name__} has no place in a row")


def _unspeakable(column: pa.ChunkedArray | pa.Array) -> bool:
    """Whether a column holds NaN or an infinity, which JSON would write as null."""
    if pa.types.is_floating(column.type):
        return bool(pc.any(pc.invert(pc.is_finite(column))).as_py())
    if pa.types.is_list(column.type):
        return _unspeakable(pc.list_flatten(column))
    if pa.types.is_struct(column.type):
        return any(_unspeakable(pc.struct_field(column, number)) for number in range(column.type.num_fields))
    return False


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def for_commit(rows: pa.Table, table: Table) -> pa.Table:
    """Rows ready to be written: the table's columns, row_sha256, keys present and unique (ENG-001, -003, -004).

    Rows of a step carry `outcome`; of those, only the ones that are ok are written.
    """
    if "outcome" in rows.schema.names and "outcome" not in table.columns.names:
        rows = rows.filter(pc.equal(rows.column("outcome"), "ok"))
    fitted = fit(rows, table.columns, table.name)
    check_keys(fitted, table, dict.fromkeys((*table.key, *table.partition_by)))
    return with_row_sha256(fitted)


def check_keys(rows: pa.Table, table: Table, filled: Any) -> None:
    """Refuses rows without a value in a `filled` column (ENG-004) and keys that occur twice (ENG-003)."""
    for name in filled:
        if rows.column(name).null_count:
            raise refused("ENG-004", table.name, table=table.name, column=name)
    groups = rows.group_by(list(table.key)).aggregate([([], "count_all")])
    twice = pc.sum(pc.greater(groups.column("count_all"), 1)).as_py() or 0
    if twice:
        raise refused("ENG-003", table.name, table=table.name, count=twice, key=", ".join(table.key))


def check_output(step: Step, given: pa.RecordBatch, made: Any) -> pa.RecordBatch:
    """The output of a step's logic, or ENG-001/ENG-002 when it breaks the contract."""
    if not isinstance(made, pa.RecordBatch):
        raise refused("ENG-001", step.name, reason=f"the logic gave a {type(made).__name__}, not a RecordBatch")
    if not made.schema.equals(step.schema_out):
        raise refused("ENG-001", step.name, reason=_difference(made.schema, step.schema_out))
    ids, inputs = made.column("row_id").to_pylist(), set(given.column("row_id").to_pylist())
    if None in ids or len(set(ids)) != len(ids):
        raise refused("ENG-002", step.name, reason="a row_id is missing or occurs twice")
    parents = made.column("parent_row_id").to_pylist() if step.explodes else ids
    if set(parents) != inputs:
        lost, alien = len(inputs - set(parents)), len(set(parents) - inputs)
        raise refused("ENG-002", step.name, reason=f"{lost} input rows without output, {alien} output rows without input")
    if not set(made.column("outcome").to_pylist()) <= set(OUTCOMES):
        raise refused("ENG-002", step.name, reason=f"an outcome is none of {', '.join(OUTCOMES)}")
    return made


def _difference(found: pa.Schema, right: pa.Schema) -> str:
    for name in right.names:
        if name not in found.names:
            return f"no column {name}"
        if found.field(name).type != right.field(name).type:
            return f"column {name} is {found.field(name).type}, not {right.field(name).type}"
    extra = [name for name in found.names if name not in right.names]
    return f"unknown column {', '.join(extra)}" if extra else "order or nullability of columns"


def crashed(step: Step, given: pa.RecordBatch, how: str) -> pa.RecordBatch:
    """Output rows for input rows whose processing crashed: quarantined, ENG-CRASH, nothing else of the source."""
    issue = messages().issue("ENG-CRASH", step.name, step=step.name, how=how).to_dict()
    rows = []
    for row in given.to_pylist():
        out: dict[str, Any] = dict.fromkeys(step.schema_out.names)
        out |= {name: row[name] for name in CARRIED if name in out and name in row}
        out |= {"row_id": row["row_id"], "outcome": "quarantined", "issues": [issue]}
        if step.explodes:
            out |= {"parent_row_id": row["row_id"], "row_id": hashlib.sha256(b"crash" + row["row_id"]).digest()[:16]}
        rows.append(out)
    return pa.RecordBatch.from_pylist(rows, schema=step.schema_out)
