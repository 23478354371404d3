"""What a vendor hands in, read and inspected; nothing of it is run here."""
from eval_harness.submission.inspect import Inspection, inspect_submission, require_sound
from eval_harness.submission.manifest import Manifest
from eval_harness.submission.read import Submission, SubmissionRefused, read_submission

__all__ = ["Inspection", "Manifest", "Submission", "SubmissionRefused", "inspect_submission", "read_submission", "require_sound"]
