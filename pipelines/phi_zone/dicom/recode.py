"""RLE frames anew (PS3.5 G): where the colour space a picture is stored in is one that only an RLE image may have.

Literal runs alone, so it is quick, exact and no larger than native samples; every row ends its run, as the standard asks.
"""
from __future__ import annotations

from pipelines.phi_zone.dicom.geometry import Geometry
from pipelines.phi_zone.dicom.pixeldata import RLE, SourcePixels

MOST_LITERAL = 128


def needs_rle(source: SourcePixels) -> bool:
    """YBR_FULL is a colour space of RLE ultrasound (PS3.3 C.8.5.6.1.2); native samples in it are no valid image."""
    return source.transfer_syntax_uid == RLE and source.geometry.photometric.startswith("YBR")


def rle_frames(native: bytes | memoryview, geometry: Geometry) -> tuple[bytes, ...]:
    """Code streams of frames whose samples are given colour by pixel, little endian."""
    size = geometry.rows * geometry.columns * geometry.samples * geometry.bits_allocated // 8
    return tuple(_frame(native[one * size:(one + 1) * size], geometry) for one in range(geometry.frames))


def _frame(native: bytes | memoryview, geometry: Geometry) -> bytes:
    """A segment for every byte of every sample, the high byte first."""
    import numpy as np

    width = geometry.bits_allocated // 8
    planes = np.frombuffer(native, np.uint8).reshape(geometry.rows, geometry.columns, geometry.samples, width)
    segments = [_literal(planes[:, :, sample, byte]) for sample in range(geometry.samples) for byte in reversed(range(width))]
    offsets, at = [], 64
    for segment in segments:
        offsets.append(at)
        at += len(segment)
    head = np.array([len(segments), *offsets, *[0] * (15 - len(offsets))], "<u4").tobytes()
    return head + b"".join(segments)


def _literal(plane: object) -> bytes:
    import numpy as np

    rows = np.asarray(plane)
    pieces = []
    for start in range(0, rows.shape[1], MOST_LITERAL):
        run = rows[:, start:start + MOST_LITERAL]
        pieces += [np.full((len(rows), 1), run.shape[1] - 1, np.uint8), run]
    body = np.concatenate(pieces, axis=1).tobytes()
    return body + b"\x80" * (len(body) & 1)     # -128 is no run
