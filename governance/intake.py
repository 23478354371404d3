"""Taking a submission in: read, inspect, keep what the manifest lists. Nothing of it runs here."""
from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from eval_harness.base import Issue
from eval_harness.submission import Submission, inspect_submission
from eval_harness.submission.read import MANIFEST
from eval_harness.tasks.pack import Pack
from governance import approvals, registry
from governance.audit import Actor
from governance.desk import Desk, entity_token
from governance.lifecycle import next_state


def taken_in(desk: Desk, read: Submission, pack: Pack, vendor: str, name: str, version: str) -> dict[str, Any]:
    for row in registry.submissions(desk.store, vendor):
        if (row["digest"], row["task"], row["device_family"], row["device_version"]) == (read.digest, pack.id, name, version):
            return row
    submission_id = registry.new_id("s")
    found = inspect_submission(read, pack, "sealed")
    state = next_state("submitted", "inspect" if found.ok else "send_back")
    desk.audit.record("submit", desk.actor, submission_id, state, entity=entity_token(vendor), digest=read.digest, task=pack.id)
    _keep(read, desk.submission_folder(submission_id), found.ok)
    registry.add_submission(desk.store, submission_id=submission_id, legal_entity=vendor, device_family=name, device_version=version,
                            task=pack.id, digest=read.digest, state=state, facts=found.to_dict() | {"kind": read.kind})
    approvals.ask(desk.store, desk.audit, Actor(entity_token(vendor), "vendor"), submission_id, "evaluate")
    return registry.submission(desk.store, submission_id)


def _keep(read: Submission, target: Path, sound: bool) -> None:
    """Copy what the manifest lists, following no link; of a submission that is sent back the manifest alone."""
    half = target.with_name(target.name + ".partial")
    shutil.rmtree(half, ignore_errors=True)
    for name in (MANIFEST, *(entry.path for entry in read.manifest.files if sound)):
        (half / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(read.folder / name, half / name, follow_symlinks=False)
    half.rename(target)


def issues_of(row: dict[str, Any]) -> list[Issue]:
    """What the inspection of a submission found."""
    return [Issue(**issue) for issue in row["facts"].get("issues", [])]
