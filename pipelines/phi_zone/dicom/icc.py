"""An ICC profile without its words (ISO 15076-1): curves, matrices and tables stay, so that colours stay; names, dates and texts go."""
from __future__ import annotations

from functools import lru_cache
from struct import pack, unpack_from

HEADER, ENTRY, MOST_TAGS = 128, 12, 100
_NUMBERS = frozenset((b"XYZ ", b"curv", b"para", b"sf32", b"uf32", b"mft1", b"mft2", b"mAB ", b"mBA ", b"view", b"meas", b"chrm", b"sig "))
"""Tag types that hold numbers alone."""
_TEXTS = {b"desc": b"desc" + bytes(4) + b"\0\0\0\1" + bytes(79), b"text": b"text" + bytes(5), b"mluc": b"mluc" + bytes(8) + b"\0\0\0\x0c"}
"""Tag types that every profile has for its name and copyright: empty ones."""
_CREATED = pack(">6H", 2000, 1, 1, 0, 0, 0)


@lru_cache(maxsize=64)
def without_words(raw: bytes) -> bytes | None:
    """The same transformation of colours under no name. None where it is no whole profile."""
    if len(raw) < HEADER + 4 or raw[36:40] != b"acsp":
        return None
    size, count = unpack_from(">I", raw, 0)[0], unpack_from(">I", raw, HEADER)[0]
    if not 0 < count <= MOST_TAGS or not HEADER + 4 + ENTRY * count <= size <= len(raw):
        return None
    kept: list[tuple[bytes, bytes]] = []
    for number in range(count):
        name, at, length = unpack_from(">4sII", raw, HEADER + 4 + ENTRY * number)
        if at < HEADER or length < 8 or at + length > size:
            return None
        kind = raw[at:at + 4]
        if kind in _NUMBERS:
            kept.append((name, raw[at:at + length]))
        elif kind in _TEXTS:
            kept.append((name, _TEXTS[kind]))
    places: dict[bytes, int] = {}
    body, table, begin = b"", b"", HEADER + 4 + ENTRY * len(kept)
    for name, value in kept:
        if value not in places:
            places[value] = begin + len(body)
            body += value + bytes(-len(value) % 4)
        table += pack(">4sII", name, places[value], len(value))
    whole = begin + len(body)
    header = pack(">I", whole) + bytes(4) + raw[8:24] + _CREATED + raw[36:48] + bytes(8) + raw[56:80] + bytes(48)
    return header + pack(">I", len(kept)) + table + body
