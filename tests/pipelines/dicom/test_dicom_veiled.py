# ruff: noqa: E501 - a table of cases reads best with a case a line
"""Identities under another form than the header's, and in places nobody thinks of; beside each the near miss that must survive."""
from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from dicom_build import Raw, ct, dataset, fragments, part10, without
from dicom_door import holds, read, released

IMAGE = ("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation",
         ("PixelData", "OW"))
WHO: dict[Any, Any] = {
    "SpecificCharacterSet": "ISO_IR 192", "PatientName": "Ouyang^Zhenhua=欧阳^振华", "PatientID": "HX00731942", "PatientBirthDate": "19330917",
    "StudyDate": "20260312", "AccessionNumber": "RIS88120417"}


def file(**fields: Any) -> bytes:
    return part10(ct(**WHO) | fields)


def described(text: str | bytes, where: str = "SeriesDescription") -> tuple[str, bytes]:
    out = read(released(part10(ct(**WHO) | {(where, "LO"): text})))
    content = released(part10(ct(**WHO) | {(where, "LO"): text})).content
    assert content is not None
    return str(out.get(where) or ""), content


def coded(**code: str) -> Any:
    return read(released(file(ProcedureCodeSequence=[{"CodeValue": "P1", "CodingSchemeDesignator": "99HD"} | code]))).ProcedureCodeSequence[0]


@pytest.mark.parametrize(("text", "gone", "stays"), [
    pytest.param("Ouyang Zhenhua".encode("utf-16-le"), "Ouyang".encode("utf-16-le"), "", id="UTF-16 in a text of one byte a letter"),
    pytest.param(b"T1\0Ouyang Zhenhua", "Ouyang", "T1", id="behind a NUL"),
    pytest.param("T1 Ou\u200byang Zhen\u200bhua", "Zhen", "T1", id="letters with nothing between them"),
    pytest.param("胸部 歐陽振華", "歐陽", "胸部", id="traditional characters"),
    pytest.param("PET to CT 欧阳", "欧阳", "PET to CT", id="a family name of two characters alone"),
    pytest.param("T1 Ou Yang Zhen Hua", "Zhen", "T1", id="a name spaced by syllables"),
    pytest.param("T1 ouyangzh ax", "ouyang", "T1 ax", id="a name as people log in"),
    pytest.param("T1 00731942 ax", "731942", "T1 ax", id="the digits of an id alone"),
    pytest.param("T1 731942 ax", "731942", "T1 ax", id="the digits without zeros"),
    pytest.param("T1 330917 ax", "330917", "T1 ax", id="a birthday of six digits"),
    pytest.param(b"T1 " + base64.b64encode(b"Liu Wenbin") + b" ax", base64.b64encode(b"Liu Wenbin")[:12].decode(), "T1 ax", id="Base64"),
    pytest.param(b"T1 " + b"Liu Wenbin".hex().encode(), b"Liu Wen".hex(), "T1", id="hexadecimal"),
    pytest.param("T1 D:/img/liuwb/1.dcm", "liuwb", "T1", id="a path with a drive"),
    pytest.param("T1 /home/liuwb/data", "liuwb", "T1", id="a path of a home"),
    pytest.param("T1 095Y ax", "095Y", "T1 ax", id="an age over 89 as the header writes it"),
    pytest.param("T1 smb://nas/liuwb", "liuwb", "T1", id="an address of a share"),
])
def test_a_name_in_another_form_goes_from_a_description_and_the_rest_stays(text: str | bytes, gone: str | bytes, stays: str) -> None:
    said, content = described(text)
    assert not holds(content, gone)
    assert stays in said


@pytest.mark.parametrize("text", [
    "T1 axial 256x256", "HEADNECKSTDRCHEST", "deadbeefcafe recon", "thorax/abdomen", "kernel B30f/D20s", "T1 7319 ax", "胸部 歐 T1", "SE 00123456",
    "MPR cor/sag 1.0", "1.2.3", "20261399 recon", "child 089Y", "Zhen ax"])
def test_a_description_that_only_resembles_them_stays(text: str) -> None:
    assert described(text)[0] == text


