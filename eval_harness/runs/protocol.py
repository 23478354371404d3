"""The protocol of a run: a plan file, or the task's default for a practice set."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.submission.read import Submission
from eval_harness.tasks.pack import Pack
from eval_harness.testset.layout import TestSet


def protocol_for(plan: Path | None, pack: Pack, held: TestSet, submission: Submission) -> dict[str, Any]:
    """The protocol as JSON. Raises WrongUsage RUN-008 for a sealed set without a plan.

    Handed-in predictions know nothing of copies that are made for the run: their default protocol declares none.
    """
    from eval_harness.protocol.lock import read_plan
    from eval_harness.protocol.plan import default_plan
    from eval_harness.scoring.packs import pack_json

    if plan is not None:
        return dict(read_plan(plan).protocol)
    if held.manifest.visibility == "sealed":
        raise WrongUsage(eval_messages().issue("RUN-008", "--plan"))
    return default_plan(pack_json(pack), held.manifest.to_dict(), submission.raw, submission.digest,
                        variants=False if submission.kind == "predictions" else None)
