# ruff: noqa: E501 - strategies read best on one line
"""Parser and rewriter under invented and damaged data sets: nothing unexpected is raised, and what is released can be read by others."""
from __future__ import annotations

import io
import random
import struct
from pathlib import Path
from typing import Any

import pydicom
import pytest
from dicom_build import BIG, DEFLATED, EXPLICIT, IMPLICIT, LONG, ct, dataset, fragments, part10, without
from dicom_door import deidentify, holds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_dicom_reference_files import files

from pipelines.phi_zone.dicom import engine
from pipelines.phi_zone.dicom.memory import SeriesMemory
from pipelines.phi_zone.dicom.part10 import read_part10
from schemas.deid import DicomOutcome

VRS = sorted(LONG | {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL",
                     "US", "ZZ", "\0\0", "xy"})
TAGS = [0x00080005, 0x00080008, 0x00080016, 0x00080018, 0x00080020, 0x0008002A, 0x00080050, 0x00080060, 0x00081030, 0x00081140, 0x00082218,
        0x00100010, 0x00100020, 0x00100030, 0x00101010, 0x00190010, 0x0019100C, 0x00291001, 0x0018106A, 0x0020000D, 0x00200037, 0x0040A043,
        0x0040A730, 0x0040A124, 0x00280002, 0x00280008, 0x00280010, 0x00280100, 0x00281101, 0x00282110, 0x50003000, 0x60003000, 0x7FE00008,
        0x7FE00010, 0xFFFAFFFA, 0xFFFCFFFC, 0xFFFEE000, 0xFFFEE00D, 0x00020010, 0x00000002]
