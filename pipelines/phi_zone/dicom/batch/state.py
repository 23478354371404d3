"""What a batch has done so far, in one SQLite file under DIR/.work: pseudonyms, keyed tokens and sealed bytes, never an identity.

It lets a killed run go on, keeps memory flat whatever the number of files, and puts the manifest into input order.
"""
from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (fingerprint TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS done (digest TEXT PRIMARY KEY, line TEXT NOT NULL, actions TEXT NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS file (number INTEGER PRIMARY KEY, path BLOB NOT NULL, sha256 TEXT, digest TEXT, subject TEXT,
  series TEXT, sop TEXT, slice INTEGER, primary_slice INTEGER NOT NULL DEFAULT 0,
  line TEXT, actions TEXT, bytes INTEGER NOT NULL DEFAULT 0, stamp TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS known (subject TEXT NOT NULL, digest TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (subject, digest));
CREATE INDEX IF NOT EXISTS file_series ON file (subject, series);
CREATE INDEX IF NOT EXISTS file_sop ON file (sop);
"""
MOST_KNOWN = 64
"""Distinct headers of one patient whose identities are remembered."""

UNIT_FILES = 1000
"""Files of one series at a time: a series of any length takes no more memory."""


@dataclass(frozen=True)
class Surveyed:
    """What the first pass learns of one file. `issue` instead of the rest when it cannot be read."""

    number: int
    sha256: str | None
    digest: str | None = None
    subject: str | None = None
    series: str | None = None
    sop: str | None = None
    slice: int | None = None
    primary_slice: bool = False
    known: tuple[str, bytes] | None = None
    """(token of the identities, sealed identities)."""
    line: dict[str, Any] | None = None
    """The manifest line of a file that cannot be read at all."""
    bytes: int = 0
    stamp: str = ""
    """Of the file when `sha256` was taken (worker.stamp_of)."""


class State:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(folder / "state.sqlite", isolation_level=None)
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4000;" + _SCHEMA)

    def begin(self, fingerprint: str) -> bool:
        """Start a run over. False when the folder was made under another policy, key, site or engine."""
        row = self.db.execute("SELECT fingerprint FROM run").fetchone()
        if row is not None and row[0] != fingerprint:
            return False
        if row is None:
            self.db.execute("INSERT INTO run VALUES (?)", (fingerprint,))
        self.db.executescript("DELETE FROM file; DELETE FROM known;")
        return True

    def add_paths(self, rows: list[tuple[int, bytes]]) -> None:
        self.db.executemany("INSERT INTO file (number, path) VALUES (?, ?)", rows)

    def surveyed(self, found: Surveyed) -> None:
        """Take down what the survey found, with the line of an earlier run where this very file is done."""
        earlier = self.db.execute("SELECT line, actions, bytes FROM done WHERE digest = ?", (found.digest,)).fetchone()
        line = json.dumps(found.line, ensure_ascii=False) if found.line else earlier[0] if earlier else None
        self.db.execute(
            "UPDATE file SET sha256=?, digest=?, subject=?, series=?, sop=?, slice=?, primary_slice=?, line=?, actions=?, bytes=?, "
            "stamp=? WHERE number=?",
            (found.sha256, found.digest, found.subject, found.series, found.sop, found.slice, int(found.primary_slice), line,
             earlier[1] if earlier else "{}", found.bytes, found.stamp, found.number))
        if found.known is not None and found.subject is not None:
            count = self.db.execute("SELECT count(*) FROM known WHERE subject = ?", (found.subject,)).fetchone()[0]
            if count < MOST_KNOWN:
                self.db.execute("INSERT OR IGNORE INTO known VALUES (?, ?, ?)", (found.subject, *found.known))

    def forget(self, number: int) -> None:
        """The earlier output of this file is gone: do it again."""
        self.db.execute("UPDATE file SET line = NULL WHERE number = ?", (number,))

    def finished(self, number: int, line: dict[str, Any], actions: dict[str, int]) -> None:
        text, counted = json.dumps(line, ensure_ascii=False), json.dumps(actions)
        self.db.execute("UPDATE file SET line = ?, actions = ? WHERE number = ?", (text, counted, number))
        if line["status"] == "released":
            self.db.execute("INSERT OR REPLACE INTO done SELECT digest, ?, ?, bytes FROM file WHERE number = ? AND digest IS NOT NULL",
                            (text, counted, number))

    def units(self) -> Iterator[tuple[list[int], bool]]:
        """Numbers of files that are worked on together: one series of one subject, UNIT_FILES at most; and whether they share a SOP UID.

        Instances of one SOP UID, in whatever series, are a unit of their own.
        """
        self.db.executescript("DROP TABLE IF EXISTS temp.repeated; CREATE TEMP TABLE repeated (sop TEXT PRIMARY KEY, first INTEGER);")
        self.db.execute("INSERT INTO repeated SELECT sop, min(number) FROM file WHERE sop IS NOT NULL GROUP BY sop HAVING count(*) > 1")
        for (sop,) in self.db.execute("SELECT sop FROM repeated ORDER BY first"):
            numbers = [row[0] for row in self.db.execute("SELECT number FROM file WHERE sop = ? ORDER BY number", (sop,))]
            if self.db.execute("SELECT count(*) FROM file WHERE sop = ? AND line IS NULL", (sop,)).fetchone()[0]:
                yield numbers, True
        alone = "line IS NULL AND (sop IS NULL OR sop NOT IN (SELECT sop FROM repeated))"
        groups = f"SELECT subject, series, min(number) FROM file WHERE {alone} GROUP BY subject, series ORDER BY min(number)"
        some = f"SELECT number FROM file WHERE subject IS ? AND series IS ? AND {alone} AND number > ? ORDER BY number LIMIT ?"
        for subject, series, _ in self.db.execute(groups):
            last = -1
            while numbers := [row[0] for row in self.db.execute(some, (subject, series, last, UNIT_FILES))]:
                last = numbers[-1]
                yield numbers, False

    def listed(self, numbers: list[int]) -> Iterator[tuple[int, bytes, int | None, bool, str | None, str]]:
        """(number, sealed path, slice, primary slice, SHA-256, stamp) of files."""
        for number in numbers:
            row = self.db.execute("SELECT path, slice, primary_slice, sha256, stamp FROM file WHERE number = ?", (number,)).fetchone()
            yield number, row[0], row[1], bool(row[2]), row[3], row[4]

    def known_of(self, number: int) -> list[bytes]:
        return [row[0] for row in self.db.execute(
            "SELECT sealed FROM known WHERE subject = (SELECT subject FROM file WHERE number = ?) ORDER BY digest", (number,))]

    def lines(self) -> Iterator[tuple[str, dict[str, int], int, bytes, str | None]]:
        """(manifest line, actions, bytes, sealed path, sha256) of every file in input order."""
        for line, actions, size, path, sha256 in self.db.execute("SELECT line, actions, bytes, path, sha256 FROM file ORDER BY number"):
            yield line, json.loads(actions or "{}"), size, path, sha256

    def released_before(self) -> Iterator[tuple[int, str]]:
        """(number, output) of files an earlier run released."""
        last = -1
        while rows := self.db.execute("SELECT number, json_extract(line, '$.output') FROM file WHERE line IS NOT NULL AND number > ? "
                                      "ORDER BY number LIMIT 500", (last,)).fetchall():
            last = rows[-1][0]
            yield from ((number, output) for number, output in rows if output)

    def subjects(self) -> int:
        """How many subjects have a file released."""
        return int(self.db.execute("SELECT count(DISTINCT json_extract(line, '$.subject')) FROM file").fetchone()[0])

    def shred(self) -> None:
        """Forget paths and identities, sealed as they are: the manifest is written."""
        self.db.executescript("DELETE FROM file; DELETE FROM known; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")

    def close(self) -> None:
        self.db.close()
