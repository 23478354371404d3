"""Objects and parts: equal content is one object, members can be cut out by offset, withdrawal leaves no byte behind."""
from __future__ import annotations

import io
import os
import tarfile

import pytest

from pipelines.engines.base import ObjectRef
from pipelines.engines.errors import EngineRefused
from pipelines.engines.objects import ObjectStore
from pipelines.engines.parts import SHARED_BELOW_BYTES, Member, PartWriter, group_series, members_of, rewrite_without

CONTENT = {"2.25.30": b"third" * 500, "2.25.10": b"first", "2.25.20": b""}


@pytest.fixture
def store(tmp_path):
    return ObjectStore(tmp_path / "objects", "parts")


def packed(store, content=CONTENT):
    writer = PartWriter(store)
    for name, data in content.items():
        writer.add(Member(name, len(data), lambda data=data: io.BytesIO(data)))
    return writer.write()


def test_an_object_is_addressed_by_its_content_and_written_once(store):
    first = store.put([b"ab", b"c"])
    written = store.path(first.digest).stat().st_ino
    assert store.put([b"abc"]) == first
    assert store.path(first.digest).stat().st_ino == written
    assert store.path(first.digest).parent.name == first.digest[:2]
    assert store.read(first) == b"abc"
    assert store.verify(first.digest)


def test_what_must_be_whole_is_looked_at_byte_by_byte(store):
    whole, gone, turned = (store.put([text]).digest for text in (b"whole", b"gone", b"turned"))
    store.remove(gone)
    store.path(turned).write_bytes(b"turnec")
    store.require([whole])
    with pytest.raises(EngineRefused, match="ENG-009"):
        store.require([whole, gone])
    with pytest.raises(EngineRefused, match="ENG-010"):
        store.require([whole, turned])


def test_a_write_that_fails_leaves_nothing(store):
    def chunks():
        yield b"half"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.put(chunks())
    assert [file for file in store.root.rglob("*") if file.is_file()] == []


def test_members_lie_where_the_part_says_and_a_plain_tar_reads_them(store):
    part = packed(store)
    assert {name: store.read(ref) for name, ref in part.members.items()} == CONTENT
    with tarfile.open(store.path(part.digest)) as tar:
        assert tar.getnames() == ["2.25.10.dcm", "2.25.20.dcm", "2.25.30.dcm"]
        assert {(info.mtime, info.uid, info.mode) for info in tar} == {(0, 0, 0o444)}
    assert part.bytes == store.path(part.digest).stat().st_size
    assert members_of(store, part.digest) == part.members


def test_the_order_of_adding_does_not_change_the_part(store):
    assert packed(store).digest == packed(store, dict(reversed(CONTENT.items()))).digest


def test_a_member_of_another_length_than_announced_is_refused(store):
    writer = PartWriter(store)
    writer.add(Member("2.25.1", 5, lambda: io.BytesIO(b"four")))
    with pytest.raises(EngineRefused):
        writer.write()
    assert list(store.digests()) == []


def test_one_uid_twice_in_a_part_is_refused(store):
    writer = PartWriter(store)
    writer.add(Member("2.25.1", 1, lambda: io.BytesIO(b"1")))
    with pytest.raises(EngineRefused):
        writer.add(Member("2.25.1", 1, lambda: io.BytesIO(b"2")))


def test_withdrawal_rewrites_the_part_without_the_member(store):
    part = packed(store)
    left = rewrite_without(store, part.digest, {"2.25.30"})
    assert set(left.members) == {"2.25.10", "2.25.20"}
    assert b"third" not in store.path(left.digest).read_bytes()
    assert store.has(part.digest), "the old part goes only after the rows that name it have changed"
    assert rewrite_without(store, left.digest, {"2.25.10", "2.25.20"}) is None


def test_orphans_go_by_age_and_reference(store):
    kept, young, old = store.put([b"kept"]), store.put([b"young"]), store.put([b"old"])
    (store.root / ".tmp-1-x").write_bytes(b"half")
    for file in (store.path(kept.digest), store.path(old.digest), store.root / ".tmp-1-x"):
        os.utime(file, (1, 1))
    assert store.sweep({kept.digest}, older_than_s=3600) == [old.digest]
    assert sorted(store.digests()) == sorted([kept.digest, young.digest])
    assert not (store.root / ".tmp-1-x").exists()


def test_a_missing_or_short_object_is_named(store):
    with pytest.raises(EngineRefused, match="ENG-009"):
        store.open(ObjectRef("parts", "0" * 64, 0, 1))
    ref = store.put([b"abc"])
    with pytest.raises(EngineRefused, match="ENG-010"):
        store.open(ObjectRef("parts", ref.digest, 1, 3))
    with pytest.raises(EngineRefused, match="ENG-009"):
        store.path("../../etc/passwd")


def test_small_series_share_a_part_of_their_study():
    sizes = {("s1", "a"): 10, ("s1", "b"): SHARED_BELOW_BYTES, ("s1", "c"): 20, ("s2", "d"): 5}
    assert group_series(sizes) == {"s1/": [("s1", "a"), ("s1", "c")], "s1/b": [("s1", "b")], "s2/": [("s2", "d")]}
