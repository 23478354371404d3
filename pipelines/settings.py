"""Environment, TOML and flags become one `Settings`, read once at the door and passed down; no step reads it."""
from __future__ import annotations

import json
import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

from eval_harness.base import WrongUsage
from schemas.home import LAYOUT_VERSION, Home
from schemas.messages import messages


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

    Raises WrongUsage HOM-001 for an unknown engine or a number that is none.
    """
    root = Path(home or os.environ.get("TOUCHSTONE_HOME") or "touchstone-home").absolute()
    keys = Path(os.environ.get("TOUCHSTONE_KEYS") or root / "keys").absolute()
    file = root / "touchstone.toml"
    written = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
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
    HOM-003 when it does not exist and `create` is false.
    """
    home = config.home
    if not home.marker.exists():
        if home.root.exists() and any(entry.name not in ("touchstone.toml", "keys") for entry in home.root.iterdir()):
            raise WrongUsage(messages().issue("HOM-002", str(home.root)))
        if not create:
            raise WrongUsage(messages().issue("HOM-003", str(home.root)))
        _make(home)
    written = json.loads(home.marker.read_text(encoding="utf-8"))
    if written.get("layout") != LAYOUT_VERSION:
        raise WrongUsage(messages().issue("HOM-002", str(home.root)))
    return home


def _make(home: Home) -> None:
    from governance.signing import new_signing_key

    for path, mode in home.folders():
        path.mkdir(parents=True, exist_ok=True, mode=mode)
    if not home.signing_key.exists():
        new_signing_key(home.signing_key)
    body = {"layout": LAYOUT_VERSION, "project": secrets.token_hex(4)}
    half = home.marker.with_suffix(".tmp")
    half.write_text(json.dumps(body) + "\n", encoding="utf-8")
    half.rename(home.marker)
