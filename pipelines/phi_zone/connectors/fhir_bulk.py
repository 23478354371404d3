"""Bulk FHIR: one export, its manifest as the promise, its NDJSON files as the delivery (FHIR Bulk Data Access 2.0).

Promises: one group per output file, with the manifest's `count` (basis `count`; `transfer` where the server gives none), and one
per file of deletions, read at once because it only lists ids. The watermark is the manifest's transactionTime, and stays where it
was when the export itself reports errors.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Iterator, MutableSequence, Sequence
from typing import Any

from eval_harness.base import Issue
from pipelines.phi_zone.connectors.base import (
    Delivery,
    Gap,
    Gone,
    Group,
    SourceRefused,
    SourceReport,
    SourceStrange,
    SourceUnavailable,
    TransferCut,
    Unit,
    iso,
)
from pipelines.phi_zone.connectors.ndjson import Line, identity, lines, parse
from pipelines.phi_zone.connectors.wire import Wire
from schemas.messages import messages
from schemas.shapes.site import BulkExport

JSON = {"Accept": "application/fhir+json"}
NDJSON = {"Accept": "application/fhir+ndjson"}


class BulkConnector:
    source = "fhir-bulk"

    def __init__(self, wire: Wire, export: BulkExport) -> None:
        self._wire, self._export = wire, export
        self.issues: MutableSequence[Issue] = []
        self._watermark: str | None = None
        self._job: str | None = None

    def test(self) -> SourceReport:
        started, counts, notes = time.monotonic(), dict[str, int](), list[str]()
        self._wire.json("GET", f"{self._wire.base_url}/metadata", headers=JSON)
        for kind in self._export.types:
            answer, got = self._wire.json("GET", f"{self._wire.base_url}/{kind}", headers=JSON, params=[("_summary", "count")],
                                          expect=(200, 400, 404, 405, 501))
            if got.status == 200 and isinstance(answer, dict) and isinstance(answer.get("total"), int):
                counts[kind] = answer["total"]
            else:
                notes.append(f"{kind}: no count without an export")
        return SourceReport(counts, time.monotonic() - started, tuple(notes))

    def list(self, since: dt.datetime | None, until: dt.datetime | None) -> Iterator[Group]:
        """Starts an export of what changed since `since`. `until` is the server's own moment: an export shows the state of now."""
        self.issues, self._watermark = [], None
        manifest = self._run_export(since)
        groups = [group for page in self._pages(manifest) for group in self._groups(page)]
        if not self.issues:
            self._watermark = str(manifest["transactionTime"])
        yield from groups

    def fetch(self, group: Group) -> Iterator[Delivery | Gone]:
        if group.basis == "ids":
            for unit in group.units:
                yield Delivery(unit.unit_id, "resource", unit.version, "delete", (), "application/fhir+json")
            return
        yield from self._file(group)

    def watermark(self) -> str | None:
        return self._watermark

    def close(self) -> None:
        """Delete the export at the server, as its operators ask for; a server that has none any more is fine."""
        if self._job is not None:
            job, self._job = self._job, None
            try:
                with self._wire.open("DELETE", job, headers=JSON, expect=(200, 202, 204, 404, 405, 410, 501)):
                    pass
            except (SourceUnavailable, SourceStrange, SourceRefused):
                self.issues.append(messages().issue("CON-016", self._wire.where))
        self._wire.close()

    def _run_export(self, since: dt.datetime | None) -> dict[str, Any]:
        """Kick off, poll, manifest. A job that the server loses (404, 410) or that fails is started again, within reason."""
        deadline = time.monotonic() + self._wire.patience.export_s
        for attempt in range(1, self._wire.patience.attempts + 1):
            self._job = self._kick_off(since)
            manifest = self._poll(self._job, deadline)
            if manifest is not None:
                return manifest
            self._wire.patience.pause(attempt)
        raise self._failed("the server lost the export again and again")

    def _failed(self, reason: str) -> SourceUnavailable:
        return SourceUnavailable(messages().issue("CON-013", self._wire.where, reason=reason))

    def _kick_off(self, since: dt.datetime | None) -> str:
        level = {"system": "", "patient": "Patient/"}.get(self._export.export, f"{self._export.export.replace('group/', 'Group/', 1)}/")
        params = [("_outputFormat", "application/fhir+ndjson"), ("_type", ",".join(self._export.types))]
        if since is not None:
            params.append(("_since", iso(since)))
        url, headers = f"{self._wire.base_url}/{level}$export", {**JSON, "Prefer": "respond-async"}
        with self._wire.open("GET", url, headers=headers, params=params, expect=(202,)) as answer:
            place = answer.headers.get("content-location")
        if not place:
            raise SourceStrange(messages().issue("CON-005", self._wire.where, found="202 without Content-Location"))
        return self._wire.inside(place)

    def _poll(self, job: str, deadline: float) -> dict[str, Any] | None:
        """The manifest, or None when the job is no more. Waits as long as Retry-After says."""
        wait = 1
        while True:
            manifest, answer = self._wire.json("GET", job, headers={"Accept": "application/json"}, expect=(200, 202, 404, 410))
            if answer.status in (404, 410):
                return None
            if answer.status == 200:
                if not isinstance(manifest, dict) or not isinstance(manifest.get("output"), Sequence) or "transactionTime" not in manifest:
                    raise SourceStrange(messages().issue("CON-005", self._wire.where, found="a manifest without output or transactionTime"))
                return manifest
            if time.monotonic() > deadline:
                raise self._failed("it took too long")
            asked = answer.headers.get("retry-after", "")
            self._wire.patience.pause(min(wait, 6), float(asked) if asked.isdigit() else None)
            wait += 1

    def _pages(self, manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The manifest and, where a server pages it, its further pages."""
        seen = set[str]()
        while True:
            yield manifest
            following = next((link.get("url") for link in manifest.get("link", []) if link.get("relation") == "next"), None)
            if not following or following in seen:
                return
            seen.add(following)
            manifest, _ = self._wire.json("GET", following, headers={"Accept": "application/json"})

    def _groups(self, page: dict[str, Any]) -> Iterator[Group]:
        failed = [entry for entry in page.get("error") or [] if entry.get("count", 1) != 0]
        if failed:
            self.issues.append(messages().issue("CON-012", self._wire.where, count=len(failed)))
        for entry in page.get("output") or []:
            count = entry.get("count")
            expected = count if isinstance(count, int) and count >= 0 else None
            url = self._wire.inside(entry["url"])
            locator = {"url": url, "type": str(entry.get("type", ""))}
            yield Group(url, "resource", "transfer" if expected is None else "count", expected, (), locator)
        for entry in page.get("deleted") or []:
            url = self._wire.inside(entry["url"])
            units = tuple(self._deletions(url))
            yield Group(url, "resource", "ids", len(units), units, {"url": url, "deleted": "1"})

    def _deletions(self, url: str) -> Iterator[Unit]:
        """The ids of a file of deletions: transaction Bundles whose entries are DELETE requests."""
        for delivery in self._file(Group(url, "resource", "transfer", None, (), {"url": url, "type": "Bundle"})):
            bundle = parse(b"".join(delivery.chunks)) if isinstance(delivery, Delivery) else None
            for entry in (bundle or {}).get("entry", []):
                request = entry.get("request", {})
                if request.get("method") == "DELETE" and "/" in str(request.get("url", "")):
                    yield Unit("/".join(str(request["url"]).split("?")[0].split("/")[-2:]), None, "delete", None)

    def _file(self, group: Group) -> Iterator[Delivery | Gone]:
        """Every line of one file, once, over as many attempts as it takes; lines that came before a cut are not sent again."""
        sent: MutableSequence[bytes] = []
        # a short digest of each line passed on: on a retry the file must begin the same way
        earlier_end: tuple[int, bytes] | None = None
        patience = self._wire.patience
        for attempt in range(1, patience.attempts + 1):
            try:
                with self._wire.open("GET", group.locator["url"], headers=NDJSON, expect=(200, 404, 410)) as answer:
                    if answer.status != 200:
                        raise self._failed(f"a file of it is gone (HTTP {answer.status})")
                    position, last = 0, b""
                    for line in lines(answer.body):
                        position, last = position + 1, line.data
                        if position <= len(sent):
                            if _short(line.data) != sent[position - 1]:
                                raise self._failed("a file changed between two attempts")
                            continue
                        if not line.ended and parse(line.data) is None and earlier_end != (position, _short(line.data)):
                            earlier_end = (position, _short(line.data))
                            raise Gap("the last line is cut")
                        sent.append(_short(line.data))
                        yield _delivery(line, f"{group.locator['type']}:{group.group_id.rsplit('/', 1)[-1]}")
                    short = group.expected is not None and position < group.expected
                    if short and not answer.framed and earlier_end != (position, _short(last)):
                        earlier_end = (position, _short(last))
                        raise Gap("fewer lines than promised, and nothing says that the body was whole")
                    return
            except Gap as gap:
                if attempt == patience.attempts:
                    raise TransferCut(messages().issue("CON-010", self._wire.where, attempts=attempt, reason=gap.reason)) from gap
                patience.pause(attempt)


def _delivery(line: Line, file: str) -> Delivery:
    named = None if line.overlong else identity(parse(line.data))
    if named is None:
        return Delivery(f"{file}#{line.number}", "file", None, "put", (line.data,), "application/fhir+json")
    return Delivery(named[0], "resource", named[1], "put", (line.data,), "application/fhir+json")


def _short(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=12).digest()
