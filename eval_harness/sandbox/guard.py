"""One watcher for the whole life of a warm child: armed for each call, it ends the child at a limit.

A call shorter than a tick costs nothing but a lock; what it used comes from the child's own clock. Use is counted from the
second tick after arming, so a limit can be overrun by two ticks and never fall short.
"""
from __future__ import annotations

import threading
import time

from eval_harness.sandbox.watch import TICK_S, Watch


class Guard:
    """`arm` before a call, `disarm` after it; disarm gives the limit that was broken, or None."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._serial = 0
        self._armed: tuple[int, float, float, float] | None = None
        """serial, since when, CPU limit, wall limit"""
        self._broken: str | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def arm(self, cpu_limit_s: float, wall_limit_s: float) -> None:
        with self._lock:
            self._serial += 1
            self._armed = (self._serial, time.monotonic(), cpu_limit_s, wall_limit_s)

    def disarm(self) -> str | None:
        with self._lock:
            self._armed = None
            return self._broken

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        seen, counted, cpu_before_s, waited_before_s = 0, 0, 0.0, 0.0
        while not self._closed.wait(TICK_S):
            armed = self._armed
            if armed is None:
                continue
            serial, since, cpu_limit_s, wall_limit_s = armed
            if serial != seen:
                seen = serial
                continue
            if serial != counted:
                spent = self.watch.read()
                counted, cpu_before_s, waited_before_s = serial, spent.cpu_s, spent.waited_s
            broken = self.watch.over(cpu_before_s + cpu_limit_s, time.monotonic() - since, wall_limit_s, waited_before_s)
            if broken is not None and self._end(serial, broken):
                return

    def _end(self, serial: int, broken: str) -> bool:
        """Kill the child, unless the call that broke the limit ended meanwhile."""
        with self._lock:
            if self._armed is None or self._armed[0] != serial:
                return False
            self._broken = broken
        self.watch.child.process.kill()
        if self.watch.group is not None:
            self.watch.group.remove()
        return True
