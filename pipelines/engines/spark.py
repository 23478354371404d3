"""The Spark engine: mapInArrow runs steps, SQL MERGE commits. The same steps, tables, refusals and verdicts as the embedded one.

Written to the API of Spark 4.0, which managed services offer. delta-rs makes tables and answers `version` and `txn`;
Spark alone writes rows, under the lease. `pyspark` is imported here only.
"""
from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from eval_harness.base import Terminal
from pipelines.engines import delta, jars, plan, staging
from pipelines.engines.base import Commit, Staged, Step, WorkerSpec
from pipelines.engines.errors import refused
from pipelines.engines.lease import lease
from pipelines.engines.rows import check_keys, fit, for_commit
from pipelines.engines.sparkside import carried, digest_batches, plain_schema, step_batches
from pipelines.engines.sqlsubset import condition, linted
from pipelines.engines.worker import deid_spec
from pipelines.settings import Settings
from schemas.messages import messages
from schemas.tables import Table

T = TypeVar("T")


@dataclass(frozen=True)
class _Source:
    """Rows to be written: with row_sha256, keys checked, and the partition values they touch."""

    frame: Any
    rows: int
    partitions: dict[str, list[Any]]


class SparkEngine:
    name = "spark"

    def __init__(self, settings: Settings, worker: WorkerSpec | None = None) -> None:
        lacking = jars.missing()
        if lacking:
            raise Terminal(messages().issue("ENG-011", "spark", missing="; ".join(lacking)))
        self.home, self.jobs = settings.home, settings.jobs
        self.worker = worker or deid_spec(self.home.objects, self.home.tmp("deid"))
        self.spark = _session(self.jobs, self.home.tmp("deid") / "spark")

    # reading

    def read(self, table: Table, *, columns: list[str] | None = None, where: str | None = None, version: int | None = None) -> Any:
        path = self.home.table(table.zone, table.folder)
        if delta.stored(path) is None:
            found = self.frame(table.schema.empty_table())
        else:
            reader = self.spark.read.format("delta")
            found = (reader if version is None else reader.option("versionAsOf", version)).load(str(path))
        if where:
            found = found.where(condition(where, "spark"))
        from pyspark.sql import functions as f

        return found.select(*[f.col(f"`{name}`") if name in found.columns else f.lit(None).cast(_spark_type(table.schema, name)).alias(name)
                              for name in columns or table.columns.names])

    def frame(self, rows: pa.Table) -> Any:
        schema = plain_schema(rows.schema)
        return self.spark.createDataFrame(rows.cast(schema), schema=_spark_schema(schema))

    def staged(self, staged: Staged) -> Any:
        schema = _spark_schema(plain_schema(staged.schema))
        if not staged.files:
            return self.frame(staged.schema.empty_table())
        return self.spark.read.schema(schema).parquet(*[str(file) for file in staged.files])

    def sql(self, text: str, **frames: Any) -> Any:
        return self._sql(linted(text, "spark"), **frames)

    def _sql(self, text: str, **frames: Any) -> Any:
        for name, frame in frames.items():
            frame.createOrReplaceTempView(name)      # resolved when spark.sql analyses, so the name is free again afterwards
        return self.spark.sql(text)

    def batches(self, frame: Any) -> Iterator[pa.RecordBatch]:
        yield from self.table(frame).to_batches(4096)

    def table(self, frame: Any) -> pa.Table:
        return _ours(frame.toArrow)

    def version(self, table: Table) -> int | None:
        found = delta.stored(self.home.table(table.zone, table.folder))
        return None if found is None else int(found.version())

    # steps

    def map(self, frame: Any, step: Step, run_id: str) -> Staged:
        self._needs(frame, step)
        return self._staged(frame.select(*_named(step.schema_in.names)), step, run_id, ())

    def map_groups(self, frame: Any, by: list[str], step: Step, run_id: str) -> Staged:
        self._needs(frame, step)
        wanted = list(dict.fromkeys((*step.schema_in.names, *by)))
        spread = frame.select(*_named(wanted)).repartition(self.jobs, *_named(by)).sortWithinPartitions(*_named(by))
        return self._staged(spread, step, run_id, tuple(by))

    def _needs(self, frame: Any, step: Step) -> None:
        missing = [name for name in step.schema_in.names if name not in frame.columns]
        if missing:
            raise refused("ENG-001", step.name, reason=f"no column {', '.join(missing)}")

    def _staged(self, frame: Any, step: Step, run_id: str, by: tuple[str, ...]) -> Staged:
        import uuid

        target = staging.folder(self.home, step.zone, run_id, step.name) / f"rows-{uuid.uuid4().hex}"
        body = partial(step_batches, step=step, spec=self.worker, by=by)
        made = frame.mapInArrow(body, _spark_schema(plain_schema(step.schema_out)))
        _ours(lambda: made.write.option("compression", "zstd").parquet(str(target)))
        files = tuple(sorted(target.glob("part-*.parquet")))
        return Staged(files, step.schema_out, sum(_rows_in(file) for file in files))

    def discard(self, run_id: str) -> None:
        staging.discard(self.home, run_id)

    # commits

    def insert_new(self, table: Table, rows: Staged | pa.Table, *, commit_id: str) -> Commit:
        return self._write(table, rows, commit_id, changed=False)

    def upsert(self, table: Table, rows: Staged | pa.Table, *, commit_id: str) -> Commit:
        if table.append_only:
            raise refused("ENG-012", table.name, table=table.name)
        return self._write(table, rows, commit_id, changed=True)

    def _write(self, table: Table, rows: Staged | pa.Table, commit_id: str, changed: bool) -> Commit:
        source = self._source(table, rows)
        if not source.rows:
            return Commit(commit_id, None)
        path = self.home.table(table.zone, table.folder)
        with lease(self.home, table):
            found = delta.stored_or_new(path, table)
            if delta.seen(found, commit_id):
                return Commit(commit_id, None)
            judged = self._judged(table, source).persist()
            try:
                counts = {row["verdict"]: row["count"] for row in judged.groupBy("verdict").count().collect()}
                fresh, updated = counts.get("new", 0), counts.get("changed", 0) if changed else 0
                if not fresh + updated:
                    return Commit(commit_id, None)
                wanted = "verdict = 'new' OR verdict = 'changed'" if changed else "verdict = 'new'"
                self._commit(table, judged.where(wanted).drop("verdict"), source, commit_id, merge=updated > 0)
            finally:
                judged.unpersist()
        return Commit(commit_id, self.version(table), inserted=fresh, updated=updated)

    def _source(self, table: Table, rows: Staged | pa.Table) -> _Source:
        """Rows ready to be written. What a step staged stays on the cluster; a table in memory is judged here, in one go."""
        if isinstance(rows, pa.Table):
            ready = for_commit(rows, table)
            parts = {name: sorted(set(ready.column(name).to_pylist())) for name in table.partition_by}
            return _Source(self.frame(ready), ready.num_rows, parts)
        fit(rows.schema.empty_table(), table.columns, table.name)
        frame = self.staged(rows)
        frame = frame.where("outcome = 'ok'") if "outcome" in rows.schema.names and "outcome" not in table.columns.names else frame
        body = partial(digest_batches, schema=table.columns)
        made = frame.select(*_named(table.columns.names)).mapInArrow(body, _spark_schema(table.schema)).persist()
        self._check_keys(made, table)
        parts = {name: sorted(row[0] for row in made.select(*_named([name])).distinct().collect()) for name in table.partition_by}
        return _Source(made, made.count(), parts)

    def _check_keys(self, source: Any, table: Table) -> None:
        for name in dict.fromkeys((*table.key, *table.partition_by)):
            if not source.where(f"`{name}` IS NULL").isEmpty():
                raise refused("ENG-004", table.name, table=table.name, column=name)
        twice = source.groupBy(*_named(list(table.key))).count().where("count > 1").count()
        if twice:
            raise refused("ENG-003", table.name, table=table.name, count=twice, key=", ".join(table.key))

    def _judged(self, table: Table, source: _Source) -> Any:
        stored = self._touched(table, source.partitions).select(*_named(plan.stored_columns(table)))
        return self._sql(_spark_text(plan.verdict_sql(table, table.schema.names)), source=source.frame, stored=stored)

    def _touched(self, table: Table, partitions: dict[str, list[Any]]) -> Any:
        """Stored rows of the partitions that a commit touches."""
        from pyspark.sql import functions as f

        stored = self.spark.read.format("delta").load(str(self.home.table(table.zone, table.folder)))
        for name, values in partitions.items():
            stored = stored.where(f.col(f"`{name}`").isin(values))
        return stored

    def _commit(self, table: Table, chosen: Any, source: _Source, commit_id: str, merge: bool) -> None:
        path = str(self.home.table(table.zone, table.folder))
        with self._txn(commit_id):
            if not merge:
                _ours(lambda: chosen.write.format("delta").mode("append").save(path))
                return
            chosen.createOrReplaceTempView("chosen")
            names = list(dict.fromkeys((*table.key, *table.partition_by)))
            _ours(lambda: self.spark.sql(f"MERGE INTO delta.`{path}` t USING chosen s ON {_on(names, source.partitions)} "
                                         "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"))

    def delete(self, table: Table, keys: Staged | pa.Table, *, commit_id: str) -> Commit:
        if table.append_only:
            raise refused("ENG-012", table.name, table=table.name)
        given = staging.read(keys) if isinstance(keys, Staged) else keys
        names = [name for name in dict.fromkeys((*table.key, *table.partition_by))
                 if name in table.key or name in given.schema.names]
        wanted = fit(given, pa.schema([table.schema.field(name) for name in names]), table.name)
        check_keys(wanted, table, names)
        parts = {name: sorted(set(wanted.column(name).to_pylist())) for name in table.partition_by if name in names}
        path = self.home.table(table.zone, table.folder)
        with lease(self.home, table):
            found = delta.stored(path)
            if found is None or not wanted.num_rows or delta.seen(found, commit_id):
                return Commit(commit_id, None)
            there = self._touched(table, parts).join(self.frame(wanted), names, "inner").count()
            if not there:
                return Commit(commit_id, None)
            self.frame(wanted).createOrReplaceTempView("chosen")
            with self._txn(commit_id):
                _ours(lambda: self.spark.sql(f"MERGE INTO delta.`{path}` t USING chosen s ON {_on(names, parts)} "
                                             "WHEN MATCHED THEN DELETE"))
        return Commit(commit_id, self.version(table), deleted=there)

    @contextmanager
    def _txn(self, commit_id: str) -> Iterator[None]:
        """The commit carries its id as Delta's txn action, as delta-rs writes it."""
        settings = {"spark.databricks.delta.write.txnAppId": commit_id, "spark.databricks.delta.write.txnVersion": str(delta.TXN_VERSION),
                    "spark.databricks.delta.commitInfo.userMetadata": commit_id}
        for name, value in settings.items():
            self.spark.conf.set(name, value)
        try:
            yield
        finally:
            for name in settings:
                self.spark.conf.unset(name)

    def close(self) -> None:
        """Drops what this engine cached. The session stays: starting the JVM again would take longer than the work."""
        self.spark.catalog.clearCache()


