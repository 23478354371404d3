"""Misbehaviour on order: what a server of ours does wrong, to which requests, and how often.

| kind | effect |
|---|---|
| cut | the body stops after `at` bytes (at >= 1) or that share of it (at < 1) and the connection closes |
| stall | the body stops after `at` as above and nothing more comes for `seconds` |
| truncate | the same, but framed as if the short body were the whole (an upstream that lies) |
| status | answers `status` (429, 500, 410, ...), with Retry-After when `retry_after` is set |
| expire_token | cuts the body at `at` and revokes every access token |
| list_more / list_fewer | the listing names `count` units that do not exist / leaves `count` out |
| duplicate | the first `count` units of a body are sent twice |
| other_bytes | the instance `unit` (or the first sent) has other pixel bytes under the same UID |
| hold_back | `unit` disappears until the next night: it comes late |
| delete | `unit` is deleted |
| silent_change | resource `unit` changes, `lastUpdated` and `versionId` do not |
"""

from __future__ import annotations

import re
import threading
from dataclasses import asdict, dataclass, fields
from typing import Any

WIRE = ("cut", "stall", "truncate", "status", "expire_token", "list_more", "list_fewer", "duplicate", "other_bytes")
CONTENT = ("hold_back", "delete", "silent_change")


@dataclass
class Fault:
    kind: str
    match: str = ""  # regular expression, searched in "METHOD path?query"; empty = every request
    times: int | None = 1  # None = always
    skip: int = 0  # let this many matching requests pass first
    at: float = 0.5
    status: int = 500
    retry_after: int | None = None
    count: int = 1
    seconds: float = 5.0
    unit: str = ""  # "Type/id" or SOP Instance UID, for faults about one unit

    def __post_init__(self) -> None:
        if self.kind not in WIRE + CONTENT:
            raise ValueError(f"unknown fault {self.kind}; known: {', '.join(WIRE + CONTENT)}")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Fault:
        unknown = set(data) - {each.name for each in fields(cls)}
        if unknown:
            raise ValueError(f"unknown fault fields {sorted(unknown)}")
        return cls(**data)


class FaultBook:
    """The faults ordered of one hospital; each is spent as it strikes."""

    def __init__(self, faults: list[Fault] | None = None) -> None:
        self._lock, self._faults, self.struck = threading.Lock(), list(faults or []), list[str]()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def pending(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, kind: str, request_line: str) -> Fault | None:
        """The first fault of this kind that strikes this request, or None."""
        with self._lock:
            for fault in self._faults:
                if fault.kind != kind or not re.search(fault.match, request_line):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                self.struck.append(kind)
                return fault
        return None
