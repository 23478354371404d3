"""CT, MR and PET slices as a series: first, middle, last and the brightest of all are looked at; every slice only if one shows text.

Scanner reconstructions carry text rarely, and then on all slices of a series, or as a bright stroke that survives in the projection.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pipelines.phi_zone.dicom.identity import matcher
from pipelines.phi_zone.dicom.problem import DicomProblem
from pipelines.phi_zone.sealed import Broken
from schemas.deid import KnownIdentity
from schemas.shapes.dicom_policy import DicomPolicy

if TYPE_CHECKING:
    from pipelines.phi_zone.pixels.cleaner import OcrCleaner


class SeriesLook:
    """One series' primary slices: (number, how to read its bytes, instance number)."""

    def __init__(self, slices: list[tuple[int, Callable[[], bytes | memoryview], int | None]], policy: DicomPolicy,
                 known: KnownIdentity | None) -> None:
        self.policy, self.known = policy, known
        ordered = sorted(slices, key=lambda one: (one[2] is None, one[2] or 0, one[0]))
        picked = {ordered[place][0] for place in (0, len(ordered) // 2, -1)} if ordered else set()
        self.sampled = picked
        self.slices = ordered
        self.strange: set[int] = set()
        """Slices that could not be decoded: each is looked at by itself, and says what is wrong with it."""
        self._clear: bool | None = None

    def cleaner(self, number: int) -> OcrCleaner:
        """The cleaner for one file: one that looks no further when the sampled slices and the projection are clear."""
        from pipelines.phi_zone.pixels.cleaner import OcrCleaner

        if len(self.slices) <= 3 or not any(number == one[0] for one in self.slices):
            return OcrCleaner()
        if self._clear is None:
            self._clear = not self._shows_text()
        return OcrCleaner("look" if not self._clear or number in self.strange else "seen" if number in self.sampled else "skip")

    def _shows_text(self) -> bool:
        """Whether a sampled slice or the projection of the series shows anything that is not technique."""
        from pipelines.phi_zone.pixels.look import look
        from pipelines.phi_zone.pixels.ocr import reader

        eyes = matcher(self.known or KnownIdentity())
        views = self._views()
        return any(one.verdict != "technique" for view in views for one in look(view, reader(), eyes, self.policy.pixels.keep_text))

    def _views(self) -> list[Any]:
        """8-bit pictures of the sampled slices and of the brightest over all."""
        import numpy as np

        from pipelines.phi_zone.dicom.part10 import read_part10
        from pipelines.phi_zone.dicom.pixeldata import geometry_of, source_pixels
        from pipelines.phi_zone.pixels.decode import decoded_as, frames, picture

        views: list[Any] = []
        brightest: dict[tuple[int, ...], Any] = {}
        for number, read, _ in self.slices:
            try:
                part = read_part10(read())
                source = source_pixels(part, geometry_of(part))
                if source is None:
                    continue
                how = decoded_as(part, source)
                for frame in frames(source):
                    if number in self.sampled:
                        views.append(picture(frame, how))
                    if frame.ndim == 2:
                        held = brightest.get(frame.shape)
                        brightest[frame.shape] = np.array(frame) if held is None else np.maximum(held, frame)
            except (DicomProblem, OSError, ValueError):
                self.strange.add(number)
        from pipelines.phi_zone.pixels.decode import Decoded

        return views + [picture(frame, Decoded("MONOCHROME2", None, False)) for frame in brightest.values()]


Read = Callable[[], bytes | memoryview]


def looks(slices: list[tuple[bytes, str | None, Read]], policy: DicomPolicy,
          known: Mapping[str | None, KnownIdentity | None]) -> Callable[[bytes], OcrCleaner | None]:
    """For instances that arrive in any order: row id → the cleaner for it. slices: (row id, series token, how to read its bytes)."""
    if not policy.pixels.clean:
        return lambda row_id: None
    numbers: dict[bytes, tuple[int, str | None]] = {}
    by_series: dict[str | None, list[tuple[int, Read, int | None]]] = {}
    for number, (row_id, series, read) in enumerate(slices):
        numbers[row_id] = (number, series)
        found = _primary(read)
        if found is not None and series is not None:
            by_series.setdefault(series, []).append((number, read, found[0]))
    held = {series: SeriesLook(by_series.get(series, []), policy, known.get(series)) for series in {series for _, series, _ in slices}}
    return lambda row_id: held[numbers[row_id][1]].cleaner(numbers[row_id][0])


def _primary(read: Read) -> tuple[int | None] | None:
    """The instance number of a slice that is original and primary; None for everything else, the unreadable included."""
    from pipelines.phi_zone.dicom.engine import main_values
    from pipelines.phi_zone.dicom.part10 import read_part10
    from pipelines.phi_zone.pixels.which import is_primary_slice

    try:
        part = read_part10(read())
    except (DicomProblem, Broken):
        return None      # its own turn says what is wrong with it
    sop_class, number = main_values(part, "SOPClassUID", "InstanceNumber")
    if not is_primary_slice(part, sop_class):
        return None
    return (int(number) if number.lstrip("+-").isdigit() else None,)
