"""A warm ONNX runner in its sandbox: started once, fed case after case, replaced after anything but an answer."""
from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eval_harness.base import Retryable, eval_messages
from eval_harness.inference.frames import FrameBroken, read_frame, write_frame
from eval_harness.runs.case_view import CaseView, case_view
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.outcome import Outcome, Spending, signal_cause, unanswered
from eval_harness.sandbox.base import Child, Job, Sandbox
from eval_harness.sandbox.guard import Guard
from eval_harness.sandbox.watch import Drain, Watch
from eval_harness.tasks.output import AnswerCheck, AnswerRefused

Reply = tuple[dict[str, Any], dict[str, bytes]]


@dataclass(frozen=True)
class Call:
    """One exchange with the runner: the limit that ended it, if any, and how long it took."""

    broken: str | None
    wall_s: float


class OnnxSlot:
    """One sandboxed runner. `answer` makes one attempt at one case."""

    def __init__(self, order: SlotOrder, sandbox: Sandbox, check: AnswerCheck) -> None:
        self.order, self.sandbox, self.check = order, sandbox, check
        self.child: Child | None = None
        self.watch: Watch | None = None
        self.guard: Guard | None = None
        self.log: Drain | None = None
        self.refused: Outcome | None = None

    def warm(self) -> None:
        """Start the sandbox and load the graph."""
        if self.refused is None and self.child is None:
            self._start()

    def prepare(self, folder: str, view: str, ahead: bool = False) -> CaseView:
        """folder: the case's inputs; view: the name the model may know."""
        return case_view(folder, view, ahead)

    def answer(self, held: CaseView, meanwhile: Callable[[], None]) -> Outcome:
        """meanwhile: called once the case is in the sandbox."""
        if self.refused is not None:
            return self.refused
        if self.child is None and (failed := self._start()) is not None:
            return failed
        files, limits = held.read(), self.order.limits
        reply, call = self._exchange({"kind": "case", "case": held.case}, files, limits.timeout_s, meanwhile)
        spending = self._spending(call, reply)
        if reply is None:
            return self._ended(call, spending)
        header, parts = reply
        if header.get("kind") != "answer":
            self.stop()   # a graph that failed may have left anything behind
            status = "oom" if header.get("cause") == "oom" else "crash"
            cause = None if status == "oom" else str(header.get("cause"))
            return Outcome(status, cause, "vendor", log=str(header.get("text", "")).encode(), spending=spending)
        try:
            return Outcome("ok", answer=self.check.read(parts["output.json"]), spending=spending, log=self._printed())
        except AnswerRefused as refused:
            return Outcome("invalid_output", refused.cause, "vendor", log=refused.detail.encode(), spending=spending)

    def stop(self) -> None:
        self._close()

    def _close(self) -> int:
        """End the child and its watcher; the child's exit status."""
        status = self.child.end() if self.child is not None else 0
        if self.guard is not None:
            self.guard.close()
        self.child = self.watch = self.log = self.guard = None
        return status

    def _start(self) -> Outcome | None:
        """Start the sandbox and load the graph; an Outcome when the graph itself fails to load."""
        limits = self.order.limits
        bounds = self.order.bounds
        self.child = self.sandbox.start(Job(bounds))
        self.watch = Watch(self.child, bounds)
        self.guard = Guard(self.watch)
        assert self.child.process.stderr is not None
        self.log = Drain(self.child.process.stderr, limits.log_bytes)
        model = (self.order.submission_dir / "model.onnx").read_bytes()
        reply, call = self._exchange({"kind": "load", "manifest": dict(self.order.manifest)}, {"model": model},
                                         limits.start_timeout_s)
        if reply is not None and reply[0].get("kind") == "ready":
            return None
        if reply is None and call.broken is None:
            return self._not_started()
        spending = self._spending(call, reply)
        if reply is None:
            self.refused = self._ended(call, spending)
        else:
            cause = str(reply[0].get("cause"))
            self.stop()
            self.refused = Outcome("oom" if cause == "oom" else "crash", None if cause == "oom" else f"load:{cause}", "vendor",
                                   log=str(reply[0].get("text", "")).encode(), spending=spending)
        return self.refused

    def _not_started(self) -> Outcome:
        """The child ended before it was ready: killed by the graph it loaded, or never up (our fault, worth a retry)."""
        assert self.child is not None
        self.child.process.wait()
        oom = self.watch is not None and self.watch.read().oom
        printed = self._printed()
        status = self._close()
        killed = signal_cause(status) == "signal:9" and not oom   # by somebody else: a graph cannot kill itself
        if oom or ((status < 0 or status > 128) and not killed):
            self.refused = Outcome("oom" if oom else "crash", None if oom else "load:killed", "vendor", log=printed)
            return self.refused
        reason = printed.decode(errors="replace").strip().splitlines()
        raise Retryable(eval_messages().issue("BOX-005", self.sandbox.name, reason=reason[-1][:200] if reason else f"exit {status}"))

    def _exchange(self, header: Mapping[str, Any], parts: Mapping[str, bytes],
                  cpu_limit_s: float, meanwhile: Callable[[], None] = lambda: None) -> tuple[Reply | None, Call]:
        assert self.child is not None
        assert self.guard is not None
        stdin, stdout = self.child.process.stdin, self.child.process.stdout
        assert stdin is not None
        assert stdout is not None
        start = time.monotonic()
        self.guard.arm(cpu_limit_s, cpu_limit_s * self.order.limits.wall_factor)
        try:
            write_frame(stdin, header, parts)
            meanwhile()
            reply = read_frame(stdout, self.order.limits.output_bytes)
        except (BrokenPipeError, FrameBroken, OSError):
            reply = None
        broken = self.guard.disarm()
        return (None if broken else reply), Call(broken, time.monotonic() - start)

    def _ended(self, call: Call, spending: Spending) -> Outcome:
        """The child is gone or broke its frames: time-out, out of memory, or a crash."""
        assert self.child is not None
        assert self.watch is not None
        oom = self.watch.read().oom
        printed = self._printed()
        status = self._close()
        lost = "killed" if signal_cause(status) == "signal:9" else None      # a graph cannot kill itself
        return unanswered(call.broken, oom, status, lost, log=printed, spending=spending)

    def _spending(self, call: Call, reply: Reply | None) -> Spending:
        """By the runner's own clock where it answered; else what was counted from outside."""
        assert self.watch is not None
        if reply is not None:
            return Spending(call.wall_s, float(reply[0].get("cpu_s", 0.0)), int(reply[0].get("peak_bytes", 0)))
        spent = self.watch.read()
        return Spending(call.wall_s, spent.cpu_s, spent.peak_bytes)

    def _printed(self) -> bytes:
        return self.log.take() if self.log is not None else b""
