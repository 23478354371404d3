"""Where the last night left the tables and the audit log, so that the next one notices when files were lost or an older copy came back.

A table that is gone reads like one that is new: without this, a night would clear away every original and every part that the lost
rows had named. Versions and the log's length only grow, so any finished receipt's note is a lower bound, whoever works meanwhile.
"""
from __future__ import annotations

from pathlib import Path
from typing import Any

from eval_harness.base import Issue, Terminal
from governance import registry
from governance.audit import Audit
from governance.store import Store
from pipelines.balance import fhir_tables
from pipelines.engines import delta
from pipelines.engines.damage import damaged
from pipelines.engines.errors import TableDamaged
from schemas.home import Home
from schemas.messages import messages
from schemas.tables import TABLES


class HomeIncomplete(Terminal):
    """The home is not what the last finished night left: part of it is missing or older."""


def noted(home: Home) -> dict[str, Any]:
    """What a receipt remembers: the newest version of every table, and the place in the audit log."""
    return {"tables": _versions(home), "audit": Audit(home.audit).place()}


def _versions(home: Home) -> dict[str, int]:
    found = {table.name: delta.newest(home.table(table.zone, table.folder)) for table in (*TABLES.values(), *fhir_tables(home))}
    return {name: version for name, version in sorted(found.items()) if version is not None}


def missing(home: Home, store: Store) -> list[Issue]:
    """What is older than a finished night left it (FLW-010), by name. Empty = all is there."""
    right, log = dict[str, int](), Audit(home.audit)
    issues: list[Issue] = []
    for row in registry.last_receipts(store):
        left = row["facts"].get("left") or {}
        for name, version in (left.get("tables") or {}).items():
            right[name] = max(version, right.get(name, 0))
        if left.get("audit") and not log.holds(left["audit"]) and not issues:
            issues.append(messages().issue("FLW-010", "audit/log.jsonl", found="-", right=left["audit"]["seq"]))
    there = _versions(home)
    return issues + [messages().issue("FLW-010", name, found=there.get(name, "-"), right=version)
                     for name, version in sorted(right.items()) if there.get(name, -1) < version]


def require_whole(home: Home, store: Store) -> None:
    """Raises HomeIncomplete FLW-010 before anything is touched."""
    if found := missing(home, store):
        raise HomeIncomplete(found[0])


def unreadable(home: Home) -> list[Issue]:
    """Tables whose log cannot be read, or that name a data file which is gone or has another length (ENG-014). Reads no row."""
    found = []
    for table in (*TABLES.values(), *fhir_tables(home)):
        path = home.table(table.zone, table.folder)
        try:
            stored = delta.stored(path)
            for name, size in delta.sizes(stored).items() if stored is not None else ():
                if not (path / name).is_file() or (path / name).stat().st_size != size:
                    raise damaged(table.name, Path(name).name)
        except TableDamaged as error:
            found.append(error.issue)
    return found
