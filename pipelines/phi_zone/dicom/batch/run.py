"""A batch from beginning to end: list, survey, work, manifest, summary. Can be killed at any moment and run again."""
from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage
from pipelines.phi_zone.dicom.batch.inputs import input_files
from pipelines.phi_zone.dicom.batch.pool import ChildPool, Lost
from pipelines.phi_zone.dicom.batch.report import Tally, write_reports
from pipelines.phi_zone.dicom.batch.state import State, Surveyed
from pipelines.phi_zone.dicom.batch.worker import Listed, Task, Unit, manifest_line
from pipelines.phi_zone.dicom.mark import ENGINE_VERSION
from pipelines.phi_zone.dicom.plan import policy_digest
from pipelines.phi_zone.dicom.policy import load_policy
from pipelines.phi_zone.dicom.problem import note
from pipelines.phi_zone.keys import KeyRef, load_key_file
from schemas.deid import DicomOutcome
from schemas.messages import messages
from schemas.shapes.site import Site

SURVEY_FILES = 32
"""Files a child surveys at a time."""


@dataclass(frozen=True)
class BatchJob:
    inputs: list[Path]
    out: Path
    site: Site
    key_file: Path
    policy: str
    text_policy: str | None
    pixels: bool = True
    source_map: Path | None = None
    jobs: int = 1


def run_batch(job: BatchJob, advance: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """De-identify every file of a batch and give its summary. Raises WrongUsage before anything is changed."""
    _refuse_wrong_usage(job)
    started = time.monotonic()
    policy = load_policy(job.policy)
    key = load_key_file(job.key_file)
    task = Task(KeyRef(key.key_id, "file", os.fspath(job.key_file)), job.site, job.policy, job.text_policy, job.pixels, os.fspath(job.out))
    state = State(job.out / ".work")
    fingerprint = json.dumps([policy_digest(policy), key.key_id, job.site.site_id, job.site.patient_id_issuer, ENGINE_VERSION, job.pixels,
                              job.text_policy])
    if not state.begin(fingerprint):
        raise WrongUsage(messages().issue("DCM-170", str(job.out)))
    pool = ChildPool(task, job.jobs)
    try:
        _survey(job, state, key, pool, advance)
        for result in pool.results(_work_units(state)):
            if isinstance(result, Lost):
                state.finished(result.number, manifest_line(_sha(state, result.number), _lost(result), None), {})
            else:
                state.finished(*result)
            advance(1)
    finally:
        pool.close()
        for half in (job.out / ".work").glob("half-*"):
            half.unlink()
    tally = _write(job, state, key)
    summary = tally.summary(policy, job.pixels, round(time.monotonic() - started, 3))
    write_reports(job.out, summary)
    state.shred()
    state.close()
    return summary


def _refuse_wrong_usage(job: BatchJob) -> None:
    for place in job.inputs:
        if not place.exists():
            raise WrongUsage(messages().issue("DCM-171", "IN", found=place.name))
    if next(input_files(job.inputs, job.out), None) is None:
        raise WrongUsage(messages().issue("DCM-178", "IN"))
    if job.source_map is not None and job.out.resolve() in job.source_map.resolve().parents:
        raise WrongUsage(messages().issue("DCM-172", "--source-map"))


def _survey(job: BatchJob, state: State, key: Any, pool: ChildPool, advance: Callable[[int], None]) -> None:
    """First pass: digest, subject, series and identities of every file."""
    def units() -> Iterator[Unit]:
        rows: list[tuple[int, bytes]] = []
        for number, path in enumerate(input_files(job.inputs, job.out)):
            rows.append((number, key.seal("path", os.fsencode(path))))
            if len(rows) == SURVEY_FILES:
                yield _survey_unit(state, rows)
                rows = []
        if rows:
            yield _survey_unit(state, rows)

    for found in pool.results(units()):
        if isinstance(found, Lost):
            state.surveyed(Surveyed(found.number, None, line=manifest_line(None, _lost(found), None)))
        else:
            state.surveyed(found)
    for number, output in state.released_before():
        if (job.out / output).is_file():
            advance(1)
        else:
            state.forget(number)


def _survey_unit(state: State, rows: list[tuple[int, bytes]]) -> Unit:
    state.add_paths(rows)
    return Unit([Listed(number, path) for number, path in rows], [], survey=True)


def _work_units(state: State) -> Iterator[Unit]:
    for numbers, one_sop in state.units():
        yield Unit([Listed(*row) for row in state.listed(numbers)], state.known_of(numbers[0]), one_sop=one_sop)


def _lost(lost: Lost) -> DicomOutcome:
    return DicomOutcome("quarantined", (note(lost.code, "file", **({"seconds": 600} if lost.code == "DCM-143" else {})),))


def _sha(state: State, number: int) -> str | None:
    row = state.db.execute("SELECT sha256 FROM file WHERE number = ?", (number,)).fetchone()
    return row[0] if row else None


def _write(job: BatchJob, state: State, key: Any) -> Tally:
    """Manifest in input order, and the hospital's own map of paths."""
    tally = Tally()
    tally.subjects = state.subjects()
    half = job.out / ".work" / "manifest"
    with half.open("w", encoding="utf-8") as out:
        for line, actions, size, _, _ in state.lines():
            out.write(line + "\n")
            tally.add(json.loads(line), Counter(actions), size)
    os.replace(half, job.out / "manifest.jsonl")
    if job.source_map is not None:
        handle = os.open(job.source_map, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            for _, _, _, path, sha256 in state.lines():
                out.write(json.dumps({"path": os.fsdecode(key.open("path", path)), "source_sha256": sha256}, ensure_ascii=False) + "\n")
    return tally
