"""Pixel Data without decoding it: does its length fit its geometry, is the codec ours, is there anything beyond the image (PS3.5 8).

Native pixels are cut to frames x rows x columns x samples and their unused high bits cleared (embedded overlays); encapsulated ones
keep their code stream and lose what stands behind its end or in its comments.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.phi_zone.dicom.codestream import tidy
from pipelines.phi_zone.dicom.dictionary import (
    DOUBLE_FLOAT_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    PIXEL_DATA,
    TAG_OF,
    words,
)
from pipelines.phi_zone.dicom.geometry import Geometry, unused_bits_cleared, unused_bits_of_rle_cleared
from pipelines.phi_zone.dicom.parse import UNDEFINED, Element, Fragments
from pipelines.phi_zone.dicom.part10 import EXPLICIT_LITTLE, NATIVE, Part10
from pipelines.phi_zone.dicom.problem import DicomProblem

RLE = "1.2.840.10008.1.2.5"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
CODECS = {
    RLE: "rle", "1.2.840.10008.1.2.4.50": "jpeg", JPEG_EXTENDED: "jpeg", "1.2.840.10008.1.2.4.57": "jpeg", "1.2.840.10008.1.2.4.70": "jpeg",
    "1.2.840.10008.1.2.4.80": "jpegls", "1.2.840.10008.1.2.4.81": "jpegls", "1.2.840.10008.1.2.4.90": "j2k",
    "1.2.840.10008.1.2.4.91": "j2k", "1.2.840.10008.1.2.4.201": "j2k", "1.2.840.10008.1.2.4.202": "j2k", "1.2.840.10008.1.2.4.203": "j2k",
}
"""Encapsulated transfer syntaxes that can be decoded here, by family."""
MAX_PIXEL_BYTES = 1 << 32
MAX_FRAMES = 1 << 20
_WANTED = {TAG_OF[word]: word for word in words("""
Rows Columns SamplesPerPixel BitsAllocated BitsStored HighBit PixelRepresentation PlanarConfiguration NumberOfFrames
PhotometricInterpretation PixelPaddingValue""")}
DESCRIBING_PIXELS = frozenset(_WANTED)
PIXEL_TAGS = (PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA)


@dataclass(frozen=True)
class SourcePixels:
    """The checked pixel element of one instance."""

    tag: int
    geometry: Geometry
    transfer_syntax_uid: str
    native: bytes | memoryview | None
    """Exactly the image, little endian, or None when encapsulated."""
    frames: tuple[bytes, ...]
    """Code stream of each frame when encapsulated."""
    changed: bool
    """Whether bytes that are no image were taken away."""


def geometry_of(part: Part10) -> Geometry | None:
    """Image attributes of the main data set. None where there is no image. Raises DCM-130 where they cannot be true."""
    found: dict[str, Any] = {}
    for tag, word in _WANTED.items():
        element = part.by_tag.get(tag)
        if element is None or element[4] is not None:
            continue
        start, length = element[2:4]
        if word in ("NumberOfFrames", "PhotometricInterpretation"):
            found[word] = bytes(part.data[start:start + length]).decode("latin-1").strip(" \0")
        elif length >= 2:
            found[word] = int.from_bytes(part.data[start:start + 2], "little" if part.little else "big")
    if "Rows" not in found and "Columns" not in found:
        return None
    if "BitsAllocated" not in found and not any(tag in part.by_tag for tag in PIXEL_TAGS):
        return None     # a grid of spectra; an image without pixels is refused by its class (sop)
    frames_text = found.get("NumberOfFrames") or "1"
    if not frames_text.isdigit() or not 0 < int(frames_text) <= MAX_FRAMES:
        raise DicomProblem("DCM-130", "(0028,0008)")
    allocated = found.get("BitsAllocated", 0)
    geometry = Geometry(
        found.get("Rows", 0), found.get("Columns", 0), found.get("SamplesPerPixel", 1), allocated,
        found.get("BitsStored", allocated), found.get("HighBit", found.get("BitsStored", allocated) - 1),
        found.get("PixelRepresentation", 0) == 1, found.get("PlanarConfiguration", 0) == 1, int(frames_text),
        found.get("PhotometricInterpretation", "MONOCHROME2"), found.get("PixelPaddingValue"))
    if not (geometry.rows and geometry.columns) or allocated not in (1, 8, 16, 32, 64) or geometry.samples not in (1, 3, 4):
        raise DicomProblem("DCM-130", "(0028,0010)")
    if not 0 < geometry.bits_stored <= allocated or not geometry.bits_stored - 1 <= geometry.high_bit < allocated:
        raise DicomProblem("DCM-130", "(0028,0101)")
    if geometry.total_bytes > MAX_PIXEL_BYTES:
        raise DicomProblem("DCM-131", "(0028,0008)", limit=MAX_PIXEL_BYTES >> 30)
    return geometry


def source_pixels(part: Part10, geometry: Geometry | None) -> SourcePixels | None:
    """The pixel element, checked. None when there is none. Raises DCM-132 (short), DCM-133 (codec), DCM-134 (frames)."""
    element = next((one for one in reversed(part.dataset) if one[0] in PIXEL_TAGS), None)
    if element is None:
        return None
    if geometry is None:
        raise DicomProblem("DCM-130", "(0028,0010)")
    if isinstance(element[4], Fragments):
        return _encapsulated(part, geometry, element)
    if part.transfer_syntax_uid not in NATIVE:
        raise DicomProblem("DCM-135" if part.transfer_syntax_uid in CODECS else "DCM-133", "(7FE0,0010)", syntax=part.transfer_syntax_uid)
    return _native(part, geometry, element)


def _native(part: Part10, geometry: Geometry, element: Element) -> SourcePixels:
    tag, vr, start, length, _ = element
    wanted = geometry.total_bytes
    if length == UNDEFINED or length < wanted:
        raise DicomProblem("DCM-132", "(7FE0,0010)")
    raw: bytes | memoryview = memoryview(part.data)[start:start + wanted]
    word = {FLOAT_PIXEL_DATA: 4, DOUBLE_FLOAT_PIXEL_DATA: 8}.get(tag, 2 if vr == "OW" or not part.explicit else 1)
    if not part.little and word > 1:
        from pipelines.phi_zone.dicom.values import swapped

        padded = bytes(raw) + b"\0" * (-wanted % word)
        raw = swapped(padded, word)[:wanted]
    changed = length > wanted + (wanted & 1)
    if tag == PIXEL_DATA and (geometry.bits_stored < geometry.bits_allocated or geometry.high_bit != geometry.bits_stored - 1):
        cleared = unused_bits_cleared(raw, geometry)
        raw, changed = (raw, changed) if cleared is None else (cleared, True)
    return SourcePixels(tag, geometry, part.transfer_syntax_uid, raw, (), changed)


def _encapsulated(part: Part10, geometry: Geometry, element: Element) -> SourcePixels:
    syntax, pixels = part.transfer_syntax_uid, element[4]
    family = CODECS.get(syntax)
    if family == "rle" and geometry.bits_allocated == 1:
        raise DicomProblem("DCM-133", "(7FE0,0010)", syntax=f"{syntax}, 1 bit")
    if family is None:
        raise DicomProblem("DCM-135" if syntax in NATIVE else "DCM-133", "(7FE0,0010)", syntax=syntax)
    streams, changed = [], False
    for stream in _frames(part.data, pixels, geometry.frames, family):
        clean = tidy(stream, family, geometry.rows, geometry.columns, geometry.samples * geometry.bits_allocated // 8)
        if clean is None:
            raise DicomProblem("DCM-136", "(7FE0,0010)")
        if family == "jpeg" and precision(clean) == 12 and syntax == JPEG_EXTENDED:
            raise DicomProblem("DCM-133", "(7FE0,0010)", syntax=syntax)
        changed |= stream[:len(clean)] != clean or any(stream[len(clean):])     # zeros behind it are padding
        streams.append(clean)
    if family == "rle":
        cleared = unused_bits_of_rle_cleared(tuple(streams), geometry)
        if cleared is not None:
            return SourcePixels(PIXEL_DATA, geometry, EXPLICIT_LITTLE, cleared, (), True)
    return SourcePixels(PIXEL_DATA, geometry, syntax, None, tuple(streams), changed)


def precision(stream: bytes) -> int:
    """Sample precision in the frame header of a JPEG stream; 0 when there is none."""
    at = 2
    while at + 9 < len(stream) and stream[at] == 0xFF:
        marker, length = stream[at + 1], int.from_bytes(stream[at + 2:at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return stream[at + 4]
        at += 2 + length
    return 0


def _frames(data: bytes | memoryview, pixels: Fragments, count: int, family: str) -> list[bytes]:
    """Fragments joined to frames: by the offset table, else one fragment a frame, else by start-of-image markers (PS3.5 A.4)."""
    pieces = [bytes(data[start:start + length]) for start, length in pixels.pieces]
    if not pieces:
        raise DicomProblem("DCM-134", "(7FE0,0010)")
    if count == 1:
        return [b"".join(pieces)]
    if len(pieces) == count:
        return pieces
    if len(pieces) < count:
        raise DicomProblem("DCM-134", "(7FE0,0010)")
    starts = _starts_by_table(data, pixels, count) or _starts_by_marker(pieces, family)
    if len(starts) != count:
        raise DicomProblem("DCM-134", "(7FE0,0010)")
    return [b"".join(pieces[one:two]) for one, two in zip(starts, [*starts[1:], len(pieces)], strict=True)]


def _starts_by_table(data: bytes | memoryview, pixels: Fragments, count: int) -> list[int]:
    at, length = pixels.offsets
    if length != 4 * count or not pixels.pieces:
        return []
    first = pixels.pieces[0][0] - 8
    places = {start - 8 - first: number for number, (start, _) in enumerate(pixels.pieces)}
    offsets = [int.from_bytes(data[at + 4 * one:at + 4 * one + 4], "little") for one in range(count)]
    starts = [places.get(offset, -1) for offset in offsets]
    return starts if starts == sorted(set(starts)) and starts[0] == 0 else []


def _starts_by_marker(pieces: list[bytes], family: str) -> list[int]:
    opening = {"jpeg": b"\xff\xd8", "jpegls": b"\xff\xd8", "j2k": b"\xff\x4f"}.get(family)
    return [number for number, piece in enumerate(pieces) if opening and piece.startswith(opening)]


def encapsulated_value(streams: tuple[bytes, ...]) -> bytes:
    """Offset table and one fragment a frame, with the sequence delimiter."""
    padded = [stream + b"\0" * (len(stream) & 1) for stream in streams]
    offsets, at = [], 0
    for stream in padded:
        offsets.append(at)
        at += len(stream) + 8
    table = b"".join(offset.to_bytes(4, "little") for offset in offsets) if at < UNDEFINED and len(offsets) > 1 else b""
    parts = [b"\xfe\xff\x00\xe0" + len(table).to_bytes(4, "little") + table]
    for stream in padded:
        parts += (b"\xfe\xff\x00\xe0" + len(stream).to_bytes(4, "little"), stream)
    return b"".join((*parts, b"\xfe\xff\xdd\xe0\0\0\0\0"))
