"""Open a submission: a folder, or a ZIP of one; nothing in it is run or unpickled here."""
from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eval_harness.base import Issue, WrongUsage, digest, eval_messages
from eval_harness.base.issue import Words
from eval_harness.base.json_text import json_text
from eval_harness.base.reasons import why
from eval_harness.submission.manifest import Manifest
from eval_harness.submission.names import hidden, printable, texts
from eval_harness.submission.unpack import SubmissionRefused, unpacked

__all__ = ["Submission", "SubmissionRefused", "read_submission"]

MANIFEST = "manifest.json"
MODEL, BUNDLE, PREDICTIONS, IMAGE = "model.onnx", "bundle", "predictions.jsonl", "image.oci.tar"
MANIFEST_CAP = 1024**2
NO_ZIP = Words("不是 ZIP（7z、rar、tar 不读）", "it is no ZIP (7z, rar and tar are not read)")
BROKEN_ZIP = Words("不完整，可能没有传完", "it is cut short; perhaps it was not sent whole")
NO_SUCH_NUMBER = Words("有 JSON 里没有的数（NaN、无穷大，或超过 2^53 的整数）",
                       "it holds a number that JSON does not have (NaN, infinite, or a whole number beyond 2^53)")


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
        raise SubmissionRefused(eval_messages().issue("SUB-006", path.name, reason=_no_zip(path)))
    folder = unpacked(path, scratch, MANIFEST) if path.is_file() and scratch is not None else path
    file = folder / MANIFEST
    if not file.is_file() or file.is_symlink():
        raise SubmissionRefused(_nowhere(path, folder))
    if file.stat().st_size > MANIFEST_CAP:
        raise SubmissionRefused(eval_messages().issue("SUB-002", MANIFEST, reason="larger than 1 MiB"))
    raw = _manifest(file.read_bytes())
    try:
        return Submission(folder, Manifest.from_data(raw, MANIFEST, "SUB-003"), raw)
    except WrongUsage as wrong:
        raise SubmissionRefused(wrong.issue) from wrong


def _no_zip(path: Path) -> Words:
    with path.open("rb") as held:
        return BROKEN_ZIP if held.read(4) == b"PK\3\4" else NO_ZIP


def _nowhere(path: Path, folder: Path) -> Issue:
    """SUB-001 for what holds no manifest; SUB-004 with the place where one lies a little deeper; SUB-006 for a ZIP that holds a ZIP."""
    deeper = next((held for pattern in (f"*/{MANIFEST}", f"*/*/{MANIFEST}") for held in sorted(folder.glob(pattern))), None)
    if deeper is not None:
        return eval_messages().issue("SUB-004", path.name, found=printable(deeper.parent.relative_to(folder).as_posix()))
    inner = next((held.name for held in sorted(folder.glob("*.zip"))), None)
    if inner is not None:
        reason = Words(f"里面是另一个 ZIP：{printable(inner)}", f"it holds another ZIP, {printable(inner)}")
        return eval_messages().issue("SUB-006", path.name, reason=reason)
    return eval_messages().issue("SUB-001", path.name)


def _manifest(data: bytes) -> Any:
    """The manifest as JSON that reads one way only. Raises SubmissionRefused SUB-002, SUB-007, SUB-008."""
    try:
        raw = json.loads(json_text(data), object_pairs_hook=_once)
        digest(raw)
    except (UnicodeError, json.JSONDecodeError, RecursionError) as error:
        raise SubmissionRefused(eval_messages().issue("SUB-002", MANIFEST, reason=why(error))) from error
    except ValueError as error:
        raise SubmissionRefused(eval_messages().issue("SUB-002", MANIFEST, reason=NO_SUCH_NUMBER)) from error
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
