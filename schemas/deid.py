"""What the de-identification engines take and give, without a lake: plain records shared by DICOM, FHIR, text and flows."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

from eval_harness.base import Issue

Status = Literal["released", "quarantined", "rejected"]


@dataclass(frozen=True)
class KnownIdentity:
    """What is known to identify one patient or the site's staff: searched for in text, descriptors and pixels. PHI."""

    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    birth_date: str = ""
    """YYYY-MM-DD or empty."""

    def merged(self, other: KnownIdentity) -> KnownIdentity:
        def both(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(dict.fromkeys((*a, *b)))

        return KnownIdentity(both(self.names, other.names), both(self.ids, other.ids), both(self.phones, other.phones),
                             both(self.addresses, other.addresses), both(self.organisations, other.organisations),
                             self.birth_date or other.birth_date)


@dataclass(frozen=True)
class Span:
    """One identifying stretch of a text: code points of the original, end exclusive."""

    start: int
    end: int
    type: str
    rule: str


@dataclass(frozen=True)
class CleanText:
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class PixelBox:
    frame: int
    x0: int
    y0: int
    x1: int
    y1: int
    hidden: bool


@dataclass(frozen=True)
class PixelReport:
    """What was looked at and hidden in the pixels of one instance."""

    frames: int
    frames_scanned: int
    boxes: tuple[PixelBox, ...]
    pixels_changed: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class DicomOutcome:
    """One Part 10 file after de-identification. Quarantined and rejected ones carry issues and nothing else of the source."""

    status: Status
    issues: tuple[Issue, ...] = ()
    subject: str | None = None
    chunks: tuple[bytes | memoryview, ...] = ()
    """The new Part 10 file in pieces, the image last and uncopied."""
    study_instance_uid: str | None = None
    series_instance_uid: str | None = None
    sop_instance_uid: str | None = None
    """New UIDs. `source_sop_token` tells two source files of one UID apart without naming it."""
    source_sop_token: str | None = None
    pixel_digest: Callable[[], str | None] = field(default=lambda: None, repr=False, compare=False)
    """Makes `pixel_sha256`, which costs a pass over the image."""
    header: Mapping[str, Any] = field(default_factory=dict)
    """Columns of deid.instance by snake_case keyword, taken from the new file."""
    pixels: PixelReport | None = None
    actions: Mapping[str, int] = field(default_factory=dict)
    """Elements by what was done: kept, removed, replaced, shifted, remapped, cleaned, emptied."""

    @cached_property
    def pixel_sha256(self) -> str | None:
        """Keyed digest of the image bytes, None without an image: the same UID with other pixels is found by it."""
        return self.pixel_digest()

    @property
    def content(self) -> bytes | None:
        """The new Part 10 file as one, None when there is none. Joined at every call: write `chunks` where speed matters."""
        return b"".join(self.chunks) if self.chunks else None


@dataclass(frozen=True)
class FhirOutcome:
    """One FHIR resource after de-identification."""

    status: Status
    issues: tuple[Issue, ...] = ()
    resource_type: str | None = None
    subject: str | None = None
    content: bytes | None = None
    """Canonical JSON of the new resource, without a newline."""
    resource_id: str | None = None
    """New id."""
    actions: Mapping[str, int] = field(default_factory=dict)
