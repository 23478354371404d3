"""The pixel room's answer to one instance: every frame that can carry text was looked at, and what identifies is hidden.

Burned In Annotation is not asked. An image in which nothing had to be hidden keeps its pixel bytes; one that changed leaves as native
samples in the colour space it was stored or decoded in, and is looked at again before it goes.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.phi_zone.dicom.dictionary import PIXEL_DATA, TAG_OF
from pipelines.phi_zone.dicom.faces import may_show_a_face
from pipelines.phi_zone.dicom.identity import Matcher
from pipelines.phi_zone.dicom.mark import text_element
from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.dicom.pixeldata import CODECS, SourcePixels
from pipelines.phi_zone.dicom.problem import DicomProblem, note
from pipelines.phi_zone.dicom.seam import PixelWork
from pipelines.phi_zone.pixels.cine import Mean, carries, chunks
from pipelines.phi_zone.pixels.decode import Decoded, Span, decoded_as, frames, native_frame, pack_frame, picture, span_of
from pipelines.phi_zone.pixels.fill import Box, hide, padded
from pipelines.phi_zone.pixels.look import Seen, look, same_place
from pipelines.phi_zone.pixels.ocr import reader
from pipelines.phi_zone.pixels.surface import can_remove, without_surface
from pipelines.phi_zone.pixels.which import can_carry_text, fixed_regions, is_primary_slice
from schemas.deid import PixelBox, PixelReport
from schemas.shapes.dicom_policy import DicomPolicy

ROUNDS = 3
Decided = dict[tuple[int, int, int, int, int], bool]
"""What a person decided of uncertain text: (frame, x0, y0, x1, y1) → hide."""


class OcrCleaner:
    """`primaries`: what to do with CT/MR slices that are original and primary: "look" at each, "skip" those that somebody looks at
    as a series (dicom/batch/series.py), or take this one as "seen" there and found without text."""

    def __init__(self, primaries: str = "look", decided: Decided | None = None) -> None:
        self.primaries, self.decided = primaries, decided or {}

    def clean(self, part: Part10, source: SourcePixels, policy: DicomPolicy, known: Matcher, sop_class: str) -> PixelWork:
        """Raises DicomProblem DCM-140 (cannot decode), DCM-141 (waits for a person), DCM-162 (text that will not go)."""
        work = self._text(part, source, policy, known, sop_class)
        if policy.faces == "remove" and may_show_a_face(part, sop_class) and can_remove(part, sop_class) and source.geometry.samples == 1:
            return _faceless(part, source, work)
        return work

    def _text(self, part: Part10, source: SourcePixels, policy: DicomPolicy, known: Matcher, sop_class: str) -> PixelWork:
        geometry = source.geometry
        if source.tag != PIXEL_DATA or not can_carry_text(part, geometry, sop_class):
            return PixelWork(PixelReport(geometry.frames, 0, (), False))
        if self.primaries != "look" and is_primary_slice(part, sop_class):
            return PixelWork(PixelReport(geometry.frames, geometry.frames if self.primaries == "seen" else 0, (), False))
        how = decoded_as(part, source)
        regions = fixed_regions(part, geometry, policy)
        span = span_of(source)
        seen = look_at_all(frames(source), how, known, policy, span)
        hidden = _to_hide(seen, regions, geometry.frames, policy, geometry.rows, geometry.columns, self.decided)
        shown = tuple(PixelBox(frame, *one.line.box, False) for frame, ones in sorted(seen.items()) for one in ones
                      if one.verdict == "technique")
        if not hidden:
            return PixelWork(PixelReport(geometry.frames, geometry.frames, shown, False))
        return _hidden(part, source, how, hidden, known, policy, shown, span, self.decided)


def look_at_all(stored: Iterator[NDArray[Any]], how: Decoded, known: Matcher, policy: DicomPolicy,
                 span: Span | None) -> dict[int, list[Seen]]:
    """Frame → what was seen on it, chunk by chunk; what only the mean of a cine shows stands on all its frames."""
    further = policy.pixels.keep_text
    seen: dict[int, list[Seen]] = {}
    kept: list[NDArray[np.uint8]] = []
    mean = Mean()

    def pictures() -> Iterator[NDArray[np.uint8]]:
        for frame in stored:
            image = picture(frame, how, span)
            kept.append(image)
            mean.add(image)
            yield image

    for chunk in chunks(pictures()):
        alone = chunk.first == 0 and len(chunk.digests) == 1       # one picture, or a cine of equal ones: a short chunk is the last
        found = [(one, view) for view in chunk.views() for one in look(view, reader(), known, further, None if alone else False)]
        for place in range(chunk.count):
            image = kept[place]
            seen[chunk.first + place] = [one for one, view in found if len(chunk.digests) == 1 or carries(image, view, one.line.box)]
        del kept[:chunk.count]
        if alone:
            return seen
    together = mean.picture()
    if together is None:
        return seen
    for one in look(together, reader(), known, further):
        for ones in seen.values() if one.verdict != "technique" else ():
            if not same_place(one.line, [other.line for other in ones if other.verdict != "technique"], together.shape):
                ones.append(one)
    return seen


def _to_hide(seen: dict[int, list[Seen]], regions: tuple[Box, ...], count: int, policy: DicomPolicy, rows: int,
             columns: int, decided: Decided) -> dict[int, list[Box]]:
    out: dict[int, list[Box]] = {}
    for frame in range(count):
        boxes = list(regions)
        for one in seen.get(frame, ()):
            if one.verdict == "uncertain" and policy.pixels.uncertain == "review":
                hide_it = decided.get((frame, *one.line.box))
                if hide_it is None:
                    raise DicomProblem("DCM-141", "(7FE0,0010)")
                if not hide_it:
                    continue
            if one.verdict != "technique":
                boxes.append(padded(one.line.corners, rows, columns))
        if boxes:
            out[frame] = boxes
    return out


def _hidden(part: Part10, source: SourcePixels, how: Decoded, hidden: dict[int, list[Box]], known: Matcher, policy: DicomPolicy,
            shown: tuple[PixelBox, ...], span: Span | None, decided: Decided) -> PixelWork:
    geometry = source.geometry
    kind = np.dtype(f"<{'i' if geometry.signed else 'u'}{max(1, geometry.bits_allocated // 8)}")
    stored = [np.array(frame, dtype=kind if geometry.bits_allocated > 1 else np.uint8) for frame in frames(source)]
    fresh = hidden
    for attempt in range(ROUNDS):
        for number, boxes in fresh.items():
            for box in boxes:
                hide(stored[number], box, how.palette is not None)
        if attempt == ROUNDS - 1:
            break
        seen = look_at_all(iter(stored), how, known, policy, span)
        fresh = _to_hide(seen, (), geometry.frames, policy, geometry.rows, geometry.columns, decided)
        if any(_inside(box, hidden.get(number, [])) for number, boxes in fresh.items() for box in boxes):
            raise DicomProblem("DCM-162", "(7FE0,0010)")
        if not fresh:
            break
        hidden = {number: [*hidden.get(number, []), *fresh.get(number, [])] for number in {*hidden, *fresh}}
    if geometry.bits_allocated == 1:
        native = np.packbits(np.concatenate([frame.ravel() for frame in stored]), bitorder="little").tobytes()
    elif source.native is not None:
        native = b"".join(pack_frame(frame, geometry) for frame in stored)
    else:
        native = b"".join(np.ascontiguousarray(frame).tobytes() for frame in stored)
    filled = [PixelBox(number, *box, True) for number, ones in sorted(hidden.items()) for box in ones]
    marked = tuple(sorted((*filled, *shown), key=lambda one: (one.frame, one.y0, one.x0)))
    report = PixelReport(geometry.frames, geometry.frames, marked, True)
    issue = note("DCM-310", "(7FE0,0010)", boxes=len(filled))
    return PixelWork(report, native, _elements(part, source, how), None, (issue,))


def _faceless(part: Part10, source: SourcePixels, work: PixelWork) -> PixelWork:
    """The same work, on slices without their front surface."""
    geometry, how = source.geometry, decoded_as(part, source)
    raw, size = work.native, geometry.frame_bits // 8
    before = frames(source) if raw is None else (
        native_frame(raw[one * size:(one + 1) * size], geometry) for one in range(geometry.frames))
    kind = np.dtype(f"<{'i' if geometry.signed else 'u'}{geometry.bits_allocated // 8}")
    native = b"".join(np.ascontiguousarray(without_surface(np.array(frame, kind), part)).tobytes() for frame in before)
    report = work.report or PixelReport(geometry.frames, 0, (), True)
    return PixelWork(PixelReport(report.frames, report.frames_scanned, report.boxes, True), native,
                     {**_elements(part, source, how), **work.elements}, "NO", (*work.issues, note("DCM-151", "(7FE0,0010)")))


def _inside(box: Box, boxes: list[Box]) -> bool:
    """Whether a box lies within one that was filled already."""
    return any(one[0] <= box[0] and one[1] <= box[1] and box[2] <= one[2] and box[3] <= one[3] for one in boxes)


def _elements(part: Part10, source: SourcePixels, how: Decoded) -> dict[int, bytes]:
    """Image attributes that a decoded image no longer shares with its source."""
    if source.native is not None:
        return {}
    out = {TAG_OF["PhotometricInterpretation"]: text_element(TAG_OF["PhotometricInterpretation"], "CS", how.photometric)}
    if source.geometry.samples > 1:
        out[TAG_OF["PlanarConfiguration"]] = b"\x28\x00\x06\x00US\x02\x00\x00\x00"
    return out


__all__ = ["CODECS", "OcrCleaner"]
