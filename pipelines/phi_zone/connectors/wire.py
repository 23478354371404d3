"""HTTP as a guest of a hospital: few connections, bounded bandwidth, patient retries, no redirects, nothing logged.

Retried inside: connection failures, 429 (Retry-After honoured), 5xx, and 401 once after new credentials. Whether a body is whole
is checked by its reader: httpx notices a short Content-Length and an unfinished chunked body, but not a cut body of neither kind.
"""
from __future__ import annotations

import datetime as dt
import email.utils
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from pipelines.phi_zone.connectors.auth import Credentials
from pipelines.phi_zone.connectors.base import Gap, SourceRefused, SourceStrange, SourceUnavailable
from schemas.messages import messages
from schemas.shapes.site import Limits, Tls

if TYPE_CHECKING:
    import httpx

MAX_JSON_BYTES = 256 << 20
CHUNK_BYTES = 1 << 16
CLOCK_MARGIN = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Patience:
    """How long to try: `attempts` in all, waiting first_s, twice that, ... at most `most_s`, which also bounds a Retry-After."""

    attempts: int = 5
    first_s: float = 0.5
    most_s: float = 60.0
    connect_s: float = 15.0
    read_s: float = 120.0
    export_s: float = 6 * 3600.0
    """How long a bulk export may take."""
    sleep: Callable[[float], None] = time.sleep

    def pause(self, attempt: int, asked_s: float | None = None) -> None:
        """Wait before attempt number `attempt` + 1 (attempts count from 1)."""
        self.sleep(min(self.most_s, asked_s if asked_s is not None else self.first_s * 2 ** (attempt - 1)))


