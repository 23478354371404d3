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

from eval_harness.base import Issue, Retryable, TouchstoneError, WrongUsage, sha256
from governance import registry
from governance.audit import Actor, Audit
from governance.store import moment
from pipelines import ledger, quarantine
from pipelines.balance import fhir_tables
from pipelines.deid_zone.check import check_instances, check_resources, warm
from pipelines.deid_zone.holding import sets_of
from pipelines.deid_zone.link import link
from pipelines.deid_zone.tabulate import tabulate
from pipelines.engines.erase import erase
from pipelines.phi_zone import pending, subjects
from pipelines.phi_zone.connectors import open_connectors
from pipelines.phi_zone.decide import decide
from pipelines.phi_zone.expire import expire
from pipelines.phi_zone.locate import located
from pipelines.phi_zone.opening import Opened, opened
from pipelines.phi_zone.persons import link_persons
from pipelines.phi_zone.pull import Pulled, pull, watermarks
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.tidy import tidy
from pipelines.phi_zone.withdraw import withdraw
from pipelines.settings import Settings
from schemas.messages import messages
from schemas.shapes.site import Site
from schemas.tables import EVENT, IMAGING_LINK, INSTANCE, SERIES, STUDY, fhir_table

PLATFORM = Actor("platform", "platform")
COUNTED = ("claimed", "landed", "released", "quarantined", "rejected", "duplicate", "changed", "unlisted", "in_flight")
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

    @property
    def exit_code(self) -> int:
        if self.state != "closed":
            return 3
        return 1 if self.issues or self.counts["quarantined"] or self.counts["unlisted"] else 0

    def to_dict(self) -> dict[str, Any]:
        return {"site_id": self.site_id, "receipt_id": self.receipt_id, "day": self.day, "state": self.state, "counts": self.counts,
                "issues": [issue.to_dict() for issue in self.issues], "seconds": round(self.seconds, 1), "retryable": self.retryable}


def ingest(settings: Settings, site_id: str, *, since: Night = None, as_of: Night = None, full: bool = False,
           actor: Actor = PLATFORM) -> Receipt:
    """One night of one hospital. An interrupted night is finished first, under its own receipt and day.

    Raises WrongUsage (nothing changed) for a wrong site, policy or secret; Retryable for a locked home or a full disk. A source
    that fails does not raise: its part stays in flight, the receipt stays open, and the issue says what to do.
    """
    started = time.monotonic()
    with opened(settings, site_id) as at:
        state = registry.site_row(at.store, site_id)["state"]
        if state != "active":
            raise WrongUsage(messages().issue("FLW-003", site_id, state=state))
        check_policies(at.site)
        for connector in open_connectors(at.site, os.environ):   # a missing secret or a wrong key stops everything before it begins
            connector.close()
        left = registry.receipts(at.store, site_id, "open")
        wanted = _night(at.site, as_of)
        receipt = _continued(at, left[0], actor, started) if left else None
        if receipt is None or (receipt.state == "closed" and receipt.day != wanted[0].isoformat()):
            facts = {"since": _iso(_night(at.site, since)[1]) if since else None, "until": _iso(wanted[1]) if as_of else None, "full": full}
            row = registry.open_receipt(at.store, site_id, moment(wanted[1]), facts)
            receipt = _continued(at, row, actor, started)
        return receipt


def _continued(at: Opened, row: dict[str, Any], actor: Actor, started: float) -> Receipt:
    """Work on an open receipt until it is closed, or a source fails."""
    facts = row["facts"]
    day = dt.datetime.fromisoformat(row["as_of"]).astimezone(ZoneInfo(at.site.timezone))
    until = _from(facts.get("until"))
    run = at.run(row["receipt_id"], (day - dt.timedelta(microseconds=1)).date() if until else day.date(), actor, bool(facts.get("full")))
    run.audit.record("ingest", actor, run.receipt_id, "begun", site=at.site.site_id)
    try:
        pulled = _steps(at, run, _from(facts.get("since")), until)
    except OSError as error:
        run.audit.record("ingest", actor, run.receipt_id, "failed", error=type(error).__name__)
        raise Retryable(messages().issue("FLW-006", at.site.site_id, reason=error.strerror or "I/O error")) from error
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
    aliased = _people(run)
    waiting = decide(run, check_instances, check_resources, all(one.failed is None for one in pulled))
    _withdrawals(run)
    _derived(run)
    _erased(run)
    expire(run, run.clock())
    ledger.write_state(run.engine, run.site_id, f"state:{run.receipt_id}:{run.clock().timestamp()}")
    for source, value in watermarks(pulled).items():
        registry.set_watermark(at.store, run.site_id, source, value, run.receipt_id)
    if waiting:
        pulled[-1].issues.append(messages().issue("FLW-005", run.site_id, count=waiting))
    pulled[-1].issues += _told(run, aliased)
    return pulled


