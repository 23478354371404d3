"""delta-rs side of a commit: make a table, append, merge, delete; one version per commit id, none for nothing.

Protocol stays reader 1 / writer 2 so that Spark reads and writes the same table: no deletion vectors, no column
mapping, UTC microseconds. The caller holds the lease; the `txn` of a commit id is looked up under it, because delta-rs
accepts the same one twice.
"""
from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from pipelines.engines.damage import told, whole_log
from pipelines.engines.errors import refused
from pipelines.engines.plan import quoted, same_key
from schemas.tables import Table

CONFIGURATION = {"delta.enableDeletionVectors": "false", "delta.minReaderVersion": "1", "delta.minWriterVersion": "2",
                 "delta.setTransactionRetentionDuration": "interval 90 days"}
"""Commit ids are remembered for 90 days: nobody repeats a night after that, and the log must not grow by one for ever."""
TXN_VERSION = 1
TARGET_BYTES = 256 << 20
"""Size of a compacted file."""


def stored(path: Path, version: int | None = None) -> Any | None:
    """The DeltaTable at `path`, or None where there is none yet."""
    from deltalake import DeltaTable

    whole_log(path)
    with told(str(path)):
        if not (path / "_delta_log").exists() or not DeltaTable.is_deltatable(str(path)):
            return None
        return DeltaTable(str(path), version=version)


def newest(path: Path) -> int | None:
    """The newest version of the table at `path` by the names in its log, without opening it."""
    numbers = [int(file.name[:20]) for file in (path / "_delta_log").glob("*.*") if file.name[:20].isdigit()]
    return max(numbers, default=None)


def durable(path: Path, version: int) -> None:
    """What a version says is on the disk when this returns: its data files, its log entry, and the folders that name them.

    Neither delta-rs nor Spark waits for the disk; after a loss of power, events could otherwise outlive the rows they speak of.
    """
    entry = path / "_delta_log" / f"{version:020d}.json"
    added = [json.loads(line).get("add") for line in entry.read_text(encoding="utf-8").splitlines()]
    files = [path / unquote(one["path"]) for one in added if one]
    for place in (*files, *{file.parent for file in files}, entry, entry.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def stored_or_new(path: Path, table: Table) -> Any:
    """The DeltaTable, made when absent; columns this version has added are added. Raises ENG-008 when it cannot fit."""
    from deltalake import DeltaTable

    found = stored(path)
    if found is None:
        configuration = CONFIGURATION | ({"delta.appendOnly": "true"} if table.append_only else {})
        configuration["delta.dataSkippingStatsColumns"] = ",".join(counted(table))
        return DeltaTable.create(str(path), table.schema, partition_by=list(table.partition_by) or None, name=table.name,
                                 description=table.doc_en, configuration=configuration, mode="ignore")
    _evolve(found, table)
    return found


def counted(table: Table) -> list[str]:
    """Columns whose smallest and largest values the log may hold: keys and pseudonyms, never a text.

    The log is kept for thirty days and cannot be searched or mended like a row, so nothing that was written by a person goes in.
    """
    wanted = (*table.key, "subject", "unit_token", "seq", "series_instance_uid", "state", "at")
    names = [name for name in dict.fromkeys(wanted) if name in table.columns.names and name not in table.partition_by]
    return [name for name in names if not pa.types.is_nested(table.columns.field(name).type)]


def _evolve(found: Any, table: Table) -> None:
    present = pa.schema(found.schema().to_arrow())
    for field in table.schema:
        if field.name in present.names and present.field(field.name).type != field.type:
            reason = f"column {field.name} is {present.field(field.name).type}, not {field.type}"
            raise refused("ENG-008", table.name, table=table.name, reason=reason)
    if list(found.metadata().partition_columns) != list(table.partition_by):
        raise refused("ENG-008", table.name, table=table.name, reason="other partition columns")
    missing = [field for field in table.schema if field.name not in present.names]
    if missing:
        from deltalake import Schema

        found.alter.add_columns(Schema.from_arrow(pa.schema(missing)).fields)


def seen(found: Any | None, commit_id: str) -> bool:
    """Whether this commit id has made a version of the table already."""
    return found is not None and found.transaction_version(commit_id) is not None


def _properties(commit_id: str) -> Any:
    from deltalake import CommitProperties, Transaction

    return CommitProperties(custom_metadata={"touchstone.commit_id": commit_id},
                            app_transactions=[Transaction(commit_id, TXN_VERSION)])


def _hooks() -> Any:
    from deltalake import PostCommitHookProperties

    return PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)


def append(found: Any, table: Table, rows: pa.Table, commit_id: str) -> int:
    from deltalake import write_deltalake

    write_deltalake(found, rows, mode="append", partition_by=list(table.partition_by) or None,
                    commit_properties=_properties(commit_id), post_commithook_properties=_hooks())
    found.update_incremental()
    return int(found.version())


