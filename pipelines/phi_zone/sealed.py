"""One sealed record: a byte stream cut into chunks of 1 MiB, each under AES-256-GCM (the STREAM construction).

Layout: 7 random bytes, then per chunk its ciphertext and 16-byte tag. A chunk's nonce is those 7 bytes, the chunk number
(4 bytes) and 1 on the last chunk, so that chunks cannot be dropped, repeated, swapped or moved to another record; the
record's own place (segment and offset) is bound as associated data. Any stretch can be read without the rest.
"""
from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
PREFIX_BYTES = 7


class Broken(ValueError):
    """The bytes of a record are not those that were sealed. Says where, never what."""


def seal_chunks(data_key: bytes, place: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The stored form of a byte stream, piece by piece; memory stays at one chunk."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher, prefix = AESGCM(data_key), secrets.token_bytes(PREFIX_BYTES)
    yield prefix
    number, waiting = 0, bytearray()
    for piece in chunks:
        waiting += piece
        while len(waiting) > CHUNK_BYTES:   # at least one byte stays back: the last chunk is known only at the end
            yield cipher.encrypt(_nonce(prefix, number, False), bytes(waiting[:CHUNK_BYTES]), place)
            del waiting[:CHUNK_BYTES]
            number += 1
    yield cipher.encrypt(_nonce(prefix, number, True), bytes(waiting), place)


def plain_length(stored: int) -> int:
    """Bytes inside a record that takes `stored` bytes."""
    body = stored - PREFIX_BYTES
    chunks = -(-body // (CHUNK_BYTES + TAG_BYTES))
    return body - TAG_BYTES * max(chunks, 1)


class SealedReader(io.RawIOBase):
    """The plain bytes of a record, seekable. Raises Broken when a chunk does not fit its seal."""

    def __init__(self, source: BinaryIO, offset: int, stored: int, data_key: bytes, place: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._source, self._offset, self._stored, self._place = source, offset, stored, place
        self._cipher = AESGCM(data_key)
        self._size = plain_length(stored)
        self._chunks = max(1, -(-self._size // CHUNK_BYTES))
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")
        source.seek(offset)
        self._prefix = source.read(PREFIX_BYTES)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, CHUNK_BYTES)
        piece = self._chunk(number)[within:within + len(buffer)]
        buffer[:len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        if self._held[0] != number:
            start = PREFIX_BYTES + number * (CHUNK_BYTES + TAG_BYTES)
            self._source.seek(self._offset + start)
            sealed = self._source.read(min(CHUNK_BYTES + TAG_BYTES, self._stored - start))
            try:
                plain = self._cipher.decrypt(_nonce(self._prefix, number, number == self._chunks - 1), sealed, self._place)
            except (InvalidTag, ValueError) as error:
                raise Broken(f"chunk {number} of a sealed record does not fit its seal") from error
            self._held = (number, plain)
        return self._held[1]


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")
