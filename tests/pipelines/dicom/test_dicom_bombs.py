# ruff: noqa: E501 - a table of cases reads best with a case a line
"""Files made to hurt: each ends quickly with its own reason, and random damage ends in quarantine or in a whole file."""
from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from dicom_build import CT, DEFLATED, IMPLICIT, Raw, ct, dataset, element, fragments, part10, without
from dicom_door import deidentify

SQ, END_ITEM, END_SEQUENCE = b"\xff\xff\xff\xff", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
RLE, JPEG, J2K, JPEGLS = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.80"


def nested(depth: int) -> bytes:
    opening = b"\x08\x00\x40\x11SQ\0\0" + SQ + b"\xfe\xff\x00\xe0" + SQ
    return opening * depth + (END_ITEM + END_SEQUENCE) * depth


def deflate_bomb() -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(1 << 20)
    body = machine.compress(dataset(without(ct(), ("PixelData", "OW"))) + b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", 300 << 20))
    body += b"".join(machine.compress(zeros) for _ in range(300)) + machine.flush()
    return part10(ct())[:132] + part10(b"", DEFLATED)[132:-2] + body


def many(count: int) -> bytes:
    return b"".join(struct.pack("<HH", 0x0009 + 2 * (at // 60000), 0x1000 + at % 60000) + b"LO\0\0" for at in range(count))


def image(stream: bytes, syntax: str, **fields: object) -> bytes:
    return part10(without(ct(**fields), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(stream)}, syntax)


def jpeg_header(rows: int, columns: int) -> bytes:
    return b"\xff\xd8\xff\xc0\x00\x0b\x08" + struct.pack(">HH", rows, columns) + b"\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"


BOMBS: list[tuple[str, Callable[[], bytes], set[str]]] = [
    ("empty file", lambda: b"", {"DCM-100"}),
    ("a table of comma separated values", lambda: b"name,id\nWang,1\n" * 40, {"DCM-101"}),
    ("a ZIP", lambda: b"PK\x03\x04" + bytes(400), {"DCM-101"}),
    ("only a header", lambda: bytes(128) + b"DICM", {"DCM-109"}),
    ("deflate bomb", deflate_bomb, {"DCM-110"}),
    ("deflated rubbish", lambda: part10(b"", DEFLATED)[:-2] + b"\xff" * 100, {"DCM-108"}),
    ("a thousand nested sequences", lambda: part10(dataset({"SOPClassUID": CT}) + nested(1000)), {"DCM-103"}),
    ("65 nested sequences", lambda: part10(dataset({"SOPClassUID": CT}) + nested(65)), {"DCM-103"}),
    ("300,000 elements", lambda: part10(dataset({"SOPClassUID": CT}) + many(300_000)), {"DCM-102"}),
    ("300,000 items", lambda: part10(dataset({"SOPClassUID": CT}) + b"\x08\x00\x40\x11SQ\0\0" + SQ + b"\xfe\xff\x00\xe0\0\0\0\0" * 300_000
                                     + END_SEQUENCE), {"DCM-102"}),
    ("300,000 fragments", lambda: part10(without(ct(), ("PixelData", "OW")) | {("PixelData", "OB"): fragments(*[b""] * 300_000)}, RLE), {"DCM-102"}),
    ("a length of 4 GiB", lambda: part10(dataset({"SOPClassUID": CT}) + b"\x10\x00\x00\x40UT\0\0" + struct.pack("<I", 0xFFFFFFF0)), {"DCM-104"}),
    ("a lying short length", lambda: part10(dataset({"SOPClassUID": CT}) + element("PatientName", "A", length=60000)), {"DCM-104"}),
    ("an item longer than its sequence", lambda: part10(dataset({"SOPClassUID": CT}) + element(
        "ReferencedImageSequence", b"\xfe\xff\x00\xe0" + struct.pack("<I", 9999), "SQ")), {"DCM-104"}),
    ("a sequence without an end", lambda: part10(dataset({"SOPClassUID": CT}) + b"\x08\x00\x40\x11SQ\0\0" + SQ), {"DCM-104"}),
    ("no item where one should be", lambda: part10(dataset({"SOPClassUID": CT}) + element("ReferencedImageSequence", b"JIANGUO!" * 2, "SQ")),
     {"DCM-105"}),
    ("text of undefined length", lambda: part10(dataset({"SOPClassUID": CT}) + b"\x10\x00\x00\x40UT\0\0" + SQ), {"DCM-105"}),
    ("2^31 frames", lambda: part10(ct(NumberOfFrames="2147483648")), {"DCM-130"}),
    ("a million frames of 65,535 x 65,535", lambda: part10(ct(NumberOfFrames="1000000", Rows=65535, Columns=65535)), {"DCM-131"}),
    ("frames that are no number", lambda: part10(ct(NumberOfFrames="1A")), {"DCM-130"}),
    ("no bits at all", lambda: part10(ct(BitsAllocated=0, BitsStored=0)), {"DCM-130"}),
    ("pixels cut short", lambda: part10(ct() | {("PixelData", "OW"): bytes(100)}), {"DCM-132"}),
    ("no pixels", lambda: part10(without(ct(), ("PixelData", "OW"))), {"DCM-137"}),
    ("fragments without an end", lambda: part10(ct() | {("PixelData", "OW"): Raw(fragments(b"ab")[:-8])}, RLE), {"DCM-107"}),
    ("fewer fragments than frames", lambda: image(b"\xff\xd8\xff\xd9", JPEG, NumberOfFrames="3"), {"DCM-134"}),
    ("RLE header that lies", lambda: image(struct.pack("<16I", 16, *[64] * 15) + bytes(40), RLE), {"DCM-136"}),
    ("RLE segment beyond the end", lambda: image(struct.pack("<16I", 1, 9999, *[0] * 14) + bytes(40), RLE), {"DCM-136"}),
    ("RLE that never fills its frame", lambda: image(struct.pack("<16I", 1, 64, *[0] * 14) + b"\xff\0" * 2, RLE, BitsAllocated=8, BitsStored=8, HighBit=7), {"DCM-136"}),
    ("JPEG of 65,500 x 65,500 in a frame of 8 x 8", lambda: image(jpeg_header(65500, 65500), JPEG), {"DCM-136"}),
    ("JPEG without an end", lambda: image(jpeg_header(8, 8)[:-2], JPEG), {"DCM-136"}),
    ("JPEG 2000 that is none", lambda: image(b"\xff\x4f\xff\x51" + bytes(40), J2K), {"DCM-136"}),
    ("native pixels under a codec", lambda: part10(ct(), JPEG), {"DCM-135"}),
    ("encapsulated under a native syntax", lambda: part10(ct() | {("PixelData", "OB"): fragments(b"ab")}), {"DCM-135"}),
    ("a codec that nobody has", lambda: image(b"abcd", "1.2.840.10008.1.2.4.100"), {"DCM-133"}),
    ("UID that is a path", lambda: part10(ct(SOPInstanceUID="../../../etc/passwd")), {"DCM-121"}),
    ("UID with a backslash path", lambda: part10(ct(StudyInstanceUID="..\\..\\x")), {"DCM-121"}),
    ("no study UID", lambda: part10(without(ct(), "StudyInstanceUID")), {"DCM-120"}),
    ("private SOP class", lambda: part10(ct(SOPClassUID="1.3.12.2.1107.5.9.1")), {"DCM-122"}),
    ("one element twice with two values", lambda: part10(element("PatientID", "OTHER") + dataset(ct())), {"DCM-111"}),
]


PIXEL_BOMBS: list[tuple[str, Callable[[], bytes], set[str]]] = [
    ("JPEG 2000 of 60,000 x 60,000 in a few bytes", lambda: image(
        b"\xff\x4f\xff\x51\x00\x29\0\0" + struct.pack(">8I", 60000, 60000, 0, 0, 60000, 60000, 0, 0) + b"\0\1\7\1\1"
        b"\xff\x90\x00\x0a\0\0" + struct.pack(">I", 16) + b"\0\1\xff\x93\x12\x34\xff\xd9", J2K, Rows=60000, Columns=60000, BitsAllocated=8,
        BitsStored=8, HighBit=7), {"DCM-140"}),
    ("a JPEG 2000 slice of a long series that is no image", lambda: image(
        b"\xff\x4f\xff\x51\x00\x29\0\0" + struct.pack(">8I", 64, 64, 0, 0, 64, 64, 0, 0) + b"\0\1\7\1\1"
        b"\xff\x90\x00\x0a\0\0" + struct.pack(">I", 16) + b"\0\1\xff\x93\x12\x34\xff\xd9", J2K, Rows=64, Columns=64, BitsAllocated=8,
        BitsStored=8, HighBit=7), {"DCM-140"}),
]
"""Only who decodes them can tell."""


@pytest.mark.parametrize(("name", "make", "codes"), BOMBS, ids=[one[0].replace(" ", "-") for one in BOMBS])
def test_a_bomb_ends_with_its_reason_and_little_memory(name: str, make: Callable[[], bytes], codes: set[str]) -> None:
    data = make()
    tracemalloc.start()
    outcome = deidentify(data, text=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome.status == "quarantined"
    assert {issue.code for issue in outcome.issues} <= codes
    assert outcome.content is None
    assert outcome.subject is None
    assert peak < 100 << 20


def test_a_thousand_random_truncations_are_quarantined_or_whole() -> None:
    whole = [part10(ct(ReferencedImageSequence=[{"ReferencedSOPInstanceUID": "1.2.3.4"}])), part10(ct(), IMPLICIT), part10(ct(), DEFLATED)]
    draw = random.Random(7)
    for _ in range(1000):
        source = draw.choice(whole)
        cut = source[:draw.randrange(len(source))]
        outcome = deidentify(cut, text=False)
        assert (outcome.status, "DCM-145" in {issue.code for issue in outcome.issues}) == ("quarantined", False), len(cut)


@pytest.mark.slow
def test_the_parent_of_a_batch_of_bombs_grows_by_less_than_a_hundred_megabytes(tmp_path: Path) -> None:
    """With pixels looked at, so that decoders meet them too. Measured from outside, as the system counts it."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number, (_, make, _) in enumerate(BOMBS + PIXEL_BOMBS):
        (folder / f"{number:02d}").write_bytes(make())
    script = ("import json, resource, sys; from pathlib import Path; sys.path[:0] = [sys.argv[1]]\n"
              "from test_dicom_batch import job, run_batch\n"
              "root = Path(sys.argv[2]); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
              "run_batch(job(root, [root / 'in'], pixels=True))\n"
              "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n")
    done = subprocess.run([sys.executable, "-c", script, str(Path(__file__).parent), str(tmp_path)], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert int(done.stdout.split()[-1]) < 100 << 10
    lines = [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    for (name, _, codes), line in zip(BOMBS + PIXEL_BOMBS, lines, strict=True):
        assert (line["status"], {issue["code"] for issue in line["issues"]} <= codes) == ("quarantined", True), name
