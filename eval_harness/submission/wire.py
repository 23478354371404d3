"""Count what a protobuf file would become in memory before anything parses it: a few bytes can ask for gigabytes of objects."""
from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ENTRIES_CAP, PACKED_CAP_BYTES, NESTING_CAP = 4_000_000, 256 * 1024**2, 100
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
FIXED = {FIXED64: 8, FIXED32: 4}


class Overgrown(ValueError):
    """More entries than the cap, or more packed integers: parsed, they would take many times the file."""


def check_size(path: Path, descriptor: Any) -> None:
    """Walk every field of the message in `path`. descriptor: of its type, which says which fields are messages.

    Raises Overgrown; ValueError for bytes that are no such message, or a name that is no text.
    """
    if path.stat().st_size == 0:
        raise ValueError("empty")
    with path.open("rb") as held, mmap.mmap(held.fileno(), 0, access=mmap.ACCESS_READ) as data:
        entries = packed = 0
        open_ = [(_fields(data, 0, len(data)), descriptor)]
        while open_:
            fields, kind = open_[-1]
            for number, wire, begin, stop in fields:
                entries += 1
                field = kind.fields_by_number.get(number) if wire == BYTES and begin < stop else None
                if field is not None and field.message_type is not None:
                    open_.append((_fields(data, begin, stop), field.message_type))
                elif field is not None and field.type == field.TYPE_STRING:
                    data[begin:stop].decode("utf-8")
                elif field is not None and field.cpp_type not in (field.CPPTYPE_STRING, field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
                    packed += stop - begin
                if entries > ENTRIES_CAP or packed > PACKED_CAP_BYTES or len(open_) > NESTING_CAP:
                    raise Overgrown(f"{entries} entries")
                if open_[-1][0] is not fields:
                    break
            else:
                open_.pop()


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """(number, wire type, start, end of the value) of every field between two places."""
    while at < end:
        key, at = _varint(data, at, end)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            _, stop = _varint(data, at, end)
        elif wire == BYTES:
            length, at = _varint(data, at, end)
            stop = at + length
        elif wire in FIXED:
            stop = at + FIXED[wire]
        else:
            raise ValueError("a wire type that ONNX does not use")
        if stop > end or number == 0:
            raise ValueError("a field beyond its message")
        yield number, wire, at, stop
        at = stop


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number that does not end")
