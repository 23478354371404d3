"""Messages between a supervisor and the model runner in its sandbox: one length-prefixed JSON header, then raw parts.

    4 bytes big-endian   length of the header
    header               JSON; header["parts"] lists [name, bytes] of what follows
    parts                raw bytes, in that order

Both ends cap what they accept, because the other end may be under somebody's control.
"""
from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

HEADER_CAP = 4 * 1024**2


class FrameBroken(ValueError):
    """The stream ended inside a message, or a length is beyond its cap."""


def write_frame(stream: IO[bytes], header: Mapping[str, Any], parts: Mapping[str, bytes] | None = None) -> None:
    held = parts or {}
    head = json.dumps({**header, "parts": [[name, len(data)] for name, data in held.items()]}).encode()
    stream.write(struct.pack(">I", len(head)) + head)
    for data in held.values():
        stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes], cap_bytes: int) -> tuple[dict[str, Any], dict[str, bytes]] | None:
    """The next message, or None at a clean end. Raises FrameBroken beyond cap_bytes or at a cut."""
    prefix = stream.read(4)
    if not prefix:
        return None
    if len(prefix) < 4:
        raise FrameBroken("cut in a length")
    size = struct.unpack(">I", prefix)[0]
    if size > HEADER_CAP:
        raise FrameBroken("header too long")
    try:
        header = json.loads(_exactly(stream, size))
        sizes = [(str(name), int(length)) for name, length in header.pop("parts")]
    except (ValueError, KeyError, TypeError) as error:
        raise FrameBroken("header is not what it should be") from error
    if any(length < 0 for _, length in sizes) or sum(length for _, length in sizes) > cap_bytes:
        raise FrameBroken("parts beyond the cap")
    return header, {name: _exactly(stream, length) for name, length in sizes}


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise FrameBroken("cut in a message")
    return data
