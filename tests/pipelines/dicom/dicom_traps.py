# ruff: noqa: E501 - a table of cases reads best with a case a line
"""Hard places in which a DICOM file hides an identity, each with its near miss that must survive.

A Trap is a file, what must be gone from the output in every encoding, and what must still be readable in it. Compiled from the public
record of what de-identifiers leak; people, numbers and places are invented.
"""
from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dicom_build import BIG, CT, DEFLATED, IMPLICIT, US, Raw, ct, dataset, element, fragments, part10, without

NAME, ID, PHONE, RESIDENT = "WANG^JIANGUO", "ZY20240188", "13816643905", "310105196005071236"


@dataclass(frozen=True)
class Trap:
    name: str
    file: bytes
    gone: tuple[str | bytes, ...]
    stays: Callable[[Any], bool]
    """Of the output as pydicom reads it."""


GENERAL: list[Callable[[Any], bool]] = []
"""Checks that only say that the rest of a file stayed: such a trap has its near miss in dicom_near."""


def has(keyword: str, value: Any) -> Callable[[Any], bool]:
    def check(out: Any) -> bool:
        return str(out.get(keyword)) == str(value)

    if keyword in ("KVP", "Rows", "Modality", "SliceThickness", "PatientSex", "SpecificCharacterSet", "StudyTime"):
        GENERAL.append(check)
    return check


def private(group: int, creator: str, fields: dict[int, tuple[str, Any]], block: int = 0x10) -> dict[Any, Any]:
    out: dict[Any, Any] = {(group << 16 | block, "LO"): creator}
    for place, (vr, value) in fields.items():
        out[(group << 16 | block << 8 | place, vr)] = value
    return out


def gbk(text: str) -> bytes:
    return text.encode("gb18030")


def _plain() -> list[Trap]:
    return [
        Trap("name and id of the patient", part10(ct()), ("JIANGUO", ID, "ACC778812", "19600507"), has("KVP", 120)),
        Trap("name in other patient names", part10(ct(OtherPatientNames="WANG^AJIAN", PatientSize="1.7")), ("AJIAN",), has("PatientSize", 1.7)),
        Trap("name of the mother", part10(ct(PatientMotherBirthName="ZHOU^LIHUA")), ("LIHUA",), has("SliceThickness", 1.25)),
        Trap("telephone and address", part10(ct(PatientTelephoneNumbers=PHONE, PatientAddress="88 Nanjing Road")), (PHONE, "Nanjing"),
             has("PatientSex", "M")),
        Trap("comments about the patient", part10(ct(PatientComments="brother of Wang Jianguo", ImageComments="motion artefact")),
             ("brother", "Jianguo"), lambda out: "motion" in str(out.get("ImageComments"))),
        Trap("institution and department", part10(ct(InstitutionName="EAST DEMO HOSPITAL", InstitutionAddress="1 Example Road",
             StationName="CTROOM7", BodyPartExamined="CHEST")), ("EAST DEMO", "Example Road", "CTROOM7"), has("BodyPartExamined", "CHEST")),
        Trap("physicians and operators", part10(ct(OperatorsName="ZHAO^MIN", PerformingPhysicianName="SUN^HAO", PhysiciansOfRecord="QIAN^YU")),
             ("ZHAO", "SUN^HAO", "QIAN"), has("Modality", "CT")),
        Trap("age over 89", part10(ct(PatientAge="097Y")), ("097Y",), has("PatientAge", "090Y")),
        Trap("age in months over 89 years", part10(ct(PatientAge="999M")), (), has("PatientAge", "999M")),
        Trap("age of 89 stays", part10(ct(PatientAge="089Y")), (), has("PatientAge", "089Y")),
        Trap("device serial number and calibration", part10(ct(DeviceSerialNumber="SN778-1", ManufacturerModelName="Model X")), ("SN778-1",),
             has("ManufacturerModelName", "Model X")),
        Trap("military rank and religion", part10(ct(MilitaryRank="MAJOR", PatientReligiousPreference="ZEN", EthnicGroup="HUI")),
             ("MAJOR", "ZEN ", "HUI "), has("Rows", 8)),
        Trap("insurance and admission numbers", part10(ct(AdmissionID="ADM-5531", InsurancePlanIdentification="INS99")), ("ADM-5531", "INS99"),
             has("KVP", 120)),
        Trap("clinical trial identity", part10(ct(ClinicalTrialSubjectID="SUBJ-031", ClinicalTrialSiteName="East")), ("SUBJ-031",), has("KVP", 120)),
    ]


