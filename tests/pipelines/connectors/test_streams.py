"""The two watchmen of a stream: the multipart reader and the DICOM walker, chunked in every way and cut everywhere."""
from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.phi_zone.connectors.base import Gap
from pipelines.phi_zone.connectors.multipart import Multipart, boundary_of
from pipelines.phi_zone.connectors.ndjson import lines
from pipelines.phi_zone.connectors.part10 import Part10
from simulator.story import Story

PARTS = [b"first\r\n--not the boundary\r\n", b"", b"\r\n", bytes(range(256)) * 5]


def body(parts: list[bytes]) -> bytes:
    head = b"\r\n--XYZ  \r\nContent-Type: application/dicom\r\nA: b\r\n\r\n"
    return b"preamble" + b"".join(head + part for part in parts) + b"\r\n--XYZ--\r\nepilogue"


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start:start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_parts_come_out_whole_however_the_body_is_chunked(size: int) -> None:
    reader = Multipart(chunked(body(PARTS), size), b"XYZ")
    assert [b"".join(part) for part in reader] == PARTS
    assert reader.closed


def test_every_cut_before_the_closing_boundary_is_noticed() -> None:
    data = body(PARTS)
    end = data.index(b"--XYZ--") + len(b"--XYZ--")
    for cut in range(end):
        with pytest.raises(Gap):
            read_all(data[:cut])
    assert read_all(data[:end]) == PARTS


def read_all(data: bytes) -> list[bytes]:
    return [b"".join(part) for part in Multipart(chunked(data, 50), b"XYZ")]


def test_a_part_nobody_reads_is_passed_over() -> None:
    parts = iter(Multipart(chunked(body(PARTS), 9), b"XYZ"))
    next(parts)
    next(parts)
    next(parts)
    assert b"".join(next(parts)) == PARTS[3]


def test_a_large_part_needs_little_memory() -> None:
    held = 0

    def source() -> Iterator[bytes]:
        yield b"--XYZ\r\n\r\n"
        for _ in range(2000):
            yield bytes(65536)
        yield b"\r\n--XYZ--"

    for part in Multipart(source(), b"XYZ"):
        for chunk in part:
            held = max(held, len(chunk))
    assert held <= 2 * 65536


@pytest.mark.parametrize("content_type, boundary", [
    ('multipart/related; type="application/dicom"; boundary=abc', b"abc"), ('Multipart/Related; Boundary="a b;c"; x=y', b"a b;c"),
    ("application/json; boundary=abc", None), ("multipart/related", None)])
def test_the_boundary_is_read_from_the_content_type(content_type: str, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary


def watch(data: bytes, size: int = 4096) -> Part10:
    walker = Part10()
    for chunk in chunked(data, size):
        walker.feed(chunk)
    return walker


def one_of_each(story: Story) -> list[tuple[str, bytes]]:
    found: dict[str, tuple[str, bytes]] = {}
    for uid, each in itertools.chain.from_iterable(nights[2].instances.items() for nights in story.nights.values()):
        found.setdefault(each.modality, (uid, each.data))
    return list(found.values())


def test_whole_files_of_every_kind_end_whole_and_tell_who_they_are(story: Story) -> None:
    for uid, data in one_of_each(story):
        for size in (11, 4096):
            walker = watch(data, size)
            assert (walker.is_dicom, walker.sop_instance_uid, walker.ending()) == (True, uid, "whole")


def test_a_file_cut_inside_an_element_ends_cut(story: Story) -> None:
    rng = random.Random(11)
    for _, data in one_of_each(story):
        for cut in [len(data) - 1, *(rng.randrange(len(data) // 2, len(data)) for _ in range(20))]:
            assert watch(data[:cut]).ending() in ("cut", "whole")
        assert watch(data[:-1]).ending() == "cut"


def test_pixel_data_cut_anywhere_is_cut(story: Story) -> None:
    data = next(each.data for each in story.nights["sh-east"][1].instances.values() if each.modality == "CT")
    start = data.index(b"\xe0\x7f\x10\x00OW")
    assert all(watch(data[:cut]).ending() == "cut" for cut in range(start + 1, len(data), 997))


@pytest.mark.parametrize("data", [b"", b"a,b,c\n" * 100, b"\x89PNG\r\n" + bytes(400), b"{}", b"PK\x03\x04" + bytes(300)])
def test_what_is_no_dicom_is_not_called_so(data: bytes) -> None:
    assert not watch(data).is_dicom


@pytest.mark.data
def test_every_real_truncation_of_real_files_is_cut_or_at_an_element_s_end(reference_data: Path) -> None:
    import io
    import warnings

    import pydicom

    rng, silent = random.Random(5), 0
    files = sorted(path for path in (reference_data / "dicom").rglob("*.dcm") if path.stat().st_size < 2_000_000)
    for path in rng.sample(files, 40):
        data = path.read_bytes()
        if watch(data).ending() != "whole":
            continue
        for cut in (rng.randrange(len(data) // 2, len(data)) for _ in range(5)):
            if watch(data[:cut]).ending() == "whole":
                silent += 1
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    assert "PixelData" not in pydicom.dcmread(io.BytesIO(data[:cut]), force=True)
    assert silent <= 4


def test_lines_are_numbered_and_blank_ones_left_out() -> None:
    for size in (1, 3, 100):
        found = [(line.number, line.data, line.ended) for line in lines(chunked(b"a\n\n  \nbc\r\nd", size))]
        assert found == [(1, b"a", True), (4, b"bc\r", True), (5, b"d", False)]


def test_an_overlong_line_keeps_its_head_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.phi_zone.connectors.ndjson.MAX_LINE_BYTES", 10)
    found = list(lines(chunked(b"x" * 50 + b"\nshort\n", 7)))
    assert [(line.data, line.overlong) for line in found] == [(b"x" * 10, True), (b"short", False)]
