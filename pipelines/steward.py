"""What a steward does between nights: decide quarantined units again or leave them out, lower a promise, find an original, draw and
record a human sample, try a source.

Each works on one hospital at a time with the steps of flow A, under its own receipt and with a written reason.
"""
from __future__ import annotations

import contextlib
import datetime as dt
import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from eval_harness.base import Issue, TouchstoneError, WrongUsage, sha256
from governance import registry
from governance.audit import Actor, Audit
from governance.store import Store
from pipelines import flows, ledger, quarantine
from pipelines.deid_zone.card import Proven
from pipelines.deid_zone.check import check_instances, check_resources
from pipelines.flows import PLATFORM
from pipelines.phi_zone import readings
from pipelines.phi_zone.connectors import open_connectors
from pipelines.phi_zone.decide import decide, settle
from pipelines.phi_zone.gate import Gate, prove, rules_digest
from pipelines.phi_zone.gate import again as report_again
from pipelines.phi_zone.locate import located
from pipelines.phi_zone.named_policies import check_policies
from pipelines.phi_zone.opening import opened
from pipelines.phi_zone.proof import LeakBound, Reach, objections, reach
from pipelines.phi_zone.release import Released
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.visiting import is_open
from pipelines.receipt import COUNTED, Receipt, in_flight
from pipelines.settings import Settings
from schemas.home import Home
from schemas.messages import messages
from schemas.shapes.site import Site
from schemas.shapes.text_policy import Proof as Limits


def retry(settings: Settings, rows: list[dict[str, Any]], reason: str, *, actor: Actor = PLATFORM) -> list[Receipt]:
    """Decide quarantined units again, with a written reason (a new policy, a corrected rule)."""
    receipts = []
    for site_id in sorted({row["site_id"] for row in rows}):
        started = time.monotonic()
        own = [row for row in rows if row["site_id"] == site_id]
        with opened(settings, site_id) as at:
            check_policies(at.site, site_id)
            run = at.run(registry.new_id("q"), dt.datetime.now(ZoneInfo(at.site.timezone)).date(), actor)
            _decided(run, own, "retry", "retrying", "", reason)
            flows.people(run)
            decide(run, check_instances, check_resources, True)
            flows.derived(run)
            flows.erased(run)
            ledger.write_state(run.engine, site_id, f"state:{run.receipt_id}")
            counts = {name: run.counts.get(name, 0) for name in COUNTED} | {"in_flight": in_flight(run)}
            receipts.append(Receipt(site_id, run.receipt_id, run.day.isoformat(), "closed", counts, [*flows.told(run), *prove(run)],
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


def draw_sample(settings: Settings, site_id: str, out: Path, size: int | None, seed: str, *,
                actor: Actor = PLATFORM) -> tuple[dict[str, int], Reach]:
    """Write a stratified sample of what this hospital's nights released, for a person to read; give documents by stratum, and what
    the sample can show at best.

    Raises WrongUsage PRF-004 where nothing was released.
    """
    with opened(settings, site_id) as at:
        limits = load_text_policy(at.site.policies.text).proof
        Audit(at.home.audit).record("proof.sample", actor, site_id)
        drawn, documents = readings.draw(at.engine, at.home, site_id, size or limits.sample, seed, rules_digest(at.site), out)
    return dict(sorted(Counter(document.stratum for document in drawn).items())), reach(len(drawn), documents, limits)


def record_reading(settings: Settings, site_id: str, file: Path, *, actor: Actor = PLATFORM) -> tuple[LeakBound, list[Issue], int]:
    """Write down what a person found in a sample: the bound, what now stands against further releases, and how many released units
    were taken back because the reader found an identity in them. Raises WrongUsage PRF-003 for a file that is no whole sample.
    """
    with opened(settings, site_id) as at:
        limits = load_text_policy(at.site.policies.text).proof
        run = at.run(registry.new_id("q"), dt.datetime.now(ZoneInfo(at.site.timezone)).date(), actor)
        found, leaking = readings.read(at.home, site_id, file, limits.confidence, run.clock())
        run.audit.record("proof.record", actor, site_id, leaks=found.bound.leaks, n=found.bound.n, upper=found.bound.upper)
        back = Gate.refuse(readings.units(at.engine, site_id, leaking), [messages().issue("PRF-008", "released/")])
        if back:
            settle(run, Released(refused=back), [], f"reading:{found.sample_id}")
            flows.derived(run)
            flows.erased(run)
            ledger.write_state(run.engine, site_id, f"state:{run.receipt_id}")
        report_again(at.home, site_id, found)
    return found.bound, objections(readings.shown(found), limits, reading_due=True), len(back)


def proven(home: Home, store: Store, behind: Mapping[str, frozenset[str]]) -> Proven:
    """What freeze asks: may rows of these receipts (by hospital) stand in a test set, and what does a reading say of them?"""
    held, bounds = Proven(), []
    for site_id, receipts in sorted(behind.items()):
        limits = _limits(store, site_id)
        read = readings.latest(home, site_id, covers=receipts)
        found = objections(readings.shown(read), limits, reading_due=True)
        held.objections.extend(replace(issue, where=site_id) for issue in found)
        if read is None:
            held.unread.append(site_id)
        else:
            bounds.append(read.bound)
    if bounds and not held.unread:
        held.reading = {"n": sum(one.n for one in bounds), "leaks": sum(one.leaks for one in bounds),
                        "upper": max(one.upper for one in bounds), "confidence": min(one.confidence for one in bounds)}
    return held


def _limits(store: Store, site_id: str) -> Limits:
    body = next((row["body"] for row in registry.sites(store) if row["site_id"] == site_id), None)
    return Limits() if body is None else load_text_policy(Site.model_validate(body).policies.text).proof


def may_visit(settings: Settings, site_id: str) -> bool:
    """Whether the hospital's window (schedule.window) is open now. Raises WrongUsage REG-001 for an unknown site."""
    from governance.store import open_store

    with contextlib.closing(open_store(settings.store_url)) as store:
        return is_open(registry.site(store, site_id), ledger.utc_now())


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
