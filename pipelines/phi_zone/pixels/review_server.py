"""The review page's server: loopback only, one secret in every address, one in every form, and no word from another origin.

A page of another site can neither read (unguessable address, Host checked against DNS rebinding) nor post (Origin checked, form
token); nothing may frame it. Every picture that is shown and every decision is in the audit log, or does not happen.
"""
from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from eval_harness.base import TouchstoneError
from pipelines.phi_zone.pixels import review_page as page
from pipelines.phi_zone.pixels.review import ReviewDesk

HEADERS = {
    "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; font-src data:; style-src 'unsafe-inline'; form-action 'self'; "
                               "base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}
"""Referrer-Policy: with no-referrer a browser sends `Origin: null`, and a post of our own could not be told from another's."""
NAMES = ("127.0.0.1", "localhost")
MOST_POSTED_BYTES = 1 << 16
SLOWEST_REQUEST_S = 30


class ReviewServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, desk: ReviewDesk, lang: str, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.desk, self.lang = desk, lang
        self.token, self.form_token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)


def make_server(desk: ReviewDesk, lang: str, port: int = 0) -> ReviewServer:
    """A server on loopback whose every address begins with a secret: another account on this machine cannot guess it."""
    return ReviewServer(desk, lang, port)


class _Refused(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    timeout = SLOWEST_REQUEST_S

    def do_GET(self) -> None:
        self._guarded(self._get)

    def do_POST(self) -> None:
        self._guarded(self._post)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except _Refused as refused:
            self._page(page.problem(self.server.lang, refused.status.value, self._base() if refused.status == HTTPStatus.NOT_FOUND else ""),
                       refused.status)
        except TouchstoneError as error:
            self._page(page.problem(self.server.lang, HTTPStatus.CONFLICT.value, self._base(), error.issue.text(self.server.lang)),
                       HTTPStatus.CONFLICT)

    def _get(self) -> None:
        desk, parts = self.server.desk, self._parts()
        if parts == [""]:
            waiting, decided = desk.counts()
            self._page(page.index(self.server.lang, self._base(), waiting, decided))
            return
        number = self._number(parts[0])
        if len(parts) == 1:
            boxes = desk.boxes(number)
            self._page(page.form(self.server.lang, self._base(), number, boxes, self.server.form_token, desk.name(number)))
        elif len(parts) == 3 and parts[1] in ("frame", "box"):
            self._answer(desk.picture(number, parts[1], self._count(parts[2].removesuffix(".png"))), "image/png")
        else:
            raise _Refused(HTTPStatus.NOT_FOUND)

    def _post(self) -> None:
        parts, origin = self._parts(), self.headers.get("Origin") or ""
        if origin != f"http://{self.headers.get('Host')}" or self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise _Refused(HTTPStatus.FORBIDDEN)
        if self.headers.get_content_type() != "application/x-www-form-urlencoded":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        length = self._count(self.headers.get("Content-Length") or "")
        if length > MOST_POSTED_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        fields = parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        if not secrets.compare_digest(fields.get("form", [""])[0].encode(), self.server.form_token.encode()):
            raise _Refused(HTTPStatus.FORBIDDEN)
        desk = self.server.desk
        number = self._number(parts[0])
        desk.decide(number, [fields.get(f"b{place}", ["hide"])[0] != "keep" for place in range(len(desk.boxes(number)))])
        following = next(iter(desk.counts()[0]), None)
        self._answer(b"", "text/plain", HTTPStatus.SEE_OTHER, Location=self._base() + ("" if following is None else str(following)))

    def _base(self) -> str:
        return f"/{self.server.token}/"

    def _parts(self) -> list[str]:
        """The path after the secret; anything without it, or asked for by another host name, is refused."""
        parts = self.path.split("?")[0].split("/")[1:]
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if len(parts) < 2 or host not in NAMES or not secrets.compare_digest(parts[0].encode(), self.server.token.encode()):
            raise _Refused(HTTPStatus.FORBIDDEN)
        return parts[1:]

    def _number(self, text: str) -> int:
        number = self._count(text)
        if number not in self.server.desk.queue():
            raise _Refused(HTTPStatus.NOT_FOUND)
        return number

    def _count(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise _Refused(HTTPStatus.NOT_FOUND)
        return int(text)

    def _page(self, text: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._answer(text.encode(), "text/html; charset=utf-8", status)

    def _answer(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK, **more: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **HEADERS, **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "touchstone"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: an address holds the secret."""
