"""Run a submission over a set: plan, give out, commit, stop or end. The driver alone writes the log and counts attempts."""
from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from eval_harness.base import Retryable, WrongUsage, eval_messages
from eval_harness.base.console import Progress
from eval_harness.base.rows import STATUSES
from eval_harness.runs import identity
from eval_harness.runs.book import STOPPED_CAUSE, Book
from eval_harness.runs.desk import Desk
from eval_harness.runs.lines import read_lines
from eval_harness.runs.local import LocalPool
from eval_harness.runs.outcome import Outcome, without_run
from eval_harness.runs.plan import Plan
from eval_harness.runs.rerun import CAUSE, rerun_test
from eval_harness.runs.smoke import smoke_stage
from eval_harness.runs.store import RESULTS, Run, RunStore, read_run
from eval_harness.sandbox.choose import choose
from eval_harness.submission.inspect import require_sound
from eval_harness.submission.read import Submission, read_submission
from eval_harness.tasks.pack import Pack, load_pack
from eval_harness.testset.layout import CASES, TestSet, read_manifest


class Pool(Protocol):
    """Slots of any dispatch: cases from the desk, answers back to it."""

    started_at: float | None
    """When every slot stood (Ray: when the first case was given out), by the monotonic clock; None when none ever was."""

    def run(self, desk: Desk) -> None: ...

    def close(self) -> None: ...


def run_submission(submission: Submission | Path, data: TestSet | Path, plan: Mapping[str, Any], out: Path, *,
                   pack: Pack | None = None, dispatch: str = "local", address: str | None = None, workers: int = 1,
                   sandbox: str | None = None, progress: bool = True) -> Run:
    """Predict every case of `data` and leave the run in `out`; called again, it continues.

    Raises SubmissionRefused (inspection or smoke), SandboxRefused, Terminal RUN-002 for a folder of another run, and
    Retryable RUN-003 when a case was lost to the platform three times (the run then ended as `failed`).
    """
    held = TestSet(data, read_manifest(data), ()) if isinstance(data, Path) else data
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
    if (out / RESULTS).exists():
        finished = read_run(out)
        if finished.record["run_id"] == record["run_id"] and finished.record["state"] in ("complete", "stopped"):
            return finished
    store = RunStore(out, head)
    store.keep_submission(given.raw)
    try:
        book = Book(Plan(record["run_id"], _tokens(held)), order.limits.attempts)
        with _progress(progress, len(book.plan)) as bar:
            desk = Desk(book, store, held.manifest.visibility, bar)
            if store.end == 0:
                smoke_stage(given, order)
            desk.resume()
            pool = LocalPool(order, workers, loaded) if dispatch == "local" else _other_pool(order, dispatch, address, workers)
            spent = _drive(desk, pool)
        head["dispatch"] = {**head["dispatch"], **spent}
        if order.served:
            head["rerun"] = rerun_test(book, store, order, loaded)
        return _end(book, store, head, held.manifest.scope)
    finally:
        store.close()


def _tokens(held: TestSet) -> Iterator[str]:
    """Tokens of the set; read from its folder one by one where it was given as a folder."""
    return (case.token for case in held.cases) if held.cases else (str(row["token"]) for _, row in read_lines(held.path / CASES))


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


def _drive(desk: Desk, pool: Pool) -> dict[str, float]:
    """Answer every case that is left; how many seconds passed before the first and until the last."""
    begun = time.monotonic()
    try:
        pool.run(desk)
    finally:
        pool.close()
    since = pool.started_at or begun
    return {"start_s": round(since - begun, 6), "predict_s": round(time.monotonic() - since, 6)}


def _other_pool(order: identity.SlotOrder, dispatch: str, address: str | None, workers: int) -> Pool:
    if dispatch == "ray":
        from eval_harness.runs.ray_pool import RayPool

        return RayPool(order, workers, address)
    raise WrongUsage(eval_messages().issue("RUN-006", "--dispatch", found=dispatch))


def _end(book: Book, store: RunStore, head: dict[str, Any], scope: str) -> Run:
    """Write the Result table: one row a case, by token; then the run's state, and the root of the table."""
    from eval_harness.scoring.roots import rows_root

    run_id = head["run"]["run_id"]
    void = bool(head.get("rerun", {}).get("differing"))
    state, cause = (("failed", "lost_to_platform") if book.given_up else ("stopped", CAUSE) if void
                    else ("stopped", STOPPED_CAUSE) if book.stopped else ("complete", None))
    rows = store.write_results(_void_table(book) if void else _table(book, store))
    root = rows_root(without_run(row, run_id) for row in rows)
    run = {**head["run"], "state": state, "cause": cause, "results_root": root}
    store.note({"kind": "finished", "state": state, "cause": cause, "results_root": root})
    store.write_head({**head, "run": run, "counts": _void_counts(book) if void else _counts(book)})
    if book.given_up:
        raise Retryable(eval_messages().issue("RUN-003", scope, count=book.given_up))
    return read_run(store.path)


def _table(book: Book, store: RunStore) -> Iterator[bytes]:
    """After a stop everything later in plan order is refused, whatever was in flight."""
    places = book.plan.by_token()
    held = store.rows(book.offset[place] for place in places if not book.beyond(int(place)))
    for place in places:
        if book.beyond(int(place)):
            yield Outcome("refused", STOPPED_CAUSE).row(book.plan.run_id, book.plan[place], 0)
        else:
            yield next(held)


def _void_table(book: Book) -> Iterator[bytes]:
    """No answer counts of a server whose answers depend on what it saw before."""
    return (Outcome("refused", CAUSE).row(book.plan.run_id, book.plan[place], 0) for place in book.plan.by_token())


def _void_counts(book: Book) -> dict[str, int]:
    return {"cases": len(book.plan), "refused": len(book.plan)}


def _counts(book: Book) -> dict[str, int]:
    stop = len(book.plan) if book.stopped_at is None else book.stopped_at + 1
    counts = {name: book.status[:stop].count(1 + place) for place, name in enumerate(STATUSES)}
    counts["refused"] += len(book.plan) - stop
    return {"cases": len(book.plan), **{name: count for name, count in counts.items() if count}}


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


