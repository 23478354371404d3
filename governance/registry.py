"""What is known: sites, receipts, watermarks, leases, datasets, submissions, evaluations. Plain rows in, plain rows out."""
from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import time
import unicodedata
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from eval_harness.base import Retryable, WrongUsage, digest
from governance.store import DATASET, EVALUATION, LEASE, RECEIPT, SITE, SUBMISSION, WATERMARK, Store, moment, now
from schemas.messages import messages
from schemas.shapes.site import Site

SITE_STATES = {("active", "pause"): "paused", ("paused", "resume"): "active", ("active", "retire"): "retired",
               ("paused", "retire"): "retired"}
Row = dict[str, Any]


def new_id(prefix: str) -> str:
    """A fresh id that sorts by time and tells nothing: prefix-<milliseconds in hexadecimal><random>."""
    return f"{prefix}-{int(time.time() * 1000):011x}{uuid.uuid4().hex[:8]}"


def same_name(name: str) -> str:
    """A name without what does not make it another one: width, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


# --- sites -----------------------------------------------------------------------------------------------------------

def add_site(store: Store, site: Site) -> bool:
    """Write a site or a new version of it; True when something changed. A retired site is refused (REG-002), and so is another
    patient_id_issuer for one that was pulled already (REG-005): every patient would become another subject."""
    body = site.model_dump(mode="json")
    sha = digest(body)
    with store.begin() as db:
        row = db.execute(sa.select(SITE).where(SITE.c.site_id == site.site_id)).mappings().first()
        if row is None:
            db.execute(SITE.insert().values(site_id=site.site_id, state="active", version=1, body=body, digest=sha, changed_at=now()))
            return True
        if row["state"] == "retired":
            raise WrongUsage(messages().issue("REG-002", site.site_id, state="retired", action="add"))
        if row["digest"] == sha:
            return False
        issuer, pulled = row["body"]["patient_id_issuer"], sa.select(RECEIPT.c.receipt_id).where(RECEIPT.c.site_id == site.site_id)
        if issuer != body["patient_id_issuer"] and db.execute(pulled).first():
            raise WrongUsage(messages().issue("REG-005", site.site_id, found=body["patient_id_issuer"], right=issuer))
        db.execute(SITE.update().where(SITE.c.site_id == site.site_id).values(
            version=row["version"] + 1, body=body, digest=sha, changed_at=now()))
        return True


def site(store: Store, site_id: str) -> Site:
    """The site of that id. Raises WrongUsage REG-001, which lists the known ones."""
    return Site.model_validate(site_row(store, site_id)["body"])


def site_row(store: Store, site_id: str) -> Row:
    with store.begin() as db:
        row = db.execute(sa.select(SITE).where(SITE.c.site_id == site_id)).mappings().first()
    if row is None:
        raise WrongUsage(messages().issue("REG-001", site_id, known=", ".join(r["site_id"] for r in sites(store)) or "-"))
    return dict(row)


def sites(store: Store, state: str | None = None) -> list[Row]:
    """Rows of all sites (of one state), by id."""
    query = sa.select(SITE).order_by(SITE.c.site_id)
    with store.begin() as db:
        return [dict(row) for row in db.execute(query if state is None else query.where(SITE.c.state == state)).mappings()]


def move_site(store: Store, site_id: str, action: str) -> str:
    """Pause, resume or retire a site; gives the new state. Raises WrongUsage REG-002 for a move the table does not know."""
    row = site_row(store, site_id)
    state = SITE_STATES.get((row["state"], action))
    if state is None:
        raise WrongUsage(messages().issue("REG-002", site_id, state=row["state"], action=action))
    with store.begin() as db:
        db.execute(SITE.update().where(SITE.c.site_id == site_id).values(state=state, changed_at=now()))
    return state


# --- receipts and watermarks -----------------------------------------------------------------------------------------

def open_receipt(store: Store, site_id: str, as_of: str, facts: Row) -> Row:
    """The site's unfinished receipt, or a new one. A killed ingest continues on the receipt it began."""
    with store.begin() as db:
        row = db.execute(sa.select(RECEIPT).where(RECEIPT.c.site_id == site_id, RECEIPT.c.state == "open")).mappings().first()
        if row is not None:
            return dict(row)
        fresh = {"receipt_id": new_id("r"), "site_id": site_id, "as_of": as_of, "state": "open", "step": "pull", "facts": facts,
                 "started_at": now(), "ended_at": None}
        db.execute(RECEIPT.insert().values(**fresh))
        return fresh


