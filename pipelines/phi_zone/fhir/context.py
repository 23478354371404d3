"""What one resource's walk carries: whose it is, how far its dates move, and how ids become pseudonyms."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from eval_harness.base import Issue
from pipelines.phi_zone.fhir.references import is_plain
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.known import matcher
from schemas.deid import KnownIdentity
from schemas.messages import messages

if TYPE_CHECKING:
    from pipelines.phi_zone.fhir.memory import Memory

MOST_ISSUES = 20


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

    POINTERS = 1 << 12

    def __init__(self, key: ProjectKey, site_id: str) -> None:
        self.key, self.site_id = key, site_id
        self.token: Callable[[str, str], str] = lru_cache(maxsize=1 << 13)(self._token)
        self.of_type: Callable[[str], Callable[[str], str]] = lru_cache(maxsize=1 << 10)(self._of_type)
        self.pointers: dict[str, dict[str, Any]] = {}
        """New references of plain ones (`Encounter/1`) that are the same in every patient's record."""

    def new_id(self, resource_type: str, source_id: str) -> str:
        return self.of_type(resource_type)(source_id)

    def keep_pointer(self, pointer: str, new: dict[str, Any]) -> None:
        if len(self.pointers) >= self.POINTERS:
            self.pointers.clear()
        self.pointers[pointer] = new

    def _of_type(self, resource_type: str) -> Callable[[str], str]:
        return self.key.tokens("fhir-id", self.site_id, resource_type)

    def _token(self, system: str, value: str) -> str:
        return self.key.token("fhir-identifier", self.site_id, system, value)


class Context:
    """One patient's resources on their way out, one after the other: `begin` starts the next."""

    __slots__ = (
        "cleaned",
        "clear",
        "codes",
        "contained",
        "dates",
        "exotic",
        "issues",
        "known",
        "links",
        "matcher",
        "memory",
        "names",
        "own_pointer",
        "own_reference",
        "personal",
        "remapped",
        "removed",
        "resource_type",
        "shift_days",
        "shifted",
        "subject",
        "subject_tokens",
        "text",
        "texts",
    )

    def __init__(
        self,
        names: Pseudonyms,
        text: TextCleaner,
        known: KnownIdentity | None,
        subject: str | None,
        subject_tokens: frozenset[str] = frozenset(),
        links: Links | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.names, self.text, self.known, self.subject = names, text, known, subject
        self.shift_days = names.key.shift_days(subject) if subject is not None else None
        self.subject_tokens, self.links, self.memory = subject_tokens, links, memory
        self.matcher = matcher(known) if known is not None else None
        self.own_reference = {"reference": f"Patient/{subject}"}
        self.own_pointer = next((token for token in subject_tokens if is_plain(token)), None)
        self.clear: set[int] = set()
        """Remembered parts that are known to hold nothing of this patient."""
        self.dates: dict[str, str] = {}
        self.texts: list[str] | None = None
        """What was searched for an identity, written down while a part is treated for everybody; else None."""
        self.codes: list[str] = []
        self.personal = False
        """Something depended on whose resource it is."""
        self.contained: dict[str, str] = {}
        self.issues: list[Issue] = []
        self.begin("")

    def begin(self, resource_type: str) -> Context:
        self.resource_type = resource_type
        self.removed = self.shifted = self.remapped = self.cleaned = 0
        self.exotic = False
        """A number needs the full canonical writer."""
        if self.contained:
            self.contained = {}
        if self.issues:
            self.issues = []
        return self

    def warn(self, code: str, where: str, **params: object) -> None:
        self.personal = True
        if len(self.issues) < MOST_ISSUES:
            self.issues.append(messages().issue(code, f"{self.resource_type}.{where}", **params))
