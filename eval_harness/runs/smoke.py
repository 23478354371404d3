"""The smoke stage: the submission's own small cases, in the same sandbox, before a sealed try is spent."""
from __future__ import annotations

from pathlib import Path

from eval_harness.base import Retryable, digest, eval_messages
from eval_harness.runs.book import PLATFORM_TRIES
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.outcome import Outcome
from eval_harness.runs.supervisor import Supervisor
from eval_harness.submission.read import Submission, SubmissionRefused

CASES_CAP = 3


def smoke_stage(submission: Submission, order: SlotOrder) -> None:
    """Run at most three smoke cases. Raises SubmissionRefused SUB-060 at the first that fails or differs, Retryable RUN-014 when
    the platform lost one every time."""
    if not submission.manifest.smoke or order.kind == "predictions":
        return
    supervisor = Supervisor(order)
    try:
        for place, smoke in enumerate(submission.manifest.smoke[:CASES_CAP], 1):
            outcome = _tried(supervisor, submission.folder / smoke.input)
            cause = outcome.cause
            if outcome.status == "ok" and smoke.expected_sha256 not in (None, digest(outcome.answer)):
                cause = "answer differs from expected_sha256"
            elif outcome.status == "ok":
                continue
            where = f"smoke[{place - 1}]"
            raise SubmissionRefused(eval_messages().issue("SUB-060", where, place=place, status=outcome.status, cause=cause))
    finally:
        supervisor.stop()


def _tried(supervisor: Supervisor, folder: Path) -> Outcome:
    """The outcome of a smoke case that the platform did not lose."""
    for _ in range(PLATFORM_TRIES):
        outcome = supervisor.predict_folder(folder)
        if outcome.fault != "platform":
            return outcome
        supervisor.stop()
    raise Retryable(eval_messages().issue("RUN-014", "smoke"))
