"""A supervisor: one slot that turns tokens into outcomes. Our code only; whatever is hostile is its sandboxed child."""
from __future__ import annotations

import json
import platform
from typing import Any

from eval_harness.base import Retryable, Terminal, eval_messages
from eval_harness.runs.files_slot import FilesSlot
from eval_harness.runs.identity import SlotOrder, view_token
from eval_harness.runs.onnx_slot import OnnxSlot, case_view
from eval_harness.runs.outcome import Outcome
from eval_harness.sandbox.choose import backend
from eval_harness.tasks import load_pack
from eval_harness.tasks.output import AnswerCheck, AnswerRefused
from eval_harness.testset.layout import INPUTS


class Supervisor:
    """Predicts cases one at a time. Usable in this process, in a thread, or as a Ray actor."""

    def __init__(self, order: SlotOrder) -> None:
        self.order = order
        pack = load_pack(order.pack_dir)
        check = AnswerCheck(pack)
        self.slot: OnnxSlot | FilesSlot | PredictionsSlot
        if order.kind == "predictions":
            self.slot = PredictionsSlot(order, check)
        elif order.kind == "onnx":
            self.slot = OnnxSlot(order, backend(order.backend), check)
        else:
            self.slot = FilesSlot(order, backend(order.backend), check, pack.spec.output_files)

    def predict(self, token: str) -> Outcome:
        """One attempt at one case of the set."""
        folder = self.order.set_dir / INPUTS / token
        try:
            case = case_view(folder, view_token(self.order.run_id, token))
            outcome = self.slot.answer(folder, case)
        except (Retryable, OSError, MemoryError) as failed:
            self.slot.stop()
            outcome = Outcome("crash", f"platform:{type(failed).__name__}", "platform", log=str(failed).encode()[:2000])
        return self._named(outcome)

    def predict_folder(self, folder: Any) -> Outcome:
        """One attempt at a case outside the set (a smoke case)."""
        return self._named(self.slot.answer(folder, case_view(folder, view_token(self.order.run_id, "smoke"))))

    def ready(self) -> str:
        """Answered as soon as this slot stands: where it is."""
        return platform.node()

    def stop(self) -> None:
        self.slot.stop()

    def _named(self, outcome: Outcome) -> Outcome:
        return Outcome(outcome.status, outcome.cause, outcome.fault, outcome.answer, outcome.blobs, outcome.log, outcome.spending,
                       platform.node())


class PredictionsSlot:
    """Answers that were made elsewhere: predictions.jsonl, one {"token", "output"} a line. Practice sets only."""

    def __init__(self, order: SlotOrder, check: AnswerCheck) -> None:
        self.check = check
        self.answers: dict[str, Any] = {}
        with (order.submission_dir / "predictions.jsonl").open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                try:
                    row = json.loads(line)
                    self.answers[str(row["token"])] = row["output"]
                except (ValueError, KeyError, TypeError) as error:
                    where = f"predictions.jsonl line {number + 1}"
                    raise Terminal(eval_messages().issue("RUN-005", where)) from error
        self.names = {view_token(order.run_id, token): token for token in self.answers}

    def answer(self, folder: Any, case: Any) -> Outcome:
        token = self.names.get(case["token"])
        if token is None:
            return Outcome("invalid_output", "no_output", "vendor")
        try:
            return Outcome("ok", answer=self.check.read(json.dumps(self.answers[token]).encode()))
        except AnswerRefused as refused:
            return Outcome("invalid_output", refused.cause, "vendor", log=refused.detail.encode())

    def stop(self) -> None:
        """Nothing runs."""
