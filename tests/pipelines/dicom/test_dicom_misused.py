# ruff: noqa: E501 - a table of cases reads best with a case a line
"""Identities that no other element names, where a code, a number, a device text or a caret belongs; beside each what must stay."""
from __future__ import annotations

import pytest
from dicom_build import ct, part10
from dicom_door import deidentify, holds, read, released
from pydicom.multival import MultiValue


def after(keyword: str, value: str, **fields: str) -> tuple[str, bytes]:
    outcome = released(part10(ct(SpecificCharacterSet="ISO_IR 192", **fields) | {keyword: value}))
    assert outcome.content is not None
    said = read(outcome).get(keyword)
    return "\\".join(map(str, said)) if isinstance(said, MultiValue) else "" if said is None else str(said), outcome.content


@pytest.mark.parametrize("text", [
    "Thorax^Routine (Adult)", "Head^HeadSeq (Adult)", "Abdomen^AbdRoutine", "Thorax^ThorRoutine", "Heart^CaScore", "Specials^TestBolus", "Chest^PE",
    "Vascular^CTA_Head", "Extremities^Hip", "PET^PETCT_WholeBody (Adult)", "Spine^LSpineSeq", "abdomen^liver", "CTA^Runoff"])
def test_a_caret_between_region_and_examination_stays(text: str) -> None:
    assert after("StudyDescription", text)[0] == text
    assert after("SoftwareVersions", text)[0] == text


@pytest.mark.parametrize(("text", "gone", "stays"), [
    ("DUBOIS^HELENE chest", "HELENE", "chest"), ("Thorax^Zhou Lihua", "Lihua", ""), ("Baker^Head", "Baker", ""), ("Head^Michael", "Michael", ""),
    ("Thorax^Routine ZHANG^WEI", "ZHANG", ""), ("DUBOIS^ANNE MARIE chest", "MARIE", "chest")])
def test_a_caret_in_a_name_goes_with_all_its_given_names(text: str, gone: str, stays: str) -> None:
    said, content = after("StudyDescription", text)
    assert not holds(content, gone)
    assert stays in said


@pytest.mark.parametrize(("keyword", "value", "gone"), [
    ("BodyPartExamined", "ZHOU NINGYU", "NINGYU"), ("ImageType", "ORIGINAL\\PRIMARY\\ZHOU_NINGYU", "NINGYU"), ("PatientPosition", "NINGYU", "NINGYU"),
    ("PatientOrientation", "NINGYU\\F", "NINGYU"), ("Laterality", "NINGYU", "NINGYU"), ("ScanOptions", "33915521", "33915521"),
    ("ScanOptions", "MR33915521", "33915521"), ("FilterType", "P95160051", "95160051"), ("FilterType", "Zhou Ningyu", "Ningyu"),
    ("ManufacturerModelName", "uCT 780 Zhou Ningyu", "Ningyu"), ("SoftwareVersions", "VA48A\\SN33915521", "33915521")])
def test_a_name_or_a_number_goes_from_a_code_and_a_device_text(keyword: str, value: str, gone: str) -> None:
    assert not holds(after(keyword, value)[1], gone)


@pytest.mark.parametrize(("keyword", "value"), [
    ("BodyPartExamined", "ABDOMEN_PELVIS"), ("BodyPartExamined", "LSPINE"), ("ImageType", "ORIGINAL\\PRIMARY\\M_SE\\NORM\\DIS2D"), ("PatientPosition", "FFDL"),
    ("PatientPosition", "SITTING"), ("PatientOrientation", "L\\FP"), ("Laterality", "LEFT"), ("ScanOptions", "PFP\\FS"), ("FilterType", "BODY FILTER"),
    ("ManufacturerModelName", "Artis Zee"), ("SoftwareVersions", "syngo MR E11\\N4_VE11C"), ("SoftwareVersions", "2.0.12345678"),
    ("ConvolutionKernel", "Br40d\\3")])
