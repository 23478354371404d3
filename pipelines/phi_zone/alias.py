"""A name or number of a patient that is learned later: what was released of that subject before is searched for it.

A released row that holds it is decided again, from its sealed original, now that the identity is known. The events are written
before phi.subject_key learns the identity, so that a run killed in between finds the same again. What cannot be decided again
(the original has expired, or the new decision is a refusal) is taken out by `recall`.
"""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa

from eval_harness.base import digest
from pipelines import ledger
from pipelines.balance import fhir_tables
from pipelines.engines.base import ObjectRef
from pipelines.ledger import Event
from pipelines.phi_zone.needles import needles_of
from pipelines.phi_zone.residual import Residual
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.scan import header_bytes
from pipelines.phi_zone.withdraw import withdraw
from pipelines.phi_zone.worker import released_objects
from schemas.deid import KnownIdentity
from schemas.tables import EVENT, INSTANCE, LANDING_INDEX

Row = dict[str, Any]
UnitKey = tuple[str, str, str, int]
RECALLED = "RECALLED"
"""Reason of a tombstone: the row was released, and on a second look it may not leave."""
OF_UNITS = "SELECT s.unit_token, s.seq FROM stored AS s JOIN wanted AS w ON s.unit_token = w.unit_token"
OF_SUBJECTS = "SELECT s.* FROM stored AS s JOIN wanted AS w ON s.subject = w.subject"


MARKED = """SELECT i.* FROM landed AS i
            JOIN (SELECT DISTINCT kind, unit_token, seq FROM event WHERE state = 'retry' AND reason = 'alias') AS e
              ON i.kind = e.kind AND i.unit_token = e.unit_token AND i.seq = e.seq"""


def search(run: Run, learned: Mapping[str, KnownIdentity]) -> None:
    """Search the released rows of these subjects for what is new of each; mark those that hold it for a new decision.

    Only counts are audited.
    """
    needles = {subject: Residual(needles_of(known), forms=False) for subject, known in learned.items()}
    hit = [row for row in _released(run, needles) if needles[row["subject"]].scan_bytes(row["content"], "released")]
    events = _events(run, hit)
    if events:
        run.audit.record("subject.alias", run.actor, run.receipt_id, subjects=len({row["subject"] for row in hit}), units=len(events))
        run.count("alias", len(events))
        ledger.note(run.engine, events, commit_id=f"alias:{run.receipt_id}:{digest(sorted(event.unit_token for event in events))[:24]}",
                    receipt_id=run.receipt_id, at=run.clock())


def marked(run: Run) -> list[Row]:
    """Rows of phi.landing_index of the units this receipt marked, in whichever run of it."""
    events = run.engine.read(EVENT, columns=["kind", "unit_token", "seq", "state", "reason"],
                             where=f"site_id = '{run.site_id}' AND receipt_id = '{run.receipt_id}'")
    landed = run.engine.read(LANDING_INDEX, where=ledger.of_site(run.site_id))
    return run.engine.table(run.engine.sql(MARKED, landed=landed, event=events)).to_pylist()  # type: ignore[no-any-return]


def _released(run: Run, subjects: Collection[str]) -> Iterator[Row]:
    """Unit, subject and bytes of every released row of these subjects: resources as JSON, instances as their headers."""
    engine, where = run.engine, ledger.of_site(run.site_id)
    wanted = engine.frame(pa.table({"subject": pa.array(sorted(subjects), pa.utf8())}))
    for table in fhir_tables(run.home) if subjects else ():
        stored = engine.read(table, columns=["unit_token", "seq", "m", "subject", "resource"], where=where)
        for batch in engine.batches(engine.sql(OF_SUBJECTS, stored=stored, wanted=wanted)):
            for row in batch.to_pylist():
                yield row | {"kind": "resource", "content": row["resource"].encode("utf-8")}
    store = released_objects(run.home)
    stored = engine.read(INSTANCE, columns=["unit_token", "seq", "m", "subject", "part"], where=where)
    for batch in engine.batches(engine.sql(OF_SUBJECTS, stored=stored, wanted=wanted)) if subjects else ():
        for row in batch.to_pylist():
            yield row | {"kind": "instance", "content": header_bytes(store.read(ObjectRef(**row["part"])))}
            run.tick()


def _events(run: Run, rows: list[Row]) -> list[Event]:
    """`retry` for those whose last event is `released`: a unit that waits already is not marked twice."""
    if not rows:
        return []
    last = run.engine.sql(ledger.LAST_EVENT, event=run.engine.read(EVENT, where=ledger.of_site(run.site_id)))
    standing = run.engine.table(run.engine.sql("SELECT kind, unit_token, seq FROM last WHERE state = 'released'", last=last)).to_pylist()
    released = {(row["kind"], row["unit_token"], row["seq"]) for row in standing}
    return [Event(run.site_id, row["kind"], row["unit_token"], row["seq"], row["m"], "retry", "alias") for row in rows
            if (row["kind"], row["unit_token"], row["seq"]) in released]


def recall(run: Run, keys: Collection[UnitKey]) -> int:
    """Take out released rows whose own unit may not leave any more; give how many. A newer version that is refused leaves the older."""
    if not keys:
        return 0
    engine = run.engine
    wanted = engine.frame(pa.table({"unit_token": pa.array(sorted({key[2] for key in keys}), pa.utf8())}))
    found: list[tuple[str, str]] = []
    for kind, table in (("instance", INSTANCE), *(("resource", table) for table in fhir_tables(run.home))):
        stored = engine.read(table, columns=["unit_token", "seq"], where=ledger.of_site(run.site_id))
        rows = engine.table(engine.sql(OF_UNITS, stored=stored, wanted=wanted)).to_pylist()
        found += [(kind, row["unit_token"]) for row in rows if (run.site_id, kind, row["unit_token"], row["seq"]) in keys]
    if found:
        withdraw(engine, run.home, run.site_id, found, RECALLED, run.clock())
        run.count("recalled", len(found))
    return len(found)
