"""The last few series and layouts that a process met, so that a file is read and decided with the help of an earlier one."""
from __future__ import annotations

from pipelines.phi_zone.dicom.again import Again
from pipelines.phi_zone.dicom.body import FreshBody
from pipelines.phi_zone.dicom.earlier import Earlier
from pipelines.phi_zone.dicom.front import SOP, Context, Front
from pipelines.phi_zone.dicom.layout import Layout
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.dicom.pixeldata import PIXEL_TAGS
from pipelines.phi_zone.dicom.problem import DicomProblem

MOST_SERIES = 4
MOST_HEADER_BYTES = 256 << 10
MOST_ELEMENTS = 20_000
_DRIFT_BYTES = 256
"""How far the series UID may stand from where it stood in the earlier file."""


class SeriesMemory:
    """One earlier file of each of the last `most` series, and of as many layouts; of a header of at most MOST_HEADER_BYTES each."""

    def __init__(self, most: int = MOST_SERIES) -> None:
        self.most = most
        self.held: tuple[Earlier, ...] = ()
        """The latest last."""
        self.layouts: tuple[Layout, ...] = ()
        self.begun = ""
        """Series of the last file that was read by a layout. Its second file is read from scratch, for the others of the series."""

    def again(self, data: bytes | memoryview, context: Context) -> Again | None:
        """The file read with the help of an earlier one; None where it must be read from scratch."""
        if not isinstance(data, bytes):
            return None
        for earlier in reversed(self.held):
            at, size = earlier.series_at, len(earlier.series)
            near = data[max(0, at - _DRIFT_BYTES):at + size + _DRIFT_BYTES]
            if earlier.series in near and earlier.context.same(context):
                try:
                    return earlier.again(data, context)
                except DicomProblem:     # reading from scratch says which one
                    return None
        return self._by_layout(data, context)

    def _by_layout(self, data: bytes, context: Context) -> Again | None:
        for layout in reversed(self.layouts):
            if layout.fits(context):
                found = layout.again(data, context)
                if found is not None:
                    before, self.begun = self.begun, found.front.series
                    return None if found.front.series == before else found
        return None

    def keep(self, data: bytes | memoryview, part: Part10, front: Front, body: FreshBody, context: Context) -> None:
        """Remember a file that was read from scratch, in place of an earlier one of its series."""
        if not self.most or not isinstance(data, bytes) or not _plain(data, part, front, body):
            return
        new = Earlier(data, part, front, body, context)
        self.held = (*[one for one in self.held if one.series != new.series], new)[-self.most:]
        if front.series != self.begun:     # else a layout fits it
            self.layouts = (*[one for one in self.layouts if one.fits(context)], Layout(data, part, front, body, context))[-self.most:]


def _plain(data: bytes, part: Part10, front: Front, body: FreshBody) -> bool:
    """Whether a file is one that others can be read by: an image behind a whole header in order, nothing behind it."""
    dataset = part.dataset
    if part.data is not data or data[128:132] != b"DICM" or not part.little or part.parser.tail_at is not None:
        return False
    if len(dataset) < 2 or dataset[-1][0] not in PIXEL_TAGS or front.geometry is None or not body.told_apart:
        return False
    if any(code == "DCM-306" for code, _ in part.notes) or part.parser.count > MOST_ELEMENTS:
        return False
    own = part.by_tag.get(SOP)
    return (dataset[-2][2] + dataset[-2][3] <= MOST_HEADER_BYTES and own is not None
            and bool(data[own[2]:own[2] + own[3]].strip(b" \0")))
