"""Flow A in order: pull → land → deidentify → check → release → tabulate → link.

The one page that says what happens to a hospital's night. Each step looks at what is there and does what is left, so a killed
run is finished by typing the same command again. Written down in this order: objects, rows, ledger events, watermark.
"""
from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag

from eval_harness.base import Issue, Retryable, WrongUsage
from governance import registry
from governance.audit import Actor
from governance.store import moment
from pipelines import bookmark, ledger
from pipelines.balance import fhir_tables
from pipelines.deid_zone.check import check_instances, check_resources, warm
from pipelines.deid_zone.holding import sets_of
from pipelines.deid_zone.link import link
from pipelines.deid_zone.tabulate import tabulate
from pipelines.engines.damage import damaged
from pipelines.engines.erase import erase
from pipelines.ledger import utc_now
from pipelines.phi_zone import alias, pending, subjects
from pipelines.phi_zone.connectors import open_connectors
from pipelines.phi_zone.decide import decide
from pipelines.phi_zone.expire import expire
from pipelines.phi_zone.gate import prove
from pipelines.phi_zone.named_policies import check_policies as check_policies  # commands reach it through here
from pipelines.phi_zone.opening import Opened, opened
from pipelines.phi_zone.persons import link_persons
from pipelines.phi_zone.pull import Pulled, pull, watermarks
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.tidy import tidy
from pipelines.phi_zone.visiting import Closed, require_open
from pipelines.phi_zone.withdraw import withdraw
from pipelines.settings import Settings
from schemas.messages import messages
from schemas.shapes.site import Site
from schemas.tables import EVENT, IMAGING_LINK, INSTANCE, SERIES, STUDY, fhir_table

PLATFORM = Actor("platform", "platform")
COUNTED = ("claimed", "landed", "released", "quarantined", "rejected", "duplicate", "changed", "unlisted", "in_flight")
CLOCK_MARGIN_S = 300.0
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


def ingest(settings: Settings, site_id: str, *, since: Night = None, as_of: Night = None, full: bool = False,
           anytime: bool = False, actor: Actor = PLATFORM) -> Receipt:
    """One night of one hospital. An interrupted night is finished first, under its own receipt and day.

    anytime: the hospital's window does not hold this time. Raises WrongUsage (nothing changed) for a wrong site, policy or secret;
    Retryable for a locked home, a full disk, or where no night may begin outside the window (Closed). A source that fails does not
    raise, nor does a window that ends: its part stays in flight, the receipt stays open, and the issue says what to do.
    """
    started = time.monotonic()
    with opened(settings, site_id) as at:
        state = registry.site_row(at.store, site_id)["state"]
        if state != "active":
            raise WrongUsage(messages().issue("FLW-003", site_id, state=state))
        check_policies(at.site, site_id)
        for connector in open_connectors(at.site, os.environ):   # a missing secret or a wrong key stops everything before it begins
            connector.close()
        left = registry.receipts(at.store, site_id, "open")
        wanted = _night(at.site, as_of)
        receipt = _continued(at, left[0], actor, started, anytime) if left else None
        if receipt is None and not anytime:
            require_open(at.site, utc_now())
        if receipt is None or (receipt.state == "closed" and receipt.day != wanted[0].isoformat()):
            facts = {"since": _iso(_night(at.site, since)[1]) if since else None, "until": _iso(wanted[1]) if as_of else None, "full": full}
            row = registry.open_receipt(at.store, site_id, moment(wanted[1]), facts)
            receipt = _continued(at, row, actor, started, anytime)
        return receipt