def _people(run: Run) -> list[str]:
    """Patients first: subjects, what is known of them, and the persons they are. Gives the subjects whose released rows held what
    was learned only now."""
    run.step("subjects")
    with run.beat():
        found = subjects.gather(run)
        moved = link_persons(run, found)
    if moved:
        run.audit.record("person.moved", run.actor, run.receipt_id, count=moved)
    return found.aliased


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


def _derived(run: Run) -> None:
    """Tables that follow from the released rows. Their commit ids name the rows they were made from."""
    versions = [run.engine.version(table) for table in (INSTANCE, *map(fhir_table, ("ImagingStudy", "DiagnosticReport", "ServiceRequest",
                                                                                    "Observation", "Procedure")))]
    made_from = ".".join(str(version) for version in versions)
    for name, step in (("tabulate", tabulate), ("link", link)):
        run.step(name)
        with run.beat():
            step(run.engine, run.site_id, run.receipt_id, f"{name}:{run.site_id}:{made_from}")


def _told(run: Run, aliased: list[str]) -> list[Issue]:
    """What a steward must know when released rows held an identity that was learned only now."""
    sets = ", ".join(sets_of(run.home, aliased)) or "-"
    return [messages().issue("FLW-008", run.site_id, subjects=len(aliased), count=run.counts.get("alias", 0), sets=sets)] if aliased else []


TAKEN_OUT = "SELECT COUNT(*) AS events FROM event WHERE reason IN ('tombstone', 'alias', 'rekeyed')"


def _erased(run: Run) -> None:
    """What this receipt took out of tables goes from the disk too. Asked of the ledger, so that a killed run's withdrawals count."""
    events = run.engine.read(EVENT, columns=["reason", "state"], where=f"site_id = '{run.site_id}' AND receipt_id = '{run.receipt_id}'")
    if not run.engine.table(run.engine.sql(TAKEN_OUT, event=events)).column("events")[0].as_py():
        return
    for table in (INSTANCE, SERIES, STUDY, IMAGING_LINK, *fhir_tables(run.home)):
        erase(run.home, table, run.site_id)


def _closing(at: Opened, run: Run, pulled: list[Pulled], started: float) -> Receipt:
    failed = [one for one in pulled if one.failed is not None]
    issues = [issue for one in pulled for issue in ([one.failed.issue] if one.failed else []) + one.issues]
    counts = {name: run.counts.get(name, 0) for name in COUNTED} | {"in_flight": _in_flight(run)}
    share = (counts["quarantined"] + counts["rejected"]) / max(1, counts["released"] + counts["quarantined"] + counts["rejected"])
    limit = at.site.limits.max_quarantined_share
    if share > limit:
        issues.append(messages().issue("LED-003", run.site_id, share=f"{share:.1%}", limit=f"{limit:.1%}"))
    seconds = time.monotonic() - started
    state = "open" if failed else "closed"
    units = counts["released"] + counts["quarantined"] + counts["rejected"]
    run.audit.record("ingest", run.actor, run.receipt_id, "failed" if failed else "done", **counts)
    facts = {"counts": counts, "seconds": round(seconds, 1), "units": units, "codes": sorted({issue.code for issue in issues})}
    before = next(row["facts"] for row in registry.receipts(at.store, run.site_id) if row["receipt_id"] == run.receipt_id)
    registry.update_receipt(at.store, run.receipt_id, step="done", facts=before | facts, state=None if failed else "closed")
    unique = list({(issue.code, issue.where): issue for issue in issues}.values())
    return Receipt(run.site_id, run.receipt_id, run.day.isoformat(), state, counts, unique, seconds,
                   any(isinstance(one.failed, Retryable) for one in failed))


def _in_flight(run: Run) -> int:
    text = "SELECT COUNT(*) AS units FROM standing WHERE state = 'listed' OR state = 'landed' OR state = 'retry'"
    return int(run.engine.table(run.engine.sql(text, standing=ledger.standing(run.engine, run.site_id))).column("units")[0].as_py())


def retry(settings: Settings, rows: list[dict[str, Any]], reason: str, *, actor: Actor = PLATFORM) -> list[Receipt]:
    """Decide quarantined units again, with a written reason (a new policy, a corrected rule)."""
    receipts = []
    for site_id in sorted({row["site_id"] for row in rows}):
        started = time.monotonic()
        own = [row for row in rows if row["site_id"] == site_id]
        with opened(settings, site_id) as at:
            check_policies(at.site)
            run = at.run(registry.new_id("q"), dt.datetime.now(ZoneInfo(at.site.timezone)).date(), actor)
            _decided(run, own, "retry", "retrying", "", reason)
            aliased = _people(run)
            decide(run, check_instances, check_resources, True)
            _derived(run)
            _erased(run)
            ledger.write_state(run.engine, site_id, f"state:{run.receipt_id}")
            counts = {name: run.counts.get(name, 0) for name in COUNTED} | {"in_flight": _in_flight(run)}
            receipts.append(Receipt(site_id, run.receipt_id, run.day.isoformat(), "closed", counts, _told(run, aliased),
                                    time.monotonic() - started))
    return receipts


