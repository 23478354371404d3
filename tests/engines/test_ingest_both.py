"""One small hospital's night on both engines, with one key: the de-identified tables hold equal rows."""
from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelines import flows
from pipelines.engines import jars
from schemas.tables import IMAGING_LINK, INSTANCE, PART, PERSON_LINK, SERIES, STUDY, fhir_table
from tests.pipelines.flow.conftest import NIGHT, SITE, Disk, Lake, shelf

pytestmark = [pytest.mark.spark, pytest.mark.slow]
TABLES = (INSTANCE, SERIES, STUDY, PART, PERSON_LINK, IMAGING_LINK,
          *map(fhir_table, ("Patient", "Observation", "ImagingStudy", "DiagnosticReport")))
CLOCK = ("written_at",)
TYPES = ("Patient", "Observation", "ImagingStudy", "DiagnosticReport")


@cache
def records() -> list[dict[str, Any]]:
    """Enough types to join, few enough commits: each costs Spark seconds."""
    return [one for one in shelf().resources.values() if one["resourceType"] in TYPES]


def night(root: Path, engine: str, disk: Disk, keys: Path | None = None) -> dict[str, list[dict[str, Any]]]:
    lake = Lake(root, SITE | {"folder": {"path": str(disk.path)}})
    if keys is not None:
        shutil.copytree(keys, lake.home.keys, dirs_exist_ok=True)
    receipt = flows.ingest(replace(lake.settings, engine=engine), "usb", as_of=NIGHT)
    assert receipt.state == "closed"
    assert receipt.counts["released"] == len(shelf().instances) + len(records())
    found = {}
    for table in TABLES:      # what one engine wrote, the other reads
        rows = [{name: value for name, value in row.items() if name not in CLOCK} for row in lake.rows(table)]
        found[table.name] = sorted(rows, key=lambda row, table=table: tuple(str(row[name]) for name in table.key))
    return found


def test_a_small_hospital_gives_equal_rows_on_both_engines(tmp_path):
    if lacking := jars.missing():
        pytest.skip(f"the Spark engine cannot start here: {'; '.join(lacking)}")
    disk = Disk(tmp_path / "usb").fill(records())
    embedded = night(tmp_path / "embedded", "embedded", disk)
    spark = night(tmp_path / "spark", "spark", disk, tmp_path / "embedded" / "keys")
    assert len(embedded["deid.instance"]) == len(shelf().instances)
    for name, rows in embedded.items():
        assert spark[name] == rows, name
