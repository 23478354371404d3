"""A FHIR R4 search server: paging by opaque links, _lastUpdated, _id, _elements, _total, type-level history, 410 for the deleted."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable
from typing import Any

from simulator.faults import FaultBook
from simulator.resources import Resource
from simulator.server import Request, Response, as_json, outcome
from simulator.story import Shelf

MAX_PAGE = 100
COMPARE = {
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
}


class SearchServer:
    def __init__(self, shelf: Callable[[], Shelf], now: Callable[[], dt.datetime], faults: FaultBook) -> None:
        self.shelf, self.now, self.faults = shelf, now, faults
        self.base = ""
        self._pages: dict[str, tuple[list[Resource], int, int, bool]] = {}  # token -> (left, total, page size, brief)

    def respond(self, request: Request) -> Response:
        """Answers paths below /fhir."""
        path = request.path.removeprefix("/fhir")
        if path == "/metadata":
            return as_json(_capabilities())
        if path in ("", "/") and request.one("_getpages"):
            return self._next(request.one("_getpages"))
        if match := re.fullmatch(r"/([A-Z][A-Za-z]+)/_history", path):
            return self._history(request, match[1])
        if match := re.fullmatch(r"/([A-Z][A-Za-z]+)(/_search)?", path):
            return self._search(request, match[1])
        if match := re.fullmatch(r"/([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})", path):
            return self._read(f"{match[1]}/{match[2]}")
        return outcome(404, "no such interaction")

    def _read(self, key: str) -> Response:
        shelf = self.shelf()
        if key in shelf.resources:
            return as_json(shelf.resources[key])
        return outcome(410, "deleted") if key in shelf.deleted else outcome(404, "not known")

    def _search(self, request: Request, kind: str) -> Response:
        found = [resource for resource in self.shelf().resources.values() if resource["resourceType"] == kind]
        if request.all("_id"):
            ids = {value for text in request.all("_id") for value in text.split(",")}
            found = [resource for resource in found if resource["id"] in ids]
        for text in request.all("_lastUpdated"):
            sign, value = (text[:2], text[2:]) if text[:2] in COMPARE else ("eq", text)
            try:
                bound = dt.datetime.fromisoformat(value.replace(" ", "+"))
            except ValueError:
                return outcome(400, "_lastUpdated is not an instant")
            found = [resource for resource in found if COMPARE[sign](dt.datetime.fromisoformat(resource["meta"]["lastUpdated"]), bound)]
        found.sort(key=lambda resource: (resource["meta"]["lastUpdated"], resource["id"]))
        total = len(found)
        if request.one("_summary") == "count" or request.one("_count") == "0":
            return as_json({"resourceType": "Bundle", "type": "searchset", "total": total})
        if fault := self.faults.take("list_more", request.line):
            total += fault.count
            ghosts = [{**found[0], "id": f"ghost-{number}"} for number in range(fault.count)] if found else []
            found = found + ghosts
        if fault := self.faults.take("list_fewer", request.line):
            found = found[fault.count :]
        if fault := self.faults.take("duplicate", request.line):
            found = found[: fault.count] + found
        size = min(int(request.one("_count") or MAX_PAGE), MAX_PAGE)
        return self._page(found, total, size, "id" in request.one("_elements").split(","))

    def _page(self, left: list[Resource], total: int, size: int, brief: bool) -> Response:
        links = []
        if len(left) > size:
            token = secrets.token_urlsafe(9)
            self._pages[token] = (left[size:], total, size, brief)
            links.append({"relation": "next", "url": f"{self.base}/fhir?_getpages={token}"})
        entries = [
            {
                "fullUrl": f"{self.base}/fhir/{resource['resourceType']}/{resource['id']}",
                "resource": _brief(resource) if brief else resource,
                "search": {"mode": "match"},
            }
            for resource in left[:size]
        ]
        return as_json(
            {
                "resourceType": "Bundle",
                "type": "searchset",
                "meta": {"lastUpdated": self.now().isoformat()},
                "total": total,
                "link": links,
                "entry": entries,
            }
        )

    def _next(self, token: str) -> Response:
        return self._page(*self._pages[token]) if token in self._pages else outcome(410, "this page has expired")

    def _history(self, request: Request, kind: str) -> Response:
        try:
            since = dt.datetime.fromisoformat(request.one("_since").replace(" ", "+"))
        except ValueError:
            return outcome(400, "_since is not an instant")
        shelf, entries = self.shelf(), list[dict[str, Any]]()
        for key, when in shelf.deleted.items():
            if key.startswith(f"{kind}/") and when > since:
                entries.append(
                    {
                        "fullUrl": f"{self.base}/fhir/{key}",
                        "request": {"method": "DELETE", "url": key},
                        "response": {"status": "204", "lastModified": when.isoformat()},
                    }
                )
        for key, resource in shelf.resources.items():
            if key.startswith(f"{kind}/") and dt.datetime.fromisoformat(resource["meta"]["lastUpdated"]) > since:
                entries.append({"fullUrl": f"{self.base}/fhir/{key}", "resource": resource, "request": {"method": "PUT", "url": key}})
        return as_json({"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries})


def _brief(resource: Resource) -> Resource:
    tagged = {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}]}
    return {"resourceType": resource["resourceType"], "id": resource["id"], "meta": {**resource["meta"], **tagged}}


def _capabilities() -> Resource:
    kinds = [
        "Patient",
        "Encounter",
        "Condition",
        "Observation",
        "DiagnosticReport",
        "ImagingStudy",
        "DocumentReference",
        "Practitioner",
        "Organization",
        "ServiceRequest",
    ]
    interactions = [{"code": code} for code in ("read", "search-type", "history-type")]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "fhirVersion": "4.0.1",
        "kind": "instance",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": [{"type": kind, "interaction": interactions} for kind in kinds]}],
    }