def _session(jobs: int, tmp: Path) -> Any:
    """The process's Spark session: local, loopback only, quiet, few partitions (else 50 tiny stages a query)."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    tmp.mkdir(parents=True, exist_ok=True)
    options = {
        "spark.jars": ",".join(str(jar) for jar in jars.jars()), "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR", "spark.local.dir": str(tmp), "spark.sql.warehouse.dir": str(tmp / "warehouse"),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension", "spark.driver.memory": "2g",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog", "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(max(2, jobs)), "spark.default.parallelism": str(max(2, jobs)),
        "spark.databricks.delta.snapshotPartitions": "2", "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false", "spark.sql.caseSensitive": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "4096", "spark.databricks.delta.write.txnVersion.autoReset.enabled": "false"}
    options |= dict(pair.strip().split("=", 1) for pair in os.environ.get("TOUCHSTONE_SPARK_CONF", "").split(";") if "=" in pair)
    master = os.environ.get("TOUCHSTONE_SPARK_MASTER", f"local[{jobs}]")
    builder = SparkSession.builder.appName("touchstone").master(master)
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _ours(act: Callable[[], T]) -> T:
    """Run something on Spark; an error of ours that went through it comes out as itself, without Spark's trace."""
    from pyspark.errors import PySparkException

    try:
        return act()
    except PySparkException as error:
        found = carried(error)
        if found is None:
            raise
    raise found


def _spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(plain_schema(schema))


def _spark_type(schema: pa.Schema, name: str) -> Any:
    return _spark_schema(pa.schema([schema.field(name)])).fields[0].dataType


def _named(names: list[str]) -> list[Any]:
    from pyspark.sql import functions as f

    return [f.col(f"`{name}`") for name in names]


def _spark_text(text: str) -> str:
    """Our own planned SQL quotes names as DuckDB does; Spark wants back-ticks."""
    return text.replace('"', "`")


def _on(names: list[str], partitions: dict[str, list[Any]]) -> str:
    """MERGE condition: equal names, and the partitions as literals, so that the others are not read."""
    pruned = [f"t.`{name}` IN ({', '.join(delta.literal(value) for value in values)})" for name, values in partitions.items()]
    return " AND ".join([*pruned, *[f"t.`{name}` = s.`{name}`" for name in names]])


def _rows_in(file: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(file).num_rows)
