"""What runs in a child process: survey some files, or de-identify one unit. The key is fetched here and never sent."""
from __future__ import annotations

import gc
import hashlib
import json
import mmap
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from eval_harness.base import Issue
from pipelines.phi_zone.dicom.batch.series import SeriesLook
from pipelines.phi_zone.dicom.batch.state import Surveyed
from pipelines.phi_zone.dicom.engine import deidentify_instance, main_values
from pipelines.phi_zone.dicom.front import subject_of_part
from pipelines.phi_zone.dicom.identity import known_of
from pipelines.phi_zone.dicom.part10 import read_part10
from pipelines.phi_zone.dicom.policy import load_policy
from pipelines.phi_zone.dicom.problem import DicomProblem, note
from pipelines.phi_zone.keys import KeyRef, ProjectKey, fetch
from schemas.deid import DicomOutcome, KnownIdentity
from schemas.shapes.site import Site

MAPPED_BYTES = 64 << 20
MEMORY_LIMIT_BYTES = 12 << 30


@dataclass(frozen=True)
class Task:
    """Everything a worker needs to know of the run; carries no secret."""

    key: KeyRef
    site: Site
    policy: str
    text_policy: str | None
    pixels: bool
    out: str


class Listed(NamedTuple):
    """One file of a unit, and what the survey found."""

    number: int
    path: bytes
    """Sealed."""
    slice: int | None = None
    primary_slice: bool = False
    sha256: str | None = None
    stamp: str = ""
    """Of the file when `sha256` was taken (stamp_of)."""


@dataclass(frozen=True)
class Unit:
    """Files worked on together, in input order."""

    files: list[Listed]
    known: list[bytes]
    survey: bool = False
    one_sop: bool = False
    """Whether they claim to be one instance, so that only one of them can be released."""


class Worker:
    """One child's tools, made once."""

    def __init__(self, task: Task) -> None:
        _limit_memory()
        self.task, self.key, self.policy = task, fetch(task.key), load_policy(task.policy)
        self.text: Any = None
        if task.text_policy is not None:
            from pipelines.phi_zone.text.cleaner import TextCleaner
            from pipelines.phi_zone.text.policy import load_text_policy

            self.text = TextCleaner(load_text_policy(task.text_policy))
        gc.collect()
        gc.freeze()     # words and tables live as long as the process: no collection need look through them

    def work(self, unit: Unit) -> Iterator[Any]:
        """Surveyed per file of a survey; else (number, manifest line, actions) per file."""
        if unit.survey:
            for one in unit.files:
                yield self._survey(one.number, self._open(one.path))
            return
        known = None
        for sealed in unit.known:
            told: dict[str, Any] = json.loads(self.key.open("known", sealed))
            more = KnownIdentity(birth_date=told.pop("birth_date"), **{name: tuple(value) for name, value in told.items()})
            known = more if known is None else known.merged(more)
        yield from self._unit(unit, known)

    def _open(self, sealed: bytes) -> str:
        return os.fsdecode(self.key.open("path", sealed))

    def _survey(self, number: int, path: str) -> Surveyed:
        try:
            stamp, data = stamp_of(path), read_file(path)
        except OSError:
            return Surveyed(number, None, line=manifest_line(None, DicomOutcome("quarantined", (note("DCM-144"),)), None))
        sha256 = hashlib.sha256(data).hexdigest()
        digest = self.key.token("source", sha256)
        try:
            return replace(self._described(number, sha256, digest, data), stamp=stamp)
        except Exception:  # noqa: BLE001 - the engine meets the same file again and says what is wrong with it
            return Surveyed(number, sha256, digest, bytes=len(data), stamp=stamp)

    def _described(self, number: int, sha256: str, digest: str, data: bytes | memoryview) -> Surveyed:
        part = read_part10(data)
        subject = subject_of_part(part, self.key, self.task.site)
        sop, series, number_text, sop_class = main_values(part, "SOPInstanceUID", "SeriesInstanceUID", "InstanceNumber", "SOPClassUID")
        known = json.dumps(asdict(known_of(part.dataset, part.data)), sort_keys=True).encode()
        from pipelines.phi_zone.pixels.which import is_primary_slice

        return Surveyed(number, sha256, digest, subject, self.key.token("series", series), self.key.token("sop", sop),
                        int(number_text) if number_text.lstrip("+-").isdigit() else None, is_primary_slice(part, sop_class),
                        (self.key.token("known", known), self.key.seal("known", known)), bytes=len(data))

    def _unit(self, unit: Unit, known: KnownIdentity | None) -> Iterator[tuple[int, dict[str, Any], dict[str, int]]]:
        look, decided = None, {}
        if self.task.pixels and self.policy.pixels.clean:
            look = SeriesLook([(one.number, partial(read_file, self._open(one.path)), one.slice)
                               for one in unit.files if one.primary_slice], self.policy, known)
            from pipelines.phi_zone.pixels.decisions import decisions

            decided = decisions(Path(self.task.out))
        first: dict[str, tuple[DicomOutcome, str, str]] | None = {} if unit.one_sop else None
        for one in unit.files:
            path = self._open(one.path)
            known_sha256 = one.sha256 if one.stamp == stamp_of(path) else None
            data = read_file(path)
            sha256 = known_sha256 or hashlib.sha256(data).hexdigest()
            cleaner = look.cleaner(one.number) if look is not None else None
            if cleaner is not None and sha256 in decided:
                cleaner = type(cleaner)("look", decided[sha256])
            outcome = deidentify_instance(data, self.policy, self.key, self.task.site, known, cleaner, self.text)
            output = None
            if outcome.status == "released":
                outcome, output = self._placed(outcome, first, path)
            yield one.number, manifest_line(sha256, outcome, output), dict(outcome.actions)

    def _placed(self, outcome: DicomOutcome, first: dict[str, tuple[DicomOutcome, str, str]] | None,
                path: str) -> tuple[DicomOutcome, str | None]:
        """Write a released file, or see that it is the same again (DCM-309) or another one under the same UID (DCM-160)."""
        sop = outcome.source_sop_token or ""
        if first is not None and sop in first:
            before, output, before_path = first[sop]
            same = before.subject == outcome.subject and (before.content == outcome.content if before.pixel_sha256 is None else
                                                          before.pixel_sha256 == outcome.pixel_sha256 or same_pixels(before_path, path))
            if same:
                return replace(outcome, issues=(*outcome.issues, note("DCM-309"))), output
            return DicomOutcome("quarantined", (note("DCM-160", "(0008,0018)"),)), None
        output = "/".join(("released", str(outcome.subject), str(outcome.study_instance_uid), str(outcome.series_instance_uid),
                           f"{outcome.sop_instance_uid}.dcm"))
        place = Path(self.task.out, output)
        place.parent.mkdir(parents=True, exist_ok=True)
        half = Path(self.task.out, ".work", f"half-{os.getpid()}")
        with half.open("wb", buffering=0) as out:
            for chunk in outcome.chunks:
                while chunk:
                    chunk = memoryview(chunk)[out.write(chunk):]
        os.replace(half, place)
        if first is not None:
            digest = outcome.pixel_sha256
            kept = outcome if digest is None else replace(outcome, chunks=(), header={}, pixel_digest=lambda: digest)
            first[sop] = (kept, output, path)
        return outcome, output