def update_receipt(store: Store, receipt_id: str, *, step: str | None = None, facts: Row | None = None, state: str | None = None) -> None:
    """Note how far a receipt is; `state` "closed" or "failed" ends it."""
    values: Row = {name: value for name, value in (("step", step), ("facts", facts), ("state", state)) if value is not None}
    if state in ("closed", "failed"):
        values["ended_at"] = now()
    with store.begin() as db:
        db.execute(RECEIPT.update().where(RECEIPT.c.receipt_id == receipt_id).values(**values))


def receipts(store: Store, site_id: str | None = None, state: str | None = None) -> list[Row]:
    """Receipts, newest last."""
    query = sa.select(RECEIPT).order_by(RECEIPT.c.started_at)
    if site_id is not None:
        query = query.where(RECEIPT.c.site_id == site_id)
    if state is not None:
        query = query.where(RECEIPT.c.state == state)
    with store.begin() as db:
        return [dict(row) for row in db.execute(query).mappings()]


def last_receipts(store: Store) -> list[Row]:
    """The newest closed receipt of every site (ids sort by time)."""
    newest = sa.select(sa.func.max(RECEIPT.c.receipt_id)).where(RECEIPT.c.state == "closed").group_by(RECEIPT.c.site_id)
    with store.begin() as db:
        return [dict(row) for row in db.execute(sa.select(RECEIPT).where(RECEIPT.c.receipt_id.in_(newest))).mappings()]


def watermark(store: Store, site_id: str, source: str) -> str | None:
    """Where the last closed receipt of this source ended, as the source wrote it."""
    with store.begin() as db:
        return db.execute(sa.select(WATERMARK.c.value).where(WATERMARK.c.site_id == site_id, WATERMARK.c.source == source)).scalar()


def set_watermark(store: Store, site_id: str, source: str, value: str, receipt_id: str) -> None:
    """Last of the crash order: objects, rows, ledger events, watermark."""
    with store.begin() as db:
        db.execute(WATERMARK.delete().where(WATERMARK.c.site_id == site_id, WATERMARK.c.source == source))
        db.execute(WATERMARK.insert().values(site_id=site_id, source=source, value=value, receipt_id=receipt_id))


@contextlib.contextmanager
def lease(store: Store, name: str, ttl_s: float = 120, wait_s: float = 60) -> Iterator[None]:
    """Hold a named lease (one writer a table). Retryable REG-003 when it stays taken for `wait_s`.

    A holder of this machine keeps its lease for as long as it lives, whatever the clock says, and loses it when it ends; one of another
    machine loses it by its time.
    """
    holder, deadline = f"{_process(os.getpid())}:{uuid.uuid4().hex[:6]}", time.monotonic() + wait_s
    while not _take(store, name, holder, ttl_s):
        if time.monotonic() > deadline:
            raise Retryable(messages().issue("REG-003", name, seconds=int(wait_s)))
        time.sleep(0.1)
    try:
        yield
    finally:
        with store.begin() as db:
            db.execute(LEASE.delete().where(LEASE.c.name == name, LEASE.c.holder == holder))


def _take(store: Store, name: str, holder: str, ttl_s: float) -> bool:
    at = dt.datetime.now(dt.UTC)
    with store.begin() as db:
        held = db.execute(sa.select(LEASE.c.holder, LEASE.c.expires_at).where(LEASE.c.name == name)).first()
        if held is not None and (not _dead(held.holder) if _ours(held.holder) else held.expires_at >= moment(at)):
            return False
        db.execute(LEASE.delete().where(LEASE.c.name == name))
        db.execute(LEASE.insert().values(name=name, holder=holder, expires_at=moment(at + dt.timedelta(seconds=ttl_s))))
        return True


