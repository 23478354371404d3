"""The landing zone: what a hospital sent, sealed as it came, in segments of at most 1 GiB.

phi/landing/<site>/<receipt>/seg-00000.enc holds records one after another (`sealed`); key.sealed beside it holds the
receipt's data key under the project key. Deleting key.sealed shreds the whole receipt, wherever copies of the segments
lie. An `ObjectRef("landing", "<site>/<receipt>/seg-00000", offset, length)` finds one record.
"""
from __future__ import annotations

import io
import os
import secrets
import shutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from eval_harness.base import Retryable, Terminal
from pipelines.engines.base import ObjectRef
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.sealed import Broken, SealedReader, seal_chunks
from schemas.home import Home
from schemas.messages import messages

SEGMENT_BYTES = 1 << 30
PIXELS = "-pixels"
"""Images of a receipt lie under `<receipt>-pixels` with a data key of their own: they expire sooner than records."""
KEY_NAME = "key.sealed"
GONE = "LND-002"
"""Code of the error for originals that expired or were shredded."""


class LandingWriter:
    """Appends records to the segments of one receipt. `sync` before the index is committed: what is named is on disk."""

    def __init__(self, home: Home, key: ProjectKey, site_id: str, receipt_id: str, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = home.landing / site_id / receipt_id
        self.name = f"{site_id}/{receipt_id}"
        self._key, self._limit = key, segment_bytes
        self._data_key: bytes | None = None
        self._file: BinaryIO | None = None
        self._segment = ""

    def put(self, chunks: Iterable[bytes]) -> ObjectRef:
        """Seal one record. Raises Retryable LND-001 when the disk refuses; the half record is cut off again. Raises Terminal LND-004
        when the receipt's data key is damaged."""
        try:
            out = self._open_segment()
            offset = out.tell()
            try:
                place = f"{self.name}/{self._segment}:{offset}".encode()
                for piece in seal_chunks(self._data_key or b"", place, chunks):
                    out.write(piece)
                out.flush()
            except BaseException:
                out.seek(offset)
                out.truncate(offset)
                raise
            return ObjectRef("landing", f"{self.name}/{self._segment}", offset, out.tell() - offset)
        except Broken as error:
            raise Terminal(messages().issue("LND-004", self.name)) from error
        except OSError as error:
            if isinstance(error, TimeoutError | ConnectionError) or error.errno is None:
                raise   # the source's trouble, not the disk's
            raise Retryable(messages().issue("LND-001", "phi/landing", reason=error.strerror or "I/O error")) from error

    def sync(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self.sync()
            self._file.close()
            self._file = None

    def _open_segment(self) -> BinaryIO:
        if self._file is not None and self._file.tell() >= self._limit:
            self.close()
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._data_key = self._data_key or _receipt_key(self.folder, self.name, self._key)
            taken = [int(file.stem[4:]) for file in self.folder.glob("seg-*.enc")]   # a killed run's tail is never appended to
            number = max(taken, default=-1) + 1
            self._segment = f"seg-{number:05d}"
            self._file = (self.folder / f"{self._segment}.enc").open("x+b", buffering=1 << 20)
        return self._file


def _receipt_key(folder: Path, name: str, key: ProjectKey) -> bytes:
    """The receipt's data key, made on first use and sealed by the project key, bound to the receipt's name."""
    file = folder / KEY_NAME
    if file.exists():
        return _unsealed(key, file, name)
    data_key = secrets.token_bytes(32)
    half = file.with_suffix(".tmp")
    with half.open("wb") as out:
        out.write(key.seal("landing", data_key, name.encode()))
        out.flush()
        os.fsync(out.fileno())
    half.rename(file)
    return data_key


def _unsealed(key: ProjectKey, file: Path, name: str) -> bytes:
    """A receipt's data key. Raises Broken when its file is not what was sealed."""
    from cryptography.exceptions import InvalidTag

    try:
        return key.open("landing", file.read_bytes(), name.encode())
    except (InvalidTag, ValueError) as error:
        raise Broken(f"{KEY_NAME} of a receipt does not fit its seal") from error


class LandingReader:
    """Random access to sealed records. Raises Terminal LND-002 for a shredded receipt, `Broken` for altered bytes."""

    def __init__(self, home: Home, key: ProjectKey) -> None:
        self._home, self._key = home, key
        self._data_key = lru_cache(maxsize=64)(self._fetch)

    def open(self, ref: ObjectRef) -> BinaryIO:
        receipt, _, segment = ref.digest.rpartition("/")
        data_key = self._data_key(receipt)
        try:
            source = (self._home.landing / receipt / f"{segment}.enc").open("rb")
        except FileNotFoundError as error:
            raise Terminal(messages().issue(GONE, receipt)) from error
        place = f"{ref.digest}:{ref.offset}".encode()
        return io.BufferedReader(SealedReader(source, ref.offset, ref.length, data_key, place), 1 << 16)

    def _fetch(self, receipt: str) -> bytes:
        file = self._home.landing / receipt / KEY_NAME
        if not file.exists():
            raise Terminal(messages().issue(GONE, receipt))
        return _unsealed(self._key, file, receipt)


def kept(home: Home, name: str) -> bool:
    """Whether a receipt ("<site>/<receipt>") can still be opened: it has not expired and was not shredded."""
    return (home.landing / name / KEY_NAME).exists()


def shred(home: Home, site_id: str, receipt_id: str) -> bool:
    """Make a receipt unreadable for ever: its data key first, then the segments. True when there was something."""
    folder = home.landing / site_id / receipt_id
    if not folder.exists():
        return False
    file = folder / KEY_NAME
    if file.exists():
        with file.open("r+b") as out:
            out.write(secrets.token_bytes(file.stat().st_size))
            out.flush()
            os.fsync(out.fileno())
        file.unlink()
    shutil.rmtree(folder)
    return True


def remove_orphans(home: Home, site_id: str, indexed: set[str]) -> int:
    """Delete segments no index row names (a killed run's tail). `indexed`: names "<site>/<receipt>/seg-…"; gives how many."""
    removed = 0
    for folder in sorted((home.landing / site_id).glob("*")):
        for file in sorted(folder.glob("seg-*.enc")):
            if f"{site_id}/{folder.name}/{file.stem}" not in indexed:
                file.unlink()
                removed += 1
        if not any(folder.glob("seg-*.enc")):
            shutil.rmtree(folder)
    return removed