def _descriptors() -> list[Trap]:
    return [
        Trap("name in study description", part10(ct(StudyDescription="Chest CT Wang Jianguo")), ("Jianguo",),
             lambda out: "Chest CT" in out.StudyDescription),
        Trap("name in series description, other order", part10(ct(SeriesDescription="LUNG 1.25 Jianguo Wang")), ("Jianguo",),
             lambda out: "LUNG 1.25" in out.SeriesDescription),
        Trap("number in protocol name", part10(ct(ProtocolName=f"Thorax routine {ID}")), (ID,), lambda out: "Thorax" in out.ProtocolName),
        Trap("a gentleman and a modality", part10(ct(StudyDescription="MR BRAIN W WO CONTRAST", SeriesDescription="MR. MILLER KNEE")), ("MILLER",),
             lambda out: "MR BRAIN" in out.StudyDescription and "KNEE" in out.SeriesDescription),
        Trap("digital radiography is no doctor", part10(ct(StudyDescription="DR CHEST PA, Dr Miller")), ("Miller",),
             lambda out: "DR CHEST" in out.StudyDescription),
        Trap("station name in a description", part10(ct(StationName="CT-WEST-7", SeriesDescription="CT-WEST-7 axial")), ("WEST-7",),
             lambda out: "axial" in out.SeriesDescription),
        Trap("eponyms stay", part10(ct(StudyDescription="Parkinson follow up", SeriesDescription="Hodgkin staging")), (),
             lambda out: "Parkinson" in out.StudyDescription and "Hodgkin" in out.SeriesDescription),
        Trap("Chinese name in a description", part10(ct(SpecificCharacterSet="ISO_IR 192", PatientName="Wang^Jianguo=王^建国",
             StudyDescription="胸部CT平扫 王建国")), ("建国",), lambda out: "胸部" in out.StudyDescription),
        Trap("mobile number in image comments", part10(ct(ImageComments=f"call {PHONE} for result")), (PHONE,), has("KVP", 120)),
        Trap("resident ID in a description", part10(ct(StudyDescription=f"胸部 {RESIDENT}", SpecificCharacterSet="ISO_IR 192")), (RESIDENT,),
             lambda out: "胸部" in str(out.get("StudyDescription"))),
        Trap("name in a kept device text", part10(ct(ConvolutionKernel="B30f", SequenceName="Jianguo")), ("Jianguo",),
             has("ConvolutionKernel", "B30f")),
        Trap("name in a code string", part10(ct(BodyPartExamined="WANG JIANGUO", ScanOptions="HELICAL MODE")), ("JIANGUO",),
             has("ScanOptions", "HELICAL MODE")),
        Trap("name in manufacturer", part10(ct(Manufacturer="ACME for Wang Jianguo", SoftwareVersions="VB17A")), ("Jianguo",),
             has("SoftwareVersions", "VB17A")),
        Trap("name in image type", part10(ct(ImageType="DERIVED\\SECONDARY\\JIANGUO")), ("JIANGUO",), has("KVP", 120)),
        Trap("patient called Head keeps the head", part10(ct(PatientName="HEAD^PHANTOM", SeriesDescription="HEAD 5.0")), ("PHANTOM",),
             lambda out: "HEAD" in str(out.get("SeriesDescription"))),
        Trap("number of the patient in a decimal string", part10(ct(PatientID="13816643", PatientWeight="13816643", PatientSize="1.71")),
             ("13816643",), has("PatientSize", 1.71)),
        Trap("short id is no reason to drop a number", part10(ct(PatientID="7", InstanceNumber="7")), (), has("InstanceNumber", 7)),
        Trap("telephone in an integer string", part10(ct(SeriesNumber=PHONE, InstanceNumber="12")), (PHONE,), has("InstanceNumber", 12)),
        Trap("text in a decimal string", part10(ct(SpacingBetweenSlices="JIANGUO 3")), ("JIANGUO",), has("SliceThickness", 1.25)),
        Trap("UID quoted in a description", part10(ct(SeriesDescription="from 1.2.3.4.5.6 recon")), ("1.2.3.4.5.6",), has("KVP", 120)),
        Trap("file path in a comment", part10(ct(ImageComments="\\\\pacs01\\ward7\\img")), ("pacs01",), has("KVP", 120)),
        Trap("e-mail in a description", part10(ct(StudyDescription="Chest, ask li.na@east.example")), ("li.na@",),
             lambda out: "Chest" in str(out.get("StudyDescription"))),
    ]


