"""What every part of one ingest shares: the hospital, its key, the night it is for, and where work is written down."""
from __future__ import annotations

import contextlib
import datetime as dt
import os
import threading
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

from eval_harness.base import Issue
from governance.audit import Actor, Audit
from pipelines.engines.base import Engine
from pipelines.phi_zone.keys import ProjectKey
from schemas.home import Home
from schemas.shapes.site import Site

STEPS = ("pull", "land", "subjects", "deidentify", "check", "release", "withdraw", "tabulate", "link")
LINE_EVERY_S = 8.0


@dataclass
class Run:
    engine: Engine
    home: Home
    site: Site
    key: ProjectKey
    receipt_id: str
    day: dt.date
    """The day claims made now are expected on, in the hospital's time zone."""
    full: bool
    actor: Actor
    say: Callable[[str], None]
    clock: Callable[[], dt.datetime]
    lease: Callable[[str], contextlib.AbstractContextManager[None]]
    """Hold a name for one writer at a time, across processes."""
    anytime: bool = False
    """A person has agreed with the hospital that its window does not hold this time."""
    reclean: bool = False
    """What other rules released than the site's policies of today is decided again."""
    expired: Container[str] = frozenset()
    """Under `reclean`: tokens of units that are asked for again, because their originals are gone."""
    held: list[Issue] = field(default_factory=list)
    """Under `reclean`: what stands against every release, so that nothing was decided again."""
    counts: dict[str, int] = field(default_factory=dict)
    ordinals: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many counted groups of a source and type were listed so far."""
    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    """How often an inventory listed each unit so far, by source."""
    census: dict[str, set[str]] = field(default_factory=dict)
    """Under `full`: tokens of every unit a source listed or sent, by source."""
    current: str = ""
    started: float = field(default_factory=time.monotonic)
    _spoken: float = field(default_factory=time.monotonic)

    @property
    def site_id(self) -> str:
        return self.site.site_id

    @property
    def m(self) -> str:
        return self.day.strftime("%Y-%m")

    @property
    def audit(self) -> Audit:
        return Audit(self.home.audit)

    def count(self, name: str, more: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + more

    def unit_token(self, kind: str, unit_id: str) -> str:
        return self.key.token("unit", self.site_id, kind, unit_id)

    def tick(self) -> None:
        """A line of progress at least every ten seconds while work goes on."""
        if time.monotonic() - self._spoken >= LINE_EVERY_S:
            self._spoken = time.monotonic()
            done = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
            self.say(f"{self.site_id}  {self.current}: {done or '...'}, {self._spoken - self.started:.0f} s")

    @contextlib.contextmanager
    def beat(self) -> Iterator[None]:
        """Keep saying how far we are while one long call works."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(1.0):
                self.tick()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def step(self, name: str) -> None:
        """Say which step begins. $TOUCHSTONE_STEP_LOG (a file) gets the name too: tests that kill runs aim by it."""
        self.current = name
        self.say(f"{self.site_id}  {name} ...")
        if log := os.environ.get("TOUCHSTONE_STEP_LOG"):
            with open(log, "a", encoding="ascii") as out:
                out.write(f"{os.getpid()} {name}\n")
