"""What the header engine asks of the pixel room, so that neither imports the other's heavy parts."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from eval_harness.base import Issue
from pipelines.phi_zone.dicom.identity import Matcher
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.dicom.pixeldata import SourcePixels
from schemas.deid import PixelReport
from schemas.shapes.dicom_policy import DicomPolicy


@dataclass(frozen=True)
class PixelWork:
    """What the pixel room did to one instance. All empty: nobody looked."""

    report: PixelReport | None = None
    native: bytes | None = None
    """New native pixels, little endian, when any had to change."""
    elements: dict[int, bytes] = field(default_factory=dict)
    """Image elements that change with them, whole, by tag; empty bytes take one away."""
    features: str | None = None
    """Recognizable Visual Features (0028,0302): YES or NO where somebody knows."""
    issues: tuple[Issue, ...] = ()


class PixelCleaner(Protocol):
    """Looks at the frames of one instance and hides what identifies. Raises DicomProblem when it cannot decide."""

    def clean(self, part: Part10, source: SourcePixels, policy: DicomPolicy, known: Matcher, sop_class: str) -> PixelWork: ...
