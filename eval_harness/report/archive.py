"""Canonical ZIP: one set of members, one byte string (stored, sorted, fixed times, no extra fields, no comment).

The reader accepts the writer's bytes only. It walks the local headers from the first byte, builds the archive again
from what it found and compares, so that every byte is covered: data, headers, directory, end record. Any other ZIP
program can open the file. Standard library only.
"""
from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping

LOCAL, DIRECTORY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
LOCAL_FORM, DIRECTORY_FORM, END_FORM = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
VERSION, UTF8_NAMES, STORED, MADE_ON_UNIX = 20, 0x0800, 0, 3 << 8 | 20
MIDNIGHT, FIRST_OF_1980 = 0, 0x0021
PLAIN_FILE = 0o100644 << 16
LARGEST = 2**32 - 2
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class ArchiveRefused(ValueError):
    """The bytes are not a canonical ZIP. `place` names the member or the part, and the byte offset; `found` is a fixed phrase,
    which `eval_harness.base.phrases` says in Chinese."""

    def __init__(self, place: str, found: str) -> None:
        super().__init__(f"{place}: {found}")
        self.place, self.found = place, found


def pack(members: Mapping[str, bytes]) -> bytes:
    """The archive bytes of `members`. Raises ValueError on a name that a Windows PC could not hold or a file over 4 GiB."""
    out, entries, offset = [], [], 0
    for name in sorted(members):
        data = members[name]
        if not NAME.fullmatch(name):
            raise ValueError(f"member name {name!r} is not plain")
        if offset + len(data) > LARGEST or len(members) > 65_534:
            raise ValueError("more than 4 GiB or 65,534 members: masks belong in blobs.tar")
        local, entry = _headers(name, data, offset)
        out += [local, data]
        entries.append(entry)
        offset += len(local) + len(data)
    directory = b"".join(entries)
    end = END_FORM.pack(END, 0, 0, len(entries), len(entries), len(directory), offset, 0)
    return b"".join([*out, directory, end])


def _headers(name: str, data: bytes, offset: int) -> tuple[bytes, bytes]:
    raw, crc = name.encode("ascii"), zlib.crc32(data)
    local = LOCAL_FORM.pack(LOCAL, VERSION, UTF8_NAMES, STORED, MIDNIGHT, FIRST_OF_1980, crc, len(data), len(data), len(raw), 0)
    entry = DIRECTORY_FORM.pack(DIRECTORY, MADE_ON_UNIX, VERSION, UTF8_NAMES, STORED, MIDNIGHT, FIRST_OF_1980, crc,
                                len(data), len(data), len(raw), 0, 0, 0, 0, PLAIN_FILE, offset)
    return local + raw, entry + raw


def unpack(data: bytes) -> dict[str, bytes]:
    """Members by name. Raises ArchiveRefused with the first place at which `data` is not what `pack` writes."""
    members: dict[str, bytes] = {}
    offset, before = 0, ""
    while data[offset:offset + 4] == LOCAL:
        name, body = _member(data, offset)
        if name <= before:
            raise ArchiveRefused(f"{name}, byte {offset}", "members are not in order or written twice")
        local, _ = _headers(name, body, offset)
        _compare(data, local, offset, f"{name} (ZIP header)")
        members[name] = body
        offset, before = offset + len(local) + len(body), name
    if not members:
        raise ArchiveRefused("byte 0", "not a ZIP written by this program")
    again = pack(members)
    _compare(data, again[offset:], offset, f"ZIP directory after {before}", data[offset:offset + 4] != DIRECTORY)
    if len(data) != len(again):
        raise ArchiveRefused(f"byte {len(again)}", "bytes behind the end of the archive")
    return members


def _member(data: bytes, offset: int) -> tuple[str, bytes]:
    if len(data) < offset + LOCAL_FORM.size:
        raise ArchiveRefused(f"byte {offset}", "the file ends within a member header")
    fields = LOCAL_FORM.unpack_from(data, offset)
    crc, size, name_bytes = fields[6], fields[8], fields[9]
    start = offset + LOCAL_FORM.size + name_bytes
    name = data[offset + LOCAL_FORM.size:start].decode("ascii", "replace")
    if not NAME.fullmatch(name):
        raise ArchiveRefused(f"byte {offset + LOCAL_FORM.size}", "not a plain member name")
    body = data[start:start + size]
    if len(body) != size:
        raise ArchiveRefused(f"{name}, byte {start}", "the file ends within this member, or its size was changed")
    if zlib.crc32(body) != crc:
        raise ArchiveRefused(f"{name}, bytes {start}-{start + size}", "content does not fit its check sum")
    return name, body


def _compare(data: bytes, expected: bytes, offset: int, place: str, foreign: bool = False) -> None:
    found = data[offset:offset + len(expected)]
    if found == expected:
        return
    at = next((i for i, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), len(found))
    raise ArchiveRefused(f"{place}, byte {offset + at}", "not a member and not the directory" if foreign else "not the canonical byte")
