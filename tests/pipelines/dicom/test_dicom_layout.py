"""A file of another patient that is read with the help of an earlier one's form comes out as if it had been read alone."""
from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pydicom
import pytest
from dicom_build import EXPLICIT, IMPLICIT, ct, part10
from dicom_door import deidentify, holds
from dicom_traps import traps
from hypothesis import given, settings
from hypothesis import strategies as st
from test_dicom_memory import Counted, own_memory, same_as_alone, slice_of
from test_dicom_reference_files import files

from pipelines.phi_zone.dicom import engine
from pipelines.phi_zone.dicom.layout import Layout

__all__ = ["own_memory"]
NAMES = ("LI^LEI", "OUYANG^NANA", "MILLER^ANNE", "王^建国", "ACME^AXIAL", "HEAD^PHANTOM", "PRIMARY^ORIGINAL", "SHARPIX^Q", "")
NUMBERS = ("ZY777", "120", "000120", "778812", "1.25", "CT", "13816643905", "LUNG1", "")


def stranger(number: int, syntax: str = EXPLICIT, **fields: Any) -> bytes:
    uid = f"1.2.3.{number}"
    more: dict[Any, Any] = {
        "SOPInstanceUID": f"{uid}.3", "StudyInstanceUID": f"{uid}.1", "SeriesInstanceUID": f"{uid}.2", "FrameOfReferenceUID": f"{uid}.4",
        "PatientID": f"H{number:06d}", "PatientName": f"SURNAME{chr(65 + number % 26)}{chr(65 + number // 26)}^GIVEN",
        "StudyDate": f"2023{number % 12 + 1:02d}05",
        "AccessionNumber": f"A{number:08d}", "PatientBirthDate": f"{1930 + number % 60}0512", "SpecificCharacterSet": "ISO_IR 192",
        "ConvolutionKernel": "Sharpix", "ExposureTime": "000120", "SeriesDescription": "LUNG1 1.25", "XRayTubeCurrent": "778812"}
    return part10(ct(**{**more, **fields}), syntax, meta={"MediaStorageSOPInstanceUID": f"{uid}.3"})


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_files_of_other_patients_are_read_with_the_help_of_the_first(syntax: str) -> None:
    assert same_as_alone([stranger(number, syntax) for number in range(60)]) >= 56


def test_the_first_slice_of_a_series_is_read_by_its_layout_and_the_others_by_the_series() -> None:
    stack = [slice_of(number, SeriesInstanceUID=f"1.2.4.{series}", PatientID=f"P{series}", StudyInstanceUID=f"1.2.5.{series}")
             for series in range(6) for number in range(10)]
    assert same_as_alone(stack) >= 50


@pytest.mark.parametrize("fields", [
    {"ConvolutionKernel": "OUYANG NANA", "PatientName": "OUYANG^NANA"}, {"PatientName": "SHARPIX^X"}, {"PatientName": "ACME^Q"},
    {"PatientID": "000120"}, {"PatientID": "778812"}, {"AccessionNumber": "LUNG1"}, {"PatientName": ""}, {"PatientID": ""},
    {"StudyInstanceUID": ""}, {"SOPInstanceUID": ""}, {"SOPInstanceUID": "../x"}, {"SeriesDescription": "BRAIN 1.0"},
    {"StudyDescription": "胸部 王建国", "PatientName": "王^建国"}, {"SpecificCharacterSet": "GB18030"}, {"BitsStored": 8, "HighBit": 7},
    {"PatientBirthDate": ""}, {"StudyDate": "19000101"}, {"PatientAge": "099Y"}, {"OtherPatientNames": "LI^SHARPIX"},
], ids=str)
def test_a_patient_with_whom_something_else_is_to_be_done_is_read_alone_or_as_alone(fields: dict[str, Any]) -> None:
    base = {"OtherPatientNames": "X^YY", "StudyDescription": "CHEST"} if fields.keys() & {"OtherPatientNames", "StudyDescription"} else {}
    same_as_alone([*[stranger(number, **base) for number in range(4)], stranger(5, **(base | fields)),
                   *[stranger(number, **base) for number in range(6, 9)], stranger(9, **(base | fields))])


def test_what_stays_for_one_patient_goes_for_the_next_whom_it_names() -> None:
    for number in range(6):
        deidentify(stranger(number))
    for name, stays in (("LEI^LI", True), ("SHARPIX^LI", False), ("LEI^LU", True)):
        content = deidentify(stranger(30, PatientName=name)).content
        assert content is not None
        assert holds(content, "Sharpix") is stays


def test_a_file_in_which_too_much_hangs_on_the_patient_is_no_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Layout, "most_varying", 9)
    assert same_as_alone([stranger(number) for number in range(12)]) == 0


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(NAMES), st.sampled_from(NUMBERS), st.sampled_from(NUMBERS),
                          st.sampled_from(("", "19500101", "19600507", "1960"))), min_size=3, max_size=9))
def test_patients_of_any_name_and_number_in_any_order_come_out_as_alone(people: list[tuple[int, str, str, str, str]]) -> None:
    engine.MEMORY = Counted()
    same_as_alone([stranger(number, PatientName=name, PatientID=own, AccessionNumber=accession, PatientBirthDate=born)
                   for number, name, own, accession, born in people])


def others(data: bytes, values: list[bytes], count: int, chance: random.Random) -> list[bytes]:
    """The file as other patients' and series': these values with other letters and digits, of the same length."""
    out = []
    for _ in range(count):
        copy = data
        for value in values:
            fresh = bytes(chance.choice(b"123456789") if 48 <= byte < 58 else chance.choice(b"ABCDEFGH") if 65 <= byte < 91 else byte
                          for byte in value)
            copy = copy.replace(value, fresh)
        out.append(copy)
    return out


def test_every_trap_as_other_patients_would_have_it_comes_out_as_alone() -> None:
    chance, helped = random.Random(3), 0
    for trap in traps():
        engine.MEMORY = Counted()
        values = [b"ZY20240188", b"WANG^JIANGUO", b"1.2.3.4.5.1", b"1.2.3.4.5.6"]
        helped += same_as_alone([trap.file, *others(trap.file, values, 4, chance)])
    assert helped > 150


@pytest.mark.data
def test_every_reference_file_as_other_patients_would_have_it_comes_out_as_alone(reference_data: Path) -> None:
    chance, helped = random.Random(5), 0
    for path in files(reference_data):
        data = path.read_bytes()
        if len(data) > 400_000:
            continue
        engine.MEMORY, source = Counted(), pydicom.dcmread(path, force=True, stop_before_pixels=True)
        values = [str(source.get(word, "")).encode("latin-1", "ignore") for word in (
            "PatientID", "PatientName", "SeriesInstanceUID", "SOPInstanceUID", "StudyInstanceUID", "AccessionNumber", "StudyDate")]
        helped += same_as_alone([data, *others(data, sorted({one for one in values if len(one) > 2}, key=len, reverse=True), 4, chance)])
    assert helped > 100
