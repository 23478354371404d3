"""Slots as Ray actors. The only module that imports Ray.

One actor = one supervisor (our code); its sandbox is its child and dies with it. Nothing is retried by Ray
(max_restarts=0, max_task_retries=0): the driver's book alone counts. A call carries one token, so that a lost node costs
at most one case a slot. Set and submission folders must be readable under the same path on every node.
"""
from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

from eval_harness.base import Retryable, eval_messages
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.local import Answered

AUTH_MODE = "RAY_AUTH_MODE"
CPUS_PER_SLOT, OVERHEAD_BYTES, START_S = 1, 512 * 1024**2, 120.0
QUIET = {"RAY_DEDUP_LOGS": "1", "RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


class RayPool:
    """`workers` actors on the cluster at `address`, or on a cluster of this machine for the time of the run."""

    def __init__(self, order: SlotOrder, workers: int, address: str | None) -> None:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        os.environ.setdefault(AUTH_MODE, "token" if address else "disabled")   # a cluster of our own listens on loopback only
        try:
            import ray
        except ImportError as error:
            raise Retryable(eval_messages().issue("RUN-007", "ray", reason="not installed")) from error
        self.ray: Any = ray
        self._own = not ray.is_initialized()
        try:
            self._connect(address, workers)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise Retryable(eval_messages().issue("RUN-007", address or "local", reason=type(error).__name__)) from error
        self.order, self.size = order, workers
        self._actors: dict[Any, Any] = {}
        self._idle: list[Any] = []
        self._starting: dict[Any, Any] = {}
        for _ in range(workers):
            self._start()
        self._alone_since = time.monotonic()

    def _connect(self, address: str | None, workers: int) -> None:
        if not self._own:
            return
        if address:
            self.ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        else:
            self.ray.init(num_cpus=workers + 1, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
                          _node_ip_address="127.0.0.1")

    def _start(self) -> None:
        """Ask for a slot; it gets cases only once it stands, so that a cluster that shrank holds nothing up."""
        actor = self._actor()
        self._starting[actor.ready.remote()] = actor

    def _actor(self) -> Any:
        from eval_harness.runs.supervisor import Supervisor

        options: dict[str, Any] = {"num_cpus": CPUS_PER_SLOT, "max_restarts": 0, "max_task_retries": 0,
                                   "memory": min(self.order.limits.memory_bytes, 1024**3) + OVERHEAD_BYTES,
                                   "scheduling_strategy": "SPREAD"}
        if dict(self.order.manifest.get("resources") or {}).get("gpu"):
            options["num_gpus"] = self.order.manifest["resources"]["gpu"]
        labels = dict(self.order.extra.get("labels") or {})
        if labels:
            options["label_selector"] = labels
        return self.ray.remote(Supervisor).options(**options).remote(self.order)

    @property
    def in_flight(self) -> int:
        return len(self._actors)

    @property
    def free(self) -> int:
        return len(self._idle)

    def give(self, token: str) -> None:
        actor = self._idle.pop()
        self._actors[actor.predict.remote(token)] = (actor, token)

    def careful(self) -> None:
        """Nothing is given ahead here."""

    def drop(self) -> None:
        """Nothing waits beside a slot here."""

    def answers(self, timeout_s: float) -> Iterator[Answered]:
        """What came back; a slot whose node or worker died gives its token back as lost, and another is asked for.

        Raises Retryable RUN-007 when no slot stands for START_S.
        """
        ready, _ = self.ray.wait([*self._actors, *self._starting], num_returns=1, timeout=timeout_s)
        self._watch_slots()
        for reference in ready:
            if reference in self._starting:
                self._started(reference)
                continue
            actor, token = self._actors.pop(reference)
            try:
                outcome = self.ray.get(reference)
            except self.ray.exceptions.RayActorError:
                self._start()
                yield Answered(token, None, "worker_lost")
                continue
            except self.ray.exceptions.RayTaskError as failed:
                self._idle.append(actor)
                yield Answered(token, None, f"platform:{type(failed.cause).__name__}")
                continue
            self._idle.append(actor)
            yield Answered(token, outcome)

    def _started(self, reference: Any) -> None:
        actor = self._starting.pop(reference)
        try:
            self.ray.get(reference)
        except self.ray.exceptions.RayActorError:
            self._start()
            return
        self._idle.append(actor)

    def _watch_slots(self) -> None:
        if self._actors or self._idle:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > START_S:
            raise Retryable(eval_messages().issue("RUN-007", "ray", reason=f"no slot within {START_S:.0f} s"))

    def close(self) -> None:
        """End every sandbox, then the actors, then a cluster that was ours."""
        standing = [*self._idle, *(actor for actor, _ in self._actors.values())]
        stops = [actor.stop.remote() for actor in standing]
        if stops:
            self.ray.wait(stops, num_returns=len(stops), timeout=5.0)
        for actor in [*standing, *self._starting.values()]:
            self.ray.kill(actor)
        if self._own:
            self.ray.shutdown()
