"""The embedded engine: DuckDB reads, a pool of processes runs steps, delta-rs commits. No Java, no server."""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.engines import delta, plan, staging
from pipelines.engines.base import Commit, Staged, Step, WorkerSpec
from pipelines.engines.compact import order_of
from pipelines.engines.damage import told
from pipelines.engines.errors import refused
from pipelines.engines.lease import lease
from pipelines.engines.logic import Task, grouped_tasks, opened, run, tasks
from pipelines.engines.pool import Pool
from pipelines.engines.rows import check_keys, fit, for_commit
from pipelines.engines.sqlsubset import condition, linted
from pipelines.engines.worker import deid_spec
from pipelines.settings import Settings
from schemas.tables import Table


@dataclass(frozen=True)
class Query:
    """A lazy frame: SQL text over named Arrow sources. Nothing runs before `batches` or `table`."""

    text: str
    sources: Mapping[str, Any] = field(default_factory=dict)


class EmbeddedEngine:
    name = "embedded"

    def __init__(self, settings: Settings, worker: WorkerSpec | None = None) -> None:
        import duckdb

        self.home, self.jobs = settings.home, settings.jobs
        self.worker = worker or deid_spec(self.home.objects, self.home.tmp("deid"))
        self.pool = Pool(self.worker, self.jobs)
        self.duck = duckdb.connect(":memory:")
        delta.confine(self.duck, self.home.tmp("phi"), self.home.tables("deid"), self.home.tables("phi"))
        self.duck.execute(f"SET threads = {self.jobs}")
        self.made = 0

    # reading

    def read(self, table: Table, *, columns: list[str] | None = None, where: str | None = None,
             version: int | None = None) -> Query:
        found = delta.stored(self.home.table(table.zone, table.folder), version)
        listed = ", ".join(plan.quoted(name) for name in columns or table.columns.names)
        with told(table.name):
            return self._read(found, table, listed, where)

    def _read(self, found: Any | None, table: Table, listed: str, where: str | None) -> Query:
        empty = self._named(table.schema.empty_table())
        only = f" WHERE {condition(where, 'duckdb')}" if where else ""
        return Query(f"SELECT {listed} FROM ({delta.scan_sql(found, table, next(iter(empty.sources)), _only_site(where))}){only}",
                     empty.sources)

    def frame(self, rows: pa.Table) -> Query:
        return self._named(rows)

    def staged(self, staged: Staged) -> Query:
        import pyarrow.dataset as ds

        files = [str(file) for file in staged.files]
        return self._named(ds.dataset(files, schema=staged.schema, format="parquet") if files else staged.schema.empty_table())

    def sql(self, text: str, **frames: Query) -> Query:
        checked = linted(text, "duckdb")
        names = ", ".join(f"{plan.quoted(name)} AS NOT MATERIALIZED ({frame.text})" for name, frame in frames.items())
        sources = {name: source for frame in frames.values() for name, source in frame.sources.items()}
        return Query(f"WITH {names} SELECT * FROM ({checked})" if names else checked, sources)

    def batches(self, frame: Query) -> Iterator[pa.RecordBatch]:
        reader = self._reader(frame, 4096)
        while True:
            with told(frame.text):
                batch = next(reader, None)
            if batch is None:
                return
            yield batch

    def table(self, frame: Query) -> pa.Table:
        with told(frame.text):
            return self._reader(frame, 1 << 16).read_all()

    def version(self, table: Table) -> int | None:
        found = delta.stored(self.home.table(table.zone, table.folder))
        return None if found is None else int(found.version())

    def _named(self, source: Any) -> Query:
        self.made += 1
        name = f"source_{self.made}"
        return Query(f"SELECT * FROM {name}", {name: source})

    def _reader(self, frame: Query, rows: int) -> Any:
        cursor = self.duck.cursor()
        for name, source in frame.sources.items():
            cursor.register(name, source)
        with told(frame.text):
            return cursor.sql(frame.text).to_arrow_reader(rows)

    # steps

    def map(self, frame: Query, step: Step, run_id: str) -> Staged:
        return self._staged(step, run_id, tasks(self._reader(frame, step.batch_rows), step))

    def map_groups(self, frame: Query, by: list[str], step: Step, run_id: str) -> Staged:
        order = ", ".join(f"{plan.quoted(name)} NULLS LAST" for name in by)
        ordered = Query(f"SELECT * FROM ({frame.text}) ORDER BY {order}", frame.sources)
        return self._staged(step, run_id, grouped_tasks(self._reader(ordered, max(step.batch_rows, 2048)), by, step))

    def _staged(self, step: Step, run_id: str, work: Iterator[Task]) -> Staged:
        target = staging.folder(self.home, step.zone, run_id, step.name)
        with told("staging"):
            return staging.write(target, step.schema_out, self._run(step, work))

    def _run(self, step: Step, work: Iterator[Task]) -> Iterator[pa.RecordBatch]:
        """Pure Python logic on a single batch stays in this process: a child would cost more than the work."""
        ahead = [task for task in (next(work, None), next(work, None)) if task is not None]
        if not ahead:
            return
        if len(ahead) == 1 and not step.isolate:
            yield run(step, opened(step, self.worker), ahead[0])
            return
        yield from self.pool.run(step, _chain(ahead, work))

    def discard(self, run_id: str) -> None:
        staging.discard(self.home, run_id)

    # commits

    def insert_new(self, table: Table, rows: Staged | pa.Table, *, commit_id: str) -> Commit:
        return self._write(table, rows, commit_id, ("new",))

    def upsert(self, table: Table, rows: Staged | pa.Table, *, commit_id: str) -> Commit:
        if table.append_only:
            raise refused("ENG-012", table.name, table=table.name)
        return self._write(table, rows, commit_id, ("new", "changed"))

    def _write(self, table: Table, rows: Staged | pa.Table, commit_id: str, wanted: tuple[str, ...]) -> Commit:
        source = for_commit(_in_memory(rows), table)
        if not source.num_rows:
            return Commit(commit_id, None)
        path = self.home.table(table.zone, table.folder)
        with lease(self.home, table), told(table.name):
            found = delta.stored_or_new(path, table)
            if delta.seen(found, commit_id):
                return Commit(commit_id, None)
            stored = delta.rows_touched(found, table, source, plan.stored_columns(table))
            judged = self._judge(table, source, stored)
            chosen = judged.filter(pc.is_in(judged.column("verdict"), pa.array(wanted)))
            fresh = int(pc.sum(pc.equal(chosen.column("verdict"), "new")).as_py() or 0)
            if not chosen.num_rows:
                return Commit(commit_id, None)
            write = delta.append if fresh == chosen.num_rows else delta.merge
            version = write(found, table, fit(chosen, table.schema, table.name), commit_id)
            delta.durable(path, version)
        return Commit(commit_id, version, inserted=fresh, updated=chosen.num_rows - fresh)

    def _judge(self, table: Table, source: pa.Table, stored: pa.Table) -> pa.Table:
        """`source` with its verdict; row order does not matter to a table."""
        return self.table(Query(plan.verdict_sql(table, source.schema.names), {"source": source, "stored": stored}))

    def delete(self, table: Table, keys: Staged | pa.Table, *, commit_id: str) -> Commit:
        """Remove rows by key. Give the partition columns too where they are known: the others are searched."""
        if table.append_only:
            raise refused("ENG-012", table.name, table=table.name)
        given = _in_memory(keys)
        names = [name for name in dict.fromkeys((*table.key, *table.partition_by))
                 if name in table.key or name in given.schema.names]
        wanted = fit(given, pa.schema([table.schema.field(name) for name in names]), table.name)
        check_keys(wanted, table, names)
        path = self.home.table(table.zone, table.folder)
        with lease(self.home, table), told(table.name):
            found = delta.stored(path)
            if found is None or not wanted.num_rows or delta.seen(found, commit_id):
                return Commit(commit_id, None)
            stored = delta.rows_touched(found, table, wanted, list(dict.fromkeys((*table.key, *table.partition_by))))
            there = _matching(self, stored, wanted, names)
            if not there.num_rows:
                return Commit(commit_id, None)
            version = delta.delete(found, table, there, commit_id)
            delta.durable(path, version)
        return Commit(commit_id, version, deleted=there.num_rows)

    def gather(self, table: Table, partition: Mapping[str, str]) -> None:
        with told(table.name):
            delta.gather(delta.stored(self.home.table(table.zone, table.folder)), partition, order_of(table))

    def close(self) -> None:
        self.pool.close()
        self.duck.close()


def _only_site(where: str | None) -> str | None:
    """The hospital to which a filter limits the rows, when it begins with it (pipelines.ledger.of_site)."""
    named = re.match(r"site_id = '([a-z0-9-]+)'( AND |$)", where or "")
    return named[1] if named and " OR " not in (where or "") else None


def _matching(engine: EmbeddedEngine, stored: pa.Table, wanted: pa.Table, names: list[str]) -> pa.Table:
    listed = ", ".join(plan.quoted(name) for name in names)
    text = f"SELECT stored.* FROM stored JOIN wanted USING ({listed})"
    return fit(engine.table(Query(text, {"stored": stored, "wanted": wanted})), stored.schema, "delete")


def _in_memory(rows: Staged | pa.Table) -> pa.Table:
    return staging.read(rows) if isinstance(rows, Staged) else rows


def _chain(ahead: list[Task], rest: Iterator[Task]) -> Iterator[Task]:
    yield from ahead
    yield from rest
