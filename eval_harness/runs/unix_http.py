"""One HTTP request to a Unix socket that hostile code listens on: one connection, one reply, nothing followed, everything counted."""
from __future__ import annotations

import os
import re
import select
import socket
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval_harness.base.reasons import why

HEAD_CAP, TICK_MS, BLOCK_BYTES = 16 * 1024, 20, 65536
STATUS = re.compile(rb"HTTP/1\.[01] ([2-5][0-9]{2})(?: [ -~]*)?")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t]*)")
LENGTH = re.compile(rb"[0-9]{1,10}")


class NotListening(Exception):
    """Nobody listens yet: no socket, or one without a listener."""


class Closed(Exception):
    """The connection ended before the reply was whole, or a limit ended it."""


class BadReply(Exception):
    """`cause` is a token: oip_socket (what lies there is no socket), oip_http (not a plain reply with its length), too_large."""

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause, self.detail = cause, detail


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes


@dataclass(frozen=True)
class Caller:
    """Asks the server at folder/name. `over`: whether a limit is broken; `gone`: whether the server has ended."""

    folder: Path
    name: str
    over: Callable[[], bool]
    gone: Callable[[], bool]

    def ask(self, method: str, path: str, body: Sequence[bytes], cap_bytes: int, sent: Callable[[], None] = lambda: None) -> Reply:
        """One request. body: pieces of JSON, none for no body; sent: called once all of it is handed over.

        Raises NotListening, Closed, BadReply.
        """
        length = sum(len(piece) for piece in body)
        head = (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n"
                + (f"Content-Type: application/json\r\nContent-Length: {length}\r\n" if body else "") + "\r\n")
        with connect(self.folder, self.name) as held:
            try:
                for piece in (head.encode(), *body):
                    self._send(held, memoryview(piece))
                sent()
                return self._read(held, cap_bytes)
            except OSError as error:
                raise Closed(why(error).en) from error

    def _wait(self, held: socket.socket, event: int) -> None:
        poller = select.poll()
        poller.register(held, event)
        while not self.over():
            if poller.poll(TICK_MS):
                return
            if self.gone():
                break
        raise Closed("ended")

    def _send(self, held: socket.socket, data: memoryview) -> None:
        while data:
            self._wait(held, select.POLLOUT)
            data = data[held.send(data[:BLOCK_BYTES]):]

    def _receive(self, held: socket.socket) -> bytes:
        self._wait(held, select.POLLIN)
        data = held.recv(BLOCK_BYTES)
        if not data:
            raise Closed("end of stream")
        return data

    def _read(self, held: socket.socket, cap_bytes: int) -> Reply:
        data = bytearray()
        while b"\r\n\r\n" not in data[:HEAD_CAP]:
            if len(data) >= HEAD_CAP:
                raise BadReply("oip_http", "head too long")
            data += self._receive(held)
        head, _, rest = bytes(data).partition(b"\r\n\r\n")
        status, length = read_head(head)
        if length > cap_bytes:
            raise BadReply("too_large", "reply")
        body = bytearray(rest)
        while len(body) < length:
            body += self._receive(held)
        if len(body) > length:
            raise BadReply("oip_http", "bytes after the reply")
        return Reply(status, bytes(body))


def read_head(head: bytes) -> tuple[int, int]:
    """Status and Content-Length of a reply's head. Raises BadReply: anything interim, chunked, encoded, or with no or two lengths."""
    first, *lines = head.split(b"\r\n")
    status, fields = STATUS.fullmatch(first), [FIELD.fullmatch(line) for line in lines]
    if status is None or None in fields:
        raise BadReply("oip_http", "head")
    named = [(field[1].lower(), field[2].strip()) for field in fields if field is not None]
    if any(name in (b"transfer-encoding", b"content-encoding", b"upgrade") for name, _ in named):
        raise BadReply("oip_http", "an encoding")
    lengths = [value for name, value in named if name == b"content-length"]
    if len(lengths) != 1 or LENGTH.fullmatch(lengths[0]) is None:
        raise BadReply("oip_http", "Content-Length")
    return int(status[1]), int(lengths[0])


def connect(folder: Path, name: str) -> socket.socket:
    """A connection to the socket in that folder, reached by its own inode: a link put in its place leads nowhere.

    Raises NotListening, BadReply oip_socket.
    """
    directory = place = -1
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        place = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
        if not stat.S_ISSOCK(os.fstat(place).st_mode):
            raise BadReply("oip_socket", name)
        held.setblocking(False)
        held.connect(f"/proc/self/fd/{place}")
    except (FileNotFoundError, ConnectionRefusedError, BlockingIOError) as error:
        held.close()
        raise NotListening(why(error).en) from error
    except OSError as error:
        held.close()
        raise BadReply("oip_socket", why(error).en) from error
    except BadReply:
        held.close()
        raise
    finally:
        for opened in (directory, place):
            if opened >= 0:
                os.close(opened)
    return held
