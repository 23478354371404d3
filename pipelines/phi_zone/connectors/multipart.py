"""multipart/related as it streams in (RFC 2046 section 5.1, RFC 2387): parts one after another, never a whole part in memory.

The end is the closing boundary and nothing else: a body that stops before it raises Gap, whatever HTTP says.
"""
from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.phi_zone.connectors.base import Gap

MAX_HEADER_BYTES = 16 << 10


def boundary_of(content_type: str) -> bytes | None:
    """The boundary parameter of a Content-Type, or None when this is no multipart."""
    if not content_type.lower().lstrip().startswith("multipart/"):
        return None
    found = re.search(r';\s*boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))', content_type, re.IGNORECASE)
    return (found[1] or found[2]).encode("latin-1") if found else None


class Multipart:
    """Iterate: each item is the byte chunks of one part. Unread chunks of a part are skipped before the next part."""

    def __init__(self, chunks: Iterator[bytes], boundary: bytes) -> None:
        self._chunks, self._mark = chunks, b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")          # so that a boundary at the very start looks like every other
        self.closed = False

    def __iter__(self) -> Iterator[Iterator[bytes]]:
        for _ in self._until_mark():               # the preamble
            pass
        while self._opens_part():
            self._skip_headers()
            part = self._until_mark()
            yield part
            for _ in part:
                pass
        for _ in self._chunks:                     # the epilogue; reading it lets the connection be used again
            pass

    def _more(self) -> None:
        """Raises Gap at the end of the body: everything that calls this still waits for something."""
        chunk = next(self._chunks, None)
        if chunk is None:
            raise Gap("the closing boundary never came")
        self._buffer += chunk

    def _until_mark(self) -> Iterator[bytes]:
        """Bytes up to the next boundary, which is consumed."""
        keep = len(self._mark) - 1
        while True:
            at = self._buffer.find(self._mark)
            if at >= 0:
                found = bytes(self._buffer[:at])
                del self._buffer[:at + len(self._mark)]
                if found:
                    yield found
                return
            if len(self._buffer) > keep:
                sure = bytes(self._buffer[:-keep])
                del self._buffer[:-keep]
                yield sure
            self._more()

    def _opens_part(self) -> bool:
        """After a boundary: True when a part follows, False after the closing `--`."""
        while len(self._buffer) < 2:
            self._more()
        if self._buffer[:2] == b"--":
            self.closed = True
            return False
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > MAX_HEADER_BYTES:
                raise Gap("a boundary line without end")
            self._more()
        del self._buffer[:end]                     # white space a sender may pad with
        return True

    def _skip_headers(self) -> None:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > MAX_HEADER_BYTES:
                raise Gap("part headers without end")
            self._more()
        del self._buffer[:end + 4]