class Guest:
    """What all connectors of one hospital share: a number of connections and a number of bytes a second."""

    def __init__(self, limits: Limits, sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic) -> None:
        self.connections = threading.BoundedSemaphore(limits.max_connections)
        self._rate, self._sleep, self._clock = limits.max_bytes_per_s, sleep, clock
        self._lock, self._free_at = threading.Lock(), 0.0

    def spend(self, count: int) -> None:
        """Account for `count` received bytes; wait when the hospital's limit is exceeded."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            self._free_at = max(self._free_at, now) + count / self._rate
            wait = self._free_at - now - 0.25          # a quarter second of burst, so that small answers do not crawl
        if wait > 0:
            self._sleep(wait)


@dataclass(frozen=True)
class Answer:
    """One answered request. `body` may be read once; `framed` = HTTP itself says where the body ends."""

    status: int
    headers: Mapping[str, str]
    body: Iterator[bytes]
    framed: bool
    end: Callable[[], None]
    """Gives the connection back before the `with` block ends; a second call does nothing."""


class Wire:
    """Requests to one server, on behalf of one source of one site."""

    def __init__(self, where: str, base_url: str, credentials: Credentials, tls: Tls | None, guest: Guest, patience: Patience) -> None:
        self.where, self.base_url, self.patience = where, base_url.rstrip("/"), patience
        self._credentials, self._tls, self._guest = credentials, tls, guest
        self._http: httpx.Client | None = None
        self.server_time: dt.datetime | None = None

    def close(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def moment(self, started: dt.datetime) -> dt.datetime:
        """When the server answered first, by its own Date header; a server without one (Orthanc) is taken at `started`, by our clock,
        less a margin for clocks that disagree."""
        return self.server_time or started - CLOCK_MARGIN

    def inside(self, url: str) -> str:
        """`url` made absolute. Raises SourceStrange CON-006 when it leaves the configured server: addresses in answers are not trusted."""
        absolute = urljoin(self.base_url + "/", url)
        home, asked = urlsplit(self.base_url), urlsplit(absolute)
        if (asked.scheme, asked.hostname, asked.port) != (home.scheme, home.hostname, home.port):
            raise SourceStrange(messages().issue("CON-006", self.where))
        return absolute

    @contextmanager
    def open(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, params: list[tuple[str, str]] | None = None,
             form: Mapping[str, str] | None = None, expect: tuple[int, ...] = (200,)) -> Iterator[Answer]:
        """The answer to a request, its body still flowing. Statuses outside `expect` are retried or raised.

        Raises SourceUnavailable CON-001/CON-004, SourceRefused CON-002, SourceStrange CON-005/CON-006.
        """
        address = self.inside(url)
        response = self._try(method, address, dict(headers or {}), params, form, expect)
        held = [response]

        def end() -> None:
            if held:
                held.pop().close()
                self._guest.connections.release()

        try:
            yield Answer(response.status_code, {key.lower(): value for key, value in response.headers.items()}, self._flow(response),
                         "content-length" in response.headers or response.headers.get("transfer-encoding", "").lower() == "chunked", end)
        finally:
            end()

    def json(self, method: str, url: str, **how: Any) -> tuple[Any, Answer]:
        """The body of a 200 as JSON, read whole; a cut one is asked for again. Other expected statuses carry prose at best (HTML, a
        progress line): None. Raises SourceStrange CON-005 for a 200 that is no JSON."""
        for attempt in range(1, self.patience.attempts + 1):
            try:
                with self.open(method, url, **how) as answer:
                    return (self._read_json(answer) if answer.status == 200 else None), answer
            except Gap as gap:
                if attempt == self.patience.attempts:
                    raise SourceUnavailable(messages().issue("CON-001", self.where, reason=gap.reason)) from gap
                self.patience.pause(attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _read_json(self, answer: Answer) -> Any:
        parts, size = [], 0
        for chunk in answer.body:
            size += len(chunk)
            if size > MAX_JSON_BYTES:
                raise SourceStrange(messages().issue("CON-005", self.where, found=f"a JSON answer above {MAX_JSON_BYTES >> 20} MiB"))
            parts.append(chunk)
        if not size:
            return None
        try:
            return json.loads(b"".join(parts))
        except (ValueError, RecursionError) as error:
            if not answer.framed:
                raise Gap("a JSON answer was cut") from error
            raise SourceStrange(messages().issue("CON-005", self.where, found="an answer that is no JSON")) from error

    def _try(self, method: str, url: str, headers: dict[str, str], params: list[tuple[str, str]] | None, form: Mapping[str, str] | None,
             expect: tuple[int, ...]) -> httpx.Response:
        import httpx

        renewed = False
        for attempt in range(1, self.patience.attempts + 1):
            last = attempt == self.patience.attempts
            try:
                authorization = self._credentials.headers(self._client())
            except SourceUnavailable:
                if last:
                    raise
                self.patience.pause(attempt)
                continue
            self._guest.connections.acquire()
            kept = False
            try:
                request = self._client().build_request(method, url, headers={"Accept-Encoding": "identity", **headers, **authorization},
                                                       params=tuple(params) if params else None, data=form)
                response = self._client().send(request, stream=True)
                if response.status_code in expect:
                    if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
                        response.close()
                        raise SourceStrange(messages().issue("CON-005", self.where, found="a compressed body although none was asked for"))
                    kept = True
                    self._note_time(response)
                    return response
                status, asked = response.status_code, _retry_after(response)
                response.close()
            except httpx.TransportError as error:
                if last:
                    raise SourceUnavailable(messages().issue("CON-001", self.where, reason=type(error).__name__)) from None
                status, asked = 0, None
            finally:
                if not kept:
                    self._guest.connections.release()
            if status == 401 and not renewed and self._credentials.renew():
                renewed = True
                continue
            if status in (401, 403):
                raise SourceRefused(messages().issue("CON-002", self.where, status=status))
            if status and status != 429 and status < 500:
                raise SourceStrange(messages().issue("CON-005", self.where, found=f"HTTP {status}"))
            if last:
                raise SourceUnavailable(messages().issue("CON-004", self.where, status=status, attempts=attempt))
            self.patience.pause(attempt, asked)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _flow(self, response: httpx.Response) -> Iterator[bytes]:
        import httpx

        try:
            for chunk in response.iter_raw(CHUNK_BYTES):
                self._guest.spend(len(chunk))
                yield chunk
        except httpx.TransportError as error:
            raise Gap(type(error).__name__) from None

    def _note_time(self, response: httpx.Response) -> None:
        if self.server_time is None and (text := response.headers.get("date")):
            try:
                self.server_time = email.utils.parsedate_to_datetime(text)
            except ValueError:
                self.server_time = None          # a clock we cannot read is no clock

    def _client(self) -> httpx.Client:
        if self._http is None:
            import httpx

            self._http = httpx.Client(timeout=httpx.Timeout(self.patience.read_s, connect=self.patience.connect_s), follow_redirects=False,
                                      trust_env=False, verify=_verify(self._tls))
        return self._http


def _verify(tls: Tls | None) -> Any:
    import ssl

    if tls is None:
        return True
    context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
    if tls.client_certificate_file:
        context.load_cert_chain(tls.client_certificate_file, tls.client_key_file)
    return context


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())
