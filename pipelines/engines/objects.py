"""Objects: bytes written once, addressed by their SHA-256 (`<aa>/<digest><suffix>`), never changed.

A write goes to a temporary file, is synced and renamed; the same content again is not written twice. Orphans are found
by age and reference check. Nothing here knows what the bytes are (tar parts: `pipelines.engines.parts`).
"""
from __future__ import annotations

import hashlib
import io
import os
import secrets
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from pipelines.engines.base import ObjectRef
from pipelines.engines.errors import refused

CHUNK_BYTES = 1 << 20


class ObjectStore:
    """One folder of objects. `zone` is what its references say (staged | parts)."""

    def __init__(self, root: Path, zone: str, suffix: str = ".tar") -> None:
        self.root, self.zone, self.suffix = root, zone, suffix

    def path(self, digest: str) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise refused("ENG-009", "objects", digest=digest[:16])
        return self.root / digest[:2] / f"{digest}{self.suffix}"

    def has(self, digest: str) -> bool:
        return self.path(digest).exists()

    def put(self, chunks: Iterable[bytes | memoryview]) -> ObjectRef:
        """Write `chunks` as one object, durable when this returns. Content that is there already stays as it is."""
        self.root.mkdir(parents=True, exist_ok=True)
        half = self.root / f".tmp-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            sha, size = _write(half, chunks)
            final = self.path(sha)
            if not final.exists():
                final.parent.mkdir(exist_ok=True)
                half.rename(final)
                _sync_folder(final.parent)
        finally:
            half.unlink(missing_ok=True)
        return ObjectRef(self.zone, sha, 0, size)

    def open(self, ref: ObjectRef) -> BinaryIO:
        """The stretch `ref` names, as a readable stream. Raises ENG-009 when the object is gone, ENG-010 when it is too short."""
        try:
            file = self.path(ref.digest).open("rb")
        except FileNotFoundError:
            raise refused("ENG-009", "objects", digest=ref.digest[:16]) from None
        if os.fstat(file.fileno()).st_size < ref.offset + ref.length:
            file.close()
            raise refused("ENG-010", "objects", digest=ref.digest[:16])
        return io.BufferedReader(_Stretch(file, ref.offset, ref.length), CHUNK_BYTES)

    def read(self, ref: ObjectRef) -> bytes:
        with self.open(ref) as stream:
            return stream.read()

    def verify(self, digest: str) -> bool:
        """Whether the bytes still fit the address."""
        with self.path(digest).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest

    def require(self, digests: Iterable[str]) -> None:
        """Raises ENG-009 when one of these objects is gone, ENG-010 when its bytes do not fit its address. Reads all of them."""
        for digest in sorted(set(digests)):
            if not self.has(digest):
                raise refused("ENG-009", "objects", digest=digest[:16])
            if not self.verify(digest):
                raise refused("ENG-010", "objects", digest=digest[:16])

    def remove(self, digest: str) -> bool:
        """Erase one object; False when it was gone already."""
        try:
            self.path(digest).unlink()
        except FileNotFoundError:
            return False
        return True

    def digests(self) -> Iterator[str]:
        for file in sorted(self.root.glob(f"??/*{self.suffix}")):
            yield file.name.removesuffix(self.suffix)

    def sweep(self, referenced: Collection[str], older_than_s: float) -> list[str]:
        """Remove orphans: objects nobody references and half-written files, both at least `older_than_s` seconds old.

        The caller must hold every reference in `referenced`, rows not yet committed excepted; their age protects those.
        """
        limit, gone = time.time() - older_than_s, []
        for file in self.root.glob(".tmp-*"):
            if file.stat().st_mtime <= limit:
                file.unlink(missing_ok=True)
        for digest in list(self.digests()):
            if digest not in referenced and self.path(digest).stat().st_mtime <= limit:
                self.remove(digest)
                gone.append(digest)
        return gone


class _Stretch(io.RawIOBase):
    """Bytes [offset, offset + length) of a file as a seekable raw stream; closes the file with itself."""

    name = ""
    """pydicom asks every buffered file for it; a stretch has none."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        self.file, self.start, self.length, self.at = file, offset, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self.at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.length}[whence])
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        room = max(0, min(len(buffer), self.length - self.at))
        data = os.pread(self.file.fileno(), room, self.start + self.at)
        buffer[:len(data)] = data
        self.at += len(data)
        return len(data)

    def close(self) -> None:
        self.file.close()
        super().close()


def _write(path: Path, chunks: Iterable[bytes | memoryview]) -> tuple[str, int]:
    running, size = hashlib.sha256(), 0
    with path.open("xb") as out:
        for chunk in chunks:
            running.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return running.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
