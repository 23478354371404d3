"""From the bytes of a file to its data set: preamble, file meta, transfer syntax as it really is, inflating with a limit.

What the file says of itself is a hint; the first element decides (PS3.10 7.1, PS3.5 10). A file without preamble or file meta is
read when its first element is a plausible one, so a CSV is not.
"""
from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from struct import unpack_from

from pipelines.phi_zone.dicom.dictionary import LONG_VRS, SHORT_VRS, VR_OF
from pipelines.phi_zone.dicom.parse import Dataset, Element, Parser
from pipelines.phi_zone.dicom.problem import DicomProblem

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
NATIVE = frozenset((IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG, ""))
MAX_INFLATED_BYTES = 1 << 30
FREE_INFLATED_BYTES = 24 << 20
MAX_INFLATE_RATIO = 100
_VRS = SHORT_VRS | LONG_VRS


@dataclass(frozen=True)
class Part10:
    """One parsed file. `data` is the buffer that the elements point into."""

    data: bytes | memoryview
    dataset: Dataset
    meta: dict[int, bytes]
    transfer_syntax_uid: str
    """As declared; of a file without file meta, as found."""
    parser: Parser
    explicit: bool
    notes: tuple[tuple[str, str], ...]
    """(code, place) of what was odd and does not stop the file."""

    @cached_property
    def by_tag(self) -> dict[int, Element]:
        """Elements of the main data set."""
        return {element[0]: element for element in self.dataset}

    def raw(self, tag: int, most: int = 4096) -> bytes | None:
        """A plain value of the main data set; None when it is absent, a sequence, or has `most` bytes and more."""
        element = self.by_tag.get(tag)
        if element is None or element[4] is not None or element[3] >= most:
            return None
        return bytes(self.data[element[2]:element[2] + element[3]])

    @property
    def little(self) -> bool:
        return self.parser.little


def read_part10(data: bytes | memoryview) -> Part10:
    """Parse a whole file. Raises DicomProblem DCM-101 (no DICOM) … DCM-109."""
    if len(data) < 16:
        raise DicomProblem("DCM-100")
    notes: list[tuple[str, str]] = []
    start = 132 if bytes(data[128:132]) == b"DICM" else 0
    if start == 0:
        notes.append(("DCM-301", "preamble"))
        if not _plausible(data):
            raise DicomProblem("DCM-101")
    elif any(data[:128]):
        notes.append(("DCM-302", "preamble"))
    meta, start = file_meta(data, start)
    declared = meta.get(0x00020010, b"").decode("ascii", "replace").strip(" \0")
    if declared == DEFLATED:
        data, start = _inflate(data, start), 0
    explicit, little = _encoding(data, start, declared)
    if not declared:
        declared = EXPLICIT_BIG if not little else EXPLICIT_LITTLE if explicit else IMPLICIT_LITTLE
        notes.append(("DCM-303", "(0002,0010)"))
    elif declared in NATIVE and (explicit, little) != (declared != IMPLICIT_LITTLE, declared != EXPLICIT_BIG):
        notes.append(("DCM-304", "(0002,0010)"))
    parser = Parser(data, little)
    dataset, _ = parser.dataset(start, len(data), explicit)
    if parser.tail_at is not None and parser.tail_at < len(data):
        notes.append(("DCM-305", "end of file"))
    if not dataset:
        raise DicomProblem("DCM-101")
    return Part10(data, in_order(dataset, data, notes), meta, declared, parser, explicit, tuple(notes))


def _plausible(data: bytes | memoryview) -> bool:
    """Whether a file without DICM starts with an element of group 0002 or 0008 in some encoding."""
    group, element, code = unpack_from("<HH2s", data, 0)
    big = unpack_from(">HH", data, 0)
    fits = unpack_from("<I", data, 4)[0] <= len(data) - 8
    if group in (2, 8) and (code in _VRS or (fits and (element == 0 or (group << 16 | element) in VR_OF))):
        return True
    return bool(big[0] == 8 and code in _VRS)


def file_meta(data: bytes | memoryview, pos: int) -> tuple[dict[int, bytes], int]:
    """Group 0002, read until another group begins: its group length is not believed."""
    meta: dict[int, bytes] = {}
    end = len(data)
    while end - pos >= 8:
        group, element, code, length = unpack_from("<HH2sH", data, pos)
        if group != 2:
            break
        at = pos + 8
        if code in LONG_VRS and end - pos >= 12:
            length, at = unpack_from("<I", data, pos + 8)[0], pos + 12
        elif code not in SHORT_VRS:
            length = unpack_from("<I", data, pos + 4)[0]
        if length > end - at:
            raise DicomProblem("DCM-104", f"(0002,{element:04X})")
        if length <= 4096:
            meta[group << 16 | element] = bytes(data[at:at + length])
        pos = at + length
    if end - pos < 8:
        raise DicomProblem("DCM-109")
    return meta, pos


def _inflate(data: bytes | memoryview, start: int) -> bytes:
    """Deflated data set (PS3.5 A.5), at most MAX_INFLATED_BYTES and MAX_INFLATE_RATIO times the input."""
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    limit = min(MAX_INFLATED_BYTES, max(FREE_INFLATED_BYTES, (len(data) - start) * MAX_INFLATE_RATIO))
    try:
        plain = machine.decompress(bytes(data[start:]), limit)
    except zlib.error:
        raise DicomProblem("DCM-108") from None
    if machine.unconsumed_tail:
        raise DicomProblem("DCM-110", limit=MAX_INFLATE_RATIO)
    if not machine.eof:
        raise DicomProblem("DCM-108")
    if len(plain) < 8:
        raise DicomProblem("DCM-109")
    return plain


def _encoding(data: bytes | memoryview, pos: int, declared: str) -> tuple[bool, bool]:
    """(explicit, little) of the data set, from its first element; the declared syntax breaks a tie."""
    group, _, code = unpack_from("<HH2s", data, pos)
    if code in _VRS:
        little = group < 0x0100 if group & 0xFF == 0 or group < 0x0100 else declared != EXPLICIT_BIG
        if declared == IMPLICIT_LITTLE and unpack_from("<I", data, pos + 4)[0] <= len(data) - pos - 8:
            return False, True     # letters by chance: the implicit length fits
        return True, little
    return False, True


def in_order(dataset: Dataset, data: bytes | memoryview, notes: list[tuple[str, str]] | None = None) -> Dataset:
    """Ascending tags, each once. An element written twice with one value counts once; with two values it is refused."""
    last, sorted_already = -1, True
    for element in dataset:
        if element[0] <= last:
            sorted_already = False
            break
        last = element[0]
    if sorted_already:
        return dataset
    if notes is not None:
        notes.append(("DCM-306", "data set"))
    once: dict[int, tuple[int, str, int, int, object]] = {}
    for element in sorted(dataset, key=lambda one: one[0]):
        before = once.setdefault(element[0], element)
        if before is not element and (before[4] is not None or element[4] is not None
                                      or data[before[2]:before[2] + before[3]] != data[element[2]:element[2] + element[3]]):
            raise DicomProblem("DCM-111", f"({element[0] >> 16:04X},{element[0] & 0xFFFF:04X})")
    return list(once.values())
