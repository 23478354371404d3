"""Every night, each active hospital in its own pool: look whether its sources answer, then ingest; at the end one asset a table.

The flow starts where the site's last receipt ended, so a late or repeated run does no harm. A person types the same thing:
`touchstone ingest SITE`. Only ids pass between tasks.
"""
from __future__ import annotations

import datetime as dt

from airflow.sdk import Asset, dag, task, task_group

from dags.library import active_sites, pool_of

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
RETRY = {"retries": 3, "retry_delay": dt.timedelta(minutes=5), "retry_exponential_backoff": True}
RELEASED = [Asset(f"touchstone://deid/{table}") for table in ("instance", "series", "study", "part", "person_link", "imaging_link")]


@task(**RETRY)
def probe(site_id: str, source: str) -> str:
    """Connects, authenticates, counts; pulls nothing."""
    from dags.library import raise_for, terminal_stops
    from pipelines import steward
    from pipelines.settings import settings

    with terminal_stops():
        raise_for(steward.test_site(settings(), site_id, source))
    return source


@task(**RETRY)
def ingest(site_id: str) -> str:
    """Pull to link, from where the last receipt ended. A retry continues the same receipt."""
    from dags.library import raise_for, terminal_stops
    from pipelines import flows
    from pipelines.settings import settings

    with terminal_stops():
        receipt = flows.ingest(settings(), site_id)
        if receipt.state != "closed":
            raise_for([{"issue": issue.to_dict()} for issue in receipt.issues])
        return receipt.receipt_id


@task(outlets=RELEASED, trigger_rule="none_failed_min_one_success")
def announce(receipts: list[str]) -> list[str]:
    """Tells whatever waits for the released tables (the outlets) that the night is in."""
    return sorted(receipt for receipt in receipts if receipt)


@dag(schedule="0 22 * * *", start_date=START, catchup=False, max_active_runs=1, tags=["ingest"])
def nightly_ingest() -> None:
    receipts = []
    for site_id, sources in active_sites().items():

        @task_group(group_id=site_id)
        def hospital(site_id: str = site_id, sources: list[str] = sources) -> object:
            reached = probe.override(pool=pool_of(site_id)).partial(site_id=site_id).expand(source=sources)
            done = ingest.override(pool=pool_of(site_id), trigger_rule="all_done")(site_id)
            reached >> done   # a source that does not answer is named by its probe; the others are still pulled
            return done

        receipts.append(hospital())
    announce(receipts)


DAG = nightly_ingest()