def _continued(at: Opened, row: dict[str, Any], actor: Actor, started: float, anytime: bool) -> Receipt:
    """Work on an open receipt until it is closed, or a source fails."""
    facts = row["facts"]
    day = dt.datetime.fromisoformat(row["as_of"]).astimezone(ZoneInfo(at.site.timezone))
    until = _from(facts.get("until"))
    expected_on = (day - dt.timedelta(microseconds=1)).date() if until else day.date()
    run = at.run(row["receipt_id"], expected_on, actor, bool(facts.get("full")), anytime)
    run.audit.record("ingest", actor, run.receipt_id, "begun", site=at.site.site_id, **({"anytime": True} if anytime else {}))
    try:
        pulled = _steps(at, run, _from(facts.get("since")), until)
        if at.clock.behind_s > CLOCK_MARGIN_S:
            pulled[-1].issues.append(messages().issue("FLW-011", at.site.site_id, behind=str(dt.timedelta(seconds=int(at.clock.behind_s)))))
    except OSError as error:
        run.audit.record("ingest", actor, run.receipt_id, "failed", error=type(error).__name__)
        raise Retryable(messages().issue("FLW-006", at.site.site_id, reason=error.strerror or "I/O error")) from error
    except InvalidTag as error:   # the key is the project's own (opening looked): what it cannot open was altered
        run.audit.record("ingest", actor, run.receipt_id, "failed", error="InvalidTag")
        raise damaged("phi.subject_key, phi.landing_index", "sealed") from error
    return _closing(at, run, pulled, started)


def _steps(at: Opened, run: Run, since: dt.datetime | None, until: dt.datetime | None) -> list[Pulled]:
    """The night, in order."""
    tidy(run)
    pulled = []
    for connector in open_connectors(at.site, os.environ):
        run.step("pull")
        mark = None if run.full else since or _from(registry.watermark(at.store, run.site_id, connector.source))
        pulled.append(pull(run, connector, mark, until))
        if run.counts.get("landed"):
            warm()   # the suites of `check` take seconds to load; meanwhile other sources are waited for
    people(run)
    waiting = decide(run, check_instances, check_resources, all(one.failed is None for one in pulled))
    _withdrawals(run)
    derived(run)
    erased(run)
    expire(run, run.clock())
    ledger.write_state(run.engine, run.site_id, f"state:{run.receipt_id}:{run.clock().timestamp()}")
    for source, value in watermarks(pulled).items():
        registry.set_watermark(at.store, run.site_id, source, value, run.receipt_id)
    pulled[-1].issues += prove(run)
    if waiting:
        pulled[-1].issues.append(messages().issue("FLW-005", run.site_id, count=waiting))
    pulled[-1].issues += told(run)
    return pulled


def people(run: Run) -> None:
    """Patients first: subjects, what is known of them, and the persons they are."""
    run.step("subjects")
    with run.beat():
        found = subjects.gather(run)
        moved = link_persons(run, found)
    if moved:
        run.audit.record("person.moved", run.actor, run.receipt_id, count=moved)


def _withdrawals(run: Run) -> None:
    """Deletions the source told us of: tombstone, row, part, then the event."""
    rows = pending.deletes(run)
    if not rows:
        return
    run.step("withdraw")
    withdraw(run.engine, run.home, run.site_id, [(row["kind"], row["unit_token"]) for row in rows], "SRC-DELETED", run.clock())
    events = [ledger.Event(row["site_id"], row["kind"], row["unit_token"], row["seq"], row["m"], "released", "tombstone") for row in rows]
    ledger.note(run.engine, events, commit_id=f"withdraw:{run.receipt_id}:{run.clock().timestamp()}", receipt_id=run.receipt_id,
                at=run.clock())
    run.count("released", len(events))


def derived(run: Run) -> None:
    """Tables that follow from the released rows. Their commit ids name the rows they were made from."""
    versions = [run.engine.version(table) for table in (INSTANCE, *map(fhir_table, ("ImagingStudy", "DiagnosticReport", "ServiceRequest",
                                                                                    "Observation", "Procedure")))]
    made_from = ".".join(str(version) for version in versions)
    for name, step in (("tabulate", tabulate), ("link", link)):
        run.step(name)
        with run.beat():
            step(run.engine, run.site_id, run.receipt_id, f"{name}:{run.site_id}:{made_from}")


