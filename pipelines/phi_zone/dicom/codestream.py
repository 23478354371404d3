"""Compressed frames: cut to their last code byte, comments and embedded thumbnails taken out, entropy-coded bytes untouched.

JPEG (ISO 10918-1 Annex B, also JPEG-LS), JPEG 2000 (ISO 15444-1 Annex A), RLE (PS3.5 Annex G). None: the stream is broken.
"""
from __future__ import annotations

import re

_STANDALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_APP_KEPT = {0xE0: (b"JFIF\0",), 0xEE: (b"Adobe",), 0xE8: (b"mrfx", b"SPIFF")}
"""APPn segments that decoders need; the rest can carry EXIF, thumbnails and text."""
MOST_APP_BYTES = 40
"""A SPIFF header has 32 bytes, a colour transformation of JPEG-LS fewer."""
_ENCODER = re.compile(
    rb"(?:\x00\x01)?(?:Kakadu-v?[\d.]{1,12}|Created by OpenJPEG version [\d.]{1,10}|JasPer Version [\d.]{1,10}|Lavc[\d.]{1,12}"
    rb"|LEAD Technologies Inc\. V[\d.]{1,6}"
    rb"|Kdu-Layer-Info: log_2\{Delta-D\(\w{1,15}-error\)/Delta-L\(bytes\)\}, L\(bytes\)\n[\d\s.,e+\-]*)\0*")
"""Comments in which an encoder names itself and nothing else."""


def tidy(stream: bytes, family: str, rows: int, columns: int, planes: int) -> bytes | None:
    """The code stream alone. None when it does not hold a whole image of that size, whatever its header says.

    `planes`: bytes a pixel, which RLE keeps in segments of their own.
    """
    if family == "rle":
        return _rle(stream, rows * columns, planes)
    clean = _j2k(stream) if family == "j2k" else _jpeg(stream)
    return clean if clean is not None and _size(clean, family) == (rows, columns) else None


def _size(stream: bytes, family: str) -> tuple[int, int]:
    """(rows, columns) as the code stream has them, before anybody allocates them."""
    if family == "j2k":
        right, bottom, left, top = (int.from_bytes(stream[at:at + 4], "big") for at in (8, 12, 16, 20))
        return bottom - top, right - left
    at = 2
    while at + 9 < len(stream) and stream[at] == 0xFF:
        marker, length = stream[at + 1], int.from_bytes(stream[at + 2:at + 4], "big")
        if marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            return int.from_bytes(stream[at + 5:at + 7], "big"), int.from_bytes(stream[at + 7:at + 9], "big")
        at += 2 + length
    return 0, 0


def _jpeg(stream: bytes) -> bytes | None:
    if not stream.startswith(b"\xff\xd8"):
        return None
    end = stream.rfind(b"\xff\xd9")
    if end < 0:
        return None
    kept, at, begun = [b"\xff\xd8"], 2, 2
    while at + 4 <= len(stream):
        if stream[at] != 0xFF:
            return None
        marker = stream[at + 1]
        if marker == 0xFF or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            break
        length = int.from_bytes(stream[at + 2:at + 4], "big")
        if length < 2 or at + 2 + length > len(stream):
            return None
        body = stream[at + 4:at + 2 + length]
        dropped = (marker == 0xFE and not _ENCODER.fullmatch(body)) or (0xE0 <= marker <= 0xEF and not _needed(marker, body))
        if dropped:
            kept.append(stream[begun:at])
            begun = at + 2 + length
        at += 2 + length
        if marker == 0xDA:
            after = _scan_end(stream, at)
            if after < 0:
                return None
            at = after
    if at + 2 > len(stream) or stream[at:at + 2] != b"\xff\xd9":
        return None
    kept.append(stream[begun:at + 2])
    return b"".join(kept)


def _needed(marker: int, body: bytes) -> bool:
    if marker == 0xE0 and body.startswith(b"JFIF\0"):
        return len(body) == 14 and body[12:14] == b"\0\0"      # without its thumbnail
    if marker == 0xEE:
        return len(body) == 12 and body.startswith(b"Adobe")
    return len(body) <= MOST_APP_BYTES and any(body.startswith(opening) for opening in _APP_KEPT.get(marker, ()))


def _scan_end(stream: bytes, at: int) -> int:
    """The next marker after entropy-coded data that is neither stuffing, restart nor fill."""
    while True:
        at = stream.find(b"\xff", at)
        if at < 0 or at + 1 >= len(stream):
            return -1
        follower = stream[at + 1]
        if follower < 0x80 or 0xD0 <= follower <= 0xD7:      # stuffing (a byte, in JPEG-LS a bit) or restart
            at += 2
        elif follower == 0xFF:
            at += 1
        else:
            return at