@pytest.mark.parametrize(("keyword", "value"), [
    ("SeriesNumber", "20260312"), ("InstanceNumber", "20260312"), ("TableHeight", "19330917"), ("SliceLocation", "20260312.235959"),
    ("AcquisitionNumber", "731942"), ("ExposureTime", "00731942"), ("PatientWeight", "20260312"), ("WindowCenter", "40\\20260312"),
    ("ScanOptions", "20260312"), ("ScanOptions", "Liu Wenbin"), ("ScanOptions", "10.88.16.5"), ("ImageType", "ORIGINAL\\PRIMARY\\20260312"),
    ("SequenceName", "SCAN 20260312"), ("DetectorDescription", "Installed at Ruijin Hospital"), ("AcquisitionProtocolName", "Liu Wenbin"),
    ("StageName", "Dr. Liu Wenbin"), ("WindowCenterWidthExplanation", "for Liu Wenbin"), ("Manufacturer", "ACME for Ruijin Hospital")])
def test_a_day_a_number_or_a_name_goes_from_a_number_a_code_or_a_technical_text(keyword: str, value: str) -> None:
    out = released(file(**{keyword: value}))
    assert out.content is not None
    assert not any(holds(out.content, word) for word in ("20260312", "19330917", "731942", "Wenbin", "10.88", "Ruijin"))
    assert str(read(out).get("StudyTime")) == "101530"


@pytest.mark.parametrize(("keyword", "value"), [
    ("SeriesNumber", "2026"), ("InstanceNumber", "20261399"), ("ExposureTime", "7319"), ("TableHeight", "-193.30917"), ("ScanOptions", "Helical Mode"),
    ("BodyPartExamined", "C-SPINE"), ("BodyPartExamined", "Abdomen"), ("SequenceName", "*tfl3d1_16ns"), ("SoftwareVersions", "syngo CT VB20A"),
    ("ConvolutionKernel", "Br40d\\3"), ("Manufacturer", "GE MEDICAL SYSTEMS"), ("ManufacturerModelName", "Aquilion ONE"), ("StageName", "REST"),
    ("DetectorDescription", "Wireless CsI detector"), ("AcquisitionProtocolName", "Routine Abdomen"), ("WindowCenterWidthExplanation", "WINDOW1\\LUNG")])
def test_technique_that_resembles_them_stays(keyword: str, value: str) -> None:
    said = read(released(file(**{keyword: value}))).get(keyword)
    assert ("\\".join(map(str, said)) if not isinstance(said, str) and hasattr(said, "__iter__") else str(said)) == value


@pytest.mark.parametrize(("meaning", "gone", "stays"), [
    ("胸部平扫 刘文斌", "刘文斌", "胸部平扫"), ("刘文斌医生常规", "刘文斌", "常规"), ("Dr. Liu Wenbin chest", "Wenbin", ""), ("LIU^WENBIN", "WENBIN", ""),
    ("瑞金医院胸部", "瑞金", "胸部"), ("胸部 2026年3月12日", "2026", "胸部"), ("chest 20260312", "20260312", "chest"), ("1.2.840.113619.2.55.3.12345", "113619", "")])
def test_a_name_that_no_header_knows_goes_from_a_code_meaning_and_the_term_stays(meaning: str, gone: str, stays: str) -> None:
    code = coded(CodeMeaning=meaning)
    assert gone not in code.CodeMeaning
    assert stays in code.CodeMeaning
    assert code.CodeMeaning
    assert code.CodeValue == "P1"


@pytest.mark.parametrize("meaning", ["胸部CT平扫", "帕金森病随访MR", "Hodgkin lymphoma staging", "Couinaud hepatic segment 4", "Lisfranc joint",
                                     "Percent Within Fourth Quarter of Intensity Range", "MG CC MLO", "per minute"])
def test_a_clinical_code_meaning_stays_word_for_word(meaning: str) -> None:
    assert coded(CodeMeaning=meaning).CodeMeaning == meaning


def test_a_code_whose_meaning_is_a_name_gets_the_meaning_of_its_terminology() -> None:
    code = coded(CodeValue="51185008", CodingSchemeDesignator="SCT", CodeMeaning="刘文斌")
    assert "Thora" in code.CodeMeaning


@pytest.mark.parametrize(("value", "stays"), [("LIU^WENBIN", False), ("Dr. Liu Wenbin", False), ("20260312", False), ("24627-2", True),
                                              ("{SUVbw}g/ml", True), ("10*6/ml", True), ("T-D1100", True), ("CT CHEST", True)])
def test_a_code_value_stays_when_it_is_a_code(value: str, stays: bool) -> None:
    assert (coded(CodeValue=value, CodeMeaning="chest").CodeValue == value) == stays


