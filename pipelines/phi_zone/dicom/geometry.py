"""The form of an image, and what hides in the bits that it does not use (PS3.5 8.1.1): overlays of older devices stood there."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.phi_zone.dicom.codestream import rle_plane


@dataclass(frozen=True)
class Geometry:
    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    planar: bool
    frames: int
    photometric: str
    padding: int | None = None
    """Pixel Padding Value (0028,0120) as the unsigned word it is stored in."""

    @property
    def frame_bits(self) -> int:
        """Bits of one frame as native pixels; 4:2:2 carries two samples a pixel, 4:2:0 one and a half."""
        samples = {"YBR_FULL_422": 2.0, "YBR_PARTIAL_422": 2.0, "YBR_PARTIAL_420": 1.5}.get(self.photometric, float(self.samples))
        return int(self.rows * self.columns * samples * self.bits_allocated)

    @property
    def total_bytes(self) -> int:
        return (self.frame_bits * self.frames + 7) // 8


def unused_bits_cleared(raw: bytes | memoryview, geometry: Geometry) -> bytes | None:
    """Pixel words whose bits outside Bits Stored are the sign or zero. None when they already are: overlays hide there."""
    import numpy as np

    if geometry.bits_allocated not in (8, 16, 32):
        return None
    dtype = np.dtype(f"<u{geometry.bits_allocated // 8}")
    words = np.frombuffer(raw, dtype=dtype)
    low = geometry.high_bit + 1 - geometry.bits_stored
    mask = dtype.type(((1 << geometry.bits_stored) - 1) << low)
    if not geometry.signed:
        if int(words.max(initial=0)) <= int(mask) and not low:
            return None
        padded = words == dtype.type(geometry.padding) if geometry.padding is not None and geometry.padding > int(mask) else None
        return _masked(words, words & mask if padded is None else np.where(padded, words, words & mask))
    kept = words & mask
    sign = dtype.type(1 << geometry.high_bit)
    above = dtype.type(((1 << geometry.bits_allocated) - 1) & ~((1 << (geometry.high_bit + 1)) - 1))
    extended = np.where(kept & sign, kept | above, kept)
    return None if np.array_equal(extended, words) or np.array_equal(kept, words) else _masked(words, extended)


def _masked(words: Any, wanted: Any) -> bytes | None:
    import numpy as np

    return None if np.array_equal(words, wanted) else bytes(wanted.astype(words.dtype).tobytes())


def unused_bits_of_rle_cleared(streams: tuple[bytes, ...], geometry: Geometry) -> bytes | None:
    """Native samples of 16-bit RLE frames less such bits; None where there are none, which the high bytes alone tell."""
    import numpy as np

    above = 0xFF << max(0, geometry.high_bit - 7) & 0xFF
    if (geometry.samples, geometry.bits_allocated) != (1, 16) or geometry.bits_stored == 16:
        return None
    size = geometry.rows * geometry.columns
    for stream in streams:
        high = np.frombuffer(rle_plane(stream, 0, size), np.uint8) & above
        if bool((high != 0).any()) and not (geometry.signed and bool(((high == 0) | (high == above)).all())):
            break
    else:
        return None
    planes = [[np.frombuffer(rle_plane(stream, plane, size), np.uint8) for plane in (1, 0)] for stream in streams]
    native = b"".join(np.stack(low_and_high, axis=1).tobytes() for low_and_high in planes)
    return unused_bits_cleared(native, geometry) or native
