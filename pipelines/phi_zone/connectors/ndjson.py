"""NDJSON as it streams in: numbered lines, and what each of them is."""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAX_LINE_BYTES = 64 << 20
FHIR_ID = re.compile(r"[A-Za-z0-9.\-_:]{1,128}")


@dataclass(frozen=True)
class Line:
    """`number` counts from 1. `ended` = a newline followed. `overlong` = only the first MAX_LINE_BYTES are here."""

    number: int
    data: bytes
    ended: bool
    overlong: bool = False


def lines(chunks: Iterator[bytes]) -> Iterator[Line]:
    """Non-empty lines, without their newline. Memory holds one line at most."""
    number, parts, size, overlong = 1, list[bytes](), 0, False
    for chunk in chunks:
        start = 0
        while True:
            end = chunk.find(b"\n", start)
            piece = chunk[start:] if end < 0 else chunk[start:end]
            if size + len(piece) > MAX_LINE_BYTES:
                piece, overlong = piece[:MAX_LINE_BYTES - size], True
            parts.append(piece)
            size += len(piece)
            if end < 0:
                break
            data = b"".join(parts)
            if data.strip():
                yield Line(number, data, True, overlong)
            number, parts, size, overlong, start = number + 1, [], 0, False, end + 1
    data = b"".join(parts)
    if data.strip():
        yield Line(number, data, False, overlong)


def parse(data: bytes) -> Any:
    """The JSON value of a line, or None when it is broken."""
    import orjson

    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def identity(resource: Any) -> tuple[str, str | None] | None:
    """(`Type/id`, versionId) of a parsed resource, or None when it has no type or no id."""
    if not isinstance(resource, dict):
        return None
    kind, key, meta = resource.get("resourceType"), resource.get("id"), resource.get("meta")
    if not (isinstance(kind, str) and kind.isalpha() and isinstance(key, str) and FHIR_ID.fullmatch(key)):
        return None
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return f"{kind}/{key}", version if isinstance(version, str) else None
