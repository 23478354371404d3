"""Open a submission: a folder, or a ZIP of one; nothing in it is run or unpickled here."""
from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage, digest, eval_messages
from eval_harness.submission.manifest import Manifest
from eval_harness.submission.names import hidden, printable, texts
from eval_harness.submission.unpack import SubmissionRefused, unpacked

__all__ = ["Submission", "SubmissionRefused", "read_submission"]

MANIFEST = "manifest.json"
MODEL, BUNDLE, PREDICTIONS, IMAGE = "model.onnx", "bundle", "predictions.jsonl", "image.oci.tar"
MANIFEST_CAP = 1024**2


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
    if path.suffix == ".onnx" and path.is_file():
        raise SubmissionRefused(eval_messages().issue("SUB-005", path.name))
    if path.is_file() and (scratch is None or not zipfile.is_zipfile(path)):
        raise SubmissionRefused(eval_messages().issue("SUB-001", path.name))
    folder = unpacked(path, scratch, MANIFEST) if path.is_file() and scratch is not None else path
    file = folder / MANIFEST
    if not file.is_file() or file.is_symlink():
        raise SubmissionRefused(eval_messages().issue("SUB-001", path.name))
    if file.stat().st_size > MANIFEST_CAP:
        raise SubmissionRefused(eval_messages().issue("SUB-002", MANIFEST, reason="larger than 1 MiB"))
    raw = _manifest(file.read_bytes())
    try:
        return Submission(folder, Manifest.from_data(raw, MANIFEST, "SUB-003"), raw)
    except WrongUsage as wrong:
        raise SubmissionRefused(wrong.issue) from wrong


def _manifest(data: bytes) -> Any:
    """The manifest as JSON that reads one way only. Raises SubmissionRefused SUB-002, SUB-007, SUB-008."""
    try:
        raw = json.loads(data, object_pairs_hook=_once)
        digest(raw)
    except (ValueError, TypeError, RecursionError) as error:
        raise SubmissionRefused(eval_messages().issue("SUB-002", MANIFEST, reason=type(error).__name__)) from error
    for where, text in texts(raw):
        if (found := hidden(text)) is not None:
            raise SubmissionRefused(eval_messages().issue("SUB-008", f"{MANIFEST}, {printable(where) or '(whole file)'}", found=found))
    return raw


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        twice = next(name for name in told if [key for key, _ in pairs].count(name) > 1)
        raise SubmissionRefused(eval_messages().issue("SUB-007", MANIFEST, key=printable(twice)))
    return told
