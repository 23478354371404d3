"""Staging: what a step made, written once as Parquet into staging/<run_id>/<step>/ and read by every sink."""
from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engines.base import Staged
from pipelines.engines.errors import refused
from pipelines.engines.rows import fit
from schemas.home import Home

ZONES = ("phi", "deid")


def folder(home: Home, zone: str, run_id: str, step: str) -> Path:
    """Where one step of one run stages. Names that are no plain names are refused."""
    for name in (run_id, step):
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}", name):
            raise refused("ENG-001", "staging", reason="run id or step name is no plain name")
    return home.staging(zone) / run_id / step


def write(target: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Staged:
    """Write `batches` into one new file of `target`. A file that is not complete keeps a name no reader looks at."""
    target.mkdir(parents=True, exist_ok=True)
    final = target / f"rows-{uuid.uuid4().hex}.parquet"
    half, rows = final.with_suffix(".half"), 0
    with pq.ParquetWriter(half, schema, compression="zstd") as out:
        for batch in batches:
            if batch.num_rows:
                out.write_batch(batch)
                rows += batch.num_rows
    half.rename(final)
    return Staged((final,), schema, rows)


def read(staged: Staged) -> pa.Table:
    if not staged.files:
        return staged.schema.empty_table()
    return pa.concat_tables([fit(pq.ParquetFile(file).read(), staged.schema, "staging") for file in staged.files])


def discard(home: Home, run_id: str) -> None:
    for zone in ZONES:
        shutil.rmtree(folder(home, zone, run_id, "x").parent, ignore_errors=True)
