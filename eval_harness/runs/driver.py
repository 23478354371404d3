"""Run a submission over a set: plan, give out, commit, stop or end. The driver alone writes the log and counts attempts."""
from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from eval_harness.base import Result, Retryable, Telemetry, WrongUsage, eval_messages
from eval_harness.base.console import Progress
from eval_harness.runs import identity
from eval_harness.runs.book import STOPPED_CAUSE, Book, Verdict
from eval_harness.runs.local import Answered, LocalPool
from eval_harness.runs.outcome import Outcome
from eval_harness.runs.smoke import smoke_stage
from eval_harness.runs.store import Run, RunStore, read_run
from eval_harness.runs.supervisor import Supervisor
from eval_harness.sandbox.choose import choose
from eval_harness.submission.inspect import require_sound
from eval_harness.submission.read import Submission, read_submission
from eval_harness.tasks.pack import Pack, load_pack
from eval_harness.testset.layout import TestSet, read_set

WAIT_S = 5.0


class Pool(Protocol):
    """Workers of any dispatch: tokens in, outcomes out."""

    @property
    def free(self) -> int: ...

    @property
    def in_flight(self) -> int: ...

    def give(self, token: str) -> None: ...

    def careful(self) -> None: ...

    def drop(self) -> None: ...

    def answers(self, timeout_s: float) -> Any: ...

    def close(self) -> None: ...


def run_submission(submission: Submission | Path, data: TestSet | Path, plan: Mapping[str, Any], out: Path, *,
                   pack: Pack | None = None, dispatch: str = "local", address: str | None = None, workers: int = 1,
                   sandbox: str | None = None, progress: bool = True) -> Run:
    """Predict every case of `data` and leave the run in `out`; called again, it continues.

    Raises SubmissionRefused (inspection or smoke), SandboxRefused, Terminal RUN-002 for a folder of another run, and
    Retryable RUN-003 when a case was lost to the platform three times (the run then ended as `failed`).
    """
    held = read_set(data) if isinstance(data, Path) else data
    given = read_submission(submission, out.parent / ".submissions") if isinstance(submission, Path) else submission
    loaded = pack or load_pack(held.manifest.task)
    if loaded.id != held.manifest.task:
        raise WrongUsage(eval_messages().issue("RUN-004", "task", found=loaded.id, known=held.manifest.task))
    require_sound(given, loaded, held.manifest.visibility)
    protocol = dict(plan.get("protocol", plan))
    _fits(protocol, given, held)
    record = identity.run_record(given, held, loaded, protocol)
    order, probe = _slot_order(given, held, loaded, protocol, record["run_id"], sandbox)
    head = {"run": {**record, "state": "running", "cause": None, "results_root": None}, "environment": identity.environment(),
            "sandbox": probe, "dispatch": {"kind": dispatch, "workers": workers, "backend": order.backend}, "counts": {}}
    if (out / "results.jsonl").exists():
        finished = read_run(out)
        if finished.record["run_id"] == record["run_id"] and finished.record["state"] in ("complete", "stopped"):
            return finished
    store = RunStore(out, head)
    store.keep_submission(given.raw)
    try:
        if not store.earlier:
            smoke_stage(given, order)
        book = Book(identity.plan_order(record["run_id"], held), store.earlier, order.limits.attempts)
        store.earlier.clear()
        store.commit([{"kind": "planned", "cases": len(book.order), "waiting": len(book.waiting)}])
        Supervisor(order).stop()   # what no slot could be made of is said here, not lost in a worker
        pool = _pool(order, dispatch, address, workers)
        try:
            _drive(book, pool, store, record["run_id"], held.manifest.visibility, progress)
        finally:
            pool.close()
        return _end(book, store, head, held)
    finally:
        store.close()


def _fits(protocol: Mapping[str, Any], given: Submission, held: TestSet) -> None:
    """A plan speaks of one submission and one set. Raises WrongUsage RUN-009 when these are others."""
    planned, dataset = protocol.get("submission"), dict(protocol.get("dataset") or {})
    if planned and planned != given.digest:
        raise WrongUsage(eval_messages().issue("RUN-009", "submission", found=given.digest[:12], known=planned[:12]))
    for name in ("set_id", "version", "inputs_root"):
        if name in dataset and dataset[name] != getattr(held.manifest, name):
            raise WrongUsage(eval_messages().issue("RUN-009", f"dataset.{name}", found=getattr(held.manifest, name)[:24],
                                                   known=str(dataset[name])[:24]))


def _slot_order(given: Submission, held: TestSet, pack: Pack, plan: Mapping[str, Any], run_id: str,
                force: str | None) -> tuple[identity.SlotOrder, dict[str, Any]]:
    if given.kind == "predictions":
        backend, report = "none", {"backend": "none", "available": True, "tight": False, "lines": [], "reason": "predictions only"}
    else:
        chosen, probed = choose(given.kind, held.manifest.visibility, force)
        backend, report = chosen.name, probed.to_dict()
    order = identity.SlotOrder(run_id, held.path.resolve(), given.folder.resolve(), pack.folder.resolve(), given.kind, backend,
                               held.manifest.visibility, identity.effective_limits(pack, plan, given), dict(given.raw),
                               entry=given.manifest.entry)
    return order, {**report, "limits": order.limits.model_dump()}