def test_a_constant_day_that_everybody_knows_does_not_tell_how_far_days_were_moved() -> None:
    version = {"CodeValue": "P1", "CodingSchemeDesignator": "99HD", "CodeMeaning": "chest", "ContextIdentifier": "4", "MappingResource": "DCMR",
               "ContextGroupVersion": "20041217"}
    one = read(released(file(ProcedureCodeSequence=[version], DateOfManufacture="20150301", DateOfInstallation="20150601", AcquisitionDate="20260312")))
    assert one.ProcedureCodeSequence[0].ContextGroupVersion == "19000101000000"
    assert "DateOfManufacture" not in one
    assert "DateOfInstallation" not in one
    assert one.AcquisitionDate == one.StudyDate != "20260312"


def test_layers_and_annotations_named_after_the_patient_still_point_at_each_other() -> None:
    state = without(ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.11.1", **WHO), *IMAGE) | {
        "GraphicLayerSequence": [{"GraphicLayer": "OUYANG", "GraphicLayerOrder": "1"}, {"GraphicLayer": "MEASURE", "GraphicLayerOrder": "2"}],
        "GraphicAnnotationSequence": [{"GraphicLayer": "OUYANG", "GraphicObjectSequence": [{"GraphicType": "POINT"}]}, {"GraphicLayer": "MEASURE"}],
        "ReferencedSeriesSequence": [{"SeriesInstanceUID": "1.2.3"}]}
    out = read(released(part10(state)))
    layers = [one.GraphicLayer for one in out.GraphicLayerSequence]
    assert layers == [one.GraphicLayer for one in out.GraphicAnnotationSequence]
    assert layers[0] not in ("", "OUYANG")
    assert layers[1] == "MEASURE"


@pytest.mark.parametrize(("concept", "value", "unit", "becomes"), [
    ("121033", "92", "a", ("90", "a")), ("121033", "1104", "mo", ("90", "a")), ("121033", "89", "a", ("89", "a")), ("121033", "8", "mo", ("8", "mo")),
    ("410668003", "92", "mm", ("92", "mm"))])
