"""What a file really is, by its first bytes: a pickle stays a pickle whatever its name says."""
from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import IO

HEAD_BYTES = 4096
PROTOCOLS = {bytes([0x80, version]) for version in range(6)}
NPY_MAGIC = b"\x93NUMPY"
STARTS = frozenset(bytes([code]) for code in b"()]}cBCFGIJKLMNPSTUVX\x80\x82\x83\x84\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96\x97")
"""First bytes of an operation that needs nothing on the stack: what a pickle can begin with."""
OPERATIONS_CAP, MEMBERS_CAP = 200_000, 10_000


def pickle_inside(path: Path) -> str | None:
    """Why this file would be unpickled by whoever loads it, or None: bare pickles (any protocol), torch and joblib files,
    NumPy object arrays, archives with any of these inside."""
    with path.open("rb") as held:
        head = held.read(HEAD_BYTES)
    if head[:2] == b"PK" and zipfile.is_zipfile(path):
        return _in_archive(path)
    if (found := _by_head(head)) is not None or head[:1] not in STARTS:
        return found
    with path.open("rb") as held:
        return "pickle" if _is_program(held) else None


def _by_head(head: bytes) -> str | None:
    if head[:2] in PROTOCOLS and head[2:3] in STARTS:
        return "pickle"
    if head.startswith(NPY_MAGIC) and b"'descr': '|O'" in head[:256].replace(b'"', b"'"):
        return "numpy object array"
    if head[:1] in (b"x", b"\x1f", b"B", b"\xfd") and _compressed_pickle(head):
        return "compressed pickle"
    return "pickle" if head[:1] in STARTS and _is_program(io.BytesIO(head)) else None


def _in_archive(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MEMBERS_CAP:
                return "archive of too many members to look at"
            for member in archive.infolist():
                if member.filename.endswith((".pkl", ".pickle")):
                    return "archive with a pickle (torch)"
                with archive.open(member) as held:
                    found = _by_head(held.read(HEAD_BYTES))
                if found is not None:
                    return f"archive with a {found}"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        return "unreadable archive"
    return None


def _compressed_pickle(head: bytes) -> bool:
    import bz2
    import lzma

    for opener in (zlib.decompressobj(), zlib.decompressobj(31), bz2.BZ2Decompressor(), lzma.LZMADecompressor()):
        try:
            data = opener.decompress(head, HEAD_BYTES)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
            continue
        if data[:2] in PROTOCOLS or data.startswith(NPY_MAGIC) or (data[:1] in STARTS and _is_program(io.BytesIO(data))):
            return True
    return False


def _is_program(held: IO[bytes]) -> bool:
    """Whether these bytes are a pickle from their start, of any protocol, announced or not: operations up to a STOP, or without end."""
    import pickletools

    count = 0
    try:
        for operation, _, _ in pickletools.genops(held):
            count += 1
            if count > OPERATIONS_CAP:
                return True
            if operation.name == "STOP":
                return count > 2
    except (ValueError, IndexError, UnicodeDecodeError, MemoryError, OverflowError):
        return False
    return False