def _nested() -> list[Trap]:
    request = {"RequestedProcedureDescription": "CT thorax Wang Jianguo", "RequestedProcedureID": "RP-4471", "ScheduledProcedureStepID": "SPS-12"}
    deep: dict[Any, Any] = {"ReferencedSOPInstanceUID": "1.2.3.4.5.8", "PatientName": NAME}
    for _ in range(12):
        deep = {"ReferencedImageSequence": [deep], "PatientID": ID}
    return [
        Trap("name in a request item", part10(ct(RequestAttributesSequence=[request])), ("Jianguo", "RP-4471", "SPS-12"), has("KVP", 120)),
        Trap("other patient ids sequence", part10(ct(OtherPatientIDsSequence=[{"PatientID": "OLD-99812", "TypeOfPatientID": "TEXT"}])),
             ("OLD-99812",), has("KVP", 120)),
        Trap("a sequence nested in itself", part10(ct(ReferencedImageSequence=[deep])), (ID, "JIANGUO", "1.2.3.4.5.8"), has("KVP", 120)),
        Trap("original attributes", part10(ct(OriginalAttributesSequence=[{"ModifiedAttributesSequence": [{"PatientName": "OLD^NAME"}]}])),
             ("OLD^NAME",), has("KVP", 120)),
        Trap("date in a nested item", part10(ct(ReferencedSeriesSequence=[{"SeriesInstanceUID": "1.2.3.9", "ContentDate": "20240305"}])),
             ("20240305", "1.2.3.9\0"), has("StudyTime", "101530")),
        Trap("name in code meaning", part10(ct(ProcedureCodeSequence=[{"CodeValue": "24627-2", "CodingSchemeDesignator": "LN",
             "CodeMeaning": "CT Chest Wang Jianguo"}])), ("Jianguo",), lambda out: out.ProcedureCodeSequence[0].CodeValue == "24627-2"),
        Trap("clinical code meaning stays", part10(ct(AnatomicRegionSequence=[{"CodeValue": "51185008", "CodingSchemeDesignator": "SCT",
             "CodeMeaning": "Thorax"}])), (), lambda out: out.AnatomicRegionSequence[0].CodeMeaning == "Thorax"),
        Trap("item with a character set of its own", part10(ct(ReferencedPatientSequence=[{("SpecificCharacterSet", "CS"): "GB18030",
             ("PatientName", "PN"): gbk("王^建国")}])), ("建国",), has("KVP", 120)),
        Trap("sequence hidden in UN", part10(ct() | {("ReferencedPatientSequence", "UN"): _implicit_items()}), (ID,), has("KVP", 120)),
        Trap("kept sequence hidden in UN", part10(ct() | {("AnatomicRegionSequence", "UN"): _implicit_code()}), ("JIANGUO",),
             lambda out: out.AnatomicRegionSequence[0].CodeValue == "51185008"),
        Trap("icon image", part10(ct(IconImageSequence=[{"Rows": 1, "Columns": 8, ("PixelData", "OB"): b"JIANGUO!"}])), ("JIANGUO",), has("Rows", 8)),
        Trap("digital signature", part10(ct(DigitalSignaturesSequence=[{("CertificateOfSigner", "OB"): b"CN=Li Na"}])), ("Li Na",), has("Rows", 8)),
        Trap("person identification of the operator", part10(ct(OperatorIdentificationSequence=[{"InstitutionName": "EAST DEMO",
             "PersonIdentificationCodeSequence": [{"CodeValue": "E-1209", "CodingSchemeDesignator": "99EAST", "CodeMeaning": "Zhao Min"}]}])),
             ("E-1209", "Zhao Min", "EAST DEMO"), has("KVP", 120)),
    ]


