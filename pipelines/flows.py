"""Flow A in order: pull → land → deidentify → check → release → tabulate → link.

The one page that says what happens to a hospital's night. Each step looks at what is there and does what is left, so a killed
run is finished by typing the same command again. Written down in this order: objects, rows, ledger events, watermark.
"""
from __future__ import annotations

import datetime as dt
import os
import time
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag

from eval_harness.base import Issue, Retryable, WrongUsage
from governance import registry
from governance.audit import Actor
from governance.store import moment
from pipelines import ledger
from pipelines.balance import fhir_tables
from pipelines.deid_zone.check import check_instances, check_resources, warm
from pipelines.deid_zone.holding import sets_of
from pipelines.deid_zone.link import link
from pipelines.deid_zone.tabulate import tabulate
from pipelines.engines.damage import damaged
from pipelines.engines.erase import erase
from pipelines.ledger import utc_now
from pipelines.phi_zone import alias, pending, reclean, subjects
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
from pipelines.phi_zone.visiting import require_open
from pipelines.phi_zone.withdraw import withdraw
from pipelines.receipt import COUNTED as COUNTED  # these three too
from pipelines.receipt import Night, Receipt, closing, night, parsed
from pipelines.settings import Settings
from schemas.messages import messages
from schemas.tables import EVENT, IMAGING_LINK, INSTANCE, SERIES, STUDY, fhir_table

PLATFORM = Actor("platform", "platform")
CLOCK_MARGIN_S = 300.0


def ingest(settings: Settings, site_id: str, *, since: Night = None, as_of: Night = None, full: bool = False,
           anytime: bool = False, recleaned: bool = False, actor: Actor = PLATFORM) -> Receipt:
    """One night of one hospital. An interrupted night is finished first, under its own receipt and day.

    anytime: the hospital's window does not hold this time. recleaned: what other policies than today's released is decided again
    (phi_zone.reclean). Raises WrongUsage (nothing changed) for a wrong site, policy or secret;
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
        wanted = night(at.site, as_of)
        receipt = _continued(at, left[0], actor, started, anytime) if left else None
        if receipt is None and not anytime:
            require_open(at.site, utc_now())
        still = recleaned and not (left and left[0]["facts"].get("reclean"))
        if receipt is None or (receipt.state == "closed" and (still or receipt.day != wanted[0].isoformat())):
            facts = {"since": moment(night(at.site, since)[1]) if since else None, "until": moment(wanted[1]) if as_of else None,
                     "full": full, "reclean": recleaned}
            row = registry.open_receipt(at.store, site_id, moment(wanted[1]), facts)
            receipt = _continued(at, row, actor, started, anytime)
        return receipt


def _continued(at: Opened, row: dict[str, Any], actor: Actor, started: float, anytime: bool) -> Receipt:
    """Work on an open receipt until it is closed, or a source fails."""
    facts = row["facts"]
    day = dt.datetime.fromisoformat(row["as_of"]).astimezone(ZoneInfo(at.site.timezone))
    until = parsed(facts.get("until"))
    expected_on = (day - dt.timedelta(microseconds=1)).date() if until else day.date()
    run = at.run(row["receipt_id"], expected_on, actor, bool(facts.get("full")), anytime, bool(facts.get("reclean")))
    said = {name: True for name, holds in (("anytime", anytime), ("reclean", run.reclean)) if holds}
    run.audit.record("ingest", actor, run.receipt_id, "begun", site=at.site.site_id, **said)
    try:
        pulled = _steps(at, run, parsed(facts.get("since")), until)
        if at.clock.behind_s > CLOCK_MARGIN_S:
            pulled[-1].issues.append(messages().issue("FLW-011", at.site.site_id, behind=str(dt.timedelta(seconds=int(at.clock.behind_s)))))
    except OSError as error:
        run.audit.record("ingest", actor, run.receipt_id, "failed", error=type(error).__name__)
        raise Retryable(messages().issue("FLW-006", at.site.site_id, reason=error.strerror or "I/O error")) from error
    except InvalidTag as error:   # the key is the project's own (opening looked): what it cannot open was altered
        run.audit.record("ingest", actor, run.receipt_id, "failed", error="InvalidTag")
        raise damaged("phi.subject_key, phi.landing_index", "sealed") from error
    return closing(at.store, run, pulled, started)


def _steps(at: Opened, run: Run, since: dt.datetime | None, until: dt.datetime | None) -> list[Pulled]:
    """The night, in order."""
    tidy(run)
    gone = reclean.expired(run) if run.reclean else ()
    run.expired = gone
    pulled = []
    for connector in open_connectors(at.site, os.environ):
        run.step("pull")
        mark = None if run.full or len(gone) else since or parsed(registry.watermark(at.store, run.site_id, connector.source))
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
    if run.reclean:
        pulled[-1].issues += [*run.held, *reclean.remaining(run)]
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
    if not run.reclean and not run.engine.table(run.engine.sql(TAKEN_OUT, event=events)).column("events")[0].as_py():
        return
    for table in (INSTANCE, SERIES, STUDY, IMAGING_LINK, *fhir_tables(run.home)):
        erase(run.home, table, run.site_id)
