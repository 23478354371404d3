"""A slice that is read with the help of an earlier one comes out as if it had been read alone: bytes, issues, columns and counts."""
from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dicom_build import BIG, DEFLATED, EXPLICIT, IMPLICIT, Raw, ct, dataset, element, fragments, part10, without
from dicom_door import KEY, SITE, deidentify, holds, text_cleaner
from dicom_traps import traps
from hypothesis import given, settings
from hypothesis import strategies as st
from test_dicom_reference_files import files

from pipelines.phi_zone.dicom import deidentify_instance, engine, load_policy
from pipelines.phi_zone.dicom.memory import MOST_SERIES, SeriesMemory
from schemas.deid import DicomOutcome, KnownIdentity
from schemas.shapes.dicom_policy import DicomPolicy


class Counted(SeriesMemory):
    helped = 0

    def again(self, *given: Any) -> Any:
        found = super().again(*given)
        self.helped += found is not None
        return found


@pytest.fixture(autouse=True)
def own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MEMORY", Counted())


def everything(outcome: DicomOutcome) -> tuple[Any, ...]:
    return (outcome.status, [issue.to_dict() for issue in outcome.issues], outcome.subject, outcome.content, outcome.study_instance_uid,
            outcome.series_instance_uid, outcome.sop_instance_uid, outcome.source_sop_token, outcome.pixel_sha256, dict(outcome.header),
            outcome.pixels, dict(outcome.actions))


def alone(data: bytes, **options: Any) -> tuple[Any, ...]:
    before, engine.MEMORY = engine.MEMORY, SeriesMemory(0)
    try:
        return everything(deidentify(data, **options))
    finally:
        engine.MEMORY = before


def same_as_alone(stack: Iterable[bytes], **options: Any) -> int:
    """How many of the files were read with the help of an earlier one."""
    memory = engine.MEMORY
    assert isinstance(memory, Counted)
    before = memory.helped
    for data in stack:
        assert everything(deidentify(data, **options)) == alone(data, **options)
    return memory.helped - before


def slice_of(number: int, syntax: str = EXPLICIT, **fields: Any) -> bytes:
    more: dict[Any, Any] = {"InstanceNumber": str(number), "SOPInstanceUID": f"1.2.3.4.5.6.{number}", "SliceLocation": f"{number * 1.25}",
                            "ImagePositionPatient": f"-10\\-20\\{number * 1.25}", "ContentTime": f"10{number % 60:02d}30.5"}
    return part10(ct(**{**more, **fields}), syntax, meta={"MediaStorageSOPInstanceUID": f"1.2.3.4.5.6.{number}"})


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_the_slices_of_a_series_are_read_with_the_help_of_the_first(syntax: str) -> None:
    assert same_as_alone([slice_of(number, syntax) for number in range(1, 130)]) >= 127


@pytest.mark.parametrize("syntax", [BIG, DEFLATED])
def test_other_encodings_are_read_alone(syntax: str) -> None:
    assert same_as_alone([slice_of(number, syntax) for number in range(1, 8)]) == 0


def test_compressed_slices_of_any_length_are_read_with_the_help_of_the_first() -> None:
    def slices() -> Iterator[bytes]:
        for number in range(12):
            stream = b"\xff\xd8\xff\xe0\0\x04ab" + b"\xff\xc3\0\x0b\x10\0\x08\0\x08\x01\x01\x11\0" + b"\xff\xda\0\x08\x01\x01\0\0\0\0"
            yield part10(without(ct(InstanceNumber=str(number), SOPInstanceUID=f"1.2.3.4.{number}"), ("PixelData", "OW"))
                         | {("PixelData", "OB"): fragments(stream + b"\x11" * number + b"\xff\xd9")}, "1.2.840.10008.1.2.4.70",
                         meta={"TransferSyntaxUID": "1.2.840.10008.1.2.4.70"})

    assert same_as_alone(slices()) >= 9