def _implicit_items() -> bytes:
    body = dataset({"PatientName": NAME, "PatientID": ID}, explicit=False)
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(body)) + body


def _implicit_code() -> bytes:
    body = dataset({"CodeValue": "51185008", "CodingSchemeDesignator": "SCT", "CodeMeaning": "Thorax JIANGUO"}, explicit=False)
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(body)) + body


def _private() -> list[Trap]:
    siemens = private(0x0019, "SIEMENS MR HEADER", {0x0C: ("IS", "1000"), 0x0E: ("FD", struct.pack("<ddd", 0, 0, 1)), 0x55: ("LO", NAME)})
    return [
        Trap("private text of an unknown creator", part10(ct() | private(0x0029, "ACME PRIVATE", {1: ("LO", NAME), 2: ("DS", "1.5")})),
             ("JIANGUO", "ACME PRIVATE"), has("KVP", 120)),
        Trap("safe private element stays, its neighbour goes", part10(ct() | siemens), ("JIANGUO",),
             lambda out: out[0x0019, 0x100C].value == 1000),
        Trap("safe private in another block", part10(ct() | private(0x0019, "SIEMENS MR HEADER", {0x0C: ("IS", "800")}, block=0x22)), (),
             lambda out: out[0x0019, 0x220C].value == 800),
        Trap("creator in another group is another creator", part10(ct() | private(0x0029, "SIEMENS MR HEADER", {0x0C: ("LO", NAME)})),
             ("JIANGUO",), has("KVP", 120)),
        Trap("creator that quotes a name", part10(ct() | private(0x0031, f"SIEMENS {NAME}", {1: ("LO", "x")})), ("JIANGUO",), has("KVP", 120)),
        Trap("private element without creator", part10(ct() | {(0x00291001, "LO"): NAME}), ("JIANGUO",), has("KVP", 120)),
        Trap("private sequence", part10(ct() | {(0x00290010, "LO"): "ACME", (0x00291010, "SQ"): [{"PatientName": NAME}]}), ("JIANGUO",),
             has("KVP", 120)),
        Trap("safe private number that holds a name", part10(ct() | private(0x0019, "SIEMENS MR HEADER", {0x0C: ("IS", "JIANGUO")})),
             ("JIANGUO",), has("KVP", 120)),
        Trap("SUV factor stays", part10(ct() | private(0x7053, "Philips PET Private Group", {0: ("DS", "0.000551")})), (),
             lambda out: float(out[0x7053, 0x1000].value) == 0.000551),
        Trap("safe private in implicit encoding", part10(ct() | private(0x0019, "SIEMENS MR HEADER", {0x0C: ("IS", "1000"), 0x55: ("LO", NAME)}),
             IMPLICIT), ("JIANGUO",), lambda out: int(out[0x0019, 0x100C].value) == 1000),
        Trap("safe private as UN", part10(ct() | private(0x0019, "SIEMENS MR HEADER", {0x0C: ("UN", b"1000")})), (),
             lambda out: int(out[0x0019, 0x100C].value) == 1000),
        Trap("private in a nested item", part10(ct(ReferencedImageSequence=[{"ReferencedSOPInstanceUID": "1.2.3.8",
             (0x00290010, "LO"): "ACME", (0x00291001, "LO"): NAME}])), ("JIANGUO",), has("KVP", 120)),
    ]