def same_pixels(one: str, other: str) -> bool:
    """Whether two files hold the same image in different encodings, by decoding both."""
    import numpy as np

    from pipelines.phi_zone.dicom.pixeldata import geometry_of, source_pixels
    from pipelines.phi_zone.pixels.decode import decoded_as, frames

    try:
        parts = [read_part10(read_file(path)) for path in (one, other)]
        sources = [source_pixels(part, geometry_of(part)) for part in parts]
        if sources[0] is None or sources[1] is None or sources[0].geometry.frames != sources[1].geometry.frames:
            return False
        if decoded_as(parts[0], sources[0]).photometric != decoded_as(parts[1], sources[1]).photometric:
            return False
        return all(np.array_equal(left, right) for left, right in zip(frames(sources[0]), frames(sources[1]), strict=True))
    except DicomProblem:
        return False


def stamp_of(path: str) -> str:
    """What changes when a file's bytes do: device, inode, size, and the moments of its last writing and last change."""
    told = os.stat(path)
    return f"{told.st_dev} {told.st_ino} {told.st_size} {told.st_mtime_ns} {told.st_ctime_ns}"


def read_file(path: str) -> bytes | memoryview:
    """A file's bytes; a large one mapped, so that it does not count as memory."""
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size <= MAPPED_BYTES:
            return file.read()
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def manifest_line(sha256: str | None, outcome: DicomOutcome, output: str | None) -> dict[str, Any]:
    released = outcome.status == "released"
    issues: tuple[Issue, ...] = outcome.issues
    return {"source_sha256": sha256, "status": outcome.status, "output": output, "subject": outcome.subject if released else None,
            "issues": [issue.to_dict() for issue in issues],
            "pixels": outcome.pixels.to_dict() if released and outcome.pixels is not None else None}


def _limit_memory() -> None:
    """A bomb that gets past the other limits ends this child, not the machine."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


__all__ = ["Listed", "ProjectKey", "Task", "Unit", "Worker", "manifest_line", "read_file"]
