"""Look at an OCI image archive without unpacking it: one image, sound digests, layers that stay in their root and fit on a disk."""
from __future__ import annotations

import gzip
import hashlib
import platform
import re
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

from eval_harness.base import Issue, eval_messages
from eval_harness.base.reasons import why
from eval_harness.submission.names import printable
from eval_harness.submission.oci_layers import HEADER_CAP_BYTES, LayerRefused, Sizes, read_layer
from eval_harness.tasks.output import AnswerRefused, strict_json

MACHINE = {"x86_64": "amd64", "aarch64": "arm64", "AMD64": "amd64", "arm64": "arm64"}
LAYERS = {"application/vnd.oci.image.layer.v1.tar": False, "application/vnd.oci.image.layer.v1.tar+gzip": True,
          "application/vnd.docker.image.rootfs.diff.tar.gzip": True, "application/vnd.docker.image.rootfs.diff.tar": False}
INDEX, JSON_CAP_BYTES, MEMBERS_CAP, BLOCK = "index.json", 4 * 1024**2, 1000, 1 << 20
DIGEST = re.compile("sha256:[0-9a-f]{64}")


class ImageRefused(ValueError):
    """`code` of the catalogue, with its parameters."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class _Capped:
    """A file whose single reads are small: a header that announces gigabytes is not believed."""

    def __init__(self, held: IO[bytes]) -> None:
        self._held = held
        self.seek, self.tell = held.seek, held.tell

    def read(self, size: int) -> bytes:
        if size > HEADER_CAP_BYTES:
            raise tarfile.ReadError("a header too large")
        return self._held.read(size)


def inspect_image(path: Path) -> list[Issue]:
    """What is wrong with the image archive, empty when the engine may have it."""
    try:
        with path.open("rb") as held, tarfile.open(fileobj=_Capped(held), mode="r:") as archive:   # type: ignore[call-overload]
            _image(archive, _members(archive))
    except ImageRefused as refused:
        return [eval_messages().issue(refused.code, path.name, **refused.params)]
    except LayerRefused as refused:
        return [eval_messages().issue(refused.code, path.name, entry=printable(refused.entry), **refused.params)]
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        return [eval_messages().issue("SUB-070", path.name, reason=why(error))]
    return []


def _members(archive: tarfile.TarFile) -> Mapping[str, tarfile.TarInfo]:
    """Files of the archive by name."""
    held: dict[str, tarfile.TarInfo] = {}
    for count, member in enumerate(archive):
        name = member.name.removeprefix("./")
        if count >= MEMBERS_CAP or name in held or not (member.isdir() or member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)):
            raise ImageRefused("SUB-070", reason=printable(name))
        if not member.isdir():
            held[name] = member
    return held


def _image(archive: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo]) -> None:
    if INDEX not in members or "oci-layout" not in members:
        raise ImageRefused("SUB-070", reason="oci-layout, index.json")
    listed = _json(archive, members[INDEX])["manifests"]
    if len(listed) != 1:
        raise ImageRefused("SUB-070", reason=f"index.json names no single image: {len(listed)}")
    manifest = _json(archive, _blob(archive, members, listed[0]))
    config = _json(archive, _blob(archive, members, manifest["config"]))
    here = MACHINE.get(platform.machine(), platform.machine())
    if (config.get("os"), config.get("architecture")) != ("linux", here):
        told = printable(f"{config.get('os')}/{config.get('architecture')}")
        raise ImageRefused("SUB-075", found=told, known=f"linux/{here}")
    program = config.get("config") or {}
    if not program.get("Entrypoint") and not program.get("Cmd"):
        raise ImageRefused("SUB-076")
    sizes = Sizes()
    for layer in manifest["layers"]:
        if layer["mediaType"] not in LAYERS:
            raise ImageRefused("SUB-077", found=printable(str(layer["mediaType"])))
        member = _blob(archive, members, layer)
        held = archive.extractfile(member)
        assert held is not None
        read_layer(cast("IO[bytes]", gzip.GzipFile(fileobj=held)) if LAYERS[layer["mediaType"]] else held, member.size, sizes)


def _blob(archive: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo], told: Mapping[str, Any]) -> tarfile.TarInfo:
    """The blob that a descriptor names, checked against its digest and size. Raises ImageRefused SUB-071."""
    name = told["digest"]
    member = members.get("blobs/sha256/" + name[7:]) if DIGEST.fullmatch(name) else None
    if member is None or member.size != told["size"]:
        raise ImageRefused("SUB-071", blob=printable(str(name))[:19])
    held, seen = archive.extractfile(member), hashlib.sha256()
    assert held is not None
    while block := held.read(BLOCK):
        seen.update(block)
    if seen.hexdigest() != name[7:]:
        raise ImageRefused("SUB-071", blob=name[:19])
    return member


def _json(archive: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    if member.size > JSON_CAP_BYTES:
        raise ImageRefused("SUB-070", reason="JSON over 4 MiB")
    held = archive.extractfile(member)
    assert held is not None
    try:
        told = strict_json(held.read(), member.name)
    except AnswerRefused as refused:
        raise ImageRefused("SUB-070", reason=refused.cause) from refused
    return dict(told)