def test_a_defined_term_and_the_name_of_a_device_stay(keyword: str, value: str) -> None:
    assert after(keyword, value)[0] == value


@pytest.mark.parametrize("keyword", ["KVP", "PatientWeight", "SliceThickness", "FlipAngle"])
def test_an_integer_of_eight_digits_goes_where_no_quantity_is_so_large(keyword: str) -> None:
    assert not holds(after(keyword, "55219063")[1], "55219063")
    assert after(keyword, "552190")[0] == "552190"


@pytest.mark.parametrize(("keyword", "value"), [
    ("RadionuclideTotalDose", "370000000"), ("RadionuclideHalfLife", "23410080"), ("CountsAccumulated", "35964521"), ("ExposureTimeInuS", "12000000"),
    ("ActualFrameDuration", "12104341"), ("SeriesNumber", "1584102345"), ("SliceLocation", "-12.12345678"), ("PixelSpacing", "0.97656250\\0.97656250")])
def test_a_quantity_that_can_be_so_large_stays(keyword: str, value: str) -> None:
    assert [float(part) for part in after(keyword, value)[0].split("\\")] == [float(part) for part in value.split("\\")]


@pytest.mark.parametrize(("text", "gone", "stays"), [
    ("TH20150918_A", "20150918", "TH"), ("CT20150918", "20150918", "CT"), ("20150918T101010 chest", "20150918", "chest"), ("scan-20150918", "20150918", "scan")])
def test_a_day_that_touches_letters_goes_from_a_description(text: str, gone: str, stays: str) -> None:
    said, content = after("SeriesDescription", text)
    assert not holds(content, gone)
    assert stays in said
    assert not holds(after("ImageComments", text)[1], gone)


@pytest.mark.parametrize("text", ["CT20261399", "SE 2015 ax", "B20f 2015 mm"])
def test_digits_that_are_no_day_stay_in_a_description(text: str) -> None:
    assert after("SeriesDescription", text)[0] == text


@pytest.mark.parametrize("day", ["Mar 4, 1951", "4 March 1951", "04-MAR-1951", "4Mar1951"])
def test_a_birthday_with_its_month_in_letters_goes_from_a_device_text(day: str) -> None:
    assert not holds(after("ManufacturerModelName", f"uCT 780 {day}", PatientBirthDate="19510304")[1], "1951")
    assert not holds(after("SegmentAlgorithmName", day, PatientBirthDate="19600507")[1], "1951")


def test_the_number_of_a_device_goes_wherever_it_is_repeated() -> None:
    fields = {"DeviceSerialNumber": "HC884512", "DetectorID": "1024"}
    said, content = after("SeriesDescription", "HC884512 thorax 1024", **fields)
    assert not holds(content, "884512")
    assert said == "thorax 1024"


def test_both_halves_of_a_double_surname_go_where_one_is_known() -> None:
    said, content = after("SeriesDescription", "Thorax-Delacroix Silverstone-Delacroix axial", PatientName="DELACROIX^ANNE")
    assert not holds(content, "Silverstone")
    assert said.startswith("Thorax")
    assert said.endswith("axial")


def test_a_sentence_does_not_go_for_a_number_in_it() -> None:
    assert "左肺结节" in after("ImageComments", "检查编号：123456789，左肺结节")[0]


def test_required_labels_of_a_setup_leave_empty() -> None:
    setup = [{"PatientSetupNumber": "1", "FixationDeviceSequence": [{"FixationDeviceType": "MASK", "FixationDeviceLabel": "Dubois"}]}]
    outcome = deidentify(part10(ct(PatientSetupSequence=setup)))
    assert outcome.content is not None
    fixation = read(outcome).PatientSetupSequence[0].FixationDeviceSequence[0]
    assert "FixationDeviceLabel" in fixation
    assert not fixation.FixationDeviceLabel
    assert fixation.FixationDeviceType == "MASK"
