"""Builds Part 10 bytes by hand, right or wrong on purpose: pydicom would correct what these tests must keep broken."""
from __future__ import annotations

import struct
import zlib
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword

LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
EXPLICIT, IMPLICIT, BIG, DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
CT, US, SR, SEG = ("1.2.840.10008.5.1.4.1.1." + tail for tail in ("2", "6.1", "88.33", "66.4"))


def tag_of(where: str | int) -> int:
    if isinstance(where, int):
        return where
    tag = tag_for_keyword(where)
    assert tag is not None, where
    return tag


class Raw(bytes):
    """Bytes that stand as a whole element."""


def value_bytes(value: Any, vr: str, charset: str = "utf-8") -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, int) and vr in ("US", "SS", "UL", "SL"):
        return struct.pack({"US": "<H", "SS": "<h", "UL": "<I", "SL": "<i"}[vr], value)
    if isinstance(value, float) and vr in ("FD", "FL"):
        return struct.pack("<d" if vr == "FD" else "<f", value)
    text = "\\".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text.encode(charset)


def element(where: str | int, value: Any, vr: str | None = None, *, explicit: bool = True, charset: str = "utf-8",
            length: int | None = None, little: bool = True) -> bytes:
    """One element; `length` lies when given. A list of dicts is a sequence with defined lengths."""
    if isinstance(value, Raw):
        return bytes(value)
    tag = tag_of(where)
    vr = vr or (dictionary_VR(tag).split(" or ")[-1] if not tag & 0x10000 else "LO")
    if vr == "SQ" and isinstance(value, list):
        body = b"".join(item(one, explicit=explicit, charset=charset, little=little) for one in value)
    else:
        body = value_bytes(value, vr, charset)
        if len(body) & 1:
            body += b"\0" if vr in ("UI", "OB", "UN") else b" "
        if not little and vr in ("US", "SS", "OW"):
            body = b"".join(body[at:at + 2][::-1] for at in range(0, len(body), 2))
    size = len(body) if length is None else length
    order = "<" if little else ">"
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if not explicit:
        return head + struct.pack(order + "I", size) + body
    if vr in LONG:
        return head + vr.encode() + b"\0\0" + struct.pack(order + "I", size) + body
    return head + vr.encode() + struct.pack(order + "H", size & 0xFFFF) + body


def item(fields: dict[Any, Any], *, explicit: bool = True, charset: str = "utf-8", little: bool = True) -> bytes:
    body = dataset(fields, explicit=explicit, charset=charset, little=little)
    order = "<" if little else ">"
    return struct.pack(order + "HHI", 0xFFFE, 0xE000, len(body)) + body


def dataset(fields: dict[Any, Any], *, explicit: bool = True, charset: str = "utf-8", little: bool = True) -> bytes:
    """Elements in tag order. A key is a keyword, a tag, or (keyword or tag, VR); the last of a tag counts."""
    rows: dict[int, bytes] = {}
    for key, value in fields.items():
        where, vr = key if isinstance(key, tuple) else (key, None)
        rows[tag_of(where)] = element(where, value, vr, explicit=explicit, charset=charset, little=little)
    return b"".join(body for _, body in sorted(rows.items()))


def ct(**fields: Any) -> dict[Any, Any]:
    """A plausible adult chest CT slice, 8 x 8."""
    base: dict[Any, Any] = {
        "SOPClassUID": CT, "SOPInstanceUID": "1.2.3.4.5.6", "StudyInstanceUID": "1.2.3.4.5", "SeriesInstanceUID": "1.2.3.4.5.1",
        "FrameOfReferenceUID": "1.2.3.4.5.9", "Modality": "CT", "ImageType": "ORIGINAL\\PRIMARY\\AXIAL", "PatientName": "WANG^JIANGUO",
        "PatientID": "ZY20240188", "PatientBirthDate": "19600507", "PatientSex": "M", "PatientAge": "063Y", "StudyDate": "20240305",
        "StudyTime": "101530", "StudyID": "1", "SeriesNumber": "2", "InstanceNumber": "7", "AccessionNumber": "ACC778812",
        "ReferringPhysicianName": "LI^NA", "Manufacturer": "ACME", "KVP": "120", "SliceThickness": "1.25", "PixelSpacing": "0.7\\0.7",
        "ImagePositionPatient": "-10\\-20\\33.5", "ImageOrientationPatient": "1\\0\\0\\0\\1\\0", "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2", "Rows": 8, "Columns": 8, "BitsAllocated": 16, "BitsStored": 12, "HighBit": 11,
        "PixelRepresentation": 0, "RescaleIntercept": "-1024", "RescaleSlope": "1",
        ("PixelData", "OW"): b"".join(struct.pack("<H", (at * 13) % 4000) for at in range(64)),
    }
    return base | fields


def without(fields: dict[Any, Any], *names: Any) -> dict[Any, Any]:
    return {key: value for key, value in fields.items() if key not in names}


def part10(fields: dict[Any, Any] | bytes, syntax: str = EXPLICIT, *, preamble: bytes = b"\0" * 128, meta: dict[Any, Any] | None = None,
           tail: bytes = b"", charset: str = "utf-8") -> bytes:
    """A whole file in one of the native syntaxes, or of ready data set bytes."""
    explicit, little = syntax != IMPLICIT, syntax != BIG
    body = fields if isinstance(fields, bytes) else dataset(fields, explicit=explicit, charset=charset, little=little)
    if syntax == DEFLATED:
        machine = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = machine.compress(body) + machine.flush()
    group = {"MediaStorageSOPClassUID": CT, "MediaStorageSOPInstanceUID": "1.2.3.4.5.6", "TransferSyntaxUID": syntax,
             "ImplementationClassUID": "1.2.3", **(meta or {})}
    head = dataset(group)
    return preamble + b"DICM" + element(0x00020000, len(head), "UL") + head + body + tail


def fragments(*streams: bytes, table: bytes = b"") -> Raw:
    """Encapsulated Pixel Data."""
    body = b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<I", len(stream)) + stream for stream in (table, *streams))
    return Raw(b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + body + b"\xfe\xff\xdd\xe0\0\0\0\0")