def _structure() -> list[Trap]:
    overlay = {(0x60000010, "US"): 8, (0x60000011, "US"): 8, (0x60000022, "LO"): NAME, (0x60003000, "OW"): b"JIANGUO!"}
    return [
        Trap("preamble", part10(ct(), preamble=NAME.encode().ljust(128, b"\0")), ("JIANGUO",), has("KVP", 120)),
        Trap("bytes after the last element", part10(ct(), tail=b"PATIENT WANG JIANGUO" * 3), ("JIANGUO",), has("KVP", 120)),
        Trap("trailing padding element", part10(ct() | {(0xFFFCFFFC, "OB"): NAME.encode()}), ("JIANGUO",), has("KVP", 120)),
        Trap("application titles in file meta", part10(ct(), meta={"SourceApplicationEntityTitle": "JIANGUO_CT"}), ("JIANGUO",), has("KVP", 120)),
        Trap("private information in file meta", part10(ct(), meta={"PrivateInformationCreatorUID": "1.2.9", ("PrivateInformation", "OB"):
             b"JIANGUO "}), ("JIANGUO",), has("KVP", 120)),
        Trap("pixel bytes beyond the image", part10(ct() | {("PixelData", "OW"): bytes(128) + b"WANG^JIANGUO"}), ("JIANGUO",),
             lambda out: len(out.PixelData) == 128),
        Trap("overlay in the unused bits", part10(ct() | {("PixelData", "OW"): struct.pack("<64H", *([0x8123] * 64))}), (),
             lambda out: out.PixelData == struct.pack("<64H", *([0x0123] * 64))),
        Trap("overlay groups", part10(ct() | overlay), ("JIANGUO",), lambda out: not [one for one in out if one.tag.group == 0x6000]),
        Trap("curve groups", part10(ct() | {(0x50003000, "OW"): b"JIANGUO!"}), ("JIANGUO",), has("KVP", 120)),
        Trap("retired element", part10(ct() | {(0x00080010, "SH"): "JIANGUO", (0x00184000, "LT"): "by Zhao Min"}), ("JIANGUO", "Zhao"),
             has("KVP", 120)),
        Trap("unknown even-group element", part10(ct() | {(0x00181999, "LO"): NAME}), ("JIANGUO",), has("KVP", 120)),
        Trap("wrong VR for a name", part10(ct() | {("PatientName", "OB"): NAME.encode()}), ("JIANGUO",), has("KVP", 120)),
        Trap("unknown VR", part10(ct() | {(0x00104000, "UN"): NAME.encode()}), ("JIANGUO",), has("KVP", 120)),
        Trap("wrong VR for a number", part10(without(ct(), "KVP") | {("KVP", "LO"): "120"}), (), has("KVP", 120)),
        Trap("group length elements", part10(ct() | {(0x00100000, "UL"): 99}), (), lambda out: (0x0010, 0x0000) not in out),
        Trap("big endian", part10(ct(), BIG), ("JIANGUO", ID), lambda out: out.Rows == 8 and out.PixelData[2:4] == struct.pack("<H", 13)),
        Trap("implicit", part10(ct(), IMPLICIT), ("JIANGUO", ID), has("KVP", 120)),
        Trap("deflated", part10(ct(), DEFLATED), ("JIANGUO", ID), has("KVP", 120)),
        Trap("no file meta", dataset(ct()), ("JIANGUO", ID), has("KVP", 120)),
        Trap("implicit, no file meta", dataset(ct(), explicit=False), ("JIANGUO", ID), has("KVP", 120)),
        Trap("syntax that lies", part10(dataset(ct(), explicit=False)), ("JIANGUO", ID), has("KVP", 120)),
        Trap("elements out of order", part10(element("PatientID", ID) + dataset(without(ct(), "PatientID"))), (ID,), has("KVP", 120)),
    ]


