"""deidentify → check → scan → release, batch by batch: each pending unit ends released, quarantined or rejected, or waits.

A batch is bounded in rows and bytes, so memory and staging stay flat and each table gets one commit a batch. The order of
writing is objects, rows (with quarantine), ledger events; a killed batch is decided again and comes out the same.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from eval_harness.base import Issue
from pipelines import ledger, quarantine
from pipelines.engines.base import Step
from pipelines.ledger import Event
from pipelines.phi_zone import pending, reclean, subjects
from pipelines.phi_zone.alias import recall
from pipelines.phi_zone.gate import Gate
from pipelines.phi_zone.release import Released, batch_id, refusal, release_instances, release_resources, unit_key
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.scan import scan_instances, scan_resources
from pipelines.phi_zone.shapes import LANDED
from pipelines.phi_zone.steps import deidentify_instances, deidentify_resources
from pipelines.phi_zone.withdraw import prune
from pipelines.phi_zone.worker import staged_objects
from schemas.tables import UNIT_KEY

Row = dict[str, Any]
Check = Callable[[pa.Table], pa.Table]
"""deid_zone's check: staged rows → verdicts. Handed in by flows, because the two zones never import each other."""


def decide(run: Run, check_instances: Check, check_resources: Check, patients_complete: bool) -> int:
    """Decide everything pending; give how many units still wait for a Patient that may yet come."""
    _refuse_overtaken(run)
    _settle_missed(run)
    people = subjects.staff(run)
    staff, gate = subjects.seal_known(run, people), Gate(run, people)
    if run.reclean and not gate.standing:
        reclean.mark(run)
    elif run.reclean:
        run.held += gate.standing      # decided again, everything released would be taken out
    waiting = 0
    for images, step, check in ((False, deidentify_resources(run.site, staff), check_resources),
                                (True, deidentify_instances(run.site, staff), check_instances)):
        for batch in pending.puts(run, images=images):
            waiting += _batch(run, gate, batch, step, check, images, patients_complete)
    return waiting


def _refuse_overtaken(run: Run) -> None:
    """A unit that was deleted at its source before it was decided is rejected, not released and withdrawn again."""
    rows, at = pending.overtaken(run), run.clock()
    if rows:
        quarantine.settle(run.engine, run.site_id, {unit_key(row) for row in rows}, "rejected", run_id=run.receipt_id, at=at)
        ledger.note(run.engine, [Event(*unit_key(row), row["m"], "rejected", "SRC-DELETED") for row in rows],
                    commit_id=f"overtaken:{run.receipt_id}:{at.timestamp()}", receipt_id=run.receipt_id, at=at)
        run.count("rejected", len(rows))


def _settle_missed(run: Run) -> None:
    """A version that was promised, never fetched and then replaced or deleted at its source is gone: it must not stay in flight."""
    rows, at = pending.missed(run), run.clock()
    if rows:
        events = [Event(*unit_key(row), row["m"], "rejected", "SRC-DELETED" if row["op"] == "delete" else "SRC-GONE") for row in rows]
        ledger.note(run.engine, events, commit_id=f"missed:{run.receipt_id}:{at.timestamp()}", receipt_id=run.receipt_id, at=at)
        run.count("rejected", len(rows))


def _batch(run: Run, gate: Gate, batch: list[Row], step: Step, check: Check, images: bool, patients_complete: bool) -> int:
    known = subjects.resolve(run, batch)
    ready = [row for row in batch if images or not row["subject_token"] or row["subject_token"] in known or patients_complete]
    if not ready:
        return len(batch)
    commit_id = batch_id(f"{run.receipt_id}:{'images' if images else 'records'}", ready)
    run_id = f"{run.receipt_id}-{hashlib.sha256(commit_id.encode()).hexdigest()[:16]}"
    if gate.standing:
        run.step("release")
        settle(run, Released(refused=gate.refuse(ready, gate.standing)), [], commit_id, gate, gate.standing)
        return len(batch) - len(ready)
    run.step("deidentify")
    with run.beat():
        frame = run.engine.frame(_landed(run, ready, known))
        staged = run.engine.map_groups(frame, ["series_token"], step, run_id) if images else run.engine.map(frame, step, run_id)
        made = run.engine.table(run.engine.staged(staged)).to_pylist()
    run.step("check")
    with run.beat():
        kept, refused = _checked(made, step, check)
    run.step("release")
    with run.beat():
        clean, found = (scan_instances if images else scan_resources)(run, kept, dict(known.values()).values(), gate.site)
        clean, refused, objected = gate.hold(kept, clean, [*refused, *found])
        out = release_instances(run.engine, run.home, clean, commit_id, run.clock()) if images else (
            release_resources(run.engine, clean, commit_id))
        out.refused += refused
        settle(run, out, [row for row in made if row["outcome"] == "rejected"], commit_id, gate, objected)
        prune(run.engine, run.home, run.site_id, out.replaced_parts, run.clock())
    _clear(run, made, run_id)
    return len(batch) - len(ready)


