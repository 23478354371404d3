"""CT, MR and PET slices as a series: first, middle, last and the brightest of all are looked at; every slice only if one shows text.

Scanner reconstructions carry text rarely, and then on all slices of a series, or as a bright stroke that survives in the projection.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.phi_zone.dicom.identity import matcher
from pipelines.phi_zone.dicom.problem import DicomProblem
from schemas.deid import KnownIdentity
from schemas.shapes.dicom_policy import DicomPolicy

if TYPE_CHECKING:
    from pipelines.phi_zone.pixels.cleaner import OcrCleaner


class SeriesLook:
    """One unit's primary slices: (number, path, instance number)."""

    def __init__(self, slices: list[tuple[int, str, int | None]], policy: DicomPolicy, known: KnownIdentity | None) -> None:
        self.policy, self.known = policy, known
        ordered = sorted(slices, key=lambda one: (one[2] is None, one[2] or 0, one[0]))
        picked = {ordered[place][0] for place in (0, len(ordered) // 2, -1)} if ordered else set()
        self.sampled = picked
        self.slices = ordered
        self._clear: bool | None = None

    def cleaner(self, number: int) -> OcrCleaner:
        """The cleaner for one file: one that skips primary slices when the sampled ones and the projection are clear."""
        from pipelines.phi_zone.pixels.cleaner import OcrCleaner

        if len(self.slices) <= 3 or number in self.sampled or not any(number == one[0] for one in self.slices):
            return OcrCleaner()
        if self._clear is None:
            self._clear = not self._shows_text()
        return OcrCleaner("skip" if self._clear else "look")

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

        from pipelines.phi_zone.dicom.batch.worker import read_file
        from pipelines.phi_zone.dicom.part10 import read_part10
        from pipelines.phi_zone.dicom.pixeldata import geometry_of, source_pixels
        from pipelines.phi_zone.pixels.decode import decoded_as, frames, picture

        views: list[Any] = []
        brightest: dict[tuple[int, ...], Any] = {}
        for number, path, _ in self.slices:
            try:
                part = read_part10(read_file(path))
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
            except (DicomProblem, OSError):
                continue     # the file's own turn says what is wrong with it
        from pipelines.phi_zone.pixels.decode import Decoded

        return views + [picture(frame, Decoded("MONOCHROME2", None, False)) for frame in brightest.values()]
