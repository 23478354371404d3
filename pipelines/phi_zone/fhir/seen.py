"""Which resources of a run have been written: keyed ids only, with bounded memory however many they are.

A table of bits says of nearly every new id that it is new; only of the others is the file asked, which is put in order the first
time that happens: most exports hold no resource twice.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

BITS, MOST_RECENT = 27, 5_000
_MASK = (1 << BITS) - 1


class Written(NamedTuple):
    """Digest of the content, number of its output's line."""

    mark: bytes
    line: int


class Seen:
    """Ids of what was written, each ending in 21 hexadecimal digits that are as good as random."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bits = bytearray(1 << BITS - 3)
        self._recent: dict[str, tuple[str, bytes, int]] = {}
        self._in_order = False
        path.unlink(missing_ok=True)
        self._table = sqlite3.connect(path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "BEGIN",
            "CREATE TABLE seen (id TEXT NOT NULL, mark BLOB NOT NULL, line INTEGER NOT NULL)",
        ):
            self._table.execute(statement)

    def before(self, token: str) -> Written | None:
        """What was written under this id; None when nothing was, and then it is marked as written from now on."""
        random, bits = int(token[-21:], 16), self._bits
        new = False
        for place in (random & _MASK, random >> BITS & _MASK, random >> 2 * BITS & _MASK):
            bit = 1 << (place & 7)
            if not bits[place >> 3] & bit:
                bits[place >> 3] |= bit
                new = True
        if new:
            return None
        recent = self._recent.get(token)
        return Written(*recent[1:]) if recent is not None else self._on_file(token)

    def _on_file(self, token: str) -> Written | None:
        if not self._in_order:
            self._table.execute("CREATE UNIQUE INDEX by_id ON seen (id)")
            self._in_order = True
        found = self._table.execute("SELECT mark, line FROM seen WHERE id = ?", (token,)).fetchone()
        return Written(*found) if found is not None else None

    def add(self, token: str, mark: bytes, line: int) -> None:
        self._recent[token] = (token, mark, line)
        if len(self._recent) >= MOST_RECENT:
            self._table.executemany("INSERT INTO seen VALUES (?,?,?)", self._recent.values())
            self._recent.clear()

    def close(self) -> None:
        self._table.close()
        self.path.unlink(missing_ok=True)
