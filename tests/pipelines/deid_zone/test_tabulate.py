"""Series and studies follow the instances: counted, shared attributes only, gone when the last instance is gone."""
from __future__ import annotations

import pyarrow as pa

from pipelines.deid_zone.tabulate import tabulate
from schemas.tables import INSTANCE, SERIES, STUDY


def test_a_series_counts_its_instances_and_keeps_what_they_share(lake):
    lake.instances({"sop_instance_uid": "2.25.1", "manufacturer": "A", "slice_thickness": 1.0, "rows": 512},
                   {"sop_instance_uid": "2.25.2", "manufacturer": "A", "slice_thickness": 1.5, "rows": 512})
    tabulate(lake.engine, "east", "run", "c1")
    (series,) = lake.rows(SERIES)
    assert (series["instances"], series["bytes"], series["rows"]) == (2, 200, 512)
    assert (series["manufacturer"], series["slice_thickness"]) == ("A", None)


def test_a_study_lists_its_modalities_once_and_sorted(lake):
    lake.instances({"sop_instance_uid": "2.25.1", "series_instance_uid": "2.25.11", "modality": "SR"},
                   {"sop_instance_uid": "2.25.2", "series_instance_uid": "2.25.12", "modality": "CT"},
                   {"sop_instance_uid": "2.25.3", "series_instance_uid": "2.25.13", "modality": "CT"})
    done = tabulate(lake.engine, "east", "run", "c1")
    (study,) = lake.rows(STUDY)
    assert (study["modalities"], study["series"], study["instances"]) == ("CT\\SR", 3, 3)
    assert (done.series, done.studies) == (3, 1)


def test_tabulating_again_makes_no_version(lake):
    lake.instances({})
    tabulate(lake.engine, "east", "run", "c1")
    before = lake.engine.version(SERIES), lake.engine.version(STUDY)
    tabulate(lake.engine, "east", "run", "c2")
    assert (lake.engine.version(SERIES), lake.engine.version(STUDY)) == before


def test_a_series_goes_with_its_last_instance_and_others_stay(lake):
    lake.instances({"sop_instance_uid": "2.25.1", "series_instance_uid": "2.25.11"},
                   {"sop_instance_uid": "2.25.2", "series_instance_uid": "2.25.12"},
                   {"sop_instance_uid": "2.25.3", "series_instance_uid": "2.25.13", "site_id": "west"})
    for site in ("east", "west"):
        tabulate(lake.engine, site, "run", f"c1-{site}")
    lake.engine.delete(INSTANCE, pa.table({"site_id": ["east"], "sop_instance_uid": ["2.25.1"]}), commit_id="d")
    tabulate(lake.engine, "east", "run", "c2")
    assert sorted(row["series_instance_uid"] for row in lake.rows(SERIES)) == ["2.25.12", "2.25.13"]
    assert {row["study_instance_uid"]: row["series"] for row in lake.rows(STUDY) if row["site_id"] == "east"} == {"2.25.21": 1}


def test_a_site_without_instances_has_no_series(lake):
    assert tabulate(lake.engine, "east", "run", "c1").series == 0
