"""`engine`: the contract suite runs once per engine, each over a home of its own."""
from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines import jars, open_engine
from pipelines.settings import Settings
from schemas.home import Home

# Spark's Python workers are processes of their own: they find the planted steps on the path they inherit
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])

# tiny tables: compiling each query, and then the JVM's own code, takes longer than running it
os.environ.setdefault("TOUCHSTONE_SPARK_CONF", ";".join((
    "spark.sql.codegen.wholeStage=false", "spark.sql.codegen.factoryMode=NO_CODEGEN", "spark.sql.shuffle.partitions=1",
    "spark.databricks.delta.snapshotPartitions=1", "spark.sql.adaptive.enabled=false", "spark.default.parallelism=1",
    "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")))


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    """The home lies where people put one: a folder with blanks, Chinese characters and signs that mean something in an address."""
    root = tmp_path / "东方 医院, it's #1+2?" / "home"
    home = Home(root, root / "keys")
    for folder, mode in home.folders():
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
    return Settings(home, "embedded", jobs=2)


@pytest.fixture(params=["embedded", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest, config: Settings) -> Iterator[Any]:
    if request.param == "spark" and (lacking := jars.missing()):
        pytest.skip(f"the Spark engine cannot start here: {'; '.join(lacking)}")
    opened = open_engine(replace(config, engine=request.param))
    yield opened
    opened.close()
