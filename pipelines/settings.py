"""Environment, TOML and flags become one `Settings`, read once at the door and passed down; no step reads it."""
from __future__ import annotations

import json
import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import Retryable, Terminal, WrongUsage
from schemas.home import LAYOUT_VERSION, Home
from schemas.messages import messages

NO_ADDRESS = "%[]\\^|"
"""Signs that delta-rs cannot have in a folder's name: it reads them as part of an address."""


@dataclass(frozen=True)
class Settings:
    home: Home
    engine: str = "embedded"
    """embedded | spark"""
    jobs: int = 2
    database_url: str = ""
    """SQLAlchemy URL of the governance store; SQLite inside the home by default."""

    @property
    def store_url(self) -> str:
        return self.database_url or f"sqlite:///{self.home.database}"


def settings(home: str | Path | None = None, engine: str | None = None) -> Settings:
    """Settings for one command. Order: argument, environment, `touchstone.toml` in the home, default.

    Raises WrongUsage HOM-001 for an unknown engine or a number that is none, HOM-007 for a `touchstone.toml` that is no TOML.
    """
    root = Path(home or os.environ.get("TOUCHSTONE_HOME") or "touchstone-home").absolute()
    keys = Path(os.environ.get("TOUCHSTONE_KEYS") or root / "keys").absolute()
    file = root / "touchstone.toml"
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except ValueError as error:     # a TOML error names line and column
        raise WrongUsage(messages().issue("HOM-007", file.name, reason=str(error))) from error
    chosen = engine or os.environ.get("TOUCHSTONE_ENGINE") or str(written.get("engine", "embedded"))
    if chosen not in ("embedded", "spark"):
        raise WrongUsage(messages().issue("HOM-001", "engine", found=chosen, right="embedded, spark"))
    jobs = os.environ.get("TOUCHSTONE_JOBS") or str(written.get("jobs", os.cpu_count() or 2))
    if not jobs.isdigit() or int(jobs) < 1:
        raise WrongUsage(messages().issue("HOM-001", "jobs", found=jobs, right="1, 2, 3, ..."))
    database = os.environ.get("TOUCHSTONE_DATABASE") or str(written.get("database", ""))
    return Settings(Home(root, keys), chosen, int(jobs), database)


def open_home(config: Settings, create: bool = True) -> Home:
    """The home, made on first use: folders with modes, marker, project key, signing key. Idempotent.

    Raises WrongUsage HOM-002 when the folder holds something that is no Touchstone home of this layout,
    HOM-003 when it does not exist and `create` is false, HOM-004 for a path no table can lie in, HOM-006 for a damaged marker; Terminal
    STO-003 when its governance database is gone. Raises Retryable HOM-005 when the folder cannot be made or read.
    """
    home = config.home
    if strange := [sign for sign in NO_ADDRESS if sign in str(home.root)]:
        raise WrongUsage(messages().issue("HOM-004", str(home.root), found=" ".join(strange)))
    try:
        opened = _opened(config, create)
        if not config.database_url and _sized(home.audit / "log.jsonl") and not _sized(home.database):
            raise Terminal(messages().issue("STO-003", home.database.name))
        return opened
    except OSError as error:
        raise Retryable(messages().issue("HOM-005", str(error.filename or home.root), reason=error.strerror or "I/O error")) from error


def _opened(config: Settings, create: bool) -> Home:
    home = config.home
    if not home.marker.exists():
        if home.root.exists() and any(entry.name not in ("touchstone.toml", "keys") for entry in home.root.iterdir()):
            raise WrongUsage(messages().issue("HOM-002", str(home.root)))
        if not create:
            raise WrongUsage(messages().issue("HOM-003", str(home.root)))
        _make(config)
    if marker(home).get("layout") != LAYOUT_VERSION:
        raise WrongUsage(messages().issue("HOM-002", str(home.root)))
    return home


def marker(home: Home) -> dict[str, Any]:
    """What home.json says. Raises WrongUsage HOM-006 when it cannot be read as that."""
    try:
        written = json.loads(home.marker.read_text(encoding="utf-8"))
    except ValueError:
        written = None
    if not isinstance(written, dict):
        raise WrongUsage(messages().issue("HOM-006", home.marker.name))
    return written


def _sized(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _make(config: Settings) -> None:
    from governance.signing import new_signing_key
    from governance.store import open_store

    home = config.home
    for path, mode in home.folders():
        path.mkdir(parents=True, exist_ok=True, mode=mode)
    if not home.signing_key.exists():
        new_signing_key(home.signing_key)
    body = {"layout": LAYOUT_VERSION, "project": secrets.token_hex(4)}
    half = home.marker.with_suffix(".tmp")
    half.write_text(json.dumps(body) + "\n", encoding="utf-8")
    half.rename(home.marker)
    if not config.database_url:   # before anything is written down in the audit log: a log without a database is a loss (STO-003)
        open_store(config.store_url)
