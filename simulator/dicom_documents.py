"""Objects that are no images: an ECG, a structured report with names in its tree, an encapsulated PDF."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from simulator.dicom_files import Instance, Place, Study, finish, header

ECG, SR, PDF = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.104.1"


def ecg_waveform(study: Study, place: Place, rng: np.random.Generator) -> Instance:
    """Twelve leads, 500 Hz, two seconds."""
    ds = header(study, place, ECG)
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
    return finish(ds, study, place)


def _channel(number: int) -> Dataset:
    channel = Dataset()
    channel.ChannelSourceSequence = Sequence([_code(f"5.6.3-9-{number}", "SCPECG", f"Lead {number}")])
    channel.WaveformChannelNumber, channel.WaveformBitsStored, channel.ChannelSensitivity = number, 16, "1"
    channel.ChannelSensitivityUnitsSequence = Sequence([_code("uV", "UCUM", "microvolt")])
    channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline, channel.ChannelTimeSkew = "1", "0", "0"
    return channel


def measurement_report(study: Study, place: Place, diameter_mm: float) -> Instance:
    """A structured report in the manner of TID 1500, with the observer's and the patient's name inside its tree."""
    ds = header(study, place, SR)
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
    return finish(ds, study, place)


def encapsulated_pdf(study: Study, place: Place, text: str) -> Instance:
    """A one-page PDF (Latin text) inside a DICOM object."""
    ds = header(study, place, PDF)
    stream = f"BT /F1 12 Tf 60 760 Td ({text}) Tj ET".encode("latin-1")
    pdf = (
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%%%EOF\n" % (len(stream), stream)
    )
    ds.BurnedInAnnotation, ds.DocumentTitle, ds.MIMETypeOfEncapsulatedDocument = "YES", "Discharge letter", "application/pdf"
    ds.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    return finish(ds, study, place)


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def _item(relationship: str, value_type: str, code: str, meaning: str, scheme: str = "DCM") -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relationship, value_type
    item.ConceptNameCodeSequence = Sequence([_code(code, scheme, meaning)])
    return item
