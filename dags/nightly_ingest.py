"""Every night, each active hospital in its own pool; at the end one asset a table.

The flow starts where the site's last receipt ended, so a late or repeated run does no harm. A person types the same thing:
`touchstone ingest SITE`. Only ids pass between tasks.
"""
from __future__ import annotations

from airflow.sdk import Asset, dag, task

from dags.hospitals import every_hospital
from dags.library import START

RELEASED = [Asset(f"touchstone://deid/{table}") for table in ("instance", "series", "study", "part", "person_link", "imaging_link")]


@task(outlets=RELEASED, trigger_rule="none_failed_min_one_success")
def announce(receipts: list[str]) -> list[str]:
    """Tells whatever waits for the released tables (the outlets) that the night is in."""
    return sorted(receipt for receipt in receipts if receipt)


@dag(schedule="0 22 * * *", start_date=START, catchup=False, max_active_runs=1, tags=["ingest"])
def nightly_ingest() -> None:
    announce(every_hospital())


DAG = nightly_ingest()
