"""The entries of one layer of an image, read in order and never written: where they lead, what they are, how much they come to."""
from __future__ import annotations

import tarfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

HEADER_CAP_BYTES, BLOCK = 1 << 20, 1 << 20
ENTRIES_CAP, BYTES_CAP, SMALL_BYTES, RATIO_CAP = 1_000_000, 64 * 1024**3, 1024**3, 100
WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"


class LayerRefused(ValueError):
    """`code` of the catalogue; `entry` is the entry's name."""

    def __init__(self, code: str, entry: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.entry, self.params = code, entry, params


@dataclass
class Sizes:
    """What the layers of an image have come to so far."""

    packed: int = 0
    unpacked: int = 0
    entries: int = 0

    def grow(self, unpacked: int) -> None:
        """Raises LayerRefused SUB-074 beyond what a disk should have to hold, or beyond any honest compression."""
        self.unpacked += unpacked
        if self.unpacked > min(BYTES_CAP, max(SMALL_BYTES, RATIO_CAP * self.packed)):
            raise LayerRefused("SUB-074", f"{self.unpacked // 2**20} MiB")


class Forward:
    """A stream that can be read and skipped forward, one byte back, and never in large pieces: what tarfile needs of a file."""

    def __init__(self, held: IO[bytes], sizes: Sizes) -> None:
        self._held, self._sizes, self._at, self._last, self._back = held, sizes, 0, b"", False

    def tell(self) -> int:
        return self._at - self._back

    def read(self, size: int) -> bytes:
        if size > HEADER_CAP_BYTES:
            raise LayerRefused("SUB-074", "tar header")
        given = self._last if self._back and size else b""
        self._back = self._back and not size
        data = given + self._held.read(size - len(given)) if size > len(given) else given
        self._at += len(data) - len(given)
        self._last = data[-1:] or self._last
        self._sizes.grow(len(data) - len(given))
        return data

    def seek(self, to: int) -> None:
        if to == self.tell() - 1:
            self._back = True
        while self.tell() < to and self.read(min(BLOCK, to - self.tell())):
            pass


def read_layer(held: IO[bytes], packed_bytes: int, sizes: Sizes) -> None:
    """Every entry of a layer. Raises LayerRefused SUB-072 (leads out), SUB-073 (no plain entry), SUB-074 (too much), TarError, OSError."""
    sizes.packed += packed_bytes
    source = Forward(held, sizes)
    with tarfile.open(fileobj=source, mode="r:") as layer:   # type: ignore[call-overload]
        while (member := layer.next()) is not None:
            layer.members = []   # kept by tarfile for a second look that never comes
            sizes.entries += 1
            if sizes.entries > ENTRIES_CAP:
                raise LayerRefused("SUB-074", f"{sizes.entries} entries")
            _check(member)
    while block := source.read(BLOCK):
        if any(block):   # behind a broken header: entries that this reader missed and another might not
            raise tarfile.ReadError("bytes behind the end")


def _check(member: tarfile.TarInfo) -> None:
    if _leads_out(member.name) or (member.islnk() and _leads_out(member.linkname)):
        raise LayerRefused("SUB-072", member.name)
    base = PurePosixPath(member.name).name
    if base.startswith(WHITEOUT) and base != OPAQUE and base[len(WHITEOUT):] in ("", ".", ".."):
        raise LayerRefused("SUB-072", member.name)
    if member.sparse is not None or not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise LayerRefused("SUB-073", member.name)


def _leads_out(name: str) -> bool:
    return name.startswith("/") or ".." in PurePosixPath(name).parts
