"""What people decided on doubtful text: DIR/.work/decisions.jsonl (0600), one line a file, under the source digest.

Each line says who decided and when. Nothing is ever taken back silently: a later line counts.
"""
from __future__ import annotations

import json
import os
from pathlib import Path

from pipelines.phi_zone.pixels.cleaner import Decided


def decisions_file(out: Path) -> Path:
    return out / ".work" / "decisions.jsonl"


def decisions(out: Path) -> dict[str, Decided]:
    """Source digest → decisions; empty where nobody has decided yet. A last line that a crash cut never counted."""
    file, found = decisions_file(out), dict[str, Decided]()
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                row = json.loads(line)
                found.setdefault(row["source_sha256"], {}).update({tuple(box["box"]): box["hide"] for box in row["boxes"]})
    return found


def append(out: Path, line: bytes) -> None:
    """One line, on disk before this returns."""
    handle = os.open(decisions_file(out), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        whole = file.read()
        file.seek(whole.rfind(b"\n") + 1)
        file.truncate()
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
