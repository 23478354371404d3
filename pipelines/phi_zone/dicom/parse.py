"""Bytes → elements, without believing any length (PS3.5 7). A data set is a list of plain tuples, because speed lives here.

An element is (tag, vr, start, length, items): `items` is None for a plain value, a list of data sets for a sequence, and a
Fragments for encapsulated pixel data; `start` and `length` point into the buffer. Every element, item and fragment lies inside
what encloses it, or DicomProblem says where it does not.
"""
from __future__ import annotations

from struct import Struct
from typing import Any, NamedTuple

from pipelines.phi_zone.dicom.dictionary import LONG_VRS, PIXEL_DATA, SHORT_VRS, VR_NAME, VR_OF, place
from pipelines.phi_zone.dicom.problem import DicomProblem

MAX_DEPTH = 64
MAX_ELEMENTS = 250_000
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD

_PLAIN = {code: (name, 8 if code in SHORT_VRS else 12) for code, name in VR_NAME.items() if code != b"SQ"}
"""VR and bytes before the value, of elements without items."""
_IMPLICIT: dict[bytes, tuple[str, int]] = {}
_NO_FORM = ("", 0)

Element = tuple[int, str, int, int, Any]
Dataset = list[Element]


class Fragments(NamedTuple):
    """Encapsulated pixel data (PS3.5 A.4): (start, length) of the offset table and of each fragment."""

    offsets: tuple[int, int]
    pieces: tuple[tuple[int, int], ...]


