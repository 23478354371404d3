"""Parts: the instances of a series (or of a study's small series) packed into one canonical, uncompressed tar.

Members are sorted by new UID, with fixed times, owners and modes, so that equal members give equal bytes and one
digest. A row points at its member by offset and length; a plain `tar` reads the file as well.
"""
from __future__ import annotations

import tarfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from pipelines.engines.base import ObjectRef
from pipelines.engines.errors import refused
from pipelines.engines.objects import CHUNK_BYTES, ObjectStore

BLOCK_BYTES = 512
SHARED_BELOW_BYTES = 8 << 20
"""Series smaller than this share a part with the other small series of their study."""
SUFFIX = ".dcm"


@dataclass(frozen=True)
class Member:
    """One instance to be packed. `open` gives its bytes when its turn comes; `length` must be right."""

    name: str
    """New SOP Instance UID."""
    length: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Part:
    digest: str
    bytes: int
    members: Mapping[str, ObjectRef]
    """By new SOP Instance UID: where in the part it lies."""


class PartWriter:
    """Collects members and writes them as one part."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self.members: dict[str, Member] = {}

    def add(self, member: Member) -> None:
        """Raises EngineRefused ENG-002 when a UID comes twice."""
        if member.name in self.members:
            raise refused("ENG-002", "parts", reason="a SOP Instance UID comes twice in one part")
        self.members[member.name] = member

    def add_ref(self, name: str, ref: ObjectRef, source: ObjectStore) -> None:
        self.add(Member(name, ref.length, lambda: source.open(ref)))

    def write(self) -> Part:
        """Write the part; the same members again give the same part."""
        ordered = [self.members[name] for name in sorted(self.members)]
        whole = self.store.put(_tar(ordered))
        refs, at = {}, 0
        for member in ordered:
            at += BLOCK_BYTES
            refs[member.name] = ObjectRef(self.store.zone, whole.digest, at, member.length)
            at += _padded(member.length)
        return Part(whole.digest, whole.length, refs)


def group_series(sizes: Mapping[tuple[str, str], int]) -> dict[str, list[tuple[str, str]]]:
    """Which (study, series) go into which part: {part label: [(study, series), ...]} from bytes per series."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for (study, series), size in sorted(sizes.items()):
        groups.setdefault(f"{study}/" if size < SHARED_BELOW_BYTES else f"{study}/{series}", []).append((study, series))
    return groups


def members_of(store: ObjectStore, digest: str) -> dict[str, ObjectRef]:
    """What a part holds, read from the tar itself."""
    with store.open(ObjectRef(store.zone, digest, 0, store.path(digest).stat().st_size)) as stream, \
            tarfile.open(fileobj=stream, mode="r:") as tar:
        return {info.name.removesuffix(SUFFIX): ObjectRef(store.zone, digest, info.offset_data, info.size) for info in tar}


def rewrite_without(store: ObjectStore, digest: str, gone: Collection[str]) -> Part | None:
    """A new part without the members `gone`; None when nothing is left. The old part stays until the caller removes it."""
    kept = {name: ref for name, ref in members_of(store, digest).items() if name not in set(gone)}
    if not kept:
        return None
    writer = PartWriter(store)
    for name, ref in kept.items():
        writer.add_ref(name, ref, store)
    return writer.write()


def _padded(length: int) -> int:
    return -(-length // BLOCK_BYTES) * BLOCK_BYTES


def _header(member: Member) -> bytes:
    info = tarfile.TarInfo(member.name + SUFFIX)
    info.size, info.mtime, info.mode = member.length, 0, 0o444
    return info.tobuf(format=tarfile.GNU_FORMAT)


def _tar(members: Iterable[Member]) -> Iterator[bytes]:
    for member in members:
        yield _header(member)
        yield from _content(member)
        yield b"\0" * (_padded(member.length) - member.length)
    yield b"\0" * (2 * BLOCK_BYTES)


def _content(member: Member) -> Iterator[bytes]:
    seen = 0
    with member.open() as stream:
        while chunk := stream.read(CHUNK_BYTES):
            seen += len(chunk)
            yield chunk
    if seen != member.length:
        raise refused("ENG-010", "parts", digest="(member)")
