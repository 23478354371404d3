"""What stands in a JSON file of a folder: the lines of NDJSON, the entries of a Bundle, or one resource."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.phi_zone.connectors.base import Kind
from pipelines.phi_zone.connectors.bundle import joined
from pipelines.phi_zone.connectors.ndjson import identity, lines, parse

Read = Callable[[Path], Iterator[bytes]]
MAX_BUNDLE_BYTES = 512 << 20
NDJSON_NAMES = (".ndjson",)
"""Read as lines whatever they hold; under other names a file must begin like FHIR to be read so."""
NOT_FHIR_NAMES = (".jsonl",)
"""Keys, annotations and logs, which may look like resources line by line; FHIR exports are named .ndjson (Bulk Data Access 2.0)."""


@dataclass(frozen=True)
class Entry:
    """One resource, broken line or Bundle entry of a JSON file; `data` are its own bytes (None for a deletion)."""

    unit_id: str
    kind: Kind
    version: str | None
    data: bytes | None


def entries(path: Path, name: str, read: Read) -> Iterator[Entry]:
    """The units of a JSON file; none when it is neither NDJSON nor a Bundle nor a resource. name: by which units without an id are told."""
    if path.suffix.lower() in NOT_FHIR_NAMES:
        return
    if path.suffix.lower() in NDJSON_NAMES or _mostly_lines(path, read):
        for line in lines(read(path)):
            named = None if line.overlong else identity(parse(line.data))
            yield Entry(named[0], "resource", named[1], line.data) if named else Entry(f"{name}#{line.number}", "file", None, line.data)
        return
    whole = parse(path.read_bytes().removeprefix(b"\xef\xbb\xbf")) if path.stat().st_size <= MAX_BUNDLE_BYTES else None
    if isinstance(whole, dict) and whole.get("resourceType") == "Bundle":
        listed = whole.get("entry")
        for number, entry in enumerate(joined(listed) if isinstance(listed, list) else ()):
            yield _of_bundle(entry, f"{name}#entry{number}")
    elif (named := identity(whole)) is not None:
        yield Entry(named[0], "resource", named[1], _compact(whole))


def _mostly_lines(path: Path, read: Read) -> bool:
    """Whether a file is NDJSON by content: one of its first lines is a resource that is no Bundle, and it has more than one line."""
    first = [parse(line.data) for _, line in zip(range(5), lines(read(path)), strict=False)]
    return len(first) > 1 and any(identity(value) is not None and value["resourceType"] != "Bundle" for value in first)


def _of_bundle(entry: Any, place: str) -> Entry:
    """One Bundle entry as a unit: its resource, a deletion, or something unreadable."""
    entry = entry if isinstance(entry, dict) else {"resource": entry}
    request = entry.get("request") if isinstance(entry.get("request"), dict) else {}
    target = "/".join(str(request.get("url", "")).split("?")[0].split("/")[-2:])
    if request.get("method") == "DELETE" and "/" in target:
        return Entry(target, "resource", None, None)
    resource = entry.get("resource")
    if (named := identity(resource)) is not None:
        return Entry(named[0], "resource", named[1], _compact(resource))
    return Entry(place, "file", None, _compact(entry))


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