def _character_sets() -> list[Trap]:
    def named(charset: str | None, raw: bytes, **fields: Any) -> bytes:
        body = ct(**fields) | {("PatientName", "PN"): raw, ("StudyDescription", "LO"): "头颅 ".encode("gb18030") + raw.split(b"=")[-1].replace(b"^", b"")}
        return part10(body | ({"SpecificCharacterSet": charset} if charset is not None else {}))
    ir58 = b"Wang^Jianguo=\x1b$)A" + "王".encode("gb2312") + b"^\x1b$)A" + "建国".encode("gb2312")
    japanese = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"
    utf8_out = has("SpecificCharacterSet", "ISO_IR 192")
    return [
        Trap("GB18030 declared", named("GB18030", gbk("王^建国")), ("建国",), utf8_out),
        Trap("GBK declared as Latin-1", named("ISO_IR 100", gbk("王^建国")), ("建国", gbk("建国")), utf8_out),
        Trap("GBK declared not at all", named(None, gbk("王^建国")), ("建国", gbk("建国")), utf8_out),
        Trap("UTF-8 declared as Latin-1", part10(ct(SpecificCharacterSet="ISO_IR 100", PatientName="王^建国", ImageComments="王建国 复查")),
             ("建国",), utf8_out),
        Trap("ISO 2022 IR 58 with escapes", part10(ct(SpecificCharacterSet="\\ISO 2022 IR 58") | {("PatientName", "PN"): ir58,
             ("StudyDescription", "LO"): b"\x1b$)A" + "胸部王建国".encode("gb2312")}), ("建国", "建国".encode("gb2312")),
             lambda out: "胸部" in str(out.get("StudyDescription", "胸部"))),
        Trap("Japanese with escapes", part10(ct(SpecificCharacterSet="\\ISO 2022 IR 87") | {("PatientName", "PN"): japanese,
             ("ImageComments", "LT"): b"\x1b$B;3EDB@O:\x1b(B"}), ("山田太郎", "太郎"), utf8_out),
        Trap("umlauts under Latin-1", part10(ct(SpecificCharacterSet="ISO_IR 100") | {("PatientName", "PN"): "Müller^Jörg".encode("latin-1"),
             ("SeriesDescription", "LO"): "Müller Jörg Thorax".encode("latin-1")}), ("Jörg", "Müller"),
             lambda out: "Thorax" in str(out.get("SeriesDescription"))),
        Trap("full-width digits of an id", part10(ct(SpecificCharacterSet="ISO_IR 192", PatientID="12345678", ImageComments="编号１２３４５６７８")),
             ("１２３４５６７８", "12345678"), utf8_out),
        Trap("sex in Chinese", part10(ct(SpecificCharacterSet="GB18030") | {("PatientSex", "CS"): gbk("男")}), (gbk("男"),), has("PatientSex", "M")),
        Trap("spaced Chinese name", part10(ct(SpecificCharacterSet="ISO_IR 192", PatientName="欧阳^娜娜", SeriesDescription="胸部 欧 阳 娜 娜")),
             ("娜 娜", "娜娜"), utf8_out),
    ]


