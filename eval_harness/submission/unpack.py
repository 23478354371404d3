"""A ZIP of a submission, unpacked: plain names and plain files only, sizes counted while writing, nothing left of one that is refused."""
from __future__ import annotations

import errno
import hashlib
import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.base.reasons import why
from eval_harness.submission.names import colliding, leads_out, unportable

FILES_CAP, BYTES_CAP, SMALL_BYTES, RATIO_CAP, BLOCK = 10_000, 64 * 1024**3, 1024**3, 100, 1 << 20
"""What unpacks to more than SMALL_BYTES may do so to RATIO_CAP times the ZIP: weights hardly shrink, zeros do."""


class SubmissionRefused(WrongUsage):
    """The submission cannot be used as it stands; the issue says what to change."""


def unpacked(path: Path, scratch: Path, manifest: str) -> Path:
    """The folder below `scratch` that holds the ZIP's files, named by the ZIP's digest. Raises SubmissionRefused SUB-006, SUB-009."""
    with path.open("rb") as held:
        target = scratch / hashlib.file_digest(held, "sha256").hexdigest()[:16]
    if (target / manifest).is_file():
        return target
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check(path, archive.namelist(), members)
            partial.mkdir(parents=True)
            for member in members:
                _extract(archive, member, partial / member.filename)
        inside = next((held for held in sorted(partial.iterdir()) if (held / manifest).is_file()), partial)
        shutil.rmtree(target, ignore_errors=True)      # of an earlier time without a manifest
        (partial if (partial / manifest).is_file() else inside).rename(target)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ArithmeticError, LookupError, ValueError, RuntimeError, EOFError,
            OSError) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise   # this machine's lack, not the ZIP's
        raise _refused("SUB-006", path.name, reason=why(error)) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _check(path: Path, names: Sequence[str], members: Sequence[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    if len(names) > FILES_CAP or total > BYTES_CAP or total > max(SMALL_BYTES, RATIO_CAP * path.stat().st_size):
        raise _refused("SUB-009", path.name, files=len(names), bytes=total)
    for member in members:
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise _refused("SUB-006", path.name, reason="a member is a link or no plain file")
    if any("\\" in name for name in names):
        raise _refused("SUB-006", path.name, reason="paths in it are written with backslashes")
    if any(leads_out(name) for name in names):
        raise _refused("SUB-006", path.name, reason="a member leaves the folder")
    if any(unportable(name.rstrip("/")) for name in names):
        raise _refused("SUB-018", path.name)
    if len(set(names)) != len(names):
        raise _refused("SUB-006", path.name, reason="a member twice")
    if (pair := colliding(names)) is not None:
        raise _refused("SUB-019", path.name, names=" / ".join(pair))


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as source, target.open("xb") as out:
        while block := source.read(BLOCK):
            written += len(block)
            if written > member.file_size:
                raise _refused("SUB-006", member.filename, reason="larger than it says")
            out.write(block)


def _refused(code: str, where: str, **params: object) -> SubmissionRefused:
    return SubmissionRefused(eval_messages().issue(code, where, **params))