def nested(number: int, name: str = "") -> Raw:
    """A referenced image in a sequence of undefined length, another in each slice."""
    inner = dataset({"ReferencedSOPInstanceUID": f"1.2.9.{number}"} | ({"PersonName": name} if name else {}))
    return Raw(b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" + inner
               + b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0")


def test_a_sequence_that_differs_is_decided_anew() -> None:
    assert same_as_alone([slice_of(number, ReferencedImageSequence=nested(number)) for number in range(9)]) >= 7


PRIVATE = {(0x00190010, "LO"): "SIEMENS MR HEADER", (0x0019100D, "CS"): "DIRECTIONAL"}
DECIDERS: dict[str, tuple[dict[Any, Any], dict[Any, Any]]] = {
    "a name that stands in a text": ({"PatientName": "WANG^JIANGUO"}, {"PatientName": "OUYANG^NANA"}),
    "a name in a sequence that stands in a text": ({"ReferencedImageSequence": nested(1, "LI^LEI")},
                                                   {"ReferencedImageSequence": nested(1, "OUYANG^NANA")}),
    "a number that stands in a text": ({"AccessionNumber": "A1"}, {"AccessionNumber": "NANA-9"}),
    "a description of a head": ({"SeriesDescription": "THORAX 1.25"}, {"SeriesDescription": "BRAIN 1.25"}),
    "the sign of pixels": ({"PixelRepresentation": 0}, {"PixelRepresentation": 1}),
    "the bits of pixels": ({"BitsStored": 12, "HighBit": 11}, {"BitsStored": 8, "HighBit": 7}),
    "a private creator": ({**PRIVATE, (0x00191055, "LO"): "#"}, {**PRIVATE, (0x00190010, "LO"): "ACME PRIVATE", (0x00191055, "LO"): "#"}),
    "no UID of its own": ({"SOPInstanceUID": "1.2.3.99"}, {"SOPInstanceUID": ""}),
    "a character set": ({"SpecificCharacterSet": "ISO_IR 100"}, {"SpecificCharacterSet": "GB18030"}),
    "a preamble": ({}, {"preamble": b"II*\0" + b"\x07" * 124}),
    "bytes at the end": ({}, {"tail": b"WANG^JIANGUO ZY20240188"}),
}


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("name", DECIDERS)
def test_an_element_that_decides_about_others_is_never_taken_for_a_detail(name: str, syntax: str) -> None:
    def files_of(fields: dict[Any, Any], numbers: Iterable[int]) -> list[bytes]:
        more = {key: value for key, value in fields.items() if key in ("preamble", "tail")}
        base = {"SequenceName": "OUYANG NANA", "ProtocolName": "NANA-9 axial", "SmallestImagePixelValue": b"\x05\x80",
                "ImageComments": "肺窗".encode("gb18030"), "AcquisitionNumber": "1"} | fields
        return [part10(ct(InstanceNumber=str(number), SOPInstanceUID=f"1.2.3.4.5.6.{number}", SliceLocation=f"{number}.5")
                       | {key: str(number) if value == "#" else value for key, value in base.items() if key not in more}, syntax,
                       meta={"MediaStorageSOPInstanceUID": f"1.2.7.{number}"}, **more) for number in numbers]

    before, after = DECIDERS[name]
    same_as_alone([*files_of(before, range(4)), *files_of(after, range(4, 8)), *files_of(before, range(8, 10)), *files_of(after, [10])])


CHANGES: dict[str, dict[Any, Any]] = {
    "another patient": {"PatientID": "ZY777", "PatientName": "LI^LEI"},
    "a further name": {"OtherPatientNames": "WANG^AJIAN", "ImageComments": "WANG AJIAN axial"},
    "another character set": {"SpecificCharacterSet": "GB18030", "ImageComments": "肺窗".encode("gb18030")},
    "a description of a head": {"SeriesDescription": "HEAD 1.25"},
    "another series": {"SeriesInstanceUID": "1.2.3.4.5.2"},
    "signed pixels": {"PixelRepresentation": 1, "SmallestImagePixelValue": b"\x05\x00"},
    "no image position": {"ImagePositionPatient": ""},
    "a number that is a telephone": {"SliceLocation": "13816643905"},
    "a listed private element": {(0x00190010, "LO"): "SIEMENS MR HEADER", (0x0019100C, "IS"): "1000", (0x0019100D, "CS"): "DIRECTION"},
    "another listed value": {(0x00190010, "LO"): "SIEMENS MR HEADER", (0x0019100C, "IS"): "50", (0x0019100D, "CS"): "WANG JIANGUO"},
    "a value of another maker": {(0x00190010, "LO"): "ACME PRIVATE", (0x0019100C, "IS"): "50"},
    "no maker": {(0x0019100C, "IS"): "50"},
    "an unlisted value": {(0x00190010, "LO"): "ACME PRIVATE", (0x00191001, "LO"): "WANG JIANGUO"},
    "a long value": {"ImageComments": "motion artefact at the base of the lung " * 9},
    "a wrong VR": {("SliceLocation", "UN"): b"12.5"},
    "an unknown VR": {("SliceLocation", "ZZ"): Raw(b"\x20\x00\x41\x10ZZ\0\0\x04\0\0\x001.25")},
    "a length that lies": {"SliceLocation": element("SliceLocation", "5", length=4000)},
    "a code of the main level": {"CodeValue": "T-D3000", "CodingSchemeDesignator": "SRT", "CodeMeaning": "Wang Jianguo"},
    "a group length": {(0x00080000, "UL"): b"\x10\0\0\0", (0x00200000, "UL"): b"\x22\0\0\0"},
}


def test_a_change_of_any_kind_between_slices_changes_no_outcome() -> None:
    names, chance = list(CHANGES), random.Random(4)
    for syntax in (EXPLICIT, IMPLICIT):
        kinds = [chance.sample(names, chance.choice((0, 0, 1, 1, 2))) for _ in range(160)]
        stack = []
        for number, chosen in enumerate(kinds):
            fields: dict[Any, Any] = {}
            for name in chosen:
                fields |= {key: Raw(value) if name == "a length that lies" else value for key, value in CHANGES[name].items()
                           if syntax == EXPLICIT or not isinstance(value, bytes)}
            plain = ct(InstanceNumber=str(number), SOPInstanceUID=f"1.2.3.{number}", SliceLocation=f"{number}")
            stack.append(part10(plain | fields, syntax, meta={"MediaStorageSOPInstanceUID": f"1.2.3.{number}"}))
        assert same_as_alone(stack) > 20


def test_every_trap_in_any_order_comes_out_as_alone() -> None:
    """All of them claim to be of one series, so each is compared with the one before."""
    stack = [trap.file for trap in traps()]
    random.Random(9).shuffle(stack)
    same_as_alone([*stack, *stack[::-1]])


@settings(max_examples=400, deadline=None)
@given(edits=st.lists(st.tuples(st.integers(0, 1100), st.integers(0, 2), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4),
       syntax=st.sampled_from((EXPLICIT, IMPLICIT)))
def test_a_slice_with_broken_bytes_comes_out_as_alone(edits: list[tuple[int, int, bytes]], syntax: str) -> None:
    engine.MEMORY = Counted()
    broken = bytearray(slice_of(3, syntax, ReferencedImageSequence=nested(3)))
    for at, kind, new in edits:
        broken[at:at + (0 if kind == 0 else len(new))] = new if kind < 2 else b""
    whole = [slice_of(number, syntax, ReferencedImageSequence=nested(number)) for number in (1, 2, 4)]
    same_as_alone([*whole[:2], bytes(broken), whole[2], bytes(broken)], text=False)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_series_that_mix_come_out_as_alone(data: st.DataObject) -> None:
    engine.MEMORY = Counted()
    numbers = data.draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 400)), max_size=14))
    same_as_alone((slice_of(number, SeriesInstanceUID=f"1.2.3.{series}", PatientID=f"P{series % 3}") for series, number in numbers),
                  text=False)