def merge(found: Any, table: Table, rows: pa.Table, commit_id: str) -> int:
    """Insert or replace `rows` by key in one commit. The rows are known to differ from what is stored."""
    _merger(found, table, rows, commit_id).when_matched_update_all().when_not_matched_insert_all().execute()
    return int(found.version())


def delete(found: Any, table: Table, keys: pa.Table, commit_id: str) -> int:
    _merger(found, table, keys, commit_id).when_matched_delete().execute()
    return int(found.version())


def gather(found: Any, partition: Mapping[str, str], order: Sequence[str]) -> None:
    """Write a partition anew in few files; a change of files, none of rows."""
    only = [(name, "=", value) for name, value in partition.items()]
    how: dict[str, Any] = {"partition_filters": only, "target_size": TARGET_BYTES, "post_commithook_properties": _hooks()}
    if order:
        found.optimize.z_order(list(order), **how)
    else:
        found.optimize.compact(**how)


def _merger(found: Any, table: Table, rows: pa.Table, commit_id: str) -> Any:
    names = [name for name in table.partition_by if name in rows.schema.names]
    literals = [f"t.{quoted(name)} IN ({', '.join(sorted(literal(v) for v in set(rows.column(name).to_pylist())))})"
                for name in names]
    return found.merge(rows, predicate=" AND ".join([*literals, same_key(table, "t", "s")]), source_alias="s", target_alias="t",
                       commit_properties=_properties(commit_id), post_commithook_properties=_hooks())


def literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def scan_sql(found: Any | None, table: Table, empty: str, site_id: str | None = None) -> str:
    """SELECT over the live files of a stored table, all its columns present. `empty`: a relation with the table's columns, no row.

    site_id: only the files of this hospital, so that nobody waits for, or stumbles over, what another one takes out meanwhile.

    DuckDB reads the Parquet files itself: a pyarrow data set cannot filter the ones a delta-rs MERGE wrote (their Arrow schema
    says string_view, for which pyarrow 26 has no comparison).
    """
    mine = site_id if "site_id" in table.partition_by else None
    files = [] if found is None else live_files(found, mine)
    base = f"SELECT * FROM {empty}"
    if not files:
        return base
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    kinds = ", ".join(f"{literal(name)}: '{'INTEGER' if pa.types.is_integer(table.schema.field(name).type) else 'VARCHAR'}'"
                      for name in table.partition_by)
    hive = f"hive_partitioning = true, hive_types = {{{kinds}}}" if kinds else "hive_partitioning = false"
    return f"{base} UNION ALL BY NAME SELECT * FROM read_parquet([{listed}], {hive}, union_by_name = true)"


def live_files(found: Any, site_id: str | None = None) -> list[str]:
    """Paths of a table's live files, of one hospital's where it is partitioned by them.

    delta-rs names the folder as in an address (a space is %20), which DuckDB does not read.
    """
    root, only = root_of(found), [("site_id", "=", site_id)] if site_id else None
    return [str(root / uri.removeprefix(urlsplit(found.table_uri).path)) for uri in found.file_uris(file_pruning_predicate=only)]


def sizes(found: Any) -> dict[str, int]:
    """Length in bytes of every live file, by its place in the table's folder."""
    actions = found.get_add_actions(flatten=True)
    return {unquote(path): size for path, size in zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True)}


def root_of(found: Any) -> Path:
    return Path(unquote(urlsplit(found.table_uri).path))


def dataset(found: Any) -> Any:
    """A pyarrow data set over a stored table, read by pyarrow's own file system: with delta-rs's, which is Python underneath, a
    process that ends soon after reading can abort while Arrow's threads let go of it."""
    from pyarrow import fs

    return found.to_pyarrow_dataset(filesystem=fs.SubTreeFileSystem(str(root_of(found)), fs.LocalFileSystem()))


def confine(connection: Any, spill: Path, *folders: Path) -> None:
    """Let a DuckDB connection reach the files of these folders and nothing else: no other file, no network, no extension.

    spill: where what outgrows the memory goes (DuckDB's own choice is the folder the command was typed in).
    """
    connection.execute(f"SET temp_directory = {literal(str(spill.absolute() / 'spill'))}")
    listed = ", ".join(literal(f"{folder.absolute()}/") for folder in folders)
    connection.execute(f"SET allowed_directories = [{listed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET python_enable_replacements = false")     # a table is what was registered, never a local variable
    connection.execute("SET TimeZone = 'UTC'")


def partitions_of(table: Table, rows: pa.Table) -> Any | None:
    """A pyarrow filter for the partitions that `rows` touch; None for an unpartitioned table."""
    import pyarrow.dataset as ds

    touched = None
    for name in table.partition_by:
        if name in rows.schema.names:
            one = ds.field(name).isin(sorted(set(rows.column(name).to_pylist())))
            touched = one if touched is None else touched & one
    return touched


def rows_touched(found: Any, table: Table, rows: pa.Table, columns: Sequence[str]) -> pa.Table:
    return dataset(found).to_table(columns=list(columns), filter=partitions_of(table, rows))
