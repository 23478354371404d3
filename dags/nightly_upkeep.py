"""Every morning after the nights are in: small files of each table become large ones, what no version of a week needs goes.

One task a table, one after the other, so that a night that is late waits for one table only. A person types the same thing:
`touchstone compact`.
"""
from __future__ import annotations

import datetime as dt

from airflow.sdk import dag, task

from dags.library import START


@task(retries=3, retry_delay=dt.timedelta(minutes=10))
def names() -> list[str]:
    """The tables this home has."""
    from pipelines.settings import settings
    from pipelines.upkeep import tables

    return sorted(tables(settings().home))


@task(retries=3, retry_delay=dt.timedelta(minutes=10), max_active_tis_per_dag=1)
def compact(name: str) -> str:
    from dags.library import terminal_stops
    from pipelines.settings import settings
    from pipelines.upkeep import compact_tables

    with terminal_stops():
        compact_tables(settings(), [name])
    return name


@dag(schedule="0 7 * * *", start_date=START, catchup=False, max_active_runs=1, tags=["upkeep"])
def nightly_upkeep() -> None:
    compact.expand(name=names())


DAG = nightly_upkeep()