def test_another_key_site_policy_or_identity_never_meets_what_was_remembered() -> None:
    first, second = slice_of(1), slice_of(2)
    same_as_alone([first, second])
    known = KnownIdentity(names=("ACME AXIAL",))
    for options in ({"policy": "us-safe-harbor"}, {"known": known}, {"text": False}, {"policy": "cn-practice"}):
        for data in (first, second, slice_of(3)):
            assert everything(deidentify(data, **options)) == alone(data, **options)
    assert everything(deidentify(slice_of(4))) == alone(slice_of(4))


def test_a_policy_that_keeps_structured_content_in_images_decides_it_for_each_file() -> None:
    gold = load_policy("cn-gold")
    policy = DicomPolicy.model_validate(gold.model_dump() | {"structured_content": "clean"})
    concept = [{"CodeValue": "121106", "CodingSchemeDesignator": "DCM"}]
    for number in range(6):
        data = slice_of(number, AcquisitionContextSequence=[
            {"ValueType": "TEXT", "TextValue": f"view {number}", "ConceptNameCodeSequence": concept}])
        together = everything(deidentify_instance(data, policy, KEY, SITE, text=text_cleaner()))
        engine.MEMORY, held = SeriesMemory(0), engine.MEMORY
        assert together == everything(deidentify_instance(data, policy, KEY, SITE, text=text_cleaner()))
        engine.MEMORY = held