def reject(settings: Settings, rows: list[dict[str, Any]], reason: str, *, actor: Actor = PLATFORM) -> None:
    """Leave quarantined units out for good, with a written reason. The day's total does not change."""
    for site_id in sorted({row["site_id"] for row in rows}):
        with opened(settings, site_id) as at:
            run = at.run(registry.new_id("q"), dt.datetime.now(ZoneInfo(at.site.timezone)).date(), actor)
            _decided(run, [row for row in rows if row["site_id"] == site_id], "rejected", "rejected", "STEWARD", reason)
            ledger.write_state(run.engine, site_id, f"state:{run.receipt_id}")


def _decided(run: Run, rows: list[dict[str, Any]], event: str, state: str, event_reason: str, reason: str) -> None:
    """A steward's decision: audit first, then the quarantine rows with the reason, then the events."""
    run.audit.record(f"quarantine.{event}", run.actor, run.receipt_id, count=len(rows), reason_sha256=sha256(reason.encode()))
    quarantine.move(run.engine, rows, state, reason, run_id=run.receipt_id, at=run.clock())
    events = [ledger.Event(row["site_id"], row["kind"], row["unit_token"], row["seq"], row["m"], event, event_reason) for row in rows]
    ledger.note(run.engine, events, commit_id=f"steward:{run.receipt_id}", receipt_id=run.receipt_id, at=run.clock())


def void(settings: Settings, site_id: str, day: dt.date, reason: str, *, actor: Actor = PLATFORM) -> int:
    """Lower what a hospital promised on a day and never sent (its list was wrong); attributed and audited. Gives how many."""
    with opened(settings, site_id) as at:
        run = at.run(registry.new_id("q"), day, actor)
        text = "SELECT kind, unit_token, seq, m, expected_on FROM standing WHERE state = 'listed'"
        frame = run.engine.sql(text, standing=ledger.standing(run.engine, site_id))
        rows = [row for row in run.engine.table(frame).to_pylist() if row["expected_on"] == day]
        run.audit.record("ledger.void", actor, run.receipt_id, site=site_id, day=day.isoformat(), count=len(rows),
                         reason_sha256=sha256(reason.encode()))
        events = [ledger.Event(site_id, row["kind"], row["unit_token"], row["seq"], row["m"], "void", f"{actor}: {reason}") for row in rows]
        ledger.note(run.engine, events, commit_id=f"void:{run.receipt_id}", receipt_id=run.receipt_id, at=run.clock())
        ledger.write_state(run.engine, site_id, f"state:{run.receipt_id}")
        return len(rows)


def locate(settings: Settings, row: dict[str, Any], actor: Actor = PLATFORM) -> dict[str, str]:
    """Where a quarantined unit lies at its source; audited."""
    with opened(settings, row["site_id"]) as at:
        return located(at.run(row["receipt_id"], dt.date.today(), actor), row)


def check_policies(site: Site) -> None:
    """Read the site's policies. Raises WrongUsage when one is missing or says something impossible."""
    from pipelines.phi_zone.dicom import load_policy
    from pipelines.phi_zone.fhir.deidentify import load_fhir_policy
    from pipelines.phi_zone.text.policy import load_text_policy

    load_policy(site.policies.dicom)
    load_fhir_policy(site.policies.fhir)
    load_text_policy(site.policies.text)


def test_site(settings: Settings, site_id: str, source: str | None = None) -> list[dict[str, Any]]:  # noqa: PT028
    """Connect, authenticate, count; pulls nothing. One row a source; `issue` says what is wrong with one that does not answer."""
    from governance.store import open_store
    from pipelines.settings import open_home

    home = open_home(settings, create=False)
    store = open_store(settings.store_url)
    site = registry.site(store, site_id)
    Audit(home.audit).record("site.test", PLATFORM, site_id)
    rows = []
    for connector in open_connectors(site, os.environ):
        row: dict[str, Any] = {"source": connector.source, "reachable": False, "counts": {}, "seconds": None, "notes": [], "issue": None,
                               "code": None}
        try:
            report = connector.test()
            row |= {"reachable": True, "counts": dict(report.counts), "seconds": round(report.seconds, 2), "notes": list(report.notes)}
        except TouchstoneError as error:
            row |= {"issue": error.issue.to_dict(), "code": error.issue.code}
        finally:
            connector.close()
        rows.append(row)
    store.close()
    return rows if source is None else _of_source(site_id, rows, source)


def _of_source(site_id: str, rows: list[dict[str, Any]], source: str) -> list[dict[str, Any]]:
    """The row of one source, by the connector's name or the site file's (`fhir`, `imaging:main`, `folder`)."""
    def names(row: dict[str, Any]) -> set[str]:
        kind, _, name = row["source"].partition(":")
        return {row["source"], "fhir" if kind.startswith("fhir") else f"imaging:{name}" if name else kind}

    found = [row for row in rows if source in names(row)]
    if not found:
        raise WrongUsage(messages().issue("FLW-004", site_id, found=source, right=", ".join(row["source"] for row in rows)))
    return found


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