def _pool(order: identity.SlotOrder, dispatch: str, address: str | None, workers: int) -> Pool:
    if dispatch == "local":
        return LocalPool(order, workers)
    if dispatch == "ray":
        from eval_harness.runs.ray_pool import RayPool

        return RayPool(order, workers, address)
    raise WrongUsage(eval_messages().issue("RUN-006", "--dispatch", found=dispatch))


def _drive(book: Book, pool: Pool, store: RunStore, run_id: str, visibility: str, progress: bool) -> None:
    given_at: dict[str, float] = {}
    with _progress(progress, len(book.order)) as bar:
        bar.done = len(book.results)
        while True:
            while pool.free > 0 and (token := book.next()) is not None:
                given_at[token] = time.monotonic()
                pool.give(token)
            if not pool.in_flight and not book.more:
                return
            batch = Batch()
            for answered in pool.answers(WAIT_S):
                waited = time.monotonic() - given_at.pop(answered.token, time.monotonic())
                _settle(book, batch, run_id, answered, waited)
            if batch.events:
                store.commit(batch.events, batch.telemetry, batch.blobs)
                _keep_logs(store, batch, visibility)
            bar.advance(batch.finished)
            if any(event.get("result", {}).get("status") == "timeout" for event in batch.events):
                pool.careful()
            if book.stopped:
                pool.drop()


@dataclass
class Batch:
    """What came back together and is committed together: one write."""

    events: list[dict[str, Any]] = field(default_factory=list)
    telemetry: list[Telemetry] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    logs: list[tuple[str, bytes]] = field(default_factory=list)
    finished: int = 0


def _settle(book: Book, batch: Batch, run_id: str, answered: Answered, waited_s: float) -> None:
    """Enter one answer into the book and the batch."""
    outcome = answered.outcome
    if outcome is None or outcome.fault == "platform":
        cause = answered.lost or (outcome.cause if outcome else None) or "platform"
        again = book.lose(answered.token)
        batch.events.append({"kind": "requeued", "token": answered.token, "fault": "platform", "cause": cause})
        if not again:
            lost = Outcome("crash", "lost_three_times", "undetermined", log=outcome.log if outcome else b"")
            _enter(book, batch, run_id, answered.token, lost, 0.0, Verdict(book.tries.get(answered.token, 0) + 1, True))
        return
    _enter(book, batch, run_id, answered.token, outcome, waited_s, book.judge(answered.token, outcome))


def _enter(book: Book, batch: Batch, run_id: str, token: str, outcome: Outcome, waited_s: float, verdict: Verdict) -> None:
    result, blobs = outcome.result(run_id, token, verdict.attempt)
    batch.events.append({"kind": "result", "final": verdict.final, "result": vars(result)})
    batch.telemetry.append(outcome.telemetry(run_id, token, verdict.attempt, max(0.0, waited_s - outcome.spending.wall_s)))
    batch.blobs |= blobs
    if outcome.log or outcome.status != "ok":
        batch.logs.append((token, _log_text(outcome, verdict.attempt)))
    if verdict.final:
        batch.finished += 1
        book.finish(result)


def _keep_logs(store: RunStore, batch: Batch, visibility: str) -> None:
    """Practice sets only: on a sealed set a log could carry an image out."""
    if visibility == "practice":
        for token, text in batch.logs:
            store.keep_log(token, text)


def _log_text(outcome: Outcome, attempt: int) -> bytes:
    """Never empty: what happened in a line of ours, then what the model printed."""
    why = f" ({outcome.cause})" if outcome.cause else ""
    spent = f"{outcome.spending.cpu_s:.2f} s CPU, {outcome.spending.peak_bytes // 2**20} MiB"
    return f"attempt {attempt}: {outcome.status}{why}, {spent}\n".encode() + outcome.log


def _end(book: Book, store: RunStore, head: dict[str, Any], held: TestSet) -> Run:
    from eval_harness.scoring.roots import results_root

    results = book.table(head["run"]["run_id"])
    lost = sum(result.cause == "lost_three_times" for result in results)
    state, cause = ("failed", "lost_to_platform") if lost else ("stopped", STOPPED_CAUSE) if book.stopped else ("complete", None)
    counts = _counts(results)
    store.write_results(results)
    run = {**head["run"], "state": state, "cause": cause, "results_root": results_root(results)}
    store.commit([{"kind": "finished", "state": state, "cause": cause, "results_root": run["results_root"]}])
    store.write_head({**head, "run": run, "counts": counts})
    if lost:
        raise Retryable(eval_messages().issue("RUN-003", held.manifest.scope, count=lost))
    return read_run(store.path)


def _counts(results: list[Result]) -> dict[str, int]:
    counts = {"cases": len(results)}
    for result in results:
        counts[result.status] = counts.get(result.status, 0) + 1
    return counts


def _progress(wanted: bool, total: int) -> Progress:
    if wanted:
        return Progress("predict", total, "cases")
    quiet = _Quiet("predict", total, "cases")
    return quiet


class _Quiet(Progress):
    """A progress that says nothing."""

    def __enter__(self) -> Progress:
        return self

    def advance(self, steps: int = 1, note: str = "") -> None:
        self.done += steps

    def __exit__(self, *_: object) -> None:
        return None


