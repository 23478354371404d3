"""Count what a folder promises, without any code of the platform: files + non-empty NDJSON lines + Bundle entries.

    python benchmarks/count_input.py FOLDER

A .ndjson file counts its non-empty lines, a JSON Bundle its entries, every other regular file one; links are not
followed and an empty .ndjson counts nothing. `touchstone ledger` must come to the same total.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path


def count(folder: Path) -> dict[str, int]:
    """files, lines and entries below `folder`."""
    found = {"files": 0, "lines": 0, "entries": 0}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if path.suffix.lower() == ".ndjson":
            with path.open("rb") as lines:
                found["lines"] += sum(1 for line in lines if line.strip())
        elif (entries := _bundle_entries(path)) is not None:
            found["entries"] += entries
        else:
            found["files"] += 1
    return found


def _bundle_entries(path: Path) -> int | None:
    """Entries of a FHIR Bundle with at least one, else None."""
    with path.open("rb") as start:
        head = start.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{"):
        return None
    try:
        value = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError):
        return None
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        return None
    return len(value.get("entry") or []) or None


if __name__ == "__main__":
    counted = count(Path(sys.argv[1]))
    print(json.dumps(counted | {"total": sum(counted.values())}))
