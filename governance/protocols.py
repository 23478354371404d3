"""The set and the locked protocol of an evaluation."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from eval_harness.base import canonical
from eval_harness.protocol.lock import lock
from eval_harness.protocol.plan import default_plan
from eval_harness.scoring import pack_json
from eval_harness.submission import read_submission
from eval_harness.tasks import load_pack
from eval_harness.testset import TestSet, read_set
from governance import registry
from governance.desk import Desk


def lock_plan(desk: Desk, row: dict[str, Any], held: TestSet, plan: Path | None, evaluation_id: str) -> dict[str, Any]:
    """Write the locked plan of an evaluation and give its protocol."""
    locked = desk.plan_file(evaluation_id)
    locked.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if plan is None:
        plan = locked.with_name("protocol.json")
        plan.write_bytes(canonical(_default(desk, row, held)))
    return lock(plan, desk.signing_key.private, "platform", locked).protocol


def _default(desk: Desk, row: dict[str, Any], held: TestSet) -> dict[str, Any]:
    """The task's default protocol for this device and set."""
    submission = read_submission(desk.submission_folder(row["submission_id"]))
    device = {"legal_entity": row["legal_entity"], "family": row["device_family"], "name": row["device_family"],
              "version": row["device_version"]}
    return default_plan(pack_json(load_pack(row["task"])), held.manifest.to_dict(), dict(submission.raw), row["digest"], device)


def dataset_named(desk: Desk, name: str) -> TestSet:
    """The frozen set of that name, as `ID` or `ID@VERSION`."""
    row = registry.dataset(desk.store, name)
    return read_set(desk.home.frozen / row["dataset_id"] / row["version"])


def set_of(desk: Desk, row: dict[str, Any]) -> TestSet:
    """The frozen set of an evaluation's row."""
    return read_set(desk.home.frozen / row["dataset_id"] / row["dataset_version"])
