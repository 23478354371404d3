# ruff: noqa: E501 - a table of cases reads best with a case a line
"""The near miss of each trap whose own file shows none: what looks like it, or stands in the same place, and must survive unchanged.

name of the trap → (elements beside those of a plain slice, how to find in the output what must have stayed).
"""
from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from dicom_build import BIG, DEFLATED, IMPLICIT, ct, dataset, element, fragments, part10, without
from dicom_traps import private
from pydicom.multival import MultiValue

Near = tuple[bytes, Callable[[Any], bool]]
SIEMENS = "SIEMENS MR HEADER"


def keeps(**fields: Any) -> Near:
    """A slice with these elements, each of which must stay as it is."""
    def stay(out: Any) -> bool:
        found = {word: out.get(word) for word in fields}
        return all(("\\".join(map(str, one)) if isinstance(one, MultiValue) else str(one)) == str(fields[word]) for word, one in found.items())

    return part10(ct(**fields)), stay


def speaks(word: str, text: str, *stays: str, **fields: Any) -> Near:
    """A slice in which an element says `text`, of which `stays` (default: all of it) must be left."""
    return part10(ct(SpecificCharacterSet="ISO_IR 192", **{word: text}, **fields)), lambda out: all(one in str(out.get(word, "")) for one in stays or (text,))


