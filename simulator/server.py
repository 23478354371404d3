"""HTTP on loopback: requests in, answers out, faults in between.

Bodies are lists of byte chunks, so that nothing is copied. `framing` says how the end of a body is told: `length`, `chunked`, or
`close` (neither, as Orthanc streams WADO-RS: a cut then looks like success).
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulator.faults import FaultBook


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    line: str

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def one(self, name: str, default: str = "") -> str:
        return next(iter(self.all(name)), default)


@dataclass
class Response:
    status: int = 200
    chunks: list[bytes] = field(default_factory=list)
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    framing: str = "length"
    stall_s: float = 0.0

    @property
    def size(self) -> int:
        return sum(map(len, self.chunks))


def as_json(
    value: Any, status: int = 200, media_type: str = "application/fhir+json", headers: dict[str, str] | None = None
) -> Response:
    return Response(status, [json.dumps(value, ensure_ascii=False).encode("utf-8")], media_type, headers or {})


def outcome(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    issue = {"severity": "error", "code": "processing", "diagnostics": text}
    return as_json({"resourceType": "OperationOutcome", "issue": [issue]}, status, headers=headers)


class Server:
    """One hospital's listener on 127.0.0.1 and a free port. `respond` gives the honest answer; the fault book spoils it."""

    def __init__(self, respond: Callable[[Request], Response], faults: FaultBook, revoke: Callable[[], None] = lambda: None,
                 clock: Callable[[], dt.datetime] | None = None) -> None:
        """`revoke` ends all access tokens; `clock` is what the Date header says (the real time when None)."""
        self.respond, self.faults, self.revoke = respond, faults, revoke
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _serve(self) -> None:
                outer._serve(self)

            do_GET = do_POST = do_DELETE = _serve

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string(clock().timestamp() if clock else timestamp)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing is logged: addresses hold identifiers."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        query = parse_qsl(parts.query, keep_blank_values=True)
        if handler.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            query += parse_qsl(body.decode("utf-8"), keep_blank_values=True)
        request = Request(
            handler.command,
            parts.path,
            tuple(query),
            {key.lower(): value for key, value in handler.headers.items()},
            body,
            f"{handler.command} {handler.path}",
        )
        self.requests.append(request.line)
        spoiled = self.faults.take("status", request.line)
        if spoiled:
            headers = {} if spoiled.retry_after is None else {"Retry-After": str(spoiled.retry_after)}
            self._send(handler, outcome(spoiled.status, "ordered fault", headers), None)
            return
        response = self.respond(request)
        self._send(handler, response, self._cut_at(request, response))

    def _cut_at(self, request: Request, response: Response) -> int | None:
        """After how many body bytes the connection drops, if it does; a `truncate` fault shortens the body in place instead."""
        if response.status >= 300:
            return None
        for kind in ("cut", "stall", "expire_token", "truncate"):
            fault = self.faults.take(kind, request.line)
            if fault is None:
                continue
            at = int(fault.at if fault.at >= 1 else fault.at * response.size)
            if kind == "expire_token":
                self.revoke()
            if kind == "stall":
                response.stall_s = fault.seconds
            if kind == "truncate":
                response.chunks = [b"".join(response.chunks)[:at]]
                return None
            return at
        return None

    def _send(self, handler: BaseHTTPRequestHandler, response: Response, cut_at: int | None) -> None:
        try:
            handler.send_response(response.status)
            handler.send_header("Content-Type", response.media_type)
            for name, value in response.headers.items():
                handler.send_header(name, value)
            framing = {
                "length": ("Content-Length", str(response.size)),
                "chunked": ("Transfer-Encoding", "chunked"),
                "close": ("Connection", "close"),
            }[response.framing]
            handler.send_header(*framing)
            handler.end_headers()
            left = cut_at
            for chunk in response.chunks:
                piece = chunk if left is None else chunk[:left]
                if piece:
                    handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if response.framing == "chunked" else piece)
                if left is not None:
                    left -= len(piece)
                    if left <= 0:
                        break
            time.sleep(response.stall_s)
            if cut_at is not None or response.framing == "close":
                handler.close_connection = True
            elif response.framing == "chunked":
                handler.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True  # the client hung up; nothing to tell it
