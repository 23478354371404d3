"""Opening a home for work on one hospital: locks, project key, engine with a PHI worker, governance store."""
from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval_harness.base import Retryable, WrongUsage
from eval_harness.base.console import say
from governance import registry
from governance.audit import Actor
from governance.store import Store, open_store
from pipelines.bookmark import require_whole
from pipelines.engines import open_engine
from pipelines.engines.base import Engine
from pipelines.ledger import Forward, newest_at
from pipelines.phi_zone.keys import ProjectKey, load_key_file, new_key_file
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.worker import worker_spec
from pipelines.settings import Settings, marker, open_home
from schemas.home import Home
from schemas.messages import messages
from schemas.shapes.site import Site

LEASE_S = 600.0


@dataclass
class Opened:
    """A home that is ours while this is held."""

    settings: Settings
    home: Home
    store: Store
    key: ProjectKey
    engine: Engine
    site: Site
    clock: Forward

    def run(self, receipt_id: str, day: dt.date, actor: Actor, full: bool = False, anytime: bool = False, reclean: bool = False) -> Run:
        return Run(self.engine, self.home, self.site, self.key, receipt_id, day, full, actor, say, self.clock,
                   lambda name: registry.lease(self.store, name, LEASE_S, LEASE_S), anytime, reclean)


@contextlib.contextmanager
def opened(settings: Settings, site_id: str) -> Iterator[Opened]:
    """The home, locked for this hospital: others may work on other hospitals meanwhile, nobody may restore or move the home.

    Raises Retryable FLW-001 when it is locked, WrongUsage FLW-002 when its project key is gone, REG-001 for an unknown site;
    HomeIncomplete FLW-010 when part of the home is missing or older than the last finished night left it.
    """
    home = open_home(settings, create=False)
    store = open_store(settings.store_url)
    with contextlib.ExitStack() as stack:
        stack.callback(store.close)
        site = registry.site(store, site_id)
        stack.enter_context(_locked(home.lock, fcntl.LOCK_SH))
        stack.enter_context(_locked(home.tmp("phi") / f"{site_id}.lock", fcntl.LOCK_EX))
        require_whole(home, store)
        key = project_key(home)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))   # a core file would hold what this process has read, and the key
        engine = open_engine(settings, worker_spec(home, key.key_id))
        stack.callback(engine.close)
        yield Opened(settings, home, store, key, engine, site, Forward(newest_at(engine, site_id)))


def project_key(home: Home) -> ProjectKey:
    """The home's key, made for a home that holds nothing yet. The marker remembers its id, so that another key is refused."""
    written = marker(home)
    if not home.project_key.exists():
        if "key_id" in written or any(home.landing.iterdir()):
            raise WrongUsage(messages().issue("FLW-002", "keys", path=str(home.project_key)))
        new_key_file(home.project_key)
    key = load_key_file(home.project_key)
    if written.get("key_id", key.key_id) != key.key_id:
        raise WrongUsage(messages().issue("KEY-005", str(home.project_key), found=key.key_id, right=written["key_id"]))
    if "key_id" not in written:
        half = home.marker.with_suffix(f".{os.getpid()}.tmp")
        half.write_text(json.dumps(written | {"key_id": key.key_id}) + "\n", encoding="utf-8")
        half.rename(home.marker)
    return key


@contextlib.contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    """An advisory lock on a file, given back by the kernel when this process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read(64).strip() or "?"
            raise Retryable(messages().issue("FLW-001", path.name, holder=holder)) from None
        if how == fcntl.LOCK_EX:
            lock.truncate(0)
            lock.write(f"pid {os.getpid()}\n")
            lock.flush()
        yield