def _dates_and_uids() -> list[Trap]:
    return [
        Trap("dates move, times stay", part10(ct(SeriesDate="20240305", AcquisitionDateTime="20240305101530.5+0800")), ("20240305",),
             lambda out: out.StudyDate == out.SeriesDate and str(out.AcquisitionDateTime)[8:] == "101530.5+0800"),
        Trap("date with dots", part10(ct(StudyDate="2024.03.05")), ("2024.03.05", "20240305"), lambda out: len(out.StudyDate) == 8),
        Trap("sentinel date would tell the shift", part10(ct(SeriesDate="19000101")), ("19000101",), lambda out: not out.get("SeriesDate")),
        Trap("impossible date", part10(ct(SeriesDate="20240230")), ("20240230",), lambda out: not out.get("SeriesDate")),
        Trap("name in a time", part10(ct(SeriesTime="JIANGUO")), ("JIANGUO",), has("StudyTime", "101530")),
        Trap("date in a safe private element", part10(ct() | private(0x0019, "SIEMENS MR HEADER", {0x0C: ("IS", "20240305101530")})),
             ("20240305101530",), has("KVP", 120)),
        Trap("UID that quotes a resident ID", part10(ct(SOPInstanceUID=f"1.2.156.{RESIDENT}.1")), (RESIDENT,), has("KVP", 120)),
        Trap("UID with letters", part10(ct(SeriesInstanceUID="1.2.WANG.3")), ("WANG.3",), lambda out: out.SeriesInstanceUID.startswith("2.25.")),
        Trap("well-known frame of reference", part10(ct(FrameOfReferenceUID="1.2.840.10008.1.4.1.1")), (),
             has("FrameOfReferenceUID", "1.2.840.10008.1.4.1.1")),
        Trap("unregistered class in a reference", part10(ct(ReferencedImageSequence=[{"ReferencedSOPClassUID": f"1.2.3.{PHONE}.8",
             "ReferencedSOPInstanceUID": "1.2.3.77"}])), (PHONE, "1.2.3.77"), has("KVP", 120)),
        Trap("coding scheme stays", part10(ct(ProcedureCodeSequence=[{"CodeValue": "P1", "CodingSchemeDesignator": "99ACME",
             "CodeMeaning": "Chest CT"}])), (), lambda out: out.ProcedureCodeSequence[0].CodeMeaning == "Chest CT"),
        Trap("ultrasound regions stay", part10(ct(SOPClassUID=US, Modality="US", SequenceOfUltrasoundRegions=[{"RegionLocationMinX0": 3,
             "PhysicalDeltaX": struct.pack("<d", 0.02)}]), meta={"MediaStorageSOPClassUID": US}), ("JIANGUO",),
             lambda out: out.SequenceOfUltrasoundRegions[0].RegionLocationMinX0 == 3),
    ]


