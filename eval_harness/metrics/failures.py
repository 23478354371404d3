"""What a case scores when the model gave no valid output: the worst its kind of row can be, never a dropped case.

AUC, CPM and a mean Dice improve when hard cases time out and vanish. Each rule is bounded by a cap of the task, so that no
valid output can be worse than a failure. Masks: `mask_measure.measure_mask(reference, None, ...)`.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BoolArray, FloatArray, IntArray


def failed_score(truth: BoolArray) -> FloatArray:
    """Kinds binary and multilabel: a positive scores -inf, a negative +inf."""
    return np.where(truth, -np.inf, np.inf)


@dataclass(frozen=True)
class FailedMarks:
    """Rows a failed scan or image adds; its lesions stay in the denominator, all missed."""

    score: FloatArray
    hit: BoolArray


def failed_marks(cap: int) -> FailedMarks:
    """Kinds froc.points, froc.masks and boxes: as many false positives as the task's mark cap, above every score.

    Missing the lesions alone would make a time-out on a noisy scan without lesions an improvement.
    """
    return FailedMarks(np.full(cap, np.inf), np.zeros(cap, bool))


@dataclass(frozen=True)
class FailedReport:
    true: IntArray
    predicted: IntArray
    edits: int


def failed_report(reference: IntArray, n_tokens: int, characters: int, output_cap: int) -> FailedReport:
    """Kind tags: no entity right, every token a false one of every type, and a full wrong text of `output_cap`.

    reference[types]: entities by type; n_tokens of the report; characters of its text; output_cap: the longest output allowed.
    """
    predicted = np.full(len(reference), n_tokens, np.intp)
    return FailedReport(np.zeros(len(reference), np.intp), predicted, characters + output_cap)
