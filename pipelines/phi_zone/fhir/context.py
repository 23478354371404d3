"""What one resource's walk carries: whose it is, how far its dates move, and how ids become pseudonyms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from eval_harness.base import Issue
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import KnownIdentity
from schemas.messages import messages


class Malformed(Exception):
    """An element has a shape FHIR does not allow: the resource is quarantined, because its meaning is not certain."""

    def __init__(self, code: str = "FHR-011") -> None:
        super().__init__(code)
        self.code = code
        self.path: list[str] = []


class Links(Protocol):
    """What is known beyond one resource: whose a reference is, and what a Bundle's urn stands for."""

    def subject_of(self, token: str) -> str | None: ...

    def target_of(self, urn: str) -> tuple[str, str] | None: ...


class Pseudonyms:
    """New ids of one site under one key; remembers recent ones."""

    def __init__(self, key: ProjectKey, site_id: str) -> None:
        self.key, self.site_id = key, site_id
        self.new_id: Callable[[str, str], str] = lru_cache(maxsize=1 << 14)(self._new_id)
        self.token: Callable[[str, str], str] = lru_cache(maxsize=1 << 13)(self._token)

    def _new_id(self, resource_type: str, source_id: str) -> str:
        return self.key.token("fhir-id", self.site_id, resource_type, source_id)

    def _token(self, system: str, value: str) -> str:
        return self.key.token("fhir-identifier", self.site_id, system, value)


@dataclass(slots=True)
class Context:
    """One resource on its way out."""

    names: Pseudonyms
    text: TextCleaner
    known: KnownIdentity | None
    subject: str | None
    shift_days: int | None
    subject_tokens: frozenset[str]
    links: Links | None = None
    resource_type: str = ""
    contained: dict[str, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    removed: int = 0
    shifted: int = 0
    remapped: int = 0
    cleaned: int = 0
    exotic: bool = False
    """A number needs the full canonical writer."""

    def warn(self, code: str, where: str, **params: object) -> None:
        if len(self.issues) < 20:
            self.issues.append(messages().issue(code, f"{self.resource_type}.{where}", **params))
