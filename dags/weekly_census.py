"""Every week, each active hospital in its own pool: compare everything its sources list with what is here.

QIDO knows no "modified since", and some servers change or delete without telling: what a night cannot see, the census finds, and
records it as of today. A person types the same thing: `touchstone ingest SITE --full`.
"""
from __future__ import annotations

from airflow.sdk import dag

from dags.hospitals import every_hospital
from dags.library import START


@dag(schedule="0 9 * * 6", start_date=START, catchup=False, max_active_runs=1, tags=["ingest"])
def weekly_census() -> None:
    every_hospital(full=True)


DAG = weekly_census()
