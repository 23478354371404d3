"""Inspect a submission before anything of it runs: list, digests, formats, steps, sockets, graph. All issues, not the first."""
from __future__ import annotations

import os
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
from eval_harness.submission.steps import inspect_steps
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
        steps = inspect_steps(submission)
        found = steps + _sockets(submission, pack) + _resources(submission, pack)
        listed = {entry.path: entry.bytes for entry in submission.manifest.files}
        found += inspect_smoke(submission.folder, listed, submission.manifest.smoke, pack)
        if submission.kind == "onnx":
            known = {} if steps else {one.name: one for one in pack.spec.sockets}      # wrong steps make nothing to compare with
            found += inspect_graph(submission.folder / MODEL, submission.manifest, known)
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
    points = {one.name for one in pack.spec.operating_points}
    found += [_issue("SUB-053", f"{MANIFEST}, operating_points.{printable(name)}", known=", ".join(sorted(points)) or "–")
              for name in sorted(set(manifest.operating_points) - points)]
    if submission.kind == "python" and not manifest.entry:
        found.append(_issue("SUB-015", f"{MANIFEST}, entry"))
    return found


def _files(submission: Submission) -> list[Issue]:
    listed = {entry.path: entry for entry in submission.manifest.files}
    found: list[Issue] = []
    if len(listed) != len(submission.manifest.files):
        found.append(_issue("SUB-020", f"{MANIFEST}, files", reason="a path twice"))
    program = submission.manifest.entry or ""
    if submission.kind == "python" and program.startswith(f"{BUNDLE}/"):
        return [_issue("SUB-054", f"{MANIFEST}, entry", right=printable(program.removeprefix(f"{BUNDLE}/")))]
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
    for name, entry in listed.items():      # first what is wrong with the list: a path written otherwise is not listed either
        found += _file(submission.folder, name, entry.bytes, entry.sha256)
    return found + [_issue("SUB-022", printable(name)) for name in sorted(present - set(listed) - {MANIFEST})]


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
        return [_issue("SUB-023", f"{MANIFEST}, files, {printable(name)}")]
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
