"""What one ingest comes to: the receipt a command shows and the registry keeps, and the night it stands for."""
from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from eval_harness.base import Issue, Retryable
from governance import registry
from governance.store import Store
from pipelines import bookmark, ledger
from pipelines.phi_zone.pull import Pulled
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.visiting import Closed
from schemas.messages import messages
from schemas.shapes.site import Site

COUNTED = ("claimed", "landed", "released", "quarantined", "rejected", "duplicate", "changed", "unlisted", "in_flight",
           "recleaned")
Night = dt.date | dt.datetime | None


@dataclass
class Receipt:
    """What one ingest came to."""

    site_id: str
    receipt_id: str
    day: str
    state: str
    """closed | open: an open receipt is continued by the same command."""
    counts: dict[str, int]
    issues: list[Issue] = field(default_factory=list)
    seconds: float = 0.0
    retryable: bool = False
    waits: bool = False
    """Nothing failed: the hospital's window ended, and the next night goes on."""

    @property
    def exit_code(self) -> int:
        if self.state != "closed":
            return 3
        return 1 if self.issues or self.counts["quarantined"] or self.counts["unlisted"] else 0

    def to_dict(self) -> dict[str, Any]:
        return {"site_id": self.site_id, "receipt_id": self.receipt_id, "day": self.day, "state": self.state, "counts": self.counts,
                "issues": [issue.to_dict() for issue in self.issues], "seconds": round(self.seconds, 1), "retryable": self.retryable,
                "waits": self.waits}


def closing(store: Store, run: Run, pulled: list[Pulled], started: float) -> Receipt:
    """Write the receipt down; closed unless a source failed."""
    failed = [one for one in pulled if one.failed is not None]
    issues = [issue for one in pulled for issue in ([one.failed.issue] if one.failed else []) + one.issues]
    counts = {name: run.counts.get(name, 0) for name in COUNTED} | {"in_flight": in_flight(run)}
    share = (counts["quarantined"] + counts["rejected"]) / max(1, counts["released"] + counts["quarantined"] + counts["rejected"])
    limit = run.site.limits.max_quarantined_share
    if share > limit:
        issues.append(messages().issue("LED-003", run.site_id, share=f"{share:.1%}", limit=f"{limit:.1%}"))
    seconds = time.monotonic() - started
    state = "open" if failed else "closed"
    units = counts["released"] + counts["quarantined"] + counts["rejected"]
    run.audit.record("ingest", run.actor, run.receipt_id, "failed" if failed else "done", **counts)
    facts = {"counts": counts, "seconds": round(seconds, 1), "units": units, "codes": sorted({issue.code for issue in issues}),
             "left": bookmark.noted(run.home)}
    before = next(row["facts"] for row in registry.receipts(store, run.site_id) if row["receipt_id"] == run.receipt_id)
    registry.update_receipt(store, run.receipt_id, step="done", facts=before | facts, state=None if failed else "closed")
    unique = list({(issue.code, issue.where): issue for issue in issues}.values())
    return Receipt(run.site_id, run.receipt_id, run.day.isoformat(), state, counts, unique, seconds,
                   retryable=any(isinstance(one.failed, Retryable) for one in failed),
                   waits=bool(failed) and all(isinstance(one.failed, Closed) for one in failed))


def in_flight(run: Run) -> int:
    """Units of this hospital that are promised and not decided."""
    text = "SELECT COUNT(*) AS units FROM standing WHERE state = 'listed' OR state = 'landed' OR state = 'retry'"
    return int(run.engine.table(run.engine.sql(text, standing=ledger.standing(run.engine, run.site_id))).column("units")[0].as_py())


def night(site: Site, chosen: Night) -> tuple[dt.date, dt.datetime]:
    """(day claims are expected on, moment the night ends) in the hospital's time zone; a bare date ends at its midnight."""
    zone = ZoneInfo(site.timezone)
    if chosen is None:
        now = dt.datetime.now(zone)
        return now.date(), now
    if isinstance(chosen, dt.datetime):
        end = chosen if chosen.tzinfo else chosen.replace(tzinfo=zone)
        return (end.astimezone(zone) - dt.timedelta(microseconds=1)).date(), end
    return chosen, dt.datetime.combine(chosen + dt.timedelta(days=1), dt.time(), zone)


def parsed(text: str | None) -> dt.datetime | None:
    """A moment as a receipt's facts keep it."""
    return None if text is None else dt.datetime.fromisoformat(text)
