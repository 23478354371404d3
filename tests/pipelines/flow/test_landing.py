"""Landing: what goes in comes out, from any place; what was altered, moved or shredded does not."""
from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from eval_harness.base import Retryable, Terminal
from pipelines.engines.base import ObjectRef
from pipelines.phi_zone.keys import ProjectKey, load_key_file, new_key_file
from pipelines.phi_zone.landing import LandingReader, LandingWriter, remove_orphans, shred
from pipelines.phi_zone.sealed import CHUNK_BYTES, Broken
from pipelines.phi_zone.worker import phi_worker
from schemas.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home", tmp_path / "home" / "keys")
    for path, mode in made.folders():
        path.mkdir(parents=True, exist_ok=True, mode=mode)
    new_key_file(made.project_key)
    return made


@pytest.fixture
def key(home: Home) -> ProjectKey:
    return load_key_file(home.project_key)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 77])
def test_a_record_comes_back_whole_whatever_its_size(home: Home, key: ProjectKey, size: int) -> None:
    plain = os.urandom(size)
    writer = LandingWriter(home, key, "a", "r-1")
    writer.put([b"before"])
    ref = writer.put(plain[i:i + 70_000] for i in range(0, size, 70_000))
    writer.put([b"after"])
    writer.close()
    with LandingReader(home, key).open(ref) as source:
        assert source.read() == plain


def test_a_stretch_is_read_without_the_rest(home: Home, key: ProjectKey) -> None:
    plain = os.urandom(3 * CHUNK_BYTES + 5)
    writer = LandingWriter(home, key, "a", "r-1")
    ref = writer.put([plain])
    writer.close()
    source = LandingReader(home, key).open(ref)
    source.seek(CHUNK_BYTES - 10)
    assert source.read(20) == plain[CHUNK_BYTES - 10:CHUNK_BYTES + 10]
    source.seek(-5, io.SEEK_END)
    assert source.read() == plain[-5:]


def test_nothing_of_the_source_is_readable_on_disk(home: Home, key: ProjectKey) -> None:
    writer = LandingWriter(home, key, "a", "r-1")
    writer.put([b"ZHANG^WEI 110101199003078515"])
    writer.close()
    for file in home.landing.rglob("*"):
        assert file.is_dir() or b"ZHANG" not in file.read_bytes()


def test_one_changed_byte_is_refused_and_so_is_a_record_moved_to_another_place(home: Home, key: ProjectKey) -> None:
    writer = LandingWriter(home, key, "a", "r-1")
    first, second = writer.put([b"x" * 100]), writer.put([b"y" * 100])
    writer.close()
    file = home.landing / "a" / "r-1" / "seg-00000.enc"
    data = bytearray(file.read_bytes())
    data[first.offset:first.offset + first.length], data[second.offset:] = data[second.offset:], data[first.offset:second.offset]
    file.write_bytes(data)
    with pytest.raises(Broken):
        LandingReader(home, key).open(first).read()
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(Broken):
        LandingReader(home, key).open(second).read()


def test_a_shredded_receipt_is_gone_and_its_neighbour_is_not(home: Home, key: ProjectKey) -> None:
    refs = {}
    for receipt in ("r-1", "r-2"):
        writer = LandingWriter(home, key, "a", receipt)
        refs[receipt] = writer.put([receipt.encode()])
        writer.close()
    copy = (home.landing / "a" / "r-1" / "seg-00000.enc").read_bytes()
    assert shred(home, "a", "r-1")
    (home.landing / "a" / "r-1").mkdir()
    (home.landing / "a" / "r-1" / "seg-00000.enc").write_bytes(copy)   # a backup that survived
    with pytest.raises(Terminal, match="LND-002"):
        LandingReader(home, key).open(refs["r-1"])
    assert LandingReader(home, key).open(refs["r-2"]).read() == b"r-2"


def test_a_continued_receipt_starts_a_new_segment_and_a_full_one_too(home: Home, key: ProjectKey) -> None:
    for _ in range(2):
        writer = LandingWriter(home, key, "a", "r-1", segment_bytes=50)
        refs = [writer.put([b"x" * 60]), writer.put([b"y" * 60])]
        writer.close()
    assert [ref.digest for ref in refs] == ["a/r-1/seg-00002", "a/r-1/seg-00003"]
    assert LandingReader(home, key).open(refs[1]).read() == b"y" * 60


def test_segments_no_index_names_are_cleared_and_named_ones_stay(home: Home, key: ProjectKey) -> None:
    for receipt in ("r-1", "r-2"):
        writer = LandingWriter(home, key, "a", receipt)
        kept = writer.put([b"x"])
        writer.close()
    assert remove_orphans(home, "a", {kept.digest}) == 1
    assert [folder.name for folder in (home.landing / "a").iterdir()] == ["r-2"]


def test_a_full_disk_leaves_no_half_record(home: Home, key: ProjectKey) -> None:
    writer = LandingWriter(home, key, "a", "r-1")
    whole = writer.put([b"first"])

    def pieces():
        yield b"z" * (2 * CHUNK_BYTES)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Retryable, match="LND-001"):
        writer.put(pieces())
    after = writer.put([b"second"])
    writer.close()
    reader = LandingReader(home, key)
    assert after.offset == whole.offset + whole.length
    assert (reader.open(whole).read(), reader.open(after).read()) == (b"first", b"second")


def test_the_worker_keeps_staged_objects_by_content_and_no_half_ones(home: Home, key: ProjectKey) -> None:
    worker = phi_worker(str(home.root), str(home.keys), key.key_id)
    ref = worker.put("staged", [b"one", b"two"])
    assert ref == worker.put("staged", [b"onetwo"])
    assert worker.read(ref).read() == b"onetwo"
    assert worker.read(ObjectRef("staged", ref.digest, 3, 3)).read() == b"two"

    def full():
        yield b"x"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Retryable, match="STG-001"):
        worker.put("staged", full())
    assert [file.name for file in home.staging("phi").rglob("*") if file.is_file()] == [f"{ref.digest}.dcm"]
