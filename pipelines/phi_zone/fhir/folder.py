"""`touchstone deid fhir` without a lake: Patients first wherever they stand, then every resource, in input order.

Out   DIR/released/<Type>.ndjson, DIR/manifest.jsonl, DIR/summary.json: the same bytes for the same input, key and policy
Rule  DOORS, "De-identification without a lake"
Nothing is put in place before everything is written and the residual scan has seen it.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from eval_harness.base import Terminal, WrongUsage
from pipelines.phi_zone.canary import leaked
from pipelines.phi_zone.fhir.census import census
from pipelines.phi_zone.fhir.deidentify import Engine
from pipelines.phi_zone.fhir.output import Output
from pipelines.phi_zone.fhir.report import Report, issues_of
from pipelines.phi_zone.fhir.sources import input_files, passed_over
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.messages import messages
from schemas.shapes.fhir_policy import FhirPolicy
from schemas.shapes.site import Site
from schemas.shapes.text_policy import TextPolicy

__all__ = ["deidentify_folder", "issues_of", "refuse_leaking_canaries"]

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""The tagger's products are small: further threads would only spin and wait. Read when numpy is first imported."""


def deidentify_folder(
    inputs: list[Path], out: Path, site: Site, key: ProjectKey, policy: FhirPolicy, text_policy: TextPolicy, tick: Any = None
) -> Report:
    """De-identify everything in `inputs` into `out`. Raises WrongUsage FHR-023 for a folder that holds something else."""
    files = input_files(inputs)
    _refuse_foreign(out)
    work = out / ".work"
    shutil.rmtree(work, ignore_errors=True)
    (work / "released").mkdir(parents=True)
    try:
        with _rare_collection():
            index = census(files, site, key, policy)
            cleaner = TextCleaner(text_policy, index.staff)
            refuse_leaking_canaries(site, key, policy, cleaner)
            report = Output(Engine(policy, key, site, cleaner), index, work).of(files, tick)
        report.canaries, report.files_passed_over = text_policy.proof.canaries, passed_over(inputs)
        _put_in_place(work, out, report.to_dict(policy, text_policy, site, key))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return report


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Resources, rules and tables are trees without cycles: looking for cycles after every few hundred of them only costs time.

    What stands at the end, modules and tables, stands until the process ends, and is not looked through once more then.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.freeze()


def refuse_leaking_canaries(site: Site, key: ProjectKey, policy: FhirPolicy, cleaner: TextCleaner) -> None:
    """Send made-up people through this very engine first. Raises Terminal PRF-006 when a value of one comes out."""
    planted = cleaner.policy.proof.canaries
    out = leaked(site, key, policy, cleaner, planted)
    if out:
        raise Terminal(messages().issue("PRF-006", "policy", planted=planted, leaked=out))


def _refuse_foreign(out: Path) -> None:
    ours = {"released", "manifest.jsonl", "summary.json", ".work", "proof.json", "deid_report.zh.md", "deid_report.en.md"}
    if out.exists() and (not out.is_dir() or any(entry.name not in ours for entry in out.iterdir())):
        raise WrongUsage(messages().issue("FHR-023", "--out", found=out.name))


def _put_in_place(work: Path, out: Path, summary: dict[str, Any]) -> None:
    shutil.rmtree(out / "released", ignore_errors=True)
    (work / "released").replace(out / "released")
    (work / "manifest.jsonl").replace(out / "manifest.jsonl")
    (out / "summary.json").write_bytes(orjson.dumps(summary, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n")