VALUES = st.one_of(st.binary(max_size=24), st.sampled_from(
    [b"", b"20240305", b"1.2.3.4", b"WANG^JIANGUO", b"097Y", b"1\\2\\3", b"\x1b$)A\xcd\xf5", b"ISO_IR 192", b"\\ISO 2022 IR 58", b"\xff" * 8,
     b"SIEMENS MR HEADER", b"9" * 40, b"ORIGINAL\\PRIMARY", b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\xdd\xe0\0\0\0\0"]))
PLAIN = st.tuples(st.one_of(st.sampled_from(TAGS), st.integers(0, 0xFFFFFFFF)), st.sampled_from(VRS), VALUES)
SEQUENCE = st.recursive(
    st.lists(PLAIN, max_size=3),
    lambda inner: st.lists(st.one_of(PLAIN, st.tuples(st.sampled_from(TAGS), st.just("SQ"), st.lists(inner, max_size=2))), max_size=3), max_leaves=8)
ELEMENTS = st.lists(st.one_of(PLAIN, st.tuples(st.sampled_from(TAGS), st.just("SQ"), st.lists(SEQUENCE, max_size=2))), max_size=6)


def written(elements: list[Any], explicit: bool, little: bool, undefined: bool) -> bytes:
    """Elements in the order given; sequences of undefined or defined length."""
    order, out = "<" if little else ">", b""
    for tag, vr, value in elements:
        if isinstance(value, list):
            items = [written(one, explicit, little, undefined) for one in value]
            end = struct.pack(order + "HHI", 0xFFFE, 0xE00D, 0) if undefined else b""
            value = b"".join(struct.pack(order + "HHI", 0xFFFE, 0xE000, 0xFFFFFFFF if undefined else len(one)) + one + end for one in items)
            value += struct.pack(order + "HHI", 0xFFFE, 0xE0DD, 0) if undefined else b""
        size = 0xFFFFFFFF if vr == "SQ" and undefined else len(value)
        out += struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
        if not explicit:
            out += struct.pack(order + "I", size)
        elif vr in LONG or vr == "ZZ":
            out += vr.encode() + b"\0\0" + struct.pack(order + "I", size)
        else:
            out += vr.encode() + struct.pack(order + "H", size & 0xFFFF)
        out += value
    return out


def sound(outcome: DicomOutcome) -> None:
    """Nothing unexpected was raised, and what is released is a file that we and pydicom read to its end."""
    assert "DCM-145" not in {issue.code for issue in outcome.issues}, [issue.text("en") for issue in outcome.issues]
    assert outcome.status in ("released", "quarantined", "rejected")
    if outcome.content is None:
        assert outcome.subject is None
        return
    part = read_part10(outcome.content)
    tags = [one[0] for one in part.dataset]
    assert tags == sorted(set(tags))
    assert {code for code, _ in part.notes} == set()
    read = pydicom.dcmread(io.BytesIO(outcome.content))
    assert {one.tag for one in read} == set(tags)
    list(read.iterall())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(more=ELEMENTS, syntax=st.sampled_from((EXPLICIT, IMPLICIT, BIG, DEFLATED)), undefined=st.booleans(), sort=st.booleans())
def test_an_invented_data_set_is_released_whole_or_refused(more: list[Any], syntax: str, undefined: bool, sort: bool) -> None:
    explicit, little = syntax != IMPLICIT, syntax != BIG
    known = [(key, one) for key, one in ct(SpecificCharacterSet="ISO_IR 100").items()]
    pieces = [(int.from_bytes(dataset(dict([pair]))[1::-1] + dataset(dict([pair]))[3:1:-1]), dataset(dict([pair]), explicit=explicit, little=little))
              for pair in known]
    pieces += [(one[0], written([one], explicit, little, undefined)) for one in more]
    if sort:
        pieces.sort(key=lambda one: one[0])
    engine.MEMORY = SeriesMemory()
    for _ in range(2):     # the second with the help of the first
        sound(deidentify(part10(b"".join(body for _, body in pieces), syntax), text=False))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_random_damage_never_raises_and_never_releases_the_name_elsewhere(data: st.DataObject) -> None:
    source = bytearray(part10(ct(PatientComments="quarry", OtherPatientIDsSequence=[{"PatientID": "OLDNUMBER1"}])))
    for _ in range(data.draw(st.integers(1, 8))):
        source[data.draw(st.integers(132, len(source) - 1))] = data.draw(st.integers(0, 255))
    outcome = deidentify(bytes(source), text=False)
    sound(outcome)
    if outcome.content is not None:
        assert not holds(outcome.content, "quarry")
        assert not holds(outcome.content, "OLDNUMBER1")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_random_bytes_never_raise(data: bytes) -> None:
    for whole in (bytes(128) + b"DICM" + data, data):
        outcome = deidentify(whole, text=False)
        sound(outcome)
        assert outcome.status in ("quarantined", "rejected")


@settings(max_examples=150, deadline=None)
@given(streams=st.lists(st.binary(max_size=80), max_size=4), table=st.binary(max_size=12), frames=st.integers(1, 3), bits=st.sampled_from((8, 16)),
       syntax=st.sampled_from([f"1.2.840.10008.1.2.{tail}" for tail in ("5", "4.50", "4.70", "4.80", "4.90", "4.201")]),
       opening=st.sampled_from((b"", b"\xff\xd8\xff\xc0", b"\xff\xd8\xff\xf7", b"\xff\x4f\xff\x51", struct.pack("<16I", 1, 64, *[0] * 14))))
def test_invented_code_streams_never_raise(streams: list[bytes], table: bytes, frames: int, bits: int, syntax: str, opening: bytes) -> None:
    fields = without(ct(BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1, NumberOfFrames=str(frames)), ("PixelData", "OW"))
    sound(deidentify(part10(fields | {("PixelData", "OB"): fragments(*[opening + one for one in streams], table=table)}, syntax), text=False))


@pytest.mark.data
def test_damaged_reference_files_never_raise(reference_data: Path) -> None:
    """A short run; `python -m benchmarks.deid_dicom_fuzz` goes on for as long as one likes."""
    from benchmarks.deid_dicom_fuzz import damaged

    chance = random.Random(11)
    sources = [data for path in files(reference_data) if len(data := path.read_bytes()) < 40_000]
    for _ in range(600):
        sound(deidentify(damaged(chance.choice(sources), chance), text=False))