def _j2k(stream: bytes) -> bytes | None:
    """Main header without COM, tile parts by their lengths, up to EOC."""
    if stream.startswith(b"\0\0\0\x0cjP  "):
        stream = _jp2_codestream(stream)
    if not stream.startswith(b"\xff\x4f\xff\x51"):
        return None
    at, kept = 2, [b"\xff\x4f"]
    while at + 4 <= len(stream) and stream[at:at + 2] != b"\xff\x90":
        length = int.from_bytes(stream[at + 2:at + 4], "big")
        if stream[at] != 0xFF or length < 2 or at + 2 + length > len(stream):
            return None
        if stream[at + 1] != 0x64 or _ENCODER.fullmatch(stream, at + 4, at + 2 + length):
            kept.append(stream[at:at + 2 + length])
        at += 2 + length
    begun = at
    while stream[at:at + 2] == b"\xff\x90" and at + 12 <= len(stream):
        size = int.from_bytes(stream[at + 6:at + 10], "big")
        if size == 0:
            end = stream.rfind(b"\xff\xd9")
            return b"".join((*kept, stream[begun:end + 2])) if end > at else None
        if size < 14 or at + size > len(stream) or _has_comment(stream, at + 12, at + size):
            return None
        at += size
    if at == begun:
        return None
    # some encoders leave EOC out: the tile parts are whole, so the image is
    return b"".join((*kept, stream[begun:at], b"\xff\xd9"))


def _has_comment(stream: bytes, at: int, end: int) -> bool:
    """Whether the header of a tile part holds a comment that is no encoder's: lengths hang on it, so it is not cut out."""
    while at + 4 <= end and stream[at:at + 2] != b"\xff\x93":
        length = int.from_bytes(stream[at + 2:at + 4], "big")
        if stream[at] != 0xFF or length < 2:
            return True
        if stream[at + 1] == 0x64 and not _ENCODER.fullmatch(stream, at + 4, at + 2 + length):
            return True
        at += 2 + length
    return False


def _jp2_codestream(stream: bytes) -> bytes:
    """The contiguous code stream of a JP2 file (ISO 15444-1 Annex I), whose other boxes have no place in DICOM."""
    at = 0
    while at + 8 <= len(stream):
        size, kind = int.from_bytes(stream[at:at + 4], "big"), stream[at + 4:at + 8]
        if kind == b"jp2c":
            return stream[at + 8:at + size] if size >= 8 else stream[at + 8:]
        if size < 8:
            break
        at += size
    return b""


def _rle(stream: bytes, wanted: int, planes: int) -> bytes | None:
    """Header of 64 bytes and its segments, each of which must give `wanted` bytes; what stands behind the last goes."""
    if len(stream) < 64:
        return None
    count = int.from_bytes(stream[:4], "little")
    offsets = [int.from_bytes(stream[4 + 4 * one:8 + 4 * one], "little") for one in range(15)]
    used = offsets[:count]
    if count != planes or count > 15 or used[0] != 64 or used != sorted(set(used)) or used[-1] >= len(stream):
        return None
    ends = [_rle_end(stream, begin, end, wanted) for begin, end in zip(used, [*used[1:], len(stream)], strict=True)]
    if min(ends) < 0:
        return None
    clean = bytearray(stream[:ends[-1]])
    clean[4 + 4 * count:64] = bytes(60 - 4 * count)
    for end, begin in zip(ends, used[1:], strict=False):
        clean[end:begin] = bytes(begin - end)
    return bytes(clean)


def rle_plane(stream: bytes, number: int, wanted: int) -> bytes:
    """The `wanted` bytes of one segment of a tidied RLE frame."""
    at, given, pieces = int.from_bytes(stream[4 + 4 * number:8 + 4 * number], "little"), 0, []
    while given < wanted:
        control = stream[at]
        if control == 128:
            at += 1
            continue
        run = stream[at + 1:at + 2 + control] if control < 128 else stream[at + 1:at + 2] * (257 - control)
        at += control + 2 if control < 128 else 2
        given += len(run)
        pieces.append(run)
    return b"".join(pieces)[:wanted]


def _rle_end(stream: bytes, at: int, end: int, wanted: int) -> int:
    """Where a segment has given `wanted` bytes; -1 when it ends before (PS3.5 G.3.2)."""
    given = 0
    while given < wanted and at < end:
        control = stream[at]
        if control < 128:
            given += control + 1
            at += control + 2
        elif control > 128:
            given += 257 - control
            at += 2
        else:
            at += 1
    return at if given >= wanted and at <= end else -1
