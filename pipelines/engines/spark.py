"""The Spark engine: mapInArrow runs steps, SQL MERGE commits. The same steps, tables, refusals and verdicts as the embedded one.

Written to the API of Spark 4.0, which managed services offer. delta-rs makes tables and answers `version` and `txn`;
Spark alone writes rows, under the lease. `pyspark` is imported here and in `spark_session` only.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import pyarrow as pa

from eval_harness.base import Terminal
from pipelines.engines import delta, jars, plan, staging
from pipelines.engines.base import Commit, Staged, Step, WorkerSpec
from pipelines.engines.compact import order_of
from pipelines.engines.errors import refused
from pipelines.engines.lease import lease
from pipelines.engines.rows import check_keys, fit, for_commit
from pipelines.engines.spark_session import merge_on, named, ours, rows_in, session, spark_schema, spark_text, spark_type
from pipelines.engines.sparkside import digest_batches, plain_schema, step_batches
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
        self.spark = session(self.jobs, self.home.tmp("deid") / "spark")

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

        return found.select(*[f.col(f"`{name}`") if name in found.columns else f.lit(None).cast(spark_type(table.schema, name)).alias(name)
                              for name in columns or table.columns.names])

    def frame(self, rows: pa.Table) -> Any:
        schema = plain_schema(rows.schema)
        return self.spark.createDataFrame(rows.cast(schema), schema=spark_schema(schema))

    def staged(self, staged: Staged) -> Any:
        schema = spark_schema(plain_schema(staged.schema))
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
        return ours(frame.toArrow)

    def version(self, table: Table) -> int | None:
        found = delta.stored(self.home.table(table.zone, table.folder))
        return None if found is None else int(found.version())

    # steps

    def map(self, frame: Any, step: Step, run_id: str) -> Staged:
        self._needs(frame, step)
        return self._staged(frame.select(*named(step.schema_in.names)), step, run_id, ())

    def map_groups(self, frame: Any, by: list[str], step: Step, run_id: str) -> Staged:
        self._needs(frame, step)
        wanted = list(dict.fromkeys((*step.schema_in.names, *by)))
        spread = frame.select(*named(wanted)).repartition(self.jobs, *named(by)).sortWithinPartitions(*named(by))
        return self._staged(spread, step, run_id, tuple(by))

    def _needs(self, frame: Any, step: Step) -> None:
        missing = [name for name in step.schema_in.names if name not in frame.columns]
        if missing:
            raise refused("ENG-001", step.name, reason=f"no column {', '.join(missing)}")

    def _staged(self, frame: Any, step: Step, run_id: str, by: tuple[str, ...]) -> Staged:
        import uuid

        target = staging.folder(self.home, step.zone, run_id, step.name) / f"rows-{uuid.uuid4().hex}"
        body = partial(step_batches, step=step, spec=self.worker, by=by)
        made = frame.mapInArrow(body, spark_schema(plain_schema(step.schema_out)))
        ours(lambda: made.write.option("compression", "zstd").parquet(str(target)))
        files = tuple(sorted(target.glob("part-*.parquet")))
        return Staged(files, step.schema_out, sum(rows_in(file) for file in files))

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
                version = self._settled(table)
            finally:
                judged.unpersist()
        return Commit(commit_id, version, inserted=fresh, updated=updated)

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
        made = frame.select(*named(table.columns.names)).mapInArrow(body, spark_schema(table.schema)).persist()
        self._check_keys(made, table)
        parts = {name: sorted(row[0] for row in made.select(*named([name])).distinct().collect()) for name in table.partition_by}
        return _Source(made, made.count(), parts)

    def _check_keys(self, source: Any, table: Table) -> None:
        for name in dict.fromkeys((*table.key, *table.partition_by)):
            if not source.where(f"`{name}` IS NULL").isEmpty():
                raise refused("ENG-004", table.name, table=table.name, column=name)
        twice = source.groupBy(*named(list(table.key))).count().where("count > 1").count()
        if twice:
            raise refused("ENG-003", table.name, table=table.name, count=twice, key=", ".join(table.key))

    def _judged(self, table: Table, source: _Source) -> Any:
        stored = self._touched(table, source.partitions).select(*named(plan.stored_columns(table)))
        return self._sql(spark_text(plan.verdict_sql(table, table.schema.names)), source=source.frame, stored=stored)

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
                ours(lambda: chosen.write.format("delta").mode("append").save(path))
                return
            chosen.createOrReplaceTempView("chosen")
            names = list(dict.fromkeys((*table.key, *table.partition_by)))
            ours(lambda: self.spark.sql(f"MERGE INTO delta.`{path}` t USING chosen s ON {merge_on(names, source.partitions)} "
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
                ours(lambda: self.spark.sql(f"MERGE INTO delta.`{path}` t USING chosen s ON {merge_on(names, parts)} "
                                             "WHEN MATCHED THEN DELETE"))
            version = self._settled(table)
        return Commit(commit_id, version, deleted=there)

    def _settled(self, table: Table) -> int:
        """The version just written, once it is on the disk. The caller holds the lease."""
        path = self.home.table(table.zone, table.folder)
        version = delta.newest(path) or 0
        delta.durable(path, version)
        return version

    def gather(self, table: Table, partition: Mapping[str, str]) -> None:
        path = str(self.home.table(table.zone, table.folder))
        only = " AND ".join(f"`{name}` = {delta.literal(value)}" for name, value in partition.items())
        order = ", ".join(f"`{name}`" for name in order_of(table))
        text = f"OPTIMIZE delta.`{path}`" + (f" WHERE {only}" if only else "") + (f" ZORDER BY ({order})" if order else "")
        self.spark.conf.set("spark.databricks.delta.optimize.maxFileSize", delta.TARGET_BYTES)
        ours(lambda: self.spark.sql(text))

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
