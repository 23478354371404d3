"""Small files become large ones, so that a table reads after a year of nights as after one; what no reader needs any more goes.

Every night adds files to each hospital's month. A partition that holds MANY small ones is written anew, images of a study and series
near each other; rows and keys stay as they are, and so does every earlier version for KEEP_HOURS: whoever reads one is not
disturbed. Files that no version of that time names are then removed, those of killed writers too.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.engines import delta
from pipelines.engines.base import Engine
from pipelines.engines.lease import lease
from schemas.home import Home
from schemas.tables import Table

SMALL_BYTES = 64 << 20
MANY = 8
KEEP_HOURS = 7 * 24
NEAR_BY = ("study_instance_uid", "series_instance_uid")


@dataclass(frozen=True)
class Compacted:
    """What became of one table."""

    table: str
    partitions: int
    """Written anew."""
    files_before: int
    files_after: int
    removed: int
    """Old files that were taken from the disk."""


def compact(engine: Engine, home: Home, table: Table) -> Compacted | None:
    """Compact one table under its lease; None where there is none yet. Nothing crowded, nothing written. Can be killed and run again."""
    path = home.table(table.zone, table.folder)
    with lease(home, table):
        found: Any = delta.stored(path)
        if found is None:
            return None
        before, full = len(found.file_uris()), crowded(found, table)
        for partition in full:
            engine.gather(table, partition)
        found = delta.stored(path)
        removed = remove(found, path)
        _shorten_log(found)
        return Compacted(table.name, len(full), before, len(found.file_uris()), removed)


def crowded(found: Any, table: Table) -> list[dict[str, str]]:
    """Partitions (column → value; empty for an unpartitioned table) that hold MANY small files or more."""
    actions = found.get_add_actions(flatten=True)
    counts: dict[tuple[str, ...], int] = {}
    columns = [actions[f"partition.{name}"].to_pylist() for name in table.partition_by]
    for place, size in enumerate(actions["size_bytes"].to_pylist()):
        if size < SMALL_BYTES:
            key = tuple(str(column[place]) for column in columns)
            counts[key] = counts.get(key, 0) + 1
    return [dict(zip(table.partition_by, key, strict=True)) for key, count in sorted(counts.items()) if count >= MANY]


def order_of(table: Table) -> list[str]:
    """Columns by which the rows of a compacted partition are brought near each other (Z-order)."""
    return [name for name in NEAR_BY if name in table.columns.names and name not in table.partition_by]


def remove(found: Any, path: Path, keep_hours: int = KEEP_HOURS) -> int:
    """Take from the disk what no version of the last `keep_hours` names and no writer of that time has left; give how many files."""
    stale = found.vacuum(retention_hours=keep_hours, dry_run=True, enforce_retention_duration=False, full=True)
    gone = [path / name for name in stale if (path / name).is_file()]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _shorten_log(found: Any) -> None:
    """A checkpoint, so that opening the table reads one file; entries older than Delta's 30 days go."""
    if not (delta.root_of(found) / "_delta_log" / f"{found.version():020d}.checkpoint.parquet").exists():
        found.create_checkpoint()
        found.cleanup_metadata()
