"""Image archives that were made to harm whoever unpacks them: each is refused before the engine has it."""
from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from eval_harness.submission import oci_layers
from eval_harness.tasks.starter import write_submission
from tests.eval_harness.submission import archives
from tests.eval_harness.submission.archives import PROGRAM, packed
from tests.eval_harness.submission.test_refused_submissions import codes

MIB = 2**20


def layer(name: str, data: bytes = b"", **fields: object) -> bytes:
    return packed([PROGRAM, (name, data, fields)])


def giant_header() -> bytes:
    """A long name that says it has eight gigabytes."""
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 8 * 2**30 - 1
    return member.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


def without(name: str):
    return lambda files: files.pop(next(path for path in files if path.startswith(name)))


def changed(name: str, data: bytes):
    def change(files: dict) -> None:
        files[next(path for path in files if path.startswith(name))] = data
    return change


IMAGES = {
    "no archive at all": ("SUB-070", lambda: b"an image archive"),
    "an archive of another kind": ("SUB-070", lambda: packed([("manifest.json", b"[]", {})])),
    "two images": ("SUB-070", lambda: archives.image(change=changed("index.json", b'{"manifests": [{}, {}]}'))),
    "a link in the archive": ("SUB-070", lambda: packed([("index.json", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"})])),
    "a key twice": ("SUB-070", lambda: archives.image(change=changed("index.json", b'{"manifests": [], "manifests": []}'))),
    "a blob that is missing": ("SUB-071", lambda: archives.image(change=without("blobs/"))),
    "a blob that was changed": ("SUB-071", lambda: archives.image(change=changed("blobs/", layer("etc/x", b"evil")))),
    "a digest that is a path": ("SUB-071", lambda: archives.image(change=changed(
        "index.json", b'{"manifests": [{"digest": "sha256:../../../../etc/passwd", "size": 1}]}'))),
    "a path from the root": ("SUB-072", lambda: archives.image([layer("/etc/cron.d/x", b"x")])),
    "a path up the tree": ("SUB-072", lambda: archives.image([layer("../../etc/cron.d/x", b"x")])),
    "a hard link out of the root": ("SUB-072", lambda: archives.image([layer("x", type=tarfile.LNKTYPE, linkname="../../etc/shadow")])),
    "a hard link to the machine's root": ("SUB-072", lambda: archives.image([layer("x", type=tarfile.LNKTYPE, linkname="/etc/shadow")])),
    "a white-out of the folder above": ("SUB-072", lambda: archives.image([layer("bin/.wh...")])),
    "a disk": ("SUB-073", lambda: archives.image([layer("dev/sda", type=tarfile.BLKTYPE, devmajor=8)])),
    "a character device": ("SUB-073", lambda: archives.image([layer("dev/mem", type=tarfile.CHRTYPE, devmajor=1, devminor=1)])),
    "a pipe": ("SUB-073", lambda: archives.image([layer("x", type=tarfile.FIFOTYPE)])),
    "much of nothing": ("SUB-074", lambda: archives.image([layer("zeros", bytes(2 * MIB))], zipped=True)),
    "more entries than a disk has names for": ("SUB-074", lambda: archives.image(
        [packed([PROGRAM, *[(f"x/{n}", b"", {}) for n in range(99)]])])),
    "entries behind the end": ("SUB-070", lambda: archives.image([packed([PROGRAM]) + layer("../../x")])),
    "entries behind a broken one": ("SUB-070", lambda: archives.image([layer("../../x").replace(b"bin/predict", b"bin/predicT", 1)])),
    "a file with holes": ("SUB-073", lambda: archives.image([layer("x", type=tarfile.GNUTYPE_SPARSE)])),
    "a header of eight gigabytes": ("SUB-074", lambda: archives.image([giant_header()])),
    "another machine": ("SUB-075", lambda: archives.image(config={"architecture": "s390x"})),
    "another system": ("SUB-075", lambda: archives.image(config={"os": "windows"})),
    "no program": ("SUB-076", lambda: archives.image(config={"config": {"Entrypoint": [], "Cmd": None}})),
    "a layer of another form": ("SUB-077", lambda: archives.image(media_type="application/vnd.oci.image.layer.v1.tar+zstd")),
}


def submitted(folder: Path, image: bytes) -> Path:
    return write_submission(folder / "image", "oci", {"image.oci.tar": image}, task="chest-dr")


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_with_a_trap_is_refused_before_the_engine_has_it(name, tmp_path, monkeypatch):
    monkeypatch.setattr(oci_layers, "SMALL_BYTES", MIB)
    monkeypatch.setattr(oci_layers, "ENTRIES_CAP", 50)
    code, made = IMAGES[name]
    assert codes(submitted(tmp_path, made())) == [code]


def test_a_plain_image_is_sound_with_links_white_outs_and_programs_of_root(tmp_path):
    entries = [PROGRAM, ("bin/su", b"x", {"mode": 0o4755}), ("bin/sh", b"", {"type": tarfile.SYMTYPE, "linkname": "/bin/predict"}),
               ("bin/again", b"", {"type": tarfile.LNKTYPE, "linkname": "bin/predict"}), ("etc", b"", {"type": tarfile.DIRTYPE}),
               ("etc/.wh..wh..opq", b"", {}), ("etc/.wh.passwd", b"", {}), ("a/" + "long/" * 60 + "name", b"x", {})]
    for number, zipped_layers in enumerate((False, True)):
        assert codes(submitted(tmp_path / str(number), archives.image([packed(entries)], zipped=zipped_layers))) == []
