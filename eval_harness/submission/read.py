"""Open a submission: a folder, or a ZIP of one; nothing in it is run or unpickled here."""
from __future__ import annotations

import json
import shutil
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage, digest, eval_messages, sha256
from eval_harness.submission.manifest import Manifest

MANIFEST = "manifest.json"
MODEL, BUNDLE, PREDICTIONS, IMAGE = "model.onnx", "bundle", "predictions.jsonl", "image.oci.tar"
ZIP_FILES_CAP, ZIP_BYTES_CAP, MANIFEST_CAP = 10_000, 64 * 1024**3, 1024**2


class SubmissionRefused(WrongUsage):
    """The submission cannot be used as it stands; the issue says what to change."""


@dataclass(frozen=True)
class Submission:
    """A submission folder with its manifest read."""

    folder: Path
    manifest: Manifest
    raw: Mapping[str, Any]

    @cached_property
    def digest(self) -> str:
        """Identity of what was handed in: the canonical manifest, which names every file by digest."""
        return digest(self.raw)

    @property
    def kind(self) -> str:
        return self.manifest.kind

    @property
    def served(self) -> bool:
        """Whether one server answers case after case, over the Open Inference Protocol."""
        return self.manifest.protocol == "oip-v2"


def read_submission(path: Path, scratch: Path | None = None) -> Submission:
    """The submission at `path`; a ZIP is unpacked into `scratch`. Raises SubmissionRefused with the place that is wrong."""
    folder = _unpacked(path, scratch) if path.is_file() else path
    file = folder / MANIFEST
    if not file.is_file() or file.is_symlink():
        raise SubmissionRefused(eval_messages().issue("SUB-001", path.name))
    if file.stat().st_size > MANIFEST_CAP:
        raise SubmissionRefused(eval_messages().issue("SUB-002", MANIFEST, reason="larger than 1 MiB"))
    try:
        raw = json.loads(file.read_bytes())
        digest(raw)
    except (ValueError, TypeError, RecursionError) as error:
        raise SubmissionRefused(eval_messages().issue("SUB-002", MANIFEST, reason=type(error).__name__)) from error
    try:
        return Submission(folder, Manifest.from_data(raw, MANIFEST, "SUB-003"), raw)
    except WrongUsage as wrong:
        raise SubmissionRefused(wrong.issue) from wrong


def _unpacked(path: Path, scratch: Path | None) -> Path:
    """A ZIP's files below `scratch`: plain names and plain files only, sizes counted while writing."""
    if path.suffix == ".onnx":
        raise SubmissionRefused(eval_messages().issue("SUB-005", path.name))
    if not zipfile.is_zipfile(path) or scratch is None:
        raise SubmissionRefused(eval_messages().issue("SUB-001", path.name))
    target = scratch / sha256(path.read_bytes())[:16]
    if (target / MANIFEST).is_file():
        return target
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > ZIP_FILES_CAP or sum(member.file_size for member in members) > ZIP_BYTES_CAP:
            raise SubmissionRefused(eval_messages().issue("SUB-006", path.name, reason="too many files or bytes"))
        for member in members:
            parts = Path(member.filename).parts
            kind = stat.S_IFMT(member.external_attr >> 16)
            if Path(member.filename).is_absolute() or ".." in parts or "\\" in member.filename or kind not in (0, stat.S_IFREG):
                reason = "a member leaves the folder or is no plain file"
                raise SubmissionRefused(eval_messages().issue("SUB-006", path.name, reason=reason))
            _extract(archive, member, partial / member.filename)
    folder = partial if (partial / MANIFEST).is_file() else next((f for f in partial.iterdir() if (f / MANIFEST).is_file()), partial)
    folder.rename(target)
    shutil.rmtree(partial, ignore_errors=True)
    return target


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as source, target.open("wb") as out:
        while block := source.read(1 << 20):
            written += len(block)
            if written > member.file_size:
                raise SubmissionRefused(eval_messages().issue("SUB-006", member.filename, reason="larger than it says"))
            out.write(block)