def test_an_age_over_89_in_a_report_is_capped_and_no_other_number(concept: str, value: str, unit: str, becomes: tuple[str, str]) -> None:
    def code(value: str, scheme: str) -> list[dict[str, str]]:
        return [{"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": value}]

    number = {"RelationshipType": "CONTAINS", "ValueType": "NUM", "ConceptNameCodeSequence": code(concept, "SCT" if len(concept) > 6 else "DCM"),
              "MeasuredValueSequence": [{"NumericValue": value, "MeasurementUnitsCodeSequence": code(unit, "UCUM")}]}
    report = without(ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33", Modality="SR", ValueType="CONTAINER", ContentSequence=[number]), *IMAGE)
    measured = read(released(part10(report))).ContentSequence[0].MeasuredValueSequence[0]
    assert (str(measured.NumericValue), measured.MeasurementUnitsCodeSequence[0].CodeValue) == becomes


def profile(description: bytes) -> bytes:
    """A small ICC profile: one curve, one white point, one description."""
    tags = [(b"desc", b"desc" + bytes(4) + struct.pack(">I", len(description) + 1) + description + b"\0" + bytes(78)),
            (b"wtpt", b"XYZ " + bytes(4) + struct.pack(">3i", 63189, 65536, 54061)), (b"rTRC", b"curv" + bytes(4) + struct.pack(">IH", 1, 563))]
    table, body, at = b"", b"", 132 + 12 * len(tags)
    for name, value in tags:
        value += bytes(-len(value) % 4)
        table += struct.pack(">4sII", name, at + len(body), len(value))
        body += value
    head = struct.pack(">I", at + len(body)) + b"lcms" + bytes(4) + b"mntrRGB XYZ " + struct.pack(">6H", 2026, 3, 12, 23, 59, 59) + b"acsp" + bytes(88)
    return head + struct.pack(">I", len(tags)) + table + body


def test_a_colour_profile_keeps_its_curves_and_loses_its_words_and_day() -> None:
    data = file(OpticalPathSequence=[{("ICCProfile", "OB"): profile(b"Ruijin pathology, Dr Liu Wenbin")}])
    out = released(data)
    kept = bytes(read(out).OpticalPathSequence[0].ICCProfile)
    assert out.content is not None
    assert not holds(out.content, "Wenbin")
    assert not holds(out.content, "Ruijin")
    assert struct.pack(">6H", 2026, 3, 12, 23, 59, 59) not in kept
    assert b"curv" + bytes(4) + struct.pack(">IH", 1, 563) in kept
    assert b"XYZ " + bytes(4) + struct.pack(">3i", 63189, 65536, 54061) in kept
    assert struct.unpack(">I", kept[:4])[0] == len(kept)


def test_what_only_claims_to_be_a_colour_profile_goes() -> None:
    assert "ICCProfile" not in read(released(file(OpticalPathSequence=[{("ICCProfile", "OB"): b"\0" * 36 + b"acsp" + b"\xff" * 120, "OpticalPathIdentifier": "1"}]))).OpticalPathSequence[0]


def test_spectra_have_rows_and_columns_and_no_image() -> None:
    spectra = without(ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.4.2", Modality="MR"), *IMAGE[2:]) | {
        "Rows": 1, "Columns": 1, "DataPointRows": 1, "DataPointColumns": 4, ("SpectroscopyData", "OF"): struct.pack("<8f", *range(8))}
    out = read(released(part10(spectra)))
    assert (out.Rows, out.DataPointColumns, bytes(out.SpectroscopyData)) == (1, 4, struct.pack("<8f", *range(8)))


def test_a_slide_label_never_leaves_even_where_nobody_looks_at_pixels() -> None:
    from dicom_door import deidentify

    slide = "1.2.840.10008.5.1.4.1.1.77.1.6"
    label, tile = (part10(ct(SOPClassUID=slide, Modality="SM", ImageType=f"ORIGINAL\\PRIMARY\\{flavour}\\NONE")) for flavour in ("LABEL", "VOLUME"))
    assert [(one.status, [issue.code for issue in one.issues]) for one in map(deidentify, (tile, label))] == [
        ("released", []), ("rejected", ["DCM-405"])]


def test_a_comment_in_the_header_of_a_tile_part_is_not_released() -> None:
    from dicom_door import deidentify

    def picture(comment: bytes) -> bytes:
        siz = b"\xff\x4f\xff\x51\x00\x29\0\0" + struct.pack(">8I", 8, 8, 0, 0, 8, 8, 0, 0) + b"\0\1\7\1\1"
        tile = b"\xff\x90\x00\x0a\0\0" + struct.pack(">I", 16 + len(comment)) + b"\0\1" + comment + b"\xff\x93\x12\x34"
        pixels = without(ct(BitsAllocated=8, BitsStored=8, HighBit=7), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(siz + tile + b"\xff\xd9")}
        return part10(pixels, "1.2.840.10008.1.2.4.90")

    assert deidentify(picture(b"")).status == "released"
    assert [issue.code for issue in deidentify(picture(b"\xff\x64\x00\x10\x00\x01WANG JIANGUO")).issues] == ["DCM-136"]


@pytest.mark.parametrize("raw", [b"\x1b$)C\xc8\xab\xb1\xe6\xb5\xbf chest", b"\xc8\xab\xb1\xe6\xb5\xbf chest"], ids=["with escapes", "without"])
def test_a_korean_name_is_read_under_its_character_set(raw: bytes) -> None:
    fields = ct(SpecificCharacterSet="ISO 2022 IR 149") | {("PatientName", "PN"): b"Hong^Gildong=\xfb\xf3^\xd1\xce\xd4\xd7=\xc8\xab^\xb1\xe6\xb5\xbf", ("StudyDescription", "LO"): raw}
    out = released(part10(fields))
    assert out.content is not None
    assert not holds(out.content, "길동")
    assert read(out).StudyDescription == "chest"


def test_codes_of_a_request_and_the_approval_of_a_plan_stay() -> None:
    request = {"RequestedProcedureCodeSequence": [{"CodeValue": "24627-2", "CodingSchemeDesignator": "LN", "CodeMeaning": "CT Chest"}]}
    out = read(released(file(RequestAttributesSequence=[request], ApprovalStatus="APPROVED", PatientBodyMassIndex="22.5")))
    assert out.RequestAttributesSequence[0].RequestedProcedureCodeSequence[0].CodeMeaning == "CT Chest"
    assert out.ApprovalStatus == "APPROVED"
    assert out.PatientBodyMassIndex == 22.5


def test_a_shared_number_is_emptied_for_its_own_patient_alone() -> None:
    """A number that was decided for one patient is remembered for the next."""
    first = read(released(file(ExposureTime="731942")))
    second = read(released(part10(ct(ExposureTime="731942"))))
    third = read(released(file(ExposureTime="731942")))
    assert (first.get("ExposureTime"), second.ExposureTime, third.get("ExposureTime")) == (None, 731942, None)


@pytest.mark.parametrize(("hidden", "native"), [(0x8000, True), (0, False)])
def test_an_overlay_in_the_unused_bits_of_an_rle_image_goes_and_an_image_without_keeps_its_bytes(hidden: int, native: bool) -> None:
    words = [(at * 13) % 4000 | (hidden if at % 3 else 0) for at in range(64)]
    planes = [bytes(word >> shift & 0xFF for word in words) for shift in (8, 0)]
    frame = struct.pack("<16I", 2, 64, 64 + 65 + 1, *[0] * 13) + b"".join(b"\x3f" + plane + b"\0" for plane in planes)
    pixels = without(ct(), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(frame)}
    out = read(released(part10(pixels, "1.2.840.10008.1.2.5")))
    assert (out.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1") is native
    assert out.pixel_array.ravel().tolist() == [(at * 13) % 4000 for at in range(64)]


@pytest.mark.parametrize("text", [b"LiuWenbi", b"Liu Wenbin 13701968822  ", "刘文斌 胸部 ".encode()])
def test_a_text_in_a_table_of_numbers_goes_with_the_table(text: bytes) -> None:
    out = read(released(file(ModalityLUTSequence=[{("LUTData", "OW"): text + b" " * (len(text) & 1), "ModalityLUTType": "HU"}])))
    assert "LUTData" not in out.ModalityLUTSequence[0]


@pytest.mark.parametrize("table", [bytes(range(32, 96)), bytes(range(256)), struct.pack("<3d", 0.25, -0.5, 0.82), struct.pack("<d", 8.2), b"\0A\0B\0C\0D"])
def test_a_table_of_numbers_that_could_be_read_as_letters_stays(table: bytes) -> None:
    out = read(released(file(ModalityLUTSequence=[{("LUTData", "OW"): table, "ModalityLUTType": "HU"}])))
    stays = bytes(out.ModalityLUTSequence[0].get("LUTData", b""))
    assert stays == table


def test_an_explicit_item_in_an_unknown_sequence_is_read() -> None:
    within = dataset({"ReferencedSOPInstanceUID": "1.2.9", "PatientName": "Ouyang"})
    item_bytes = b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + within + b"\xfe\xff\x0d\xe0\0\0\0\0"
    unknown = Raw(struct.pack("<HH2sHI", 0x0008, 0x1140, b"UN", 0, 0xFFFFFFFF) + item_bytes + b"\xfe\xff\xdd\xe0\0\0\0\0")
    out = released(part10(ct(**WHO) | {0x00081140: unknown}))
    assert out.content is not None
    assert not holds(out.content, "Ouyang")
    assert read(out).ReferencedImageSequence[0].ReferencedSOPInstanceUID.startswith("2.25.")


@pytest.mark.parametrize(("moment", "year"), [("20260312235958.5", "20260101"), ("20260312235958.500000+0800", "20260101"), ("2026", "20260101"),
                                              ("20260312", "20260101"), ("Ouyang", None)])
def test_of_a_moment_the_year_stays_where_the_policy_says_so(moment: str, year: str | None) -> None:
    from dicom_door import deidentify

    out = read(deidentify(file(AcquisitionDateTime=moment), "us-safe-harbor"))
    assert (out.get("AcquisitionDateTime") or None) == year


@pytest.mark.parametrize("policy", ["cn-practice", "us-safe-harbor"])
def test_a_sequence_that_may_not_be_empty_goes_whole(policy: str) -> None:
    from dicom_door import deidentify

    out = read(deidentify(file(ReferencedStudySequence=[{"ReferencedSOPInstanceUID": "1.2.3.4.5"}]), policy))
    assert "ReferencedStudySequence" not in out
    assert out.StudyInstanceUID.startswith("2.25.")


@pytest.mark.parametrize("text", ["欧阳振华 2026-03-12 复查", "2026-03-12 复查 Ouyang Zhenhua", "2026-03-12 复查"])
def test_a_day_in_a_long_text_moves_once_whoever_is_named_beside_it(text: str) -> None:
    out = read(released(file(ImageComments=text)))
    assert f"{out.StudyDate[:4]}-{out.StudyDate[4:6]}-{out.StudyDate[6:]}" in out.ImageComments
    assert "复查" in out.ImageComments


def test_a_coding_scheme_named_after_a_hospital_gets_a_keyed_name_and_no_other_does() -> None:
    schemes = [coded(CodingSchemeDesignator=scheme, CodeMeaning="chest").CodingSchemeDesignator for scheme in ("99瑞金", "99瑞金", "99HD", "SCT")]
    assert schemes[0] == schemes[1] != "99瑞金"
    assert len(schemes[0]) == 12
    assert schemes[2:] == ["99HD", "SCT"]

