"""FHIR search where there is no bulk export: page by page, ids first, contents after they can be claimed.

Promises: one group per search page, listed with `_elements=id,meta` so that little travels twice; a server that counts more than it
lists (`_total=accurate`) adds a group of the missing number (basis `count`). Deletions come from `_history` where the server has it.
Contents are asked for by POST `_search` with `_id`, which keeps ids out of addresses and of proxies' logs.
"""
from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator, MutableSequence, Sequence
from typing import Any

from eval_harness.base import Issue
from pipelines.phi_zone.connectors.base import Delivery, Gone, Group, SourceReport, SourceStrange, Unit, iso
from pipelines.phi_zone.connectors.ndjson import identity
from pipelines.phi_zone.connectors.wire import Wire
from schemas.messages import messages
from schemas.shapes.site import FhirSearch

JSON = {"Accept": "application/fhir+json"}
IDS_A_REQUEST = 100
NO_POST = (404, 405, 415, 501)
"""What servers answer that do not search by POST; their resources are then read one by one."""


class SearchConnector:
    source = "fhir-search"

    def __init__(self, wire: Wire, search: FhirSearch) -> None:
        self._wire, self._search = wire, search
        self.issues: MutableSequence[Issue] = []
        self._watermark: str | None = None

    def test(self) -> SourceReport:
        started, counts = time.monotonic(), dict[str, int]()
        for kind in self._search.types:
            bundle, _ = self._wire.json("GET", f"{self._wire.base_url}/{kind}", headers=JSON, params=[("_summary", "count")])
            total = self._bundle(bundle).get("total")
            if isinstance(total, int):
                counts[kind] = total
        notes = () if self._tells_deletions() else ("no history-type: deletions only by full comparison",)
        return SourceReport(counts, time.monotonic() - started, notes)

    def list(self, since: dt.datetime | None, until: dt.datetime | None) -> Iterator[Group]:
        self.issues, self._watermark, self._wire.server_time = [], None, None
        moment: str | None = None
        started = dt.datetime.now(dt.UTC)
        deletions = since is not None and self._tells_deletions()
        if since is not None and not deletions:
            self.issues.append(messages().issue("CON-017", self._wire.where))
        for kind in self._search.types:
            seen, total = set[str](), None
            for number, bundle in enumerate(self._pages(kind, since, until)):
                stamp = (bundle.get("meta") or {}).get("lastUpdated")
                moment = moment or (stamp if isinstance(stamp, str) else None)
                total = bundle.get("total") if isinstance(bundle.get("total"), int) else total
                units = tuple({unit.unit_id: unit for unit in _units(bundle, kind) if unit.unit_id not in seen}.values())
                seen.update(unit.unit_id for unit in units)
                if units:
                    name = f"{kind}?page={number}&since={iso(since) if since else ''}"
                    yield Group(name, "resource", "ids", len(units), units, {"type": kind})
            if total is not None and total > len(seen):
                self.issues.append(messages().issue("CON-011", f"{self._wire.where}, {kind}", declared=total, listed=len(seen)))
                yield Group(f"{kind}?missing", "resource", "count", total - len(seen), (), {"type": kind, "missing": "1"})
            if deletions and since is not None and (gone := self._deleted(kind, since, seen)):
                yield Group(f"{kind}?deleted&since={iso(since)}", "resource", "ids", len(gone), gone, {"type": kind})
        self._watermark = iso(until) if until else moment or iso(self._wire.moment(started))

    def fetch(self, group: Group) -> Iterator[Delivery | Gone]:
        for unit in group.units:
            if unit.op == "delete":
                yield Delivery(unit.unit_id, "resource", unit.version, "delete", (), "application/fhir+json")
        wanted = [unit.unit_id for unit in group.units if unit.op == "put"]
        for start in range(0, len(wanted), IDS_A_REQUEST):
            yield from self._contents(group.locator["type"], wanted[start:start + IDS_A_REQUEST])

    def watermark(self) -> str | None:
        return self._watermark

    def close(self) -> None:
        self._wire.close()

    def _contents(self, kind: str, unit_ids: Sequence[str]) -> Iterator[Delivery | Gone]:
        """The resources of these ids; one that is not in the answer is read alone, which tells gone (404, 410) from forgotten."""
        form = {"_id": ",".join(unit_id.split("/", 1)[1] for unit_id in unit_ids), "_count": str(len(unit_ids))}
        bundle, answer = self._wire.json("POST", f"{self._wire.base_url}/{kind}/_search", headers=JSON, form=form, expect=(200, *NO_POST))
        came = set[str]()
        for page in self._following(self._bundle(bundle)) if answer.status == 200 else ():
            for entry in page.get("entry") or []:
                resource = entry.get("resource")
                named = identity(resource)
                if named is not None and named[0] in unit_ids and named[0] not in came:
                    came.add(named[0])
                    yield _delivery(named, resource)
        for unit_id in unit_ids:
            if unit_id in came:
                continue
            resource, answer = self._wire.json("GET", f"{self._wire.base_url}/{unit_id}", headers=JSON, expect=(200, 404, 410))
            if answer.status != 200:
                yield Gone(unit_id)
            elif (named := identity(resource)) is not None:
                yield _delivery(named, resource)

    def _pages(self, kind: str, since: dt.datetime | None, until: dt.datetime | None) -> Iterator[dict[str, Any]]:
        params = [("_count", str(self._search.page_size)), ("_elements", "id,meta"), ("_total", "accurate"), ("_sort", "_lastUpdated")]
        if since is not None:
            params.append(("_lastUpdated", f"ge{iso(since)}"))
        if until is not None:
            params.append(("_lastUpdated", f"lt{iso(until)}"))
        bundle, _ = self._wire.json("GET", f"{self._wire.base_url}/{kind}", headers=JSON, params=params)
        yield from self._following(self._bundle(bundle))

    def _following(self, bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A Bundle and the pages behind its `next` links; a server that leads in a circle is noticed."""
        seen = set[str]()
        while True:
            yield bundle
            url = next((link.get("url") for link in bundle.get("link") or [] if link.get("relation") == "next"), None)
            if not url:
                return
            if url in seen:
                raise SourceStrange(messages().issue("CON-005", self._wire.where, found="page links that lead in a circle"))
            seen.add(url)
            page, _ = self._wire.json("GET", url, headers=JSON)
            bundle = self._bundle(page)

    def _deleted(self, kind: str, since: dt.datetime, alive: set[str]) -> tuple[Unit, ...]:
        params = [("_since", iso(since)), ("_count", str(self._search.page_size))]
        bundle, _ = self._wire.json("GET", f"{self._wire.base_url}/{kind}/_history", headers=JSON, params=params)
        found: dict[str, Unit] = {}
        for page in self._following(self._bundle(bundle)):
            for entry in page.get("entry") or []:
                request = entry.get("request") or {}
                unit_id = "/".join(str(request.get("url", "")).split("?")[0].split("/")[-2:])
                if request.get("method") == "DELETE" and unit_id.startswith(f"{kind}/") and unit_id not in alive:
                    found[unit_id] = Unit(unit_id, None, "delete", None)
        return tuple(found.values())

    def _tells_deletions(self) -> bool:
        statement, _ = self._wire.json("GET", f"{self._wire.base_url}/metadata", headers=JSON)
        if not isinstance(statement, dict) or statement.get("resourceType") != "CapabilityStatement":
            raise SourceStrange(messages().issue("CON-005", self._wire.where, found="no CapabilityStatement at /metadata"))
        able = {entry.get("type") for rest in statement.get("rest") or [] for entry in rest.get("resource") or []
                if any(each.get("code") == "history-type" for each in entry.get("interaction") or [])}
        return set(self._search.types) <= able

    def _bundle(self, answer: Any) -> dict[str, Any]:
        if not isinstance(answer, dict) or answer.get("resourceType") != "Bundle":
            raise SourceStrange(messages().issue("CON-005", self._wire.where, found="a search answer that is no Bundle"))
        return answer


def _units(bundle: dict[str, Any], kind: str) -> Iterator[Unit]:
    for entry in bundle.get("entry") or []:
        named = identity(entry.get("resource"))
        if named is not None and named[0].startswith(f"{kind}/") and (entry.get("search") or {}).get("mode", "match") == "match":
            yield Unit(named[0], named[1], "put", None)


def _delivery(named: tuple[str, str | None], resource: Any) -> Delivery:
    """The resource as one compact JSON line; inside a Bundle it has no bytes of its own."""
    data = json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return Delivery(named[0], "resource", named[1], "put", (data,), "application/fhir+json")
