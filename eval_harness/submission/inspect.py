"""Inspect a submission before anything of it runs: list, digests, formats, steps, sockets, graph. All issues, not the first."""
from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import Issue, eval_messages
from eval_harness.submission.formats import pickle_inside
from eval_harness.submission.manifest import SEALED_KINDS, SERVED_KINDS
from eval_harness.submission.names import colliding, leads_out, printable, unportable
from eval_harness.submission.oci_image import inspect_image
from eval_harness.submission.onnx_graph import inspect_graph
from eval_harness.submission.read import BUNDLE, IMAGE, MANIFEST, MODEL, PREDICTIONS, Submission, SubmissionRefused
from eval_harness.submission.smoke_cases import inspect_smoke
from eval_harness.submission.unpack import FILES_CAP
from eval_harness.tasks.pack import Pack

FILE_BYTES_CAP = 64 * 1024**3
MEMORY_FLOOR_BYTES, TIMEOUT_FLOOR_S = 64 * 1024**2, 0.1
"""Below these no program starts, and a start that fails looks like the platform's fault."""
REQUIRED = {"onnx": MODEL, "oci": IMAGE, "predictions": PREDICTIONS}


@dataclass(frozen=True)
class Inspection:
    """What was found, in the order it was looked for."""

    submission_digest: str
    issues: tuple[Issue, ...]

    @property
    def ok(self) -> bool:
        return not self.issues

    def to_dict(self) -> dict[str, Any]:
        return {"submission": self.submission_digest, "ok": self.ok, "issues": [issue.to_dict() for issue in self.issues]}


def inspect_submission(submission: Submission, pack: Pack, visibility: str = "practice") -> Inspection:
    """Check `submission` against `pack`, for a set of that visibility."""
    found = _task(submission, pack, visibility) + _files(submission)
    if not found:
        found = _steps(submission) + _sockets(submission, pack) + _resources(submission, pack)
        listed = {entry.path: entry.bytes for entry in submission.manifest.files}
        found += inspect_smoke(submission.folder, listed, submission.manifest.smoke, pack)
        if submission.kind == "onnx":
            found += inspect_graph(submission.folder / MODEL, submission.manifest)
        if submission.kind == "oci" and not found:
            found += inspect_image(submission.folder / IMAGE)
    return Inspection(submission.digest, tuple(found))


def require_sound(submission: Submission, pack: Pack, visibility: str = "practice") -> Inspection:
    """The inspection, or SubmissionRefused with its first issue."""
    held = inspect_submission(submission, pack, visibility)
    if not held.ok:
        raise SubmissionRefused(held.issues[0])
    return held


def _issue(code: str, where: str, **params: object) -> Issue:
    return eval_messages().issue(code, where, **params)


def _task(submission: Submission, pack: Pack, visibility: str) -> list[Issue]:
    manifest, found = submission.manifest, []
    if (manifest.task.id, manifest.task.version) != (pack.id, pack.spec.version):
        found.append(_issue("SUB-010", f"{MANIFEST}, task", found=f"{manifest.task.id} v{manifest.task.version}",
                            known=f"{pack.id} v{pack.spec.version}"))
    if visibility == "sealed" and submission.kind not in SEALED_KINDS:
        found.append(_issue("SUB-011", f"{MANIFEST}, kind", found=submission.kind, known=", ".join(SEALED_KINDS)))
    if manifest.resources.gpu:
        found.append(_issue("SUB-012", f"{MANIFEST}, resources.gpu"))
    if submission.served and (submission.kind not in SERVED_KINDS or manifest.lifecycle != "serve"):
        found.append(_issue("SUB-013", f"{MANIFEST}, protocol"))
    if manifest.lifecycle == "serve" and submission.kind == "predictions":
        found.append(_issue("SUB-014", f"{MANIFEST}, lifecycle", kind=submission.kind))
    if manifest.lifecycle == "serve" and submission.kind in SERVED_KINDS and not submission.served:
        found.append(_issue("SUB-016", f"{MANIFEST}, protocol"))
    if submission.served and pack.spec.output_files:
        found.append(_issue("SUB-017", f"{MANIFEST}, protocol", found=", ".join(pack.spec.output_files)))
    if submission.kind == "python" and not manifest.entry:
        found.append(_issue("SUB-015", f"{MANIFEST}, entry"))
    return found


def _files(submission: Submission) -> list[Issue]:
    listed = {entry.path: entry for entry in submission.manifest.files}
    found: list[Issue] = []
    if len(listed) != len(submission.manifest.files):
        found.append(_issue("SUB-020", f"{MANIFEST}, files", reason="a path twice"))
    required = REQUIRED.get(submission.kind) or f"{BUNDLE}/{submission.manifest.entry}"
    if required not in listed:
        found.append(_issue("SUB-021", f"{MANIFEST}, files", name=printable(required)))
    if (pair := colliding(listed)) is not None:
        found.append(_issue("SUB-019", f"{MANIFEST}, files", names=" / ".join(pair)))
    try:
        present = _present(submission.folder)
    except OSError:
        return [*found, _issue("SUB-018", MANIFEST)]
    if len(present) > FILES_CAP:
        return [*found, _issue("SUB-009", MANIFEST, files=len(present), bytes="-")]
    found += [_issue("SUB-022", printable(name)) for name in sorted(present - set(listed) - {MANIFEST})]
    for name, entry in listed.items():
        found += _file(submission.folder, name, entry.bytes, entry.sha256)
    return found


