"""What the DAG files share: where the home is, which errors deserve a retry, and one library call per task.

Airflow itself is imported only inside `terminal_stops`; everything heavy is imported inside the function that needs it,
because the scheduler reads DAG files all day. Between tasks only ids pass.
"""
from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

START = dt.datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
"""Schedules are read in this time zone: a night begins when the hospitals' evening does."""


def active_sites() -> dict[str, list[str]]:
    """Active hospitals and the names of their sources; empty while there is no home or no hospital yet."""
    from governance import registry
    from governance.store import open_store
    from pipelines.settings import settings

    config = settings()
    if not config.home.marker.exists():
        return {}
    store = open_store(config.store_url)
    try:
        return {row["site_id"]: source_names(row["body"]) for row in registry.sites(store, "active")}
    finally:
        store.close()


def source_names(site: dict[str, Any]) -> list[str]:
    """The sources of a site file, as `touchstone site test` names them."""
    fhir = ["fhir"] if site.get("fhir") else []
    imaging = [f"imaging:{source['name']}" for source in site.get("imaging", [])]
    return fhir + imaging + (["folder"] if site.get("folder") else [])


def pool_of(site_id: str) -> str:
    """One Airflow pool a hospital: its slots are the connections the hospital allows (`python -m dags.pools` makes them)."""
    return f"hospital_{site_id.replace('-', '_')}"


@contextlib.contextmanager
def terminal_stops() -> Iterator[None]:
    """An error that a retry cannot mend fails the task for good; a retryable one leaves the retry to Airflow.

    Where the hospital's window ended before the task began there is nothing to do tonight: the task is skipped.
    """
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    from eval_harness.base import Retryable, Terminal

    try:
        yield
    except Terminal as error:
        raise AirflowFailException(error.issue.text("en")) from error
    except Retryable as error:
        if error.issue.code == "FLW-009":
            raise AirflowSkipException(error.issue.text("en")) from error
        raise


def raise_for(rows: list[dict[str, Any]]) -> None:
    """Raise the first issue a flow reported, as Retryable or Terminal by its code."""
    from eval_harness.base import Issue, Retryable, Terminal
    from schemas.messages import messages

    for row in rows:
        if row.get("issue"):
            issue = Issue(**row["issue"])
            raise (Retryable if messages().templates[issue.code].retry else Terminal)(issue)
