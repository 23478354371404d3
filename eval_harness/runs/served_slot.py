"""A vendor's server in its sandbox, asked over a Unix socket in its output folder; replaced after anything but an answer."""
from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from eval_harness.base import eval_messages
from eval_harness.runs import oip
from eval_harness.runs.case_view import CaseView, case_view
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.outcome import Outcome, Spending, lost_cause, unanswered
from eval_harness.runs.unix_http import BadReply, Caller, Closed, NotListening
from eval_harness.sandbox.base import Child, Job, Sandbox, SandboxRefused
from eval_harness.sandbox.scratch import Scratch
from eval_harness.sandbox.watch import Deadline, Drain, Watch
from eval_harness.tasks.output import AnswerCheck, AnswerRefused

OK, FAILED_STARTS = 200, 2
GRACE_S, KNOCK_S, ERROR_TEXT = 0.5, 0.01, 2000


class Served:
    """One running server and all that counts it."""

    def __init__(self, sandbox: Sandbox, job: Callable[[Path], Job], log_bytes: int) -> None:
        self.place = Scratch("served")
        self.out = self.place.path / "output"
        self.out.mkdir()
        os.chmod(self.out, 0o777)
        made, self._ended = job(self.out), False
        try:
            self.child: Child = sandbox.start(made)
        except BaseException:
            self.place.free()
            raise
        self.watch = Watch(self.child, made.bounds, (self.out,))
        process = self.child.process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.close()
        self._drains, self._log_bytes = [Drain(process.stdout, log_bytes), Drain(process.stderr, log_bytes)], log_bytes

    def caller(self, deadline: Deadline) -> Caller:
        return Caller(self.out, oip.SOCKET, lambda: deadline.broken is not None, lambda: self.child.process.poll() is not None)

    def printed(self) -> bytes:
        """What it printed since last asked, capped."""
        return b"".join(drain.take() for drain in self._drains)[:self._log_bytes]

    def exit_status(self) -> int | None:
        """How it ended by itself; None while it runs. A server that closed its connection may be about to end."""
        try:
            return self.child.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> bytes:
        """Kill and free everything; the rest of what it printed. Done once."""
        if not self._ended:
            self._ended = True
            self.child.end()
            for drain in self._drains:
                drain.join()
            self.place.free()
        return self.printed()


class ServedSlot:
    """Runs python bundles and OCI images that speak the Open Inference Protocol. `answer` makes one attempt at one case."""

    def __init__(self, order: SlotOrder, sandbox: Sandbox, check: AnswerCheck) -> None:
        if not sys.platform.startswith("linux"):
            raise SandboxRefused(eval_messages().issue("BOX-006", sandbox.name))
        self.order, self.sandbox, self.check = order, sandbox, check
        self.served: Served | None = None
        self.refused: Outcome | None = None
        self._failed_starts = 0

    def warm(self) -> None:
        """Start the server and wait until it says that it is ready."""
        if self.served is None and self.refused is None:
            self._start()

    def prepare(self, folder: str, view: str, ahead: bool = False) -> CaseView:
        return case_view(folder, view, ahead)

    def answer(self, held: CaseView, meanwhile: Callable[[], None]) -> Outcome:
        """meanwhile: called once the case is handed over."""
        if self.refused is not None:
            return self.refused
        if self.served is None and (failed := self._start()) is not None:
            return failed
        assert self.served is not None
        served, limits, view = self.served, self.order.limits, str(held.case["token"])
        body = oip.request(held.case, held.read())
        ended: Closed | BadReply | NotListening | AnswerRefused | None = None
        reply = None
        with Deadline(served.watch, limits.timeout_s, limits.timeout_s * limits.wall_factor) as deadline:
            try:
                reply = served.caller(deadline).ask("POST", oip.INFER, body, oip.reply_cap_bytes(limits.output_bytes), meanwhile)
            except (Closed, BadReply, NotListening) as error:
                ended = error
        spending = _spending(deadline, served.watch)
        if deadline.broken is not None or reply is None:
            return self._ended(deadline.broken, ended, spending)
        if reply.status != OK:
            return self._replaced(Outcome("crash", "oip_error", "vendor", log=_told(reply.status, reply.body), spending=spending))
        try:
            text = oip.read_reply(reply.body, view)
            if len(text) > limits.output_bytes:
                raise AnswerRefused("too_large", oip.OUTPUT)
            return Outcome("ok", answer=self.check.read(text), log=served.printed(), spending=spending)
        except AnswerRefused as refused:
            return self._replaced(Outcome("invalid_output", refused.cause, "vendor", log=refused.detail.encode(), spending=spending))

    def stop(self) -> None:
        """End the server; the next case starts another."""
        served, self.served = self.served, None
        if served is not None:
            served.end()

    def _start(self) -> Outcome | None:
        """A new server that is ready, or the Outcome of its failure; failed twice in a row is failed for good."""
        limits = self.order.limits
        self.served = served = Served(self.sandbox, self.order.program, limits.log_bytes)
        ended: Closed | BadReply | None = None
        ready = False
        with Deadline(served.watch, limits.start_timeout_s, limits.start_timeout_s * limits.wall_factor) as deadline:
            try:
                ready = _ready(served.caller(deadline))
            except (Closed, BadReply) as error:
                ended = error
        if ready and deadline.broken is None:
            self._failed_starts = 0
            return None
        failed = self._ended(deadline.broken, ended, _spending(deadline, served.watch))
        if failed.status == "crash" and failed.fault == "vendor":
            failed = replace(failed, cause=f"load:{failed.cause}")
        self._failed_starts += failed.fault == "vendor"
        self.refused = failed if self._failed_starts >= FAILED_STARTS else None
        return failed

    def _ended(self, broken: str | None, error: Exception | None, spending: Spending) -> Outcome:
        """No reply: a limit, a server that ended, a connection that did, or bytes that are no reply. The server is replaced."""
        assert self.served is not None
        served, detail = self.served, str(error or "").encode()
        status = None if broken is not None or isinstance(error, BadReply) else served.exit_status()
        served.watch.read()   # while there is still something to read
        served.end()
        oom = served.watch.spent.oom or served.child.oom
        if broken is not None or oom or status is not None:
            ended = status or 0
            lost = lost_cause(served.child.unborn, ended, self.sandbox.sealed)
            return self._replaced(unanswered(broken, oom, ended, lost, spending=spending, log=detail if lost == "engine" else b""))
        known = ("invalid_output", error.cause) if isinstance(error, BadReply) else ("crash", "oip_closed")
        return self._replaced(Outcome(*known, "vendor", log=detail, spending=spending))

    def _replaced(self, outcome: Outcome) -> Outcome:
        """The outcome with what the server printed; whatever state it is in ends here."""
        served, self.served = self.served, None
        assert served is not None
        printed = served.end()
        return replace(outcome, log=b"\n".join(part for part in (outcome.log, printed) if part)[:self.order.limits.log_bytes])


def _ready(caller: Caller) -> bool:
    """Knock until the server says that it is ready. Raises Closed when it ended or a limit did, BadReply."""
    while not caller.over():
        try:
            if caller.ask("GET", oip.READY, (), oip.HEAD_BYTES).status == OK:
                return True
        except NotListening:
            pass
        if caller.gone():
            raise Closed("ended")
        time.sleep(KNOCK_S)
    raise Closed("a limit")


def _spending(deadline: Deadline, watch: Watch) -> Spending:
    return Spending(deadline.wall_s, deadline.cpu_s, watch.spent.peak_bytes)


def _told(status: int, body: bytes) -> bytes:
    return f"status {status}\n".encode() + body[:ERROR_TEXT]