def _contents() -> list[Trap]:
    def code(value: str, scheme: str, meaning: str) -> list[dict[str, str]]:
        return [{"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning}]
    tree = [
        {"RelationshipType": "HAS OBS CONTEXT", "ValueType": "PNAME", "ConceptNameCodeSequence": code("121008", "DCM", "Person Observer Name"),
         "PersonName": "LI^NA"},
        {"RelationshipType": "CONTAINS", "ValueType": "TEXT", "ConceptNameCodeSequence": code("121071", "DCM", "Finding"),
         "TextValue": "Wang Jianguo: nodule 8 mm, Hodgkin excluded"},
        {"RelationshipType": "CONTAINS", "ValueType": "NUM", "ConceptNameCodeSequence": code("410668003", "SCT", "Length"),
         "MeasuredValueSequence": [{"NumericValue": "8.0", "MeasurementUnitsCodeSequence": code("mm", "UCUM", "mm")}]},
        {"RelationshipType": "CONTAINS", "ValueType": "CODE", "ConceptNameCodeSequence": code("121071", "DCM", "Finding"),
         "ConceptCodeSequence": code("27925004", "SCT", "Nodule")},
    ]
    sr = {key: value for key, value in ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33", Modality="SR", ValueType="CONTAINER",
          ContinuityOfContent="SEPARATE", ConceptNameCodeSequence=code("126000", "DCM", "Imaging Measurement Report"), ContentSequence=tree,
          VerifyingObserverSequence=[{"VerifyingObserverName": "LI^NA", "VerifyingOrganization": "EAST DEMO"}]).items()
          if key not in ("Rows", "Columns", ("PixelData", "OW"), "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
                         "SamplesPerPixel", "PhotometricInterpretation")}
    pdf = {key: value for key, value in sr.items() if key != "ContentSequence"} | {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"}
    assert pdf
    return [
        Trap("names in a structured report", part10(sr), ("JIANGUO", "Jianguo", "LI^NA", "EAST DEMO"),
             lambda out: any(one.ValueType == "NUM" and one.MeasuredValueSequence[0].NumericValue == 8 for one in out.ContentSequence)),
        Trap("clinical text of a report stays", part10(sr), (), lambda out: any("Hodgkin" in one.get("TextValue", "") for one in out.ContentSequence)),
        Trap("codes of a report stay", part10(sr), (), lambda out: any(one.ValueType == "CODE" and one.ConceptCodeSequence[0].CodeMeaning == "Nodule"
             for one in out.ContentSequence)),
    ]


def _pixel_containers() -> list[Trap]:
    def image(stream: bytes, syntax: str, **fields: Any) -> bytes:
        return part10(without(ct(BitsAllocated=8, BitsStored=8, HighBit=7, **fields), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(stream)}, syntax)
    comment = b"\xff\xfe\x00\x10WANG JIANGUO  "
    exif = b"\xff\xe1\x00\x14Exif\0\0WANG JIANGUO"
    frame = b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\x34"
    rle = struct.pack("<16I", 1, 64, *[0] * 14) + b"\xc1\x07"
    siz = b"\xff\x4f\xff\x51\x00\x29\0\0" + struct.pack(">8I", 8, 8, 0, 0, 8, 8, 0, 0) + b"\0\1\7\1\1"
    tile = b"\xff\x90\x00\x0a\0\0" + struct.pack(">I", 16) + b"\0\1\xff\x93\x12\x34"
    j2k = siz + b"\xff\x64\x00\x12\x00\x01WANG JIANGUO  " + tile + b"\xff\xd9"
    state = without(ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.11.1", Modality="PR", GraphicAnnotationSequence=[{
        "TextObjectSequence": [{"UnformattedTextValue": "nodule, Wang Jianguo"}],
        "GraphicObjectSequence": [{"GraphicType": "POLYLINE", "GraphicData": struct.pack("<4f", 1, 2, 3, 4)}]}],
        ReferencedSeriesSequence=[{"SeriesInstanceUID": "1.2.3.4.5.1"}]), "Rows", "Columns", ("PixelData", "OW"))
    return [
        Trap("comment in a JPEG stream", image(b"\xff\xd8" + comment + frame + b"\xff\xd9", "1.2.840.10008.1.2.4.50"), ("JIANGUO",), has("Rows", 8)),
        Trap("EXIF in a JPEG stream", image(b"\xff\xd8" + exif + frame + b"\xff\xd9", "1.2.840.10008.1.2.4.50"), ("JIANGUO",), has("Rows", 8)),
        Trap("bytes after the end of a JPEG stream", image(b"\xff\xd8" + frame + b"\xff\xd9WANG JIANGUO", "1.2.840.10008.1.2.4.50"), ("JIANGUO",),
             has("Rows", 8)),
        Trap("comment in a JPEG 2000 stream", image(j2k, "1.2.840.10008.1.2.4.90"), ("JIANGUO",), has("Rows", 8)),
        Trap("bytes after an RLE segment", image(rle + b"WANG JIANGUO", "1.2.840.10008.1.2.5"), ("JIANGUO",), has("Rows", 8)),
        Trap("an offset table that is text", part10(without(ct(BitsAllocated=8, BitsStored=8, HighBit=7), ("PixelData", "OW")) | {
             ("PixelData", "OB"): fragments(rle, table=b"WANG JIANGUO")}, "1.2.840.10008.1.2.5"), ("JIANGUO",), has("Rows", 8)),
        Trap("name in a colour profile", part10(ct() | {("ICCProfile", "OB"): b"desc WANG JIANGUO 2024"}), ("JIANGUO",), has("KVP", 120)),
        Trap("text of a presentation state", part10(state), ("Jianguo",), lambda out:
             out.GraphicAnnotationSequence[0].GraphicObjectSequence[0].GraphicType == "POLYLINE"),
        Trap("padding value beyond the stored bits stays", part10(ct() | {("PixelPaddingValue", "US"): 63536, ("PixelData", "OW"):
             struct.pack("<64H", *([63536] * 32 + [100] * 32))}), (), lambda out: out.PixelData[:2] == struct.pack("<H", 63536)),
    ]


def traps() -> list[Trap]:
    return [*_plain(), *_descriptors(), *_nested(), *_private(), *_structure(), *_character_sets(), *_dates_and_uids(), *_contents(), *_pixel_containers()]


__all__ = ["CT", "NAME", "Raw", "Trap", "traps"]
