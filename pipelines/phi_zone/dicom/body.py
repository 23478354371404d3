"""The elements of the new file, before what it says of itself is put between them."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pipelines.phi_zone.dicom.front import Front
from pipelines.phi_zone.dicom.header import header_of
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.dicom.plan import Plan
from pipelines.phi_zone.dicom.problem import DicomProblem
from pipelines.phi_zone.dicom.rewrite import Rewriter, Written


class Body(Protocol):
    @property
    def actions(self) -> Mapping[str, int]: ...

    def finished(self, more: Mapping[int, bytes]) -> tuple[bytes, dict[str, Any]]:
        """The elements as bytes, and the columns of deid.instance. `more` replaces and adds elements; empty bytes take one away."""
        ...


@dataclass(frozen=True)
class FreshBody:
    """Every element decided for this file."""

    written: Written
    actions: Mapping[str, int]
    told_apart: bool
    """Whether each element was decided by itself: structured content depends on what was dropped around it."""

    def finished(self, more: Mapping[int, bytes]) -> tuple[bytes, dict[str, Any]]:
        written = merged(self.written, more)
        return b"".join([element for _, element in written]), header_of(written)


def merged(written: Written, more: Mapping[int, bytes]) -> Written:
    """Elements added, replaced or taken away, in order."""
    return [one for one in sorted({**dict(written), **more}.items()) if one[1]]


def body_of(part: Part10, front: Front, plan: Plan) -> FreshBody:
    """Raises DCM-404 when a report would point at content that is gone."""
    rewriter = Rewriter(part.data, part.parser, plan, front.patient, front.geometry is not None and front.geometry.signed)
    written = rewriter.dataset(part.dataset, front.terms)
    if rewriter.content_dropped and rewriter.content_by_position:
        raise DicomProblem("DCM-404", "(0040,DB73)")
    return FreshBody(written, dict(rewriter.actions), not (rewriter.content_dropped or rewriter.content_by_position))
