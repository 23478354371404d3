"""What the Spark engine stands on: its session, its types, and SQL as Spark writes it."""
from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from pipelines.engines import delta, jars
from pipelines.engines.sparkside import carried, plain_schema

T = TypeVar("T")


def session(jobs: int, tmp: Path) -> Any:
    """The process's Spark session: local, loopback only, quiet, few partitions (else 50 tiny stages a query)."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    tmp.mkdir(parents=True, exist_ok=True)
    options = {
        "spark.jars": ",".join(str(jar) for jar in jars.jars()), "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR", "spark.local.dir": str(one_folder(tmp)), "spark.sql.warehouse.dir": str(tmp / "warehouse"),
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
    opened = builder.getOrCreate()
    opened.sparkContext.setLogLevel("ERROR")
    return opened


def one_folder(tmp: Path) -> Path:
    """Another name for a folder whose own has a comma: Spark takes that for two folders and writes beside the home."""
    if "," not in str(tmp):
        return tmp
    link = Path(tempfile.mkdtemp(prefix="touchstone-spark-")) / "tmp"
    link.symlink_to(tmp.resolve(), target_is_directory=True)
    atexit.register(shutil.rmtree, link.parent, ignore_errors=True)
    return link


def ours(act: Callable[[], T]) -> T:
    """Run something on Spark; an error of ours that went through it comes out as itself, without Spark's trace."""
    from pyspark.errors import PySparkException

    try:
        return act()
    except PySparkException as error:
        found = carried(error)
        if found is None:
            raise
    raise found


def spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(plain_schema(schema))


def spark_type(schema: pa.Schema, name: str) -> Any:
    return spark_schema(pa.schema([schema.field(name)])).fields[0].dataType


def named(names: list[str]) -> list[Any]:
    from pyspark.sql import functions as f

    return [f.col(f"`{name}`") for name in names]


def spark_text(text: str) -> str:
    """Our own planned SQL quotes names as DuckDB does; Spark wants back-ticks."""
    return text.replace('"', "`")


def merge_on(names: list[str], partitions: dict[str, list[Any]]) -> str:
    """MERGE condition: equal names, and the partitions as literals, so that the others are not read."""
    pruned = [f"t.`{name}` IN ({', '.join(delta.literal(value) for value in values)})" for name, values in partitions.items()]
    return " AND ".join([*pruned, *[f"t.`{name}` = s.`{name}`" for name in names]])


def rows_in(file: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(file).num_rows)
