"""Part 10 files as scanners of these hospitals write them: headers full of people, four character sets, private elements.

pydicom 3.0.2 writes Chinese ISO 2022 IR 58 without its escape codes and knows no lying character set, so a file is first written
with ASCII placeholders of the right byte length which are then replaced by the bytes a real device sends.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from simulator.images import CT_SLICE_MM, CT_SPACING_MM, Volume
from simulator.people import Chart, Doctor
from simulator.words import HOSPITALS

CT, DX, US = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.6.1"
ECG, SR, PDF = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.104.1"
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


def ct_series(study: Study, places: list[Place], volume: Volume) -> list[Instance]:
    """One file a slice. The header is built once; what differs from slice to slice is set on it."""
    ds = _header(study, places[0], CT)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.BodyPartExamined, ds.ProtocolName, ds.PatientPosition = "CHEST", "Chest Routine", "HFS"
    ds.KVP, ds.XRayTubeCurrent, ds.ConvolutionKernel = "120", "180", "B50f"
    ds.SliceThickness, ds.SpacingBetweenSlices = f"{CT_SLICE_MM}", f"{CT_SLICE_MM}"
    ds.ImageOrientationPatient, ds.PixelSpacing = ["1", "0", "0", "0", "1", "0"], [f"{CT_SPACING_MM}", f"{CT_SPACING_MM}"]
    ds.FrameOfReferenceUID = study.study_instance_uid + ".9"
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "-1024", "1", "HU"
    ds.WindowCenter, ds.WindowWidth = "-600", "1500"
    (x, y, z), made = volume.origin_mm, []
    for index, place in enumerate(places):
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = place.sop_instance_uid
        ds.InstanceNumber, ds.SliceLocation = place.instance_number, f"{z + index * CT_SLICE_MM:.4f}"
        ds.ImagePositionPatient = [f"{x:.4f}", f"{y:.4f}", f"{z + index * CT_SLICE_MM:.4f}"]
        _grey(ds, (volume.hu[index].astype(np.int32) + 1024).astype(np.uint16))
        made.append(_finish(ds, study, place))
    return made


def chest_radiograph(study: Study, place: Place, pixels: NDArray[np.uint16]) -> Instance:
    ds = _header(study, place, DX)
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.BodyPartExamined, ds.ViewPosition, ds.PresentationIntentType = "CHEST", "PA", "FOR PRESENTATION"
    ds.PatientOrientation, ds.ImageLaterality, ds.BurnedInAnnotation = ["L", "F"], "U", "NO"
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign, ds.PresentationLUTShape = "LOG", 1, "IDENTITY"
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "US"
    ds.ImagerPixelSpacing, ds.KVP = ["1.4", "1.4"], "110"
    ds.WindowCenter, ds.WindowWidth = "1800", "3200"
    _grey(ds, pixels)
    return _finish(ds, study, place)


def ultrasound_image(study: Study, place: Place, pixels: NDArray[np.uint8]) -> Instance:
    ds = _header(study, place, US)
    ds.ImageType, ds.BodyPartExamined = ["ORIGINAL", "PRIMARY", "ABDOMINAL"], "ABDOMEN"
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PixelData = pixels.tobytes() + b"\0" * (pixels.size % 2)
    return _finish(ds, study, place)


def ecg_waveform(study: Study, place: Place, rng: np.random.Generator) -> Instance:
    """Twelve leads, 500 Hz, two seconds."""
    ds = _header(study, place, ECG)
    time = np.arange(1000) / 500
    beat = sum(np.exp(-(((time - at) / 0.02) ** 2)) for at in (0.3, 1.1, 1.9))
    leads = np.stack([(beat * rng.uniform(300, 900) + rng.normal(0, 8, 1000)) for _ in range(12)], axis=1).astype("<i2")
    group = Dataset()
    group.WaveformOriginality, group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = "ORIGINAL", 12, 1000
    group.SamplingFrequency, group.MultiplexGroupLabel = "500", "RHYTHM"
    group.ChannelDefinitionSequence = Sequence([_channel(number) for number in range(1, 13)])
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation, group.WaveformData = 16, "SS", leads.tobytes()
    ds.WaveformSequence = Sequence([group])
    ds.AcquisitionContextSequence = Sequence([])
    return _finish(ds, study, place)


def _channel(number: int) -> Dataset:
    channel = Dataset()
    channel.ChannelSourceSequence = Sequence([_code(f"5.6.3-9-{number}", "SCPECG", f"Lead {number}")])
    channel.WaveformChannelNumber, channel.WaveformBitsStored, channel.ChannelSensitivity = number, 16, "1"
    channel.ChannelSensitivityUnitsSequence = Sequence([_code("uV", "UCUM", "microvolt")])
    channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline, channel.ChannelTimeSkew = "1", "0", "0"
    return channel


def measurement_report(study: Study, place: Place, diameter_mm: float) -> Instance:
    """A structured report in the manner of TID 1500, with the observer's and the patient's name inside its tree."""
    ds = _header(study, place, SR)
    ds.CompletionFlag, ds.VerificationFlag, ds.ContentDate, ds.ContentTime = (
        "COMPLETE",
        "UNVERIFIED",
        f"{study.when:%Y%m%d}",
        f"{study.when:%H%M%S}",
    )
    observer = _item("HAS OBS CONTEXT", "PNAME", "121008", "Person Observer Name")
    observer.PersonName = f"{study.referring.latin.replace(' ', '^')}"
    size = _item("CONTAINS", "NUM", "410668003", "Length", "SCT")
    value = Dataset()
    value.NumericValue, value.MeasurementUnitsCodeSequence = f"{diameter_mm:.1f}", Sequence([_code("mm", "UCUM", "millimeter")])
    size.MeasuredValueSequence = Sequence([value])
    comment = _item("CONTAINS", "TEXT", "121106", "Comment")
    comment.TextValue = f"患者{study.chart.person.name}右肺结节，住院号{study.chart.mrn}"
    group = _item("CONTAINS", "CONTAINER", "125007", "Measurement Group")
    group.ContinuityOfContent, group.ContentSequence = "SEPARATE", Sequence([size, comment])
    measurements = _item("CONTAINS", "CONTAINER", "126010", "Imaging Measurements")
    measurements.ContinuityOfContent, measurements.ContentSequence = "SEPARATE", Sequence([group])
    ds.ValueType, ds.ContinuityOfContent = "CONTAINER", "SEPARATE"
    ds.ConceptNameCodeSequence = Sequence([_code("126000", "DCM", "Imaging Measurement Report")])
    ds.ContentTemplateSequence = Sequence([Dataset()])
    ds.ContentTemplateSequence[0].MappingResource, ds.ContentTemplateSequence[0].TemplateIdentifier = "DCMR", "1500"
    ds.ContentSequence = Sequence([observer, measurements])
    return _finish(ds, study, place)


def encapsulated_pdf(study: Study, place: Place, text: str) -> Instance:
    """A one-page PDF (Latin text) inside a DICOM object."""
    ds = _header(study, place, PDF)
    stream = f"BT /F1 12 Tf 60 760 Td ({text}) Tj ET".encode("latin-1")
    pdf = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%%%EOF\n" % (len(stream), stream)
    )
    ds.BurnedInAnnotation, ds.DocumentTitle, ds.MIMETypeOfEncapsulatedDocument = "YES", "Discharge letter", "application/pdf"
    ds.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    return _finish(ds, study, place)


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _item(relationship: str, value_type: str, code: str, meaning: str, scheme: str = "DCM") -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relationship, value_type
    item.ConceptNameCodeSequence = Sequence([_code(code, scheme, meaning)])
    return item


def _grey(ds: Dataset, pixels: NDArray[np.uint16]) -> None:
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = np.minimum(pixels, 4095).astype("<u2").tobytes()


def _header(study: Study, place: Place, sop_class: str) -> FileDataset:
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


def _finish(ds: FileDataset, study: Study, place: Place) -> Instance:
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