def _process(pid: int) -> str:
    """A process of this machine for as long as it lives: host, pid and start time, because pids come again."""
    try:
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        started = "0"
    return f"{socket.gethostname()}:{pid}:{started}"


def _ours(holder: str) -> bool:
    """Whether the holder is a process of this machine, so that we can see whether it lives."""
    return holder.split(":", 1)[0] == socket.gethostname() and Path("/proc").is_dir()


def _dead(holder: str) -> bool:
    """Whether a holder of this machine has ended."""
    return not holder.startswith(_process(int(holder.split(":", 2)[1])) + ":")


# --- datasets, submissions, evaluations ------------------------------------------------------------------------------

def _add(store: Store, table: sa.Table, row: Row) -> None:
    with store.begin() as db:
        db.execute(table.insert().values(**row))


def _change(store: Store, table: sa.Table, key: str, value: str, values: Row) -> None:
    with store.begin() as db:
        db.execute(table.update().where(table.c[key] == value).values(**values))


def _rows(store: Store, table: sa.Table, order: str, **where: str | None) -> list[Row]:
    query = sa.select(table).order_by(table.c[order])
    for name, value in where.items():
        if value is not None:
            query = query.where(table.c[name] == value)
    with store.begin() as db:
        return [dict(row) for row in db.execute(query).mappings()]


def _one(rows: list[Row], what: str, known: list[str]) -> Row:
    if not rows:
        raise WrongUsage(messages().issue("REG-004", what, known=", ".join(known[-8:]) or "-"))
    return rows[-1]


def add_dataset(store: Store, **row: Any) -> None:
    """A frozen set: dataset_id, version, task, visibility, state, manifest_sha256, facts."""
    _add(store, DATASET, row | {"frozen_at": now()})


def datasets(store: Store, dataset_id: str | None = None) -> list[Row]:
    return _rows(store, DATASET, "frozen_at", dataset_id=dataset_id)


def dataset(store: Store, name: str) -> Row:
    """The newest version of a dataset, or the version after `@`. Raises WrongUsage REG-004."""
    dataset_id, _, version = name.partition("@")
    found = _rows(store, DATASET, "frozen_at", dataset_id=dataset_id, version=version or None)
    return _one(found, name, [f"{row['dataset_id']}@{row['version']}" for row in datasets(store)])


def add_submission(store: Store, **row: Any) -> None:
    _add(store, SUBMISSION, row | {"submitted_at": now()})


def submission(store: Store, submission_id: str) -> Row:
    found = _rows(store, SUBMISSION, "submitted_at", submission_id=submission_id)
    return _one(found, submission_id, [row["submission_id"] for row in submissions(store)])


def submissions(store: Store, legal_entity: str | None = None) -> list[Row]:
    return _rows(store, SUBMISSION, "submitted_at", legal_entity=legal_entity)


def change_submission(store: Store, submission_id: str, **values: Any) -> None:
    _change(store, SUBMISSION, "submission_id", submission_id, values)


def add_evaluation(store: Store, **row: Any) -> None:
    _add(store, EVALUATION, row | {"started_at": now()})


def evaluation(store: Store, evaluation_id: str) -> Row:
    found = _rows(store, EVALUATION, "started_at", evaluation_id=evaluation_id)
    return _one(found, evaluation_id, [row["evaluation_id"] for row in evaluations(store)])


def evaluations(store: Store, submission_id: str | None = None, dataset_id: str | None = None) -> list[Row]:
    return _rows(store, EVALUATION, "started_at", submission_id=submission_id, dataset_id=dataset_id)


def change_evaluation(store: Store, evaluation_id: str, **values: Any) -> None:
    _change(store, EVALUATION, "evaluation_id", evaluation_id, values)
