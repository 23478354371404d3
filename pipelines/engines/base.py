"""The engine contract (design/engine): a step is pure logic on rows, an engine runs it.

A step's logic maps an Arrow record batch to an Arrow record batch: no clock, no network, no settings. What it must
borrow comes from the `Worker` handed to it once per process. Both engines read and write the same Delta tables.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from schemas.tables import ISSUES, Table

STEP_COLUMNS = (("row_id", pa.binary(16)), ("outcome", pa.utf8()), ("issues", ISSUES))
"""Every output row carries these; outcome is ok | quarantined | rejected."""
MAX_CELL_BYTES = 1 << 20
MAX_BATCH_BYTES = 64 << 20


@dataclass(frozen=True)
class ObjectRef:
    """A stretch of bytes: zone landing | staged | parts, digest (or landing segment name), offset and length in bytes."""

    zone: str
    digest: str
    offset: int
    length: int


class Worker(Protocol):
    """The only capabilities a step has; one per process, opened lazily."""

    tmp: Path

    def key(self) -> Any:
        """The project key (pipelines.phi_zone.keys.ProjectKey), fetched here and never serialised."""

    def read(self, ref: ObjectRef) -> BinaryIO: ...

    def put(self, zone: str, chunks: Iterable[bytes | memoryview]) -> ObjectRef:
        """Write bytes once, addressed by content; writing the same again changes nothing."""


@dataclass(frozen=True)
class WorkerSpec:
    """How to make a Worker in another process: picklable, no secret inside. `factory` is "module:function"."""

    factory: str
    params: tuple[tuple[str, str], ...] = ()


Logic = Callable[[pa.RecordBatch], pa.RecordBatch]


@dataclass(frozen=True)
class Step:
    """Module-level, picklable, no secrets inside."""

    name: str
    version: str
    params_digest: str
    schema_in: pa.Schema
    schema_out: pa.Schema
    open: Callable[[Worker], Logic]
    """Must be a module-level function or functools.partial of one."""
    isolate: bool = False
    """Native codecs or OCR: run in a child process, bisect on a crash."""
    explodes: bool = False
    """Output rows carry parent_row_id beside a row_id of their own; every input row has at least one output row."""
    zone: str = "phi"
    """phi | deid: in whose staging folder the output lies. What may still hold an identity stays in phi."""
    batch_rows: int = 256
    """Rows handed to the logic at once, at most; a batch also ends before MAX_BATCH_BYTES."""
    timeout_s: float = 900.0
    """A batch that takes longer is stopped and bisected like one that crashed."""


@dataclass(frozen=True)
class Staged:
    """Rows a step wrote once into staging/<run_id>/<step>/; every sink reads these files."""

    files: tuple[Path, ...]
    schema: pa.Schema
    rows: int


@dataclass(frozen=True)
class Commit:
    """What a write did. version is None when there was nothing to write (no empty commit is made)."""

    commit_id: str
    version: int | None
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


Frame = Any
"""What an engine hands around: a lazy DuckDB relation or a Spark DataFrame. Only its own engine looks inside."""


class Engine(Protocol):
    name: str

    def read(self, table: Table, *, columns: list[str] | None = None, where: str | None = None,
             version: int | None = None) -> Frame:
        """Rows of a Delta table (without row_sha256 unless asked for); an absent table is an empty frame."""

    def frame(self, rows: pa.Table) -> Frame:
        """Rows in memory as a frame."""

    def staged(self, staged: Staged) -> Frame: ...

    def sql(self, text: str, **frames: Frame) -> Frame:
        """The linted subset: select, equi-join, group by, union all, row_number, NULLS LAST, CAST."""

    def map(self, frame: Frame, step: Step, run_id: str) -> Staged: ...

    def map_groups(self, frame: Frame, by: list[str], step: Step, run_id: str) -> Staged: ...

    def insert_new(self, table: Table, rows: Staged | pa.Table, *, commit_id: str) -> Commit:
        """Rows whose key is not there yet. The same commit_id again changes nothing."""

    def upsert(self, table: Table, rows: Staged | pa.Table, *, commit_id: str) -> Commit:
        """Insert or replace by key; skips rows whose row_sha256 is unchanged and rows older by `table.newer`."""

    def delete(self, table: Table, keys: Staged | pa.Table, *, commit_id: str) -> Commit: ...

    def gather(self, table: Table, partition: Mapping[str, str]) -> None:
        """Write the files of one partition into few large ones (the caller holds the lease; see engines.compact)."""

    def version(self, table: Table) -> int | None: ...

    def batches(self, frame: Frame) -> Iterator[pa.RecordBatch]: ...

    def table(self, frame: Frame) -> pa.Table: ...

    def discard(self, run_id: str) -> None:
        """Remove what `map` staged for a run, in every zone. Objects are not touched (see objects.sweep)."""

    def close(self) -> None: ...
