"""What every connector offers: promises first (`list`), then the promised things (`fetch`), byte for byte as the source has them.

A `Group` is what a source promises at once: a bulk-export file, a search page, a study, a folder. It is complete before anything
of it is retrieved, so that its units can be claimed first. `fetch` yields what really came, listed or not; the caller compares.
A connector never decides that something is bad: a broken line or a truncated file is delivered as it stands.

Identities are inside unit ids, group ids and locators. They stay in the PHI zone: errors and issues name the site, the source and
counts, never an address with an id in it and never a value.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, MutableSequence
from dataclasses import dataclass
from typing import Literal, Protocol

from eval_harness.base import Issue, Retryable, Terminal

Kind = Literal["instance", "resource", "file"]
Op = Literal["put", "delete"]
Basis = Literal["ids", "count", "inventory", "transfer"]


@dataclass(frozen=True)
class Unit:
    """One promised thing: an instance (SOP Instance UID), a resource (`Type/id`) or something unreadable (place + size)."""

    unit_id: str
    version: str | None
    op: Op
    size_bytes: int | None


@dataclass(frozen=True)
class Group:
    """What the source promises at once. `expected` without `units` = only a number is known. `locator` is enough to fetch it later."""

    group_id: str
    kind: Kind
    basis: Basis
    expected: int | None
    units: tuple[Unit, ...]
    locator: Mapping[str, str]


@dataclass(frozen=True)
class Delivery:
    """One thing that came. Consume `chunks` before asking for the next delivery; what is left of them is read and dropped."""

    unit_id: str
    kind: Kind
    version: str | None
    op: Op
    chunks: Iterable[bytes]
    media_type: str


@dataclass(frozen=True)
class Gone:
    """A listed unit for which the source answered 404 or 410."""

    unit_id: str


@dataclass(frozen=True)
class SourceReport:
    """What `site test` shows: counts by name, how long it took, remarks."""

    counts: Mapping[str, int]
    seconds: float
    notes: tuple[str, ...] = ()


class Connector(Protocol):
    source: str
    """fhir-bulk | fhir-search | dicomweb:<name> | folder"""
    issues: MutableSequence[Issue]
    """What a person should know after `list`: counts that disagree, exports that failed in part. Empty = nothing."""

    def test(self) -> SourceReport:
        """Connect, authenticate, count; pull nothing."""
        ...

    def list(self, since: dt.datetime | None, until: dt.datetime | None) -> Iterator[Group]:
        """The promises for what changed in [since, until); None = everything, up to now."""
        ...

    def fetch(self, group: Group) -> Iterator[Delivery | Gone]:
        """What comes for a group. Retries inside; raises TransferCut when the source stays cut."""
        ...

    def watermark(self) -> str | None:
        """After `list`: the source's own moment (ISO 8601) to continue from; None = the listing was not whole, do not move on."""
        ...

    def close(self) -> None:
        """End what the source keeps for us (export jobs) and all connections."""
        ...


class SourceUnavailable(Retryable):
    """The source does not answer, or answers that it cannot now."""


class TransferCut(Retryable):
    """A body ended early, and again on every retry: boundary not closed, length short, pixel data or line cut."""


class SourceRefused(Terminal):
    """The source knows us not, or not for this: wrong client key, password, 401, 403."""


class SourceStrange(Terminal):
    """The source answers what its protocol does not allow; somebody has to look."""


class Gap(Exception):
    """Inside this room only: a body ended before its end. Caught by the retry loops."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