def told(run: Run) -> list[Issue]:
    """What a steward must know when released rows held an identity that was learned only now. Asked of the ledger, so that a
    killed run's search counts."""
    rows = alias.marked(run)
    if not rows:
        return []
    aliased = {subject for subject, _ in subjects.resolve(run, rows).values()}
    sets = ", ".join(sets_of(run.home, aliased)) or "-"
    return [messages().issue("FLW-008", run.site_id, subjects=len(aliased), count=len(rows), sets=sets)]


# PRF-008: taken out because a reader of the sample found an identity there
TAKEN_OUT = "SELECT COUNT(*) AS events FROM event WHERE reason IN ('tombstone', 'alias', 'rekeyed', 'PRF-008')"


def erased(run: Run) -> None:
    """What this receipt took out of tables goes from the disk too. Asked of the ledger, so that a killed run's withdrawals count."""
    events = run.engine.read(EVENT, columns=["reason", "state"], where=f"site_id = '{run.site_id}' AND receipt_id = '{run.receipt_id}'")
    if not run.engine.table(run.engine.sql(TAKEN_OUT, event=events)).column("events")[0].as_py():
        return
    for table in (INSTANCE, SERIES, STUDY, IMAGING_LINK, *fhir_tables(run.home)):
        erase(run.home, table, run.site_id)


def _closing(at: Opened, run: Run, pulled: list[Pulled], started: float) -> Receipt:
    failed = [one for one in pulled if one.failed is not None]
    issues = [issue for one in pulled for issue in ([one.failed.issue] if one.failed else []) + one.issues]
    counts = {name: run.counts.get(name, 0) for name in COUNTED} | {"in_flight": in_flight(run)}
    share = (counts["quarantined"] + counts["rejected"]) / max(1, counts["released"] + counts["quarantined"] + counts["rejected"])
    limit = at.site.limits.max_quarantined_share
    if share > limit:
        issues.append(messages().issue("LED-003", run.site_id, share=f"{share:.1%}", limit=f"{limit:.1%}"))
    seconds = time.monotonic() - started
    state = "open" if failed else "closed"
    units = counts["released"] + counts["quarantined"] + counts["rejected"]
    run.audit.record("ingest", run.actor, run.receipt_id, "failed" if failed else "done", **counts)
    facts = {"counts": counts, "seconds": round(seconds, 1), "units": units, "codes": sorted({issue.code for issue in issues}),
             "left": bookmark.noted(run.home)}
    before = next(row["facts"] for row in registry.receipts(at.store, run.site_id) if row["receipt_id"] == run.receipt_id)
    registry.update_receipt(at.store, run.receipt_id, step="done", facts=before | facts, state=None if failed else "closed")
    unique = list({(issue.code, issue.where): issue for issue in issues}.values())
    return Receipt(run.site_id, run.receipt_id, run.day.isoformat(), state, counts, unique, seconds,
                   retryable=any(isinstance(one.failed, Retryable) for one in failed),
                   waits=bool(failed) and all(isinstance(one.failed, Closed) for one in failed))


def in_flight(run: Run) -> int:
    text = "SELECT COUNT(*) AS units FROM standing WHERE state = 'listed' OR state = 'landed' OR state = 'retry'"
    return int(run.engine.table(run.engine.sql(text, standing=ledger.standing(run.engine, run.site_id))).column("units")[0].as_py())


def _night(site: Site, chosen: Night) -> tuple[dt.date, dt.datetime]:
    """(day claims are expected on, moment the night ends) in the hospital's time zone; a bare date ends at its midnight."""
    zone = ZoneInfo(site.timezone)
    if chosen is None:
        now = dt.datetime.now(zone)
        return now.date(), now
    if isinstance(chosen, dt.datetime):
        end = chosen if chosen.tzinfo else chosen.replace(tzinfo=zone)
        return (end.astimezone(zone) - dt.timedelta(microseconds=1)).date(), end
    return chosen, dt.datetime.combine(chosen + dt.timedelta(days=1), dt.time(), zone)


def _iso(at: dt.datetime) -> str:
    return moment(at)


def _from(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)