def _landed(run: Run, rows: list[Row], known: dict[str, Any]) -> pa.Table:
    """Rows of shapes.LANDED. row_id is the unit's own, so that a batch decided again has the same ids."""
    sealed: dict[str, bytes] = {}
    made = []
    for row in rows:
        subject, identity = known.get(row["subject_token"], (None, None))
        if subject is not None and identity is not None and subject not in sealed:
            sealed[subject] = subjects.seal_known(run, identity)
        made.append({name: row[name] for name in (*UNIT_KEY, "m", "object")} | {
            "receipt_id": run.receipt_id, "row_id": hashlib.sha256("\0".join(map(str, unit_key(row))).encode()).digest()[:16],
            "subject": subject, "known": sealed.get(subject or ""), "series_token": row["series_token"]})
    return pa.Table.from_pylist(made, schema=LANDED)


def _checked(made: list[Row], step: Step, check: Check) -> tuple[list[Row], list[quarantine.Refusal]]:
    """Rows that passed both the step and the checks, with their remarks; refusals for the others."""
    refused = [refusal(row, "deidentify", row["issues"] or []) for row in made if row["outcome"] == "quarantined"]
    passed = [row for row in made if row["outcome"] == "ok"]
    verdicts = {row["row_id"]: row for row in check(pa.Table.from_pylist(passed, schema=step.schema_out)).to_pylist()} if passed else {}
    kept = []
    for row in passed:
        verdict = verdicts[row["row_id"]]
        if verdict["outcome"] == "ok":
            row["issues"] = [*(row["issues"] or []), *(verdict["issues"] or [])]
            kept.append(row)
        else:
            refused.append(refusal(row, "check", verdict["issues"]))
    return kept, refused


def settle(run: Run, out: Released, rejected: list[Row], commit_id: str, gate: Gate | None = None, objected: Sequence[Issue] = ()) -> None:
    """Quarantine rows first, then the events; what was quarantined before and is not any more is closed."""
    at = run.clock()
    if gate is not None:
        gate.note(commit_id, out, rejected, list(objected))
    recall(run, {one.key for one in out.refused} | {unit_key(row) for row in rejected})
    with run.lease("quarantine"):
        quarantine.put(run.engine, out.refused, receipt_id=run.receipt_id, run_id=commit_id, at=at)
    events = [Event(*unit_key(row), row["m"], "released") for row in out.released]
    events += [Event(one.site_id, one.kind, one.unit_token, one.seq, one.m, "quarantined", one.issues[0]["code"] if one.issues else "")
               for one in out.refused]
    events += [Event(*unit_key(row), row["m"], "rejected", "POLICY") for row in rejected]
    quarantine.settle(run.engine, run.site_id, {unit_key(row) for row in out.released}, "released", run_id=commit_id, at=at)
    quarantine.settle(run.engine, run.site_id, {unit_key(row) for row in rejected}, "rejected", run_id=commit_id, at=at)
    ledger.note(run.engine, events, commit_id=f"{commit_id}:{at.timestamp()}", receipt_id=run.receipt_id, at=at)
    for name, units in (("released", out.released), ("quarantined", out.refused), ("rejected", rejected)):
        run.count(name, len(units))
    run.tick()


def _clear(run: Run, made: list[Row], run_id: str) -> None:
    """What was staged is released or refused now: nothing of it is needed any more."""
    store = staged_objects(run.home)
    for row in made:
        if row.get("staged"):
            store.remove(row["staged"]["digest"])
    run.engine.discard(run_id)


