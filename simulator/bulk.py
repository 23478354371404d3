"""Bulk Data Access ($export), as FHIR Bulk Data 2.0 describes it: kick-off, polling, manifest, NDJSON files, DELETE."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from simulator.faults import FaultBook
from simulator.resources import Resource
from simulator.server import Request, Response, as_json, outcome
from simulator.story import Shelf

LINES_A_FILE = 60
GROUP = "all-inpatients"


@dataclass
class Job:
    url: str
    polls_left: int
    transaction_time: str
    files: dict[str, list[bytes]]  # file name -> lines without newline
    manifest: dict[str, object]


class BulkServer:
    """`shelf()` and `now()` are asked at kick-off, so an export shows one moment."""

    def __init__(
        self, shelf: Callable[[], Shelf], now: Callable[[], dt.datetime], faults: FaultBook, polls: int = 1, retry_after_s: int = 1
    ) -> None:
        self.shelf, self.now, self.faults, self.polls, self.retry_after_s = shelf, now, faults, polls, retry_after_s
        self.base = ""
        self.jobs: dict[str, Job] = {}

    def respond(self, request: Request) -> Response:
        """Answers paths below /fhir."""
        path = request.path.removeprefix("/fhir")
        if path == "/metadata":
            return as_json(
                {
                    "resourceType": "CapabilityStatement",
                    "status": "active",
                    "fhirVersion": "4.0.1",
                    "kind": "instance",
                    "format": ["json"],
                    "instantiates": ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"],
                }
            )
        if re.fullmatch(r"/(Patient/|Group/[A-Za-z0-9.\-]+/)?\$export", path):
            return self._kick_off(request, path)
        if match := re.fullmatch(r"/\$export-status/([\w-]+)", path):
            return self._status(request, match[1])
        if match := re.fullmatch(r"/\$export-files/([\w-]+)/([\w.-]+)", path):
            return self._file(request, match[1], match[2])
        if (match := re.fullmatch(r"/([A-Z][A-Za-z]+)", path)) and request.one("_summary") == "count":
            total = sum(key.startswith(f"{match[1]}/") for key in self.shelf().resources)
            return as_json({"resourceType": "Bundle", "type": "searchset", "total": total})
        return outcome(404, "no such operation")

    def _kick_off(self, request: Request, path: str) -> Response:
        if "respond-async" not in request.headers.get("prefer", "") or "fhir+json" not in request.headers.get("accept", ""):
            return outcome(400, "Accept: application/fhir+json and Prefer: respond-async are required")
        if path.startswith("/Group/") and path != f"/Group/{GROUP}/$export":
            return outcome(404, "no such group")
        since, types = None, [name for value in request.all("_type") for name in value.split(",") if name]
        try:
            since = dt.datetime.fromisoformat(request.one("_since").replace(" ", "+")) if request.one("_since") else None
        except ValueError:
            return outcome(400, "_since is not an instant")
        if since is not None and since.tzinfo is None:
            return outcome(400, "_since needs a time zone")
        job_id = secrets.token_urlsafe(9)
        self.jobs[job_id] = self._run(job_id, request.line, since, types, system=path == "/$export")
        return Response(202, headers={"Content-Location": f"{self.base}/fhir/$export-status/{job_id}"})

    def _run(self, job_id: str, line: str, since: dt.datetime | None, types: list[str], system: bool) -> Job:
        shelf, now, files, output, deleted = (
            self.shelf(),
            self.now(),
            dict[str, list[bytes]](),
            list[dict[str, object]](),
            list[dict[str, object]](),
        )
        wanted: dict[str, list[Resource]] = {}
        for resource in shelf.resources.values():
            kind = resource["resourceType"]
            if (types and kind not in types) or (not system and kind in ("Organization", "Practitioner")):
                continue
            if since is None or dt.datetime.fromisoformat(resource["meta"]["lastUpdated"]) > since:
                wanted.setdefault(kind, []).append(resource)
        for kind, members in wanted.items():
            for part in range(0, len(members), LINES_A_FILE):
                name = f"{kind}.{part // LINES_A_FILE}.ndjson"
                files[name] = [_line(resource) for resource in members[part : part + LINES_A_FILE]]
                output.append({"type": kind, "url": f"{self.base}/fhir/$export-files/{job_id}/{name}", "count": len(files[name])})
        gone = [
            key for key, when in shelf.deleted.items() if since is not None and when > since and (not types or key.split("/")[0] in types)
        ]
        if gone:
            files["deleted.ndjson"] = [
                _line({"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "DELETE", "url": key}}]})
                for key in gone
            ]
            deleted.append({"type": "Bundle", "url": f"{self.base}/fhir/$export-files/{job_id}/deleted.ndjson", "count": len(gone)})
        for kind, sign in (("list_more", 1), ("list_fewer", -1)):
            if output and (fault := self.faults.take(kind, line)):
                output[0]["count"] = int(str(output[0]["count"])) + sign * fault.count
        if files and (fault := self.faults.take("duplicate", line)):
            first = next(iter(files.values()))
            first[:0] = first[: fault.count]
        manifest = {
            "transactionTime": now.isoformat(timespec="milliseconds"),
            "request": f"{self.base}/fhir/$export",
            "requiresAccessToken": True,
            "output": output,
            "deleted": deleted,
            "error": [],
        }
        return Job("", self.polls, now.isoformat(), files, manifest)

    def _status(self, request: Request, job_id: str) -> Response:
        job = self.jobs.get(job_id)
        if job is None:
            return outcome(404, "no such job")
        if request.method == "DELETE":
            del self.jobs[job_id]
            return Response(202)
        if job.polls_left > 0:
            job.polls_left -= 1
            return Response(202, headers={"Retry-After": str(self.retry_after_s), "X-Progress": f"{90 - 10 * job.polls_left}% done"})
        return as_json(job.manifest, media_type="application/json", headers={"Expires": "Thu, 31 Dec 2026 23:59:59 GMT"})

    def _file(self, request: Request, job_id: str, name: str) -> Response:
        job = self.jobs.get(job_id)
        if job is None or name not in job.files:
            return outcome(404, "no such file")
        return Response(200, [line + b"\n" for line in job.files[name]], "application/fhir+ndjson", framing="chunked")


def _line(resource: Resource) -> bytes:
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
