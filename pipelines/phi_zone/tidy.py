"""After a killed run: what nothing refers to goes. Only what belongs to the hospital whose lock is held is touched."""
from __future__ import annotations

import fcntl
import shutil
import time
from pathlib import Path

from pipelines import ledger
from pipelines.phi_zone.landing import remove_orphans
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.worker import released_objects, staged_objects
from schemas.home import Home
from schemas.tables import INSTANCE, LANDING_INDEX

OLD_S = 6 * 3600.0
"""Objects of all hospitals share one store, so an unreferenced one may belong to a run that is working now: only old ones go, and
none while another hospital is worked on, because a clock that was set ahead makes everything old."""


def tidy(run: Run, older_than_s: float = OLD_S) -> int:
    """Clear segments of this hospital that no index row names, old staged objects, old parts no row points at; give how many."""
    where = ledger.of_site(run.site_id)
    rows = run.engine.table(run.engine.read(LANDING_INDEX, columns=["object"], where=where))
    named = {row["object"]["digest"] for row in rows.to_pylist() if row["object"]["digest"]}
    removed = remove_orphans(run.home, run.site_id, named)
    if others_at_work(run.home, run.site_id):
        return removed
    removed += len(staged_objects(run.home).sweep((), older_than_s))
    parts = run.engine.table(run.engine.read(INSTANCE, columns=["part"]))
    removed += len(released_objects(run.home).sweep({row["part"]["digest"] for row in parts.to_pylist()}, older_than_s))
    for zone in ("phi", "deid"):
        for folder in run.home.staging(zone).glob("r-*"):
            if folder.stat().st_mtime < time.time() - older_than_s:
                shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(run.home.tmp(zone) / "spill", ignore_errors=True)
    return removed


def others_at_work(home: Home, site_id: str) -> bool:
    """Whether another hospital's lock is held. What begins after this was asked writes newer files than those that go."""
    return any(_held(file) for file in home.tmp("phi").glob("*.lock") if file.stem != site_id)


def _held(file: Path) -> bool:
    with file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
