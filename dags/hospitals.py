"""The tasks of a hospital's night or census: wait for its hours, look whether its sources answer, then ingest. One group a hospital, in
its own pool."""
from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import BaseSensorOperator, task, task_group

from dags.library import active_sites, pool_of

RETRY = {"retries": 3, "retry_delay": dt.timedelta(minutes=5), "retry_exponential_backoff": True}


class Hours(BaseSensorOperator):
    """Waits for the hospital's window, without holding a slot; asks its file, not the hospital. A window opens once a day at least."""

    def __init__(self, site_id: str, **given: Any) -> None:
        super().__init__(mode="reschedule", poke_interval=300, timeout=26 * 3600, **given)
        self.site_id = site_id

    def poke(self, context: Any) -> bool:
        from pipelines import steward
        from pipelines.settings import settings

        return steward.may_visit(settings(), self.site_id)


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
def ingest(site_id: str, full: bool) -> str:
    """Pull to link, from where the last receipt ended; `full` compares everything. A retry continues the same receipt."""
    from dags.library import raise_for, terminal_stops
    from pipelines import flows
    from pipelines.settings import settings

    with terminal_stops():
        receipt = flows.ingest(settings(), site_id, full=full)
        if receipt.state != "closed" and not receipt.waits:   # a window that ended is no failure: the next night goes on
            raise_for([{"issue": issue.to_dict()} for issue in receipt.issues])
        return receipt.receipt_id


def every_hospital(full: bool = False) -> list[object]:
    """The receipts of all active hospitals."""
    receipts = []
    for site_id, sources in active_sites().items():

        @task_group(group_id=site_id)
        def hospital(site_id: str = site_id, sources: list[str] = sources) -> object:
            reached = probe.override(pool=pool_of(site_id)).partial(site_id=site_id).expand(source=sources)
            done = ingest.override(pool=pool_of(site_id), trigger_rule="all_done")(site_id, full)
            Hours(site_id=site_id, task_id="hours", pool=pool_of(site_id)) >> reached
            reached >> done   # a source that does not answer is named by its probe; the others are still pulled
            return done

        receipts.append(hospital())
    return receipts