def _present(folder: Path) -> set[str]:
    """Paths of everything in a folder but its folders, at most one more than may be there; no link is followed.

    Raises OSError for a path that is longer than the system takes.
    """
    names: set[str] = set()
    waiting = [""]
    while waiting and len(names) <= FILES_CAP:
        under = waiting.pop()
        with os.scandir(folder / under) as listing:
            for entry in listing:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{under}{entry.name}/")
                else:
                    names.add(f"{under}{entry.name}")
    return names


def _file(folder: Path, name: str, size: int, digest: str) -> list[Issue]:
    if leads_out(name):
        return [_issue("SUB-023", f"{MANIFEST}, files")]
    if unportable(name):
        return [_issue("SUB-018", f"{MANIFEST}, files, {printable(name)}")]
    path = folder / name
    if any(part.is_symlink() for part in [path, *path.parents][:len(Path(name).parts)]):
        return [_issue("SUB-024", name)]
    if not path.is_file():
        return [_issue("SUB-025", name)]
    if path.stat().st_size != size or size > FILE_BYTES_CAP:
        return [_issue("SUB-026", name, found=path.stat().st_size, known=size)]
    if _digest(path) != digest:
        return [_issue("SUB-027", name)]
    kind = pickle_inside(path)
    return [] if kind is None else [_issue("SUB-028", name, kind=kind)]


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as held:
        return hashlib.file_digest(held, "sha256").hexdigest()


def _steps(submission: Submission) -> list[Issue]:
    from eval_harness.inference import post, pre

    manifest = submission.manifest
    if submission.kind != "onnx":
        return [_issue("SUB-040", f"{MANIFEST}, pre/post", kind=submission.kind)] if manifest.pre or manifest.post else []
    found: list[Issue] = []
    tables: tuple[tuple[str, tuple[dict[str, Any], ...], Mapping[str, Any]], ...] = (
        ("pre", manifest.pre, pre.STEPS), ("post", manifest.post, post.STEPS))
    for side, steps, known in tables:
        for place, step in enumerate(steps):
            found += _step(f"{MANIFEST}, {side}[{place}]", step, known, {"op", "socket"} if side == "pre" else {"op"})
    if not manifest.post:
        found.append(_issue("SUB-041", f"{MANIFEST}, post"))
    return found


def _step(where: str, step: Mapping[str, Any], known: Mapping[str, Any], always: set[str]) -> list[Issue]:
    name = str(step.get("op"))
    if name not in known:
        near = difflib.get_close_matches(name, list(known), 1, 0.3)
        return [_issue("SUB-042", where, found=name, near=near[0] if near else ", ".join(known))]
    spec = known[name]
    allowed = always | set(spec.required) | set(spec.optional)
    wrong = sorted(set(step) - allowed)
    missing = [key for key in spec.required if key not in step]
    if wrong or missing:
        near = difflib.get_close_matches(wrong[0], sorted(allowed), 1, 0.4) if wrong else missing
        return [_issue("SUB-043", where, op=name, found=", ".join(wrong) or "-", near=near[0] if near else ", ".join(sorted(allowed)))]
    return []


def _sockets(submission: Submission, pack: Pack) -> list[Issue]:
    if submission.kind != "onnx":
        return []
    asked, given = [socket.name for socket in submission.manifest.sockets], [socket.name for socket in pack.spec.sockets]
    if sorted(asked) == sorted(given):
        return []
    return [_issue("SUB-050", f"{MANIFEST}, sockets", found=", ".join(asked) or "-", known=", ".join(given))]


def _resources(submission: Submission, pack: Pack) -> list[Issue]:
    wanted, limits, found = submission.manifest.resources, pack.spec.limits, []
    if wanted.memory_bytes is not None and wanted.memory_bytes > limits.memory_bytes:
        found.append(_issue("SUB-051", f"{MANIFEST}, resources.memory_bytes", found=wanted.memory_bytes, cap=limits.memory_bytes))
    if wanted.timeout_s is not None and wanted.timeout_s > limits.timeout_s:
        found.append(_issue("SUB-051", f"{MANIFEST}, resources.timeout_s", found=wanted.timeout_s, cap=limits.timeout_s))
    for name, value, floor in (("memory_bytes", wanted.memory_bytes, MEMORY_FLOOR_BYTES), ("timeout_s", wanted.timeout_s, TIMEOUT_FLOOR_S),
                               ("cpu", wanted.cpu, 1)):
        if value is not None and value < floor:
            found.append(_issue("SUB-052", f"{MANIFEST}, resources.{name}", found=value, floor=floor))
    return found
