"""A `.json` file as one document: a Bundle, a resource or an array of resources, plain or gzip, on one line or on many.

A document that cannot be read is one answer, not one for each of its lines. Keys named twice are found wherever they stand, and
only the entry they stand in is refused.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from pipelines.phi_zone.fhir.read import why_unreadable

WHOLE_FILE_BYTES = 256_000_000
"""A file above this is not taken in one piece."""
GZIP_RATIO = 200
GZIP_FREE_BYTES = 64_000_000
LINES_LOOKED_AT = 50
_MARK = b"\xef\xbb\xbf"


class Doubled(dict[str, Any]):
    """An object that names a key twice."""


class Part(NamedTuple):
    """One resource of a document; `code`: why it cannot be taken. `tree` None with a code: the document as a whole."""

    tree: Any
    full_url: str | None = None
    code: str | None = None


def document_bytes(file: Path) -> bytes | None:
    """The content of a file that is one document; None when it is line after line, too large, or a gzip that must not be opened."""
    name = file.name.lower()
    if not name.endswith((".json", ".json.gz")) or file.stat().st_size > WHOLE_FILE_BYTES:
        return None
    data = _inflated(file) if name.endswith(".gz") else file.read_bytes()
    return None if data is None or not data.strip() or _by_line(data) else data


def _inflated(file: Path) -> bytes | None:
    most = min(WHOLE_FILE_BYTES, max(GZIP_FREE_BYTES, GZIP_RATIO * file.stat().st_size))
    try:
        with gzip.open(file, "rb") as stream:
            data = stream.read(most + 1)
    except (OSError, EOFError, zlib.error):
        return None
    return data if len(data) <= most else None


def _by_line(data: bytes) -> bool:
    """Does some line near the start hold a whole object, and not only one of several?"""
    lines = [line for line in data[:1_000_000].split(b"\n", LINES_LOOKED_AT)[:LINES_LOOKED_AT] if line.strip()]
    if len(lines) < 2 or data.lstrip(_MARK + b" \t\r\n").startswith(b"["):
        return False
    return any(isinstance(_loaded(line.removeprefix(_MARK)), dict) for line in lines if line.lstrip(_MARK + b" \t").startswith(b"{"))


def _loaded(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def parts_of(data: bytes) -> Iterator[Part]:
    """Every resource of a document, or the one code why there is none."""
    data = data.removeprefix(_MARK)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        yield Part(None, code=why_unreadable(data, str(error)))
        return
    try:
        same = b"\\u0022" not in data and data.count(b'"') == orjson.dumps(document).count(b'"')
        document = document if same else json.loads(data, object_pairs_hook=_pairs)
    except (TypeError, RecursionError):
        yield Part(None, code="FHR-003")
        return
    if isinstance(document, list):
        for tree in document:
            yield from resources_of(tree)
    else:
        yield from resources_of(document)


def resources_of(tree: Any, full_url: str | None = None, level: int = 0) -> Iterator[Part]:
    """A resource itself, or what stands in a Bundle, also in one within another."""
    if not isinstance(tree, dict) or tree.get("resourceType") != "Bundle" or level > 4:
        yield Part(tree, full_url, "FHR-005" if _doubled(tree) else None)
        return
    entries = tree.get("entry", [])
    if isinstance(tree, Doubled) or not isinstance(entries, list):
        yield Part(tree, full_url, "FHR-005" if isinstance(tree, Doubled) else "FHR-011")
        return
    if not entries:
        yield Part(tree, full_url, "FHR-025")
    for entry in entries:
        whole = isinstance(entry, dict) and not isinstance(entry, Doubled)
        url = entry.get("fullUrl") if whole else None
        yield from resources_of(entry.get("resource") if whole else entry, url if isinstance(url, str) else None, level + 1)


def _doubled(tree: Any) -> bool:
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, Doubled):
            return True
        todo.extend(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
    return False


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Doubled(found)
