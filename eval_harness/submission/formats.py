"""What a file really is, by its first bytes: a pickle stays a pickle whatever its name says."""
from __future__ import annotations

import io
import zipfile
from pathlib import Path

HEAD_BYTES = 4096
PROTOCOLS = {bytes([0x80, version]) for version in range(6)}
NPY_MAGIC = b"\x93NUMPY"


def pickle_inside(path: Path) -> str | None:
    """Why this file would be unpickled by whoever loads it, or None: bare pickles (any protocol), torch and joblib files,
    NumPy object arrays, archives with any of these inside."""
    with path.open("rb") as held:
        head = held.read(HEAD_BYTES)
    if head[:2] == b"PK" and zipfile.is_zipfile(path):
        return _in_archive(path)
    return _by_head(head)


def _by_head(head: bytes) -> str | None:
    if head[:2] in PROTOCOLS and len(head) > 2 and head[2:3] in b"\x95}](cq\x8a\x8c.XKJMN)\x00\x8e":
        return "pickle"
    if head.startswith(NPY_MAGIC) and b"'descr': '|O'" in head[:256].replace(b'"', b"'"):
        return "numpy object array"
    if head[:1] in (b"x", b"\x1f", b"B", b"\xfd") and _compressed_pickle(head):
        return "compressed pickle"
    if head[:1] in (b"(", b"c", b"]", b"}") and _textual(head):
        return "pickle (protocol 0)"
    return None


def _in_archive(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist()[:10_000]:
                if member.filename.endswith((".pkl", ".pickle")):
                    return "archive with a pickle (torch)"
                with archive.open(member) as held:
                    found = _by_head(held.read(HEAD_BYTES))
                if found is not None:
                    return f"archive with a {found}"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return "unreadable archive"
    return None


def _compressed_pickle(head: bytes) -> bool:
    import bz2
    import lzma
    import zlib

    for opened in (lambda: zlib.decompressobj().decompress(head, 64), lambda: zlib.decompressobj(31).decompress(head, 64),
                   lambda: bz2.BZ2Decompressor().decompress(head, 64), lambda: lzma.LZMADecompressor().decompress(head, 64)):
        try:
            data = opened()
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
            continue
        if data[:2] in PROTOCOLS or data.startswith(NPY_MAGIC):
            return True
    return False


def _textual(head: bytes) -> bool:
    """Protocol 0: opcodes in lines, `c<module>\\n<name>\\n` or a mark; never valid JSON or text of ours."""
    import pickletools

    try:
        names = [opcode.name for opcode, _, _ in pickletools.genops(io.BytesIO(head))]
    except (ValueError, IndexError, UnicodeDecodeError):
        names = []
    return "STOP" in names and len(names) > 2
