"""A vendor's program, fresh for every case: /input read-only, /output to write, nothing kept between cases."""
from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from eval_harness.base import canonical
from eval_harness.runs.case_view import CaseView, case_view
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.outcome import Outcome, Spending, lost_cause, unanswered
from eval_harness.sandbox.base import Sandbox
from eval_harness.sandbox.scratch import Scratch
from eval_harness.sandbox.watch import Deadline, Drain, Watch
from eval_harness.tasks.output import AnswerCheck, AnswerRefused

OUTPUT = "output.json"


class FilesSlot:
    """Runs python bundles and OCI images once per case."""

    def __init__(self, order: SlotOrder, sandbox: Sandbox, check: AnswerCheck, declared: Mapping[str, str]) -> None:
        self.order, self.sandbox, self.check, self.declared = order, sandbox, check, declared

    def warm(self) -> None:
        """Nothing is kept between cases."""

    def prepare(self, folder: str, view: str, ahead: bool = False) -> CaseView:
        return case_view(folder, view)

    def answer(self, held: CaseView, meanwhile: Callable[[], None]) -> Outcome:
        with Scratch("case") as place:
            view, out = place / "input", place / "output"
            make_view(Path(held.folder), held.case, view)
            out.mkdir()
            os.chmod(out, 0o777)
            return self._run(view, out)

    def stop(self) -> None:
        """Nothing is kept between cases."""

    def _run(self, view: Path, out: Path) -> Outcome:
        limits = self.order.limits
        job = self.order.program(out, view)
        child = self.sandbox.start(job)
        watch = Watch(child, job.bounds, (out,))
        assert child.process.stdout is not None
        assert child.process.stderr is not None
        assert child.process.stdin is not None
        child.process.stdin.close()
        drains = [Drain(child.process.stdout, limits.log_bytes), Drain(child.process.stderr, limits.log_bytes)]
        with Deadline(watch, limits.timeout_s, limits.timeout_s * limits.wall_factor) as deadline:
            child.process.wait()
        status = child.end()
        for drain in drains:
            drain.join()
        log = b"".join(drain.take() for drain in drains)[:limits.log_bytes]
        spending = Spending(deadline.wall_s, deadline.cpu_s, watch.spent.peak_bytes)
        oom = watch.spent.oom or child.oom
        if deadline.broken is None and not oom and not child.unborn and status == 0:
            return self._read(out, log, spending)
        return unanswered(deadline.broken, oom, status, lost_cause(child.unborn, status, self.sandbox.sealed), log=log, spending=spending)

    def _read(self, out: Path, log: bytes, spending: Spending) -> Outcome:
        blobs: dict[str, bytes] = {}
        os.chmod(out, 0o700)   # the program may have closed its own folder
        try:
            data = read_output(out, OUTPUT, self.order.limits.output_bytes)
            if data is None:
                raise AnswerRefused("no_output", OUTPUT)
            answer = self.check.read(data)
            for name in self.declared:
                held = read_output(out, name, self.order.limits.file_bytes)
                if held is not None:
                    blobs[name] = held
        except AnswerRefused as refused:
            return Outcome("invalid_output", refused.cause, "vendor", log=log + b"\n" + refused.detail.encode(), spending=spending)
        return Outcome("ok", answer=answer, blobs=blobs, log=log, spending=spending)


def make_view(folder: Path, case: Mapping[str, Any], view: Path) -> None:
    """Copy one case's inputs under neutral names and times: fresh inodes, so that nothing of an earlier run shows."""
    view.mkdir(parents=True)
    for held in case["sockets"].values():
        shutil.copyfile(folder / held["path"], view / held["path"])
    (view / "case.json").write_bytes(canonical(dict(case)))
    for path in [*view.iterdir(), view]:
        os.chmod(path, 0o755 if path.is_dir() else 0o444)
        os.utime(path, (0, 0))


def read_output(folder: Path, name: str, cap_bytes: int) -> bytes | None:
    """A file that a model wrote: plain, not a link of either kind, not larger than the cap. None when it is not there.

    Raises AnswerRefused with link, not_a_file, too_large or changing.
    """
    try:
        handle = _open_within(folder, name)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AnswerRefused("link", name) from error
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        os.close(handle)
        raise AnswerRefused("not_a_file", name)
    with os.fdopen(handle, "rb") as held:
        if facts.st_nlink != 1:
            raise AnswerRefused("link", name)
        if facts.st_size > cap_bytes:
            raise AnswerRefused("too_large", name)
        data = held.read(cap_bytes + 1)
    if len(data) > cap_bytes or len(data) != facts.st_size:
        raise AnswerRefused("changing", name)
    return data


def _open_within(folder: Path, name: str) -> int:
    """Open through the folder's descriptor, following no link; where the system cannot (Windows), refuse links by name."""
    if os.open not in os.supports_dir_fd:
        if (folder / name).is_symlink():
            raise OSError("a link")
        return os.open(folder / name, os.O_RDONLY)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    finally:
        os.close(directory)
