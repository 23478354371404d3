"""Stored pixels, frame by frame, in the sample space of the file; and the 8-bit picture a person or a detector would look at.

Decoding is pydicom's, given our own checked geometry and one frame at a time; its plugins are native code, so a caller that fears a
crash runs this in a child process.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.phi_zone.dicom.dictionary import TAG_OF
from pipelines.phi_zone.dicom.geometry import Geometry
from pipelines.phi_zone.dicom.part10 import EXPLICIT_LITTLE, Part10
from pipelines.phi_zone.dicom.pixeldata import CODECS, SourcePixels, encapsulated_value
from pipelines.phi_zone.dicom.problem import DicomProblem

Stored = NDArray[Any]
"""rows x columns, or rows x columns x samples."""
_COLOUR_CODECS = ("jpeg", "j2k", "jpegls")

KNEE_GREY, FAR_ABOVE = 140.0, 2.0
"""Greys for all but the brightest values, where these lie so many times further up than the others reach."""


@dataclass(frozen=True)
class Decoded:
    """How frames come out of the decoder."""

    photometric: str
    """Of the decoded samples: RGB where the codec undoes the colour transform."""
    palette: NDArray[np.uint8] | None
    """256 or 65536 x 3, for PALETTE COLOR."""
    inverted: bool


def decoded_as(part: Part10, source: SourcePixels) -> Decoded:
    photometric = source.geometry.photometric
    family = CODECS.get(source.transfer_syntax_uid)
    if family in _COLOUR_CODECS and source.geometry.samples == 3:
        photometric = "RGB"
    return Decoded(photometric, _palette(part) if photometric == "PALETTE COLOR" else None, photometric == "MONOCHROME1")


def frames(source: SourcePixels) -> Iterator[Stored]:
    """Each frame in stored samples, colour by pixel. Raises DicomProblem DCM-140 when a codec refuses."""
    geometry = source.geometry
    if source.native is not None:
        yield from _native_frames(source.native, geometry)
        return
    from pydicom.pixels import get_decoder

    decoder = get_decoder(source.transfer_syntax_uid)  # type: ignore[arg-type]
    options = {
        "rows": geometry.rows, "columns": geometry.columns, "number_of_frames": 1, "samples_per_pixel": geometry.samples,
        "bits_allocated": geometry.bits_allocated, "bits_stored": geometry.bits_stored, "pixel_keyword": "PixelData",
        "pixel_representation": int(geometry.signed), "photometric_interpretation": geometry.photometric, "planar_configuration": 0,
    }
    colour = CODECS[source.transfer_syntax_uid] in _COLOUR_CODECS and geometry.samples == 3
    for stream in source.frames:
        try:
            array, _ = decoder.as_array(encapsulated_value((stream,))[:-8], raw=not colour, **options)
        except Exception as error:
            raise DicomProblem("DCM-140", "(7FE0,0010)") from error
        if array.shape[:2] != (geometry.rows, geometry.columns):
            raise DicomProblem("DCM-140", "(7FE0,0010)")
        yield array


def _native_frames(raw: bytes | memoryview, geometry: Geometry) -> Iterator[Stored]:
    if geometry.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")
        for one in range(geometry.frames):
            size = geometry.rows * geometry.columns
            yield bits[one * size:(one + 1) * size].reshape(geometry.rows, geometry.columns)
        return
    for one in range(geometry.frames):
        size = geometry.frame_bits // 8
        yield native_frame(raw[one * size:(one + 1) * size], geometry)


def native_frame(raw: bytes | memoryview, geometry: Geometry) -> Stored:
    """One native frame as rows x columns (x samples). 4:2:2 is spread to full resolution; `pack_frame` undoes it."""
    kind = np.dtype(f"<{'i' if geometry.signed else 'u'}{geometry.bits_allocated // 8}")
    flat = np.frombuffer(raw, kind)
    shape = (geometry.rows, geometry.columns)
    if geometry.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and geometry.samples == 3:
        pairs = flat.reshape(geometry.rows, geometry.columns // 2, 4)
        out = np.empty((*shape, 3), kind)
        out[:, :, 0] = pairs[:, :, :2].reshape(shape)
        out[:, :, 1:] = np.repeat(pairs[:, :, 2:], 2, axis=1)
        return out
    if geometry.samples == 1:
        return flat.reshape(shape)
    if geometry.planar:
        return np.moveaxis(flat.reshape(geometry.samples, *shape), 0, -1)
    return flat.reshape(*shape, geometry.samples)


def pack_frame(frame: Stored, geometry: Geometry) -> bytes:
    """A frame back to the native layout it came from, bit for bit where nothing changed."""
    if geometry.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and geometry.samples == 3:
        pairs = np.empty((geometry.rows, geometry.columns // 2, 4), frame.dtype)
        pairs[:, :, :2] = frame[:, :, 0].reshape(geometry.rows, geometry.columns // 2, 2)
        pairs[:, :, 2:] = frame[:, ::2, 1:]
        return pairs.tobytes()
    if geometry.samples > 1 and geometry.planar:
        return np.ascontiguousarray(np.moveaxis(frame, -1, 0)).tobytes()
    return np.ascontiguousarray(frame).tobytes()


def picture(frame: Stored, how: Decoded, span: Span | None = None) -> NDArray[np.uint8]:
    """A frame as 8-bit RGB: palette looked up, YBR turned, grey stretched over `span` (default: its own 0.5 to 99.8 percentile)."""
    if how.palette is not None:
        index = np.clip(frame.astype(np.int64), 0, len(how.palette) - 1)
        return np.ascontiguousarray(how.palette[index])
    if frame.ndim == 3:
        colour = frame if frame.dtype == np.uint8 else (frame >> (frame.dtype.itemsize * 8 - 8)).astype(np.uint8)
        return _rgb_of_ybr(colour) if how.photometric.startswith("YBR") else np.ascontiguousarray(colour[:, :, :3])
    if frame.dtype == np.uint8 and span is None and int(frame.max(initial=0)) > 60:
        grey = frame
    else:
        grey = (span or _span(frame)).grey(frame)
    if how.inverted:
        grey = 255 - grey
    return np.ascontiguousarray(np.broadcast_to(grey[:, :, None], (*grey.shape, 3)))


class Span(NamedTuple):
    """Stored values that become black to white. Where few are far above the others (`top`), those others keep most of the greys."""

    low: float
    high: float
    top: float

    def grey(self, frame: Stored) -> NDArray[np.uint8]:
        above = frame.astype(np.float32) - self.low
        white, width = (255.0, self.high - self.low) if self.top <= self.high else (KNEE_GREY, self.high - self.low)
        grey = above * (white / max(width, 1e-6))
        if self.top > self.high:
            grey = np.where(above <= width, grey, KNEE_GREY + (above - width) * ((255.0 - KNEE_GREY) / (self.top - self.high)))
        dull: NDArray[np.uint8] = np.clip(grey, 0, 255).astype(np.uint8)
        return dull


def span_of(source: SourcePixels) -> Span | None:
    """One grey span for all frames of a cine, so that equal frames give equal pictures. None for a single frame and for colour."""
    geometry = source.geometry
    if geometry.frames == 1 or geometry.samples > 1 or geometry.bits_allocated == 1:
        return None
    if source.native is None and geometry.bits_allocated == 8:
        return WHOLE_BYTE
    spans = [_span(frame) for frame in frames(source)]
    span = Span(min(one.low for one in spans), max(one.high for one in spans), max(one.top for one in spans))
    return WHOLE_BYTE if geometry.bits_allocated == 8 and max(span.high, span.top) > 60 else span


WHOLE_BYTE = Span(0.0, 255.0, 255.0)


def _span(frame: Stored) -> Span:
    sample = frame[::2, ::2] if frame.size > 1 << 18 else frame
    low, high = map(float, np.percentile(sample, (0.5, 99.8)))
    top = float(frame.max())
    if frame.dtype.itemsize > 1 and top - high > FAR_ABOVE * max(high - low, 1.0):
        return Span(low, high, top)
    middle = max(high, (high + top) / 2)
    return Span(low, middle, middle)


def _rgb_of_ybr(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """PS3.3 C.7.6.3.1.2."""
    luma, blue, red = (frame[:, :, one].astype(np.float32) for one in range(3))
    blue, red = blue - 128, red - 128
    stacked = np.stack((luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue), axis=-1)
    turned: NDArray[np.uint8] = np.clip(np.rint(stacked), 0, 255).astype(np.uint8)
    return turned


def _palette(part: Part10) -> NDArray[np.uint8] | None:
    """Lookup tables of PALETTE COLOR as 8-bit RGB. Raises DCM-130 where they are missing or lie."""
    tables = []
    for name in ("Red", "Green", "Blue"):
        descriptor = _value(part, TAG_OF[f"{name}PaletteColorLookupTableDescriptor"])
        data = _value(part, TAG_OF[f"{name}PaletteColorLookupTableData"])
        if descriptor is None or len(descriptor) < 6 or data is None:
            raise DicomProblem("DCM-130", "(0028,1101)")
        order = "<" if part.little else ">"
        entries, first, bits = (int(one) for one in np.frombuffer(descriptor[:6], f"{order}u2"))
        entries = entries or 65536
        if bits == 8 and len(data) < 2 * entries:
            table = np.frombuffer(data, np.uint8)[:entries]
        else:
            wide = np.frombuffer(data[:len(data) // 2 * 2], f"{order}u2")[:entries]
            table = (wide >> 8 if bits == 16 or int(wide.max(initial=0)) > 255 else wide).astype(np.uint8)
        if len(table) < entries:
            raise DicomProblem("DCM-130", "(0028,1201)")
        tables.append(np.concatenate((np.full(min(first, 65535), table[0], np.uint8), table)))
    return np.stack(tables, axis=-1)


def _value(part: Part10, wanted: int) -> bytes | None:
    for tag, _, start, length, items in part.dataset:
        if tag == wanted and items is None:
            return bytes(part.data[start:start + length])
    return None


__all__ = ["EXPLICIT_LITTLE", "Decoded", "decoded_as", "frames", "native_frame", "pack_frame", "picture"]
