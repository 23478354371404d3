"""Part 10 files as scanners of these hospitals write them: headers full of people, four character sets, private elements.

pydicom 3.0.2 writes Chinese ISO 2022 IR 58 without its escape codes and knows no lying character set, so a file is first written
with ASCII placeholders of the right byte length which are then replaced by the bytes a real device sends.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from simulator.people import Chart, Doctor
from simulator.words import HOSPITALS

MAKERS = {"sh-east": "Simulated Imaging Co", "cd-west": "Lumen Demo Works", "xj-south": "Simulated Imaging Co"}
CHARSETS = ("ISO_IR 192", "GB18030", "ISO 2022 IR 58", "GBK as ISO_IR 100")


@dataclass(frozen=True)
class Study:
    """What all instances of a study share."""

    study_instance_uid: str
    study_id: str
    accession_number: str
    when: dt.datetime
    modality: str
    description: str
    chart: Chart
    referring: Doctor
    operator: Doctor
    charset: str = "ISO_IR 192"


@dataclass(frozen=True)
class Instance:
    """One DICOM object on the shelf of a hospital. `query` holds what QIDO answers."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    modality: str
    data: bytes = field(repr=False)
    query: dict[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where an instance stands: series uid and number, instance uid and number."""

    series_instance_uid: str
    series_number: int
    sop_instance_uid: str
    instance_number: int


def header(study: Study, place: Place, sop_class: str) -> FileDataset:
    """Everything but the image: patient, study, series, equipment, request, private blocks (one of them with a name inside)."""
    chart, person, hospital = study.chart, study.chart.person, HOSPITALS[study.chart.site_id]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, place.sop_instance_uid
    meta.TransferSyntaxUID = ImplicitVRLittleEndian if study.charset == "ISO 2022 IR 58" else ExplicitVRLittleEndian
    meta.ImplementationClassUID = "1.2.826.0.1.3680043.10.1593.1"
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = {"ISO 2022 IR 58": ["", "ISO 2022 IR 58"], "GBK as ISO_IR 100": "ISO_IR 100"}.get(
        study.charset, study.charset
    )
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = sop_class, place.sop_instance_uid, study.modality
    day, time = f"{study.when:%Y%m%d}", f"{study.when:%H%M%S}"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = day
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = time
    ds.AccessionNumber, ds.StudyID, ds.StudyDescription = study.accession_number, study.study_id, study.description
    ds.PatientName, ds.InstitutionName = (
        _Raw.slot(ds, "name", patient_name(chart), study.charset),
        _Raw.slot(ds, "hospital", hospital["zh"], study.charset),
    )
    ds.PatientID, ds.IssuerOfPatientID, ds.OtherPatientIDs = chart.mrn, f"{chart.site_id}-mpi", person.resident_id
    ds.PatientBirthDate, ds.PatientSex = f"{person.birth_date:%Y%m%d}", "M" if person.sex == "male" else "F"
    ds.PatientAge = f"{study.when.year - person.birth_date.year:03d}Y"
    ds.PatientTelephoneNumbers, ds.PatientComments = person.phone, f"ID {person.resident_id} tel {person.relative.phone}"
    ds.ReferringPhysicianName, ds.OperatorsName = study.referring.latin.replace(" ", "^"), study.operator.latin.replace(" ", "^")
    ds.InstitutionalDepartmentName, ds.StationName = "Radiology", f"{chart.site_id.upper()}-{study.modality}1"
    ds.Manufacturer, ds.ManufacturerModelName, ds.DeviceSerialNumber = (
        MAKERS[chart.site_id],
        f"SIM-{study.modality}",
        f"SN{chart.site_id[:2]}{study.modality}0417",
    )
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study.study_instance_uid, place.series_instance_uid
    ds.SeriesNumber, ds.InstanceNumber, ds.SeriesDescription = place.series_number, place.instance_number, study.description
    request = Dataset()
    request.RequestedProcedureID, request.ScheduledProcedureStepID = f"RP{study.accession_number}", f"SPS{study.accession_number}"
    request.RequestedProcedureDescription = study.description
    ds.RequestAttributesSequence = Sequence([request])
    vendor = ds.private_block(0x0019, "SIMULATED IMAGING 01", create=True)
    vendor.add_new(0x01, "DS", "0.75")
    vendor.add_new(0x02, "LO", f"{person.latin_family}^{person.latin_given}")
    vendor.add_new(0x03, "SH", f"{study.accession_number}")
    return ds


def patient_name(chart: Chart) -> str:
    """DICOM PN: alphabetic group, and the ideographic group for those who have one."""
    person = chart.person
    latin = f"{person.latin_family}^{person.latin_given}"
    return latin if person.language == "en" else f"{latin}={person.family}^{person.given}"


class _Raw:
    """Placeholders for text pydicom cannot write as devices do: an ASCII slot of the same byte length, replaced after writing."""

    @staticmethod
    def encode(text: str, charset: str) -> bytes:
        if charset == "GBK as ISO_IR 100":
            return text.encode("gbk", "replace")
        parts = []
        for piece in text.replace("=", "\0=\0").replace("^", "\0^\0").split("\0"):
            parts.append(piece.encode("ascii") if piece.isascii() else b"\x1b$)A" + piece.encode("gb2312", "replace"))
        return b"".join(parts)

    @staticmethod
    def slot(ds: FileDataset, kind: str, text: str, charset: str) -> str:
        if charset in ("ISO_IR 192", "GB18030"):
            return text
        raw = _Raw.encode(text, charset)
        slots: dict[bytes, bytes] = ds.__dict__.setdefault("raw_slots", {})
        mark = f"@{kind[0]}".ljust(len(raw), "#").encode("ascii")
        slots[mark] = raw
        return mark.decode("ascii")


def finish(ds: FileDataset, study: Study, place: Place) -> Instance:
    slots: dict[bytes, bytes] = ds.__dict__.get("raw_slots", {})
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    data = buffer.getvalue()
    for mark, raw in slots.items():
        data = data.replace(mark, raw, 1)
    query = {
        "StudyDate": ds.StudyDate,
        "StudyTime": ds.StudyTime,
        "AccessionNumber": study.accession_number,
        "StudyID": study.study_id,
        "StudyDescription": study.description,
        "PatientID": study.chart.mrn,
        "PatientName": patient_name(study.chart),
        "PatientBirthDate": ds.PatientBirthDate,
        "PatientSex": ds.PatientSex,
        "SeriesNumber": str(place.series_number),
        "InstanceNumber": str(place.instance_number),
    }
    return Instance(
        study.study_instance_uid, place.series_instance_uid, place.sop_instance_uid, str(ds.SOPClassUID), study.modality, data, query
    )