def test_memory_holds_a_few_headers_and_no_pixels() -> None:
    for number in range(40):
        deidentify(slice_of(1, SeriesInstanceUID=f"1.2.3.{number}"), text=False)
        deidentify(slice_of(2, SeriesInstanceUID=f"1.2.3.{number}"), text=False)
    assert len(engine.MEMORY.held) == MOST_SERIES
    assert all(len(one.header) < 2000 for one in engine.MEMORY.held)
    assert all(one.dataset[-1][0] < 0x7FE00008 for one in engine.MEMORY.held)


@pytest.mark.data
def test_every_reference_file_and_its_neighbours_come_out_as_alone(reference_data: Path) -> None:
    chance, helped = random.Random(2), 0
    for path in files(reference_data):
        data = path.read_bytes()
        if len(data) > 400_000:
            continue
        stack = [data]
        for _ in range(4):
            other = bytearray(data)
            for _ in range(chance.choice((1, 2, 4))):
                other[chance.randrange(min(132, len(other) - 1), min(len(other), 3000))] = chance.choice(b"0123456789AZ\\ \0")
            stack.append(bytes(other))
        helped += same_as_alone([*stack, data, *stack[1:]], text=False)
    assert helped > 200


@pytest.mark.parametrize(("fields", "named"), [
    ({"SequenceName": "OUYANG NANA"}, {"PatientName": "OUYANG^NANA"}),
    ({"ImageType": "ORIGINAL\\PRIMARY\\OUYANG"}, {"PatientName": "OUYANG^NANA"}),
    ({"ExposureTime": "778815"}, {"PatientID": "778815"}),
    ({"ExposureTime": "778815"}, {"PatientID": "HX00778815"}),
    ({"ExposureTime": "000000"}, {"PatientID": "000000"}),
    ({"SequenceName": "fl3d1-AB9912x"}, {"AccessionNumber": "AB-9912"}),
])
def test_what_stays_for_one_patient_goes_for_the_one_it_names(fields: dict[Any, Any], named: dict[Any, Any]) -> None:
    (keyword, value), = fields.items()
    for uid, patient, stays in (("1.2.3.1", {}, True), ("1.2.3.2", named, False), ("1.2.3.3", {}, True)):
        content = deidentify(part10(ct(SeriesInstanceUID=uid) | fields | patient), text=False).content
        assert content is not None
        assert holds(content, value.rpartition("\\")[2]) is stays, keyword
