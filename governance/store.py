"""The governance database: SQLite in the home by default, PostgreSQL when that is outgrown. Alembic owns its shape.

Tables are declared once here (SQLAlchemy Core); `governance/migrations` brings a database to them. Rooms above read and
write through the functions of `registry`, `uses`, `requests`, `approvals`, `lineage` and `retention`, never by table.
"""
from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from eval_harness.base import Retryable, Terminal
from eval_harness.base.reasons import why
from schemas.messages import messages

DAMAGED = ("malformed", "not a database", "disk image")
"""What SQLite says of a file that is none of its own any more."""
HEAD = "0002"
METADATA = sa.MetaData()
Moment = sa.String(32)
"""UTC, ISO 8601 with microseconds and Z: sorts as text and reads the same in SQLite and PostgreSQL."""


def _table(name: str, *columns: sa.Column | sa.Constraint | sa.Index) -> sa.Table:
    return sa.Table(name, METADATA, *columns)


SITE = _table(
    "site", sa.Column("site_id", sa.String(64), primary_key=True), sa.Column("state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False), sa.Column("body", sa.JSON, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False), sa.Column("changed_at", Moment, nullable=False))
RECEIPT = _table(
    "receipt", sa.Column("receipt_id", sa.String(64), primary_key=True), sa.Column("site_id", sa.String(64), nullable=False, index=True),
    sa.Column("as_of", Moment, nullable=False), sa.Column("state", sa.String(16), nullable=False),
    sa.Column("step", sa.String(32), nullable=False), sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("started_at", Moment, nullable=False), sa.Column("ended_at", Moment))
WATERMARK = _table(
    "watermark", sa.Column("site_id", sa.String(64), primary_key=True), sa.Column("source", sa.String(96), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False), sa.Column("receipt_id", sa.String(64), nullable=False))
LEASE = _table(
    "lease", sa.Column("name", sa.String(160), primary_key=True), sa.Column("holder", sa.String(96), nullable=False),
    sa.Column("expires_at", Moment, nullable=False))
DATASET = _table(
    "dataset", sa.Column("dataset_id", sa.String(96), primary_key=True), sa.Column("version", sa.String(32), primary_key=True),
    sa.Column("task", sa.String(96), nullable=False), sa.Column("visibility", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False), sa.Column("manifest_sha256", sa.String(64), nullable=False),
    sa.Column("facts", sa.JSON, nullable=False), sa.Column("frozen_at", Moment, nullable=False))
SUBMISSION = _table(
    "submission", sa.Column("submission_id", sa.String(64), primary_key=True),
    sa.Column("legal_entity", sa.String(200), nullable=False, index=True),
    sa.Column("device_family", sa.String(200), nullable=False), sa.Column("device_version", sa.String(100), nullable=False),
    sa.Column("task", sa.String(96), nullable=False), sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False), sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("submitted_at", Moment, nullable=False))
EVALUATION = _table(
    "evaluation", sa.Column("evaluation_id", sa.String(64), primary_key=True),
    sa.Column("submission_id", sa.String(64), nullable=False, index=True),
    sa.Column("dataset_id", sa.String(96), nullable=False), sa.Column("dataset_version", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False), sa.Column("end_state", sa.String(32)), sa.Column("cause", sa.String(64)),
    sa.Column("charged", sa.Boolean, nullable=False), sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("started_at", Moment, nullable=False), sa.Column("ended_at", Moment))
REQUEST = _table(
    "request", sa.Column("request_id", sa.String(64), primary_key=True), sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("actor", sa.String(160), nullable=False), sa.Column("params", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False), sa.Column("result", sa.JSON), sa.Column("asked_at", Moment, nullable=False),
    sa.Column("ended_at", Moment))
APPROVAL = _table(
    "approval", sa.Column("approval_id", sa.String(64), primary_key=True), sa.Column("object", sa.String(200), nullable=False, index=True),
    sa.Column("purpose", sa.String(64), nullable=False), sa.Column("requester", sa.String(160), nullable=False),
    sa.Column("approver", sa.String(160)), sa.Column("state", sa.String(16), nullable=False), sa.Column("reason", sa.String(500)),
    sa.Column("requested_at", Moment, nullable=False), sa.Column("decided_at", Moment), sa.Column("expires_at", Moment, nullable=False))
LINEAGE = _table(
    "lineage", sa.Column("edge_id", sa.String(64), primary_key=True), sa.Column("source", sa.String(200), nullable=False, index=True),
    sa.Column("target", sa.String(200), nullable=False, index=True), sa.Column("relation", sa.String(48), nullable=False),
    sa.Column("receipt_id", sa.String(64)), sa.Column("at", Moment, nullable=False))
CASE_USE = _table(
    "case_use", sa.Column("evaluation_id", sa.String(64), primary_key=True), sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("dataset_id", sa.String(96), nullable=False), sa.Column("dataset_version", sa.String(32), nullable=False),
    sa.Column("entity", sa.String(64), nullable=False), sa.Column("used_at", Moment, nullable=False),
    sa.Index("ix_case_use_set", "dataset_id", "dataset_version"))
"""Append-only: triggers of migration 0002 refuse UPDATE and DELETE."""


class Store:
    """One database. `with store.begin() as db:` is one transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction. Raises Retryable STO-001 when the database cannot be reached or is locked, Terminal STO-002 when its file is
        damaged."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
            if any(words in str(error) for words in DAMAGED):
                raise Terminal(messages().issue("STO-002", Path(self.engine.url.database or "").name)) from error
            if not isinstance(error, sa.exc.OperationalError):
                raise
            raise Retryable(messages().issue("STO-001", self.engine.url.render_as_string(hide_password=True),
                                             reason=why(error))) from error

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The database at a SQLAlchemy URL, brought to the newest shape first."""
    timeout = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {}
    engine = sa.create_engine(url, pool_pre_ping=True, **timeout)
    if url.startswith("sqlite"):
        sa.event.listen(engine, "connect", _sqlite_settings)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    store = Store(engine)
    if _revision(store) != HEAD:
        _migrate(store)
    return store


def _sqlite_settings(connection: Any, _record: Any) -> None:
    connection.isolation_level = None   # we begin ourselves, so that two writers queue instead of failing half-way
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _revision(store: Store) -> str | None:
    with store.begin() as db:
        if not sa.inspect(db).has_table("alembic_version"):
            return None
        return db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(store: Store) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.begin() as db:
        config.attributes["connection"] = db
        command.upgrade(config, "head")


def now() -> str:
    """The present moment as the database writes it."""
    return moment(dt.datetime.now(dt.UTC))


def moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
