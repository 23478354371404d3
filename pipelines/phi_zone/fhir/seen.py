"""Which resources of a run have been written: keyed ids only, with bounded memory however many they are.

A table of bits by the last digits of the id says of most new ids that they are new; only of the others the table on disk is asked.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

SLOT_DIGITS, MOST_RECENT = 6, 5_000


class Written(NamedTuple):
    """Digest of the content, number of its output's line."""

    mark: bytes
    line: int


class Seen:
    """Ids of what was written, each ending in hexadecimal digits that are as good as random."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._slots = bytearray(16**SLOT_DIGITS)
        self._recent: dict[str, tuple[str, bytes, int]] = {}
        self._table = sqlite3.connect(path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "BEGIN",
            "CREATE TABLE seen (id TEXT PRIMARY KEY, mark BLOB, line INTEGER) WITHOUT ROWID",
        ):
            self._table.execute(statement)

    def before(self, token: str) -> Written | None:
        """What was written under this id; None when nothing was."""
        if not self._slots[int(token[-SLOT_DIGITS:], 16)]:
            return None
        if (recent := self._recent.get(token)) is not None:
            return Written(*recent[1:])
        found = self._table.execute("SELECT mark, line FROM seen WHERE id = ?", (token,)).fetchone()
        return Written(*found) if found is not None else None

    def add(self, token: str, written: Written) -> None:
        self._slots[int(token[-SLOT_DIGITS:], 16)] = 1
        self._recent[token] = (token, *written)
        if len(self._recent) >= MOST_RECENT:
            self._table.executemany("INSERT INTO seen VALUES (?,?,?)", self._recent.values())
            self._recent.clear()

    def close(self) -> None:
        self._table.close()
        self.path.unlink(missing_ok=True)
