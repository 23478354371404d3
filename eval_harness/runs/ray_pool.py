"""Slots as Ray actors. The only module that imports Ray.

One actor = one supervisor (our code); its sandbox is its child and dies with it. Nothing is retried by Ray
(max_restarts=0, max_task_retries=0): the driver's book alone counts. A call carries a batch of tokens and its outcomes come
back one by one; the actor begins no case before the driver has taken the answer of the one before, so a lost node costs
at most one case a slot. Set and submission folders must be readable under the same path on every node.
"""
from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eval_harness.base import Retryable, WrongUsage, eval_messages
from eval_harness.base.issue import Words
from eval_harness.runs.desk import Answered, Desk
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.supervisor import Supervisor

AUTH_MODE, LABELS = "RAY_AUTH_MODE", "TOUCHSTONE_RAY_LABELS"
CPUS_PER_SLOT, OVERHEAD_BYTES, START_S, WAIT_S, BATCH = 1, 512 * 1024**2, 120.0, 5.0, 32
QUIET = {"RAY_DEDUP_LOGS": "1", "RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


@dataclass
class Shift:
    """One call: an actor and the cases that it still has to answer, in order."""

    actor: Any
    node: str
    tokens: deque[str]


class RayPool:
    """`workers` actors on the cluster at `address`, or on a cluster of this machine for the time of the run."""

    def __init__(self, order: SlotOrder, workers: int, address: str | None) -> None:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        os.environ.setdefault(AUTH_MODE, "token" if address else "disabled")   # a cluster of our own listens on loopback only
        self.options = slot_options(order, wanted_labels(os.environ.get(LABELS)))
        Supervisor(order).stop()   # what no slot could be made of is said here, not lost in a worker
        try:
            import ray
        except ImportError as error:
            raise Retryable(eval_messages().issue("RUN-007", "ray", reason=Words("没有安装", "not installed"))) from error
        self.ray: Any = ray
        self._own = not ray.is_initialized()
        try:
            self._connect(address, workers)
        except Exception as error:      # ray raises a bare Exception where its node does not stand in time
            told = Words("没有起动或连不上", "it did not start or cannot be reached")
            raise Retryable(eval_messages().issue("RUN-007", address or "local", reason=told)) from error
        self.order, self.size = order, workers
        self._shifts: dict[Any, Shift] = {}
        self._idle: list[tuple[Any, str]] = []
        """Actors that stand, and where."""
        self._starting: dict[Any, Any] = {}
        self.started_at: float | None = None
        self._alone_since = time.monotonic()

    def _connect(self, address: str | None, workers: int) -> None:
        if not self._own:
            return
        if address:
            self.ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        else:
            self.ray.init(num_cpus=workers + 1, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
                          _node_ip_address="127.0.0.1")

    def run(self, desk: Desk) -> None:
        """Work until the desk has no more cases. Raises Retryable RUN-007 when no slot stands for START_S."""
        for _ in range(self.size):
            self._start()
        while self._feed(desk) or self._shifts or (self._starting and not self._idle and desk.waiting):
            self._watch_slots()
            ready, _ = self.ray.wait([*self._shifts, *self._starting], num_returns=1, timeout=WAIT_S)
            for reference in ready:
                if reference in self._starting:
                    self._started(reference)
                else:
                    self._took(desk, reference)

    def _feed(self, desk: Desk) -> bool:
        """Give every idle actor a batch: smaller ones towards the end, one case at a time once a case has timed out."""
        given = False
        while self._idle:
            fair = desk.waiting // (2 * self.size)
            tokens = desk.take(1 if desk.careful else max(1, min(BATCH, fair)))
            if not tokens:
                return given
            if self.started_at is None:
                self.started_at = time.monotonic()
            desk.begin(tokens)
            actor, node = self._idle.pop()
            stream = actor.predict_batch.options(num_returns="streaming", _generator_backpressure_num_objects=1).remote(tokens)
            self._shifts[stream] = Shift(actor, node, deque(tokens))
            given = True
        return given

    def _took(self, desk: Desk, stream: Any) -> None:
        """One outcome, or the end of a batch; a slot whose node or worker died gives its case back as lost, and another is asked for."""
        shift, errors = self._shifts[stream], self.ray.exceptions
        try:
            outcome = self.ray.get(next(stream))
        except StopIteration:
            self._close_shift(desk, stream)
            self._idle.append((shift.actor, shift.node))
            return
        except errors.RayTaskError as failed:
            desk.settle(Answered(shift.tokens.popleft(), None, shift.node, f"platform:{type(failed.cause).__name__}"))
            self._close_shift(desk, stream)
            self._idle.append((shift.actor, shift.node))
            return
        except errors.RayError:
            if shift.tokens:
                desk.settle(Answered(shift.tokens.popleft(), None, shift.node, "worker_lost"))
            self._close_shift(desk, stream)
            self.ray.kill(shift.actor)
            self._start()
            return
        desk.settle(Answered(shift.tokens.popleft(), outcome, shift.node))

    def _close_shift(self, desk: Desk, stream: Any) -> None:
        desk.give_back(list(self._shifts.pop(stream).tokens))

    def _start(self) -> None:
        """Ask for a slot; it gets cases only once it stands, so that a cluster that shrank holds nothing up."""
        actor = self.ray.remote(Supervisor).options(**self.options).remote(self.order)
        self._starting[actor.ready.remote()] = actor

    def _started(self, reference: Any) -> None:
        actor = self._starting.pop(reference)
        try:
            self._idle.append((actor, self.ray.get(reference)))
        except self.ray.exceptions.RayError:
            self._start()

    def _watch_slots(self) -> None:
        if self._shifts or self._idle:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > START_S:
            told = Words(f"{START_S:.0f} 秒内没有可用的进程", f"no slot within {START_S:.0f} s")
            raise Retryable(eval_messages().issue("RUN-007", "ray", reason=told))

    def close(self) -> None:
        """End every sandbox, then the actors, then a cluster that was ours."""
        stops = [actor.stop.remote() for actor, _ in self._idle]
        if stops:
            self.ray.wait(stops, num_returns=len(stops), timeout=WAIT_S)
        for actor in [*(actor for actor, _ in self._idle), *(shift.actor for shift in self._shifts.values()), *self._starting.values()]:
            self.ray.kill(actor)
        if self._own:
            self.ray.shutdown()


def slot_options(order: SlotOrder, labels: Mapping[str, str]) -> Mapping[str, Any]:
    """What a slot asks of the cluster: one CPU, its memory, the GPUs that the submission's resources name, nodes of these labels."""
    options: dict[str, Any] = {"num_cpus": CPUS_PER_SLOT, "max_restarts": 0, "max_task_retries": 0, "scheduling_strategy": "SPREAD",
                               "memory": min(order.limits.memory_bytes, 1024**3) + OVERHEAD_BYTES}
    gpus = dict(order.manifest.get("resources") or {}).get("gpu")
    return {**options, **({"num_gpus": gpus} if gpus else {}), **({"label_selector": dict(labels)} if labels else {})}


def wanted_labels(text: str | None) -> dict[str, str]:
    """$TOUCHSTONE_RAY_LABELS, "name=value,...": the platform's word on which nodes may run a vendor's code. Raises WrongUsage RUN-010."""
    pairs = [part.strip().partition("=") for part in (text or "").split(",") if part.strip()]
    if any(not (name and mark and value) for name, mark, value in pairs):
        raise WrongUsage(eval_messages().issue("RUN-010", LABELS, found=text))
    return {name: value for name, _, value in pairs}