class Parser:
    """One buffer in one byte order."""

    def __init__(self, data: bytes | memoryview, little: bool = True) -> None:
        order = "<" if little else ">"
        self.data, self.little, self.count = data, little, 0
        self.short = Struct(order + "HH2sH").unpack_from
        self.tag_length = Struct(order + "HHI").unpack_from
        self.long = Struct(order + "I").unpack_from
        self.tail_at: int | None = None
        """Where bytes after the last element begin, if there are any."""

    def dataset(self, pos: int, end: int, explicit: bool, depth: int = 0, delimited: bool = False,
                until: int | None = None) -> tuple[Dataset, int]:
        """Elements from `pos` up to `end`, or up to an item delimiter when `delimited`; those alone that begin before `until`, when given.

        Gives the place after them.
        """
        if depth > MAX_DEPTH:
            raise DicomProblem("DCM-103", limit=MAX_DEPTH)
        out: Dataset = []
        add, data = out.append, self.data
        short, long, plain = self.short, self.long, (_PLAIN if explicit else _IMPLICIT).get
        until = end if until is None else until
        while pos < until:
            if end - pos < 8:
                pos = self._short_tail(out, pos, end, depth)
                break
            group, number, code, length = short(data, pos)
            vr, at = plain(code) or _NO_FORM
            if vr and group < 0x7FE0 and end - pos >= at:     # nearly all of them
                size = length if at == 8 else long(data, pos + 8)[0]
                if pos + at + size <= end:
                    add((group << 16 | number, vr, pos + at, size, None))
                    pos += at + size
                    continue
            tag = group << 16 | number
            if tag == ITEM_END and delimited:
                self._counted(len(out))
                return out, pos + 8
            if not explicit or tag >> 16 == 0xFFFE:
                vr, length, at = self._implicit(tag, pos)
            elif code in SHORT_VRS:
                vr, at = VR_NAME[code], pos + 8
            elif code in LONG_VRS:
                if end - pos < 12:
                    raise DicomProblem("DCM-104", place(tag))
                vr, length, at = VR_NAME[code], long(data, pos + 8)[0], pos + 12
            else:
                vr, length, at = self._strange(tag, code, pos, end)
            if length <= end - at and vr != "SQ":
                add((tag, vr, at, length, None))
                pos = at + length
            else:
                element, pos = self._composite(tag, vr, at, length, end, explicit, depth)
                add(element)
            if tag == PIXEL_DATA and depth == 0 and pos < end and self._is_tail(pos, end, explicit):
                self.tail_at = pos
                break
        if delimited:
            raise DicomProblem("DCM-104", "item")
        self._counted(len(out))
        return out, pos

    def items(self, pos: int, end: int, explicit: bool, depth: int, delimited: bool, where: str) -> tuple[list[Dataset], int]:
        """Items of a sequence from `pos` up to `end` or, when `delimited`, to the sequence delimiter."""
        found: list[Dataset] = []
        while pos < end:
            if end - pos < 8:
                raise DicomProblem("DCM-104", where)
            group, number, length = self.tag_length(self.data, pos)
            tag, pos = group << 16 | number, pos + 8
            if tag == SEQUENCE_END and delimited:
                return found, pos
            if tag != ITEM:
                raise DicomProblem("DCM-105", where)
            if length == UNDEFINED:
                dataset, pos = self.dataset(pos, end, explicit, depth + 1, delimited=True)
            elif length > end - pos:
                raise DicomProblem("DCM-104", where)
            else:
                dataset, _ = self.dataset(pos, pos + length, explicit, depth + 1)
                pos += length
            found.append(dataset)
            self._counted(1)
        if delimited:
            raise DicomProblem("DCM-104", where)
        return found, pos

    def _implicit(self, tag: int, pos: int) -> tuple[str, int, int]:
        length = self.long(self.data, pos + 4)[0]
        vr = VR_OF.get(tag) or ("UL" if tag & 0xFFFF == 0 else "LO" if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF else "UN")
        return ("SQ" if length == UNDEFINED and tag != PIXEL_DATA else vr), length, pos + 8

    def _strange(self, tag: int, code: bytes, pos: int, end: int) -> tuple[str, int, int]:
        """No VR that we know: an unknown one has the long form (PS3.5 6.2); no letters at all means an implicit element."""
        if code.isalpha() and code.isupper():
            if end - pos < 12:
                raise DicomProblem("DCM-104", place(tag))
            return "UN", self.long(self.data, pos + 8)[0], pos + 12
        vr, length, at = self._implicit(tag, pos)
        if length != UNDEFINED and length > end - at:
            raise DicomProblem("DCM-106", place(tag))
        return vr, length, at

    def _composite(self, tag: int, vr: str, at: int, length: int, end: int, explicit: bool, depth: int) -> tuple[Element, int]:
        """A sequence, encapsulated pixel data, or a length that lies."""
        where = place(tag)
        if tag == PIXEL_DATA and length == UNDEFINED:
            pieces, pos = self._fragments(at, end, where)
            return (tag, "OB", at, UNDEFINED, pieces), pos
        if length == UNDEFINED:
            if vr not in ("SQ", "UN"):
                raise DicomProblem("DCM-105", where)
            items, pos = self.items(at, end, explicit and (vr == "SQ" or self._explicit_within(at, end)), depth, True, where)
            return (tag, "SQ", at, pos - at, items), pos
        if length > end - at:
            raise DicomProblem("DCM-104", where)
        items, pos = self.items(at, at + length, explicit, depth, False, where)
        return (tag, "SQ", at, length, items), pos

    def _explicit_within(self, at: int, end: int) -> bool:
        """Whether the first item in UN is explicit, against PS3.5 6.2.2: it begins with a VR that would make a length beyond the end."""
        if end - at < 16:
            return False
        code = bytes(self.data[at + 12:at + 14])
        return (code in SHORT_VRS or code in LONG_VRS) and bool(self.long(self.data, at + 12)[0] > end - at - 16)

    def _fragments(self, pos: int, end: int, where: str) -> tuple[Fragments, int]:
        pieces: list[tuple[int, int]] = []
        while True:
            if end - pos < 8:
                raise DicomProblem("DCM-107", where)
            group, number, length = self.tag_length(self.data, pos)
            tag, pos = group << 16 | number, pos + 8
            if tag == SEQUENCE_END:
                if not pieces:
                    raise DicomProblem("DCM-107", where)
                return Fragments(pieces[0], tuple(pieces[1:])), pos
            if tag != ITEM or length > end - pos:
                raise DicomProblem("DCM-107", where)
            pieces.append((pos, length))
            self._counted(1)
            pos += length

    def _short_tail(self, out: Dataset, pos: int, end: int, depth: int) -> int:
        """Fewer than 8 bytes are left: padding zeros at the end of the file, or a cut element."""
        if depth or any(self.data[pos:end]) or not out:
            raise DicomProblem("DCM-104", "end of data set")
        self.tail_at = pos
        return end

    def _is_tail(self, pos: int, end: int, explicit: bool) -> bool:
        """Whether what follows the pixel data is no further element: it is dropped, whatever it holds."""
        if end - pos < 8:
            return True
        group, number, code, length = self.short(self.data, pos)
        if (group << 16 | number) <= PIXEL_DATA or group > 0xFFFC:
            return True
        if explicit and code in SHORT_VRS:
            return bool(length > end - pos - 8)
        if explicit and (code not in LONG_VRS or end - pos < 12):
            return True
        at = pos + (12 if explicit else 8)
        return bool(self.long(self.data, at - 4)[0] > end - at)

    def _counted(self, number: int) -> None:
        self.count += number
        if self.count > MAX_ELEMENTS:
            raise DicomProblem("DCM-102", limit=MAX_ELEMENTS)