def code(value: str, scheme: str, meaning: str) -> list[dict[str, str]]:
    return [{"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning}]


def jpeg(segments: bytes, syntax: str = "1.2.840.10008.1.2.4.50") -> Near:
    frame = b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\x34"
    stream = b"\xff\xd8" + segments + frame + b"\xff\xd9"
    file = part10(without(ct(BitsAllocated=8, BitsStored=8, HighBit=7), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(stream)}, syntax)
    return file, lambda out: stream in out.PixelData


def pixels(raw: bytes, **fields: Any) -> Near:
    return part10(ct(**fields) | {("PixelData", "OW"): raw}), lambda out: out.PixelData == raw


def listed(value: str = "1000", block: int = 0x10, syntax: str = "1.2.840.10008.1.2.1", vr: str = "IS") -> Near:
    return part10(ct() | private(0x0019, SIEMENS, {0x0C: (vr, value)}, block), syntax), lambda out: str(out[0x0019, block << 8 | 0x0C].value) == value


_RLE = struct.pack("<16I", 1, 64, *[0] * 14) + b"\xc1\x07"
_SUM = b"".join(struct.pack("<H", at * 7 % 4000) for at in range(64))

NEAR: dict[str, Near] = {
    "name and id of the patient": keeps(PatientSex="F", PatientSize="1.71", PatientWeight="72.5"),
    "name in other patient names": keeps(PatientSize="1.71"),
    "name of the mother": keeps(PatientSex="F", PatientAge="031Y"),
    "telephone and address": keeps(TableHeight="138.16", ExposureTime="1381664"),
    "institution and department": keeps(Manufacturer="EAST DEMO SYSTEMS", BodyPartExamined="CHEST"),
    "physicians and operators": keeps(Modality="CT", FilterType="ZHAO"),
    "age over 89": keeps(PatientAge="089Y"),
    "age in months over 89 years": keeps(PatientAge="018M"),
    "device serial number and calibration": keeps(ManufacturerModelName="SN778 Edge", SoftwareVersions="VB17A"),
    "military rank and religion": keeps(PatientPosition="HFS", ScanOptions="MAJOR"),
    "insurance and admission numbers": keeps(AcquisitionNumber="5531", InstanceNumber="99"),
    "clinical trial identity": keeps(SeriesNumber="31", AcquisitionNumber="1"),
    "mobile number in image comments": speaks("ImageComments", "dose 138.16 mGy", "138.16"),
    "name in image type": keeps(ImageType=r"DERIVED\SECONDARY\MPR"),
    "UID quoted in a description": speaks("SeriesDescription", "recon 1.2.3"),
    "file path in a comment": speaks("StudyDescription", "CT thorax/abdomen"),
    "name in a request item": (part10(ct(RequestAttributesSequence=[{"RequestedProcedureDescription": "CT thorax"}])),
                               lambda out: out.RequestAttributesSequence[0].RequestedProcedureDescription == "CT thorax"),
    "other patient ids sequence": (part10(ct(ProcedureCodeSequence=code("24627-2", "LN", "CT Chest"))), lambda out: out.ProcedureCodeSequence[0].CodeMeaning == "CT Chest"),
    "a sequence nested in itself": (part10(ct(ReferencedImageSequence=[{"ReferencedImageSequence": [{"ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}]}])),
                                    lambda out: out.ReferencedImageSequence[0].ReferencedImageSequence[0].ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"),
    "original attributes": (part10(ct(DerivationCodeSequence=code("113076", "DCM", "Segmentation"))), lambda out: out.DerivationCodeSequence[0].CodeMeaning == "Segmentation"),
    "date in a nested item": (part10(ct(ReferencedSeriesSequence=[{"SeriesInstanceUID": "1.2.3.9", "ContentTime": "101530"}])),
                              lambda out: len(out.ReferencedSeriesSequence) == 1 and out.ReferencedSeriesSequence[0].SeriesInstanceUID.startswith("2.25.")),
    "item with a character set of its own": (part10(ct(AnatomicRegionSequence=[{("SpecificCharacterSet", "CS"): "GB18030", "CodeValue": "51185008", "CodingSchemeDesignator": "SCT", ("CodeMeaning", "LO"): "胸部".encode("gb18030")}])),
                                             lambda out: out.AnatomicRegionSequence[0].CodeMeaning == "胸部"),
    "sequence hidden in UN": (part10(ct() | {("AnatomicRegionSequence", "UN"): struct.pack("<HHI", 0xFFFE, 0xE000, len(dataset(code("51185008", "SCT", "Thorax")[0], explicit=False))) + dataset(code("51185008", "SCT", "Thorax")[0], explicit=False)}),
                              lambda out: out.AnatomicRegionSequence[0].CodeMeaning == "Thorax"),
    "icon image": pixels(_SUM),
    "digital signature": (part10(ct() | {("ICCProfile", "OB"): bytes(range(128))}), lambda out: out.Rows == 8 and out.PixelData[2:4] == struct.pack("<H", 13)),
    "person identification of the operator": (part10(ct(ViewCodeSequence=code("399067008", "SCT", "lateral"))), lambda out: out.ViewCodeSequence[0].CodeMeaning == "lateral"),
    "private text of an unknown creator": listed(),
    "creator in another group is another creator": listed("700"),
    "creator that quotes a name": listed("650", 0x31),
    "private element without creator": listed("600", 0x11),
    "private sequence": listed("550"),
    "safe private number that holds a name": listed("0"),
    "private in a nested item": (part10(ct(ReferencedImageSequence=[{"ReferencedSOPInstanceUID": "1.2.3.8", **private(0x0019, SIEMENS, {0x0C: ("IS", "500")})}])),
                                 lambda out: out.ReferencedImageSequence[0][0x0019, 0x100C].value == 500),
    "preamble": (part10(ct(), preamble=b"\0" * 128), lambda out: out.preamble == b"\0" * 128 and out.KVP == 120),
    "bytes after the last element": pixels(_SUM, InstanceNumber="8"),
    "trailing padding element": (part10(ct() | {(0xFFFCFFFC, "OB"): b"\0" * 8}), lambda out: len(out.PixelData) == 128),
    "application titles in file meta": (part10(ct()), lambda out: out.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1" and out.file_meta.MediaStorageSOPClassUID == out.SOPClassUID),
    "private information in file meta": (part10(ct()), lambda out: out.file_meta.ImplementationVersionName == "TOUCHSTONE_1"),
    "overlay groups": keeps(WindowCenter="40", WindowWidth="400"),
    "curve groups": keeps(LossyImageCompression="00", PresentationLUTShape="IDENTITY"),
    "retired element": keeps(SliceLocation="33.5", ImageType=r"ORIGINAL\PRIMARY\AXIAL"),
    "unknown even-group element": keeps(SpacingBetweenSlices="1.25", Exposure="200"),
    "wrong VR for a name": (part10(ct() | {("SliceThickness", "UN"): b"1.25"}), lambda out: str(out.SliceThickness) == "1.25"),
    "unknown VR": (part10(without(ct(), "KVP") | {("KVP", "UN"): b"120 "}), lambda out: out.KVP == 120),
    "implicit": (part10(ct(PatientSize="1.71"), IMPLICIT), lambda out: str(out.PatientSize) == "1.71" and out.PixelData[2:4] == struct.pack("<H", 13)),
    "deflated": (part10(ct(PatientSize="1.71"), DEFLATED), lambda out: str(out.PatientSize) == "1.71" and out.PixelData[2:4] == struct.pack("<H", 13)),
    "no file meta": (dataset(ct(PatientSize="1.71")), lambda out: str(out.PatientSize) == "1.71" and len(out.PixelData) == 128),
    "implicit, no file meta": (dataset(ct(PatientSize="1.71"), explicit=False), lambda out: str(out.PatientSize) == "1.71"),
    "syntax that lies": (part10(dataset(ct(PatientSize="1.71")), IMPLICIT), lambda out: str(out.PatientSize) == "1.71"),
    "elements out of order": (part10(element("KVP", "120") + dataset(without(ct(), "KVP"))), lambda out: out.KVP == 120 and [one.tag for one in out] == sorted(one.tag for one in out)),
    "big endian": (part10(ct(SmallestImagePixelValue=5), BIG), lambda out: out.SmallestImagePixelValue == 5),
    "GB18030 declared": (part10(ct(SpecificCharacterSet="GB18030") | {("StudyDescription", "LO"): "胸部平扫".encode("gb18030")}), lambda out: out.StudyDescription == "胸部平扫"),
    "GBK declared as Latin-1": (part10(ct(SpecificCharacterSet="ISO_IR 100") | {("StudyDescription", "LO"): "Schädel nativ".encode("latin-1")}), lambda out: out.StudyDescription == "Schädel nativ"),
    "GBK declared not at all": (part10(ct() | {("StudyDescription", "LO"): "胸部平扫".encode("gb18030")}), lambda out: out.StudyDescription == "胸部平扫"),
    "UTF-8 declared as Latin-1": (part10(ct(SpecificCharacterSet="ISO_IR 100", StudyDescription="胸部平扫")), lambda out: out.StudyDescription == "胸部平扫"),
    "ISO 2022 IR 58 with escapes": (part10(ct(SpecificCharacterSet="\\ISO 2022 IR 58") | {("StudyDescription", "LO"): b"\x1b$)A" + "胸部平扫".encode("gb2312")}), lambda out: out.StudyDescription == "胸部平扫"),
    "Japanese with escapes": (part10(ct(SpecificCharacterSet="\\ISO 2022 IR 87", BodyPartExamined="CHEST")), lambda out: out.BodyPartExamined == "CHEST"),
    "full-width digits of an id": speaks("StudyDescription", "胸部 5 mm", "胸部", PatientID="12345678"),
    "spaced Chinese name": speaks("StudyDescription", "欧 式 胸部平扫", "胸部平扫", PatientName="欧阳^娜娜"),
    "sentinel date would tell the shift": (part10(ct(SeriesDate="20240305")), lambda out: len(out.SeriesDate) == 8 and out.SeriesDate == out.StudyDate),
    "impossible date": (part10(ct(SeriesDate="20240229", StudyDate="20240229")), lambda out: len(out.SeriesDate) == 8 and out.SeriesDate == out.StudyDate),
    "text in a decimal string": keeps(SpacingBetweenSlices="3.0e-1", TableHeight="-12"),
    "wrong VR for a number": (part10(without(ct(), "KVP") | {("KVP", "UN"): b"80"}), lambda out: out.KVP == 80),
    "sex in Chinese": keeps(PatientSex="O"),
    "telephone in an integer string": keeps(InstanceNumber="1381664390"),
    "umlauts under Latin-1": (part10(ct(SpecificCharacterSet="ISO_IR 100") | {("SeriesDescription", "LO"): "Schädel".encode("latin-1")}), lambda out: out.SeriesDescription == "Schädel"),
    "name in a time": keeps(SeriesTime="235960.5", ContentTime="10"),
    "date in a safe private element": listed("20241305"),
    "UID that quotes a resident ID": (part10(ct(FrameOfReferenceUID="1.2.840.10008.1.4.1.1")), lambda out: out.FrameOfReferenceUID == "1.2.840.10008.1.4.1.1"),
    "unregistered class in a reference": (part10(ct(ReferencedImageSequence=[{"ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "ReferencedSOPInstanceUID": "1.2.3.77"}])),
                                          lambda out: out.ReferencedImageSequence[0].ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"),
    "comment in a JPEG stream": jpeg(b"\xff\xdb\x00\x05\x00\x01\x02"),
    "EXIF in a JPEG stream": jpeg(b"\xff\xc4\x00\x05\x00\x01\x02"),
    "bytes after the end of a JPEG stream": jpeg(b""),
    "comment in a JPEG 2000 stream": (part10(without(ct(BitsAllocated=8, BitsStored=8, HighBit=7), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(
        b"\xff\x4f\xff\x51\x00\x29\0\0" + struct.pack(">8I", 8, 8, 0, 0, 8, 8, 0, 0) + b"\0\1\7\1\1\xff\x52\x00\x04\x01\x02\xff\x90\x00\x0a\0\0" + struct.pack(">I", 16) + b"\0\1\xff\x93\x12\x34\xff\xd9")}, "1.2.840.10008.1.2.4.90"),
        lambda out: b"\xff\x52\x00\x04\x01\x02" in out.PixelData and b"\xff\x93\x12\x34\xff\xd9" in out.PixelData),
    "bytes after an RLE segment": (part10(without(ct(BitsAllocated=8, BitsStored=8, HighBit=7), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(_RLE)}, "1.2.840.10008.1.2.5"), lambda out: _RLE in out.PixelData),
    "an offset table that is text": (part10(without(ct(BitsAllocated=8, BitsStored=8, HighBit=7), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(_RLE, table=b"\0\0\0\0")}, "1.2.840.10008.1.2.5"), lambda out: _RLE in out.PixelData),
    "name in a colour profile": (part10(ct(ColorSpace="SRGB")), lambda out: out.ColorSpace == "SRGB"),
}
