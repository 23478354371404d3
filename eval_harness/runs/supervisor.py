"""A supervisor: one slot that turns tokens into outcomes. Our code only; whatever is hostile is its sandboxed child."""
from __future__ import annotations

import contextlib
import platform
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from eval_harness.base import Retryable
from eval_harness.runs.files_slot import FilesSlot
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.onnx_slot import OnnxSlot
from eval_harness.runs.outcome import Outcome
from eval_harness.runs.plan import view_token
from eval_harness.runs.predictions_slot import BATCH, PredictionsSlot
from eval_harness.runs.served_slot import ServedSlot
from eval_harness.sandbox.choose import backend
from eval_harness.tasks import load_pack
from eval_harness.tasks.output import AnswerCheck
from eval_harness.tasks.pack import Pack
from eval_harness.testset.layout import INPUTS


def _nothing() -> None:
    return None


class Slot(Protocol):
    """One way of answering cases. What `prepare` gives is what `answer` of the same slot takes."""

    def warm(self) -> None: ...

    def prepare(self, folder: str, view: str, ahead: bool = False) -> Any: ...

    def answer(self, held: Any, meanwhile: Callable[[], None]) -> Outcome: ...

    def stop(self) -> None: ...


class Supervisor:
    """Predicts cases one at a time. Usable in this process, in a thread, or as a Ray actor."""

    def __init__(self, order: SlotOrder, pack: Pack | None = None) -> None:
        self.order, self.node = order, platform.node()
        pack = pack or load_pack(order.pack_dir)
        check = AnswerCheck(pack)
        self.slot: Slot
        if order.kind == "predictions":
            self.slot = PredictionsSlot(order, check)
        elif order.kind == "onnx":
            self.slot = OnnxSlot(order, backend(order.backend), check)
        elif order.served:
            self.slot = ServedSlot(order, backend(order.backend), check)
        else:
            self.slot = FilesSlot(order, backend(order.backend), check, pack.spec.output_files)
        self.batch = BATCH if order.kind == "predictions" else 1
        """How many cases may be given at once: more than one only where nothing runs, and nothing can be in hand."""
        self._inputs = str(order.set_dir / INPUTS)
        self._ahead: tuple[str, Any] | None = None

    def warm(self) -> None:
        """Start what can be started before the first case. What fails here fails again with a case, and is told there."""
        with contextlib.suppress(Retryable, OSError):
            self.slot.warm()

    def predict(self, token: str, meanwhile: Callable[[], None] = _nothing) -> Outcome:
        """One attempt at one case of the set; `meanwhile` is called once the sandbox works on it."""
        try:
            ahead, self._ahead = self._ahead, None
            held = ahead[1] if ahead is not None and ahead[0] == token else self._prepared(token)
            return self.slot.answer(held, meanwhile)
        except (Retryable, OSError, MemoryError) as failed:
            self.slot.stop()
            return Outcome("crash", f"platform:{type(failed).__name__}", "platform", log=str(failed).encode()[:2000])

    def predict_batch(self, tokens: Sequence[str]) -> Iterator[Outcome]:
        """Outcomes of these cases in this order, one by one; none after a time-out or a loss, of which the driver has to hear first."""
        for place, token in enumerate(tokens):
            outcome = self.predict(token, lambda place=place: self.look_ahead(tokens[place + 1:place + 2]))  # type: ignore[misc]
            yield outcome
            if outcome.status == "timeout" or outcome.fault == "platform":
                return

    def look_ahead(self, tokens: Sequence[str]) -> None:
        """Read the inputs of the next case; a failure is left to its own attempt."""
        for token in tokens:
            with contextlib.suppress(OSError, ValueError, KeyError, MemoryError):
                self._ahead = (token, self._prepared(token, ahead=True))

    def predict_folder(self, folder: Path) -> Outcome:
        """One attempt at a case outside the set (a smoke case)."""
        return self.slot.answer(self.slot.prepare(str(folder), view_token(self.order.run_id, "smoke")), _nothing)

    def ready(self) -> str:
        """Answered as soon as this slot stands: where it is."""
        self.warm()
        return self.node

    def stop(self) -> None:
        self.slot.stop()

    def _prepared(self, token: str, ahead: bool = False) -> Any:
        return self.slot.prepare(f"{self._inputs}/{token}", view_token(self.order.run_id, token), ahead)
