"""After a killed run: what nothing refers to goes. Only what belongs to the hospital whose lock is held is touched."""
from __future__ import annotations

import shutil
import time

from pipelines import ledger
from pipelines.phi_zone.landing import remove_orphans
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.worker import released_objects, staged_objects
from schemas.tables import INSTANCE, LANDING_INDEX

OLD_S = 6 * 3600.0
"""Objects of all hospitals share one store, so an unreferenced one may belong to a run that is working now: only old ones go."""


def tidy(run: Run, older_than_s: float = OLD_S) -> int:
    """Clear segments of this hospital that no index row names, old staged objects, old parts no row points at; give how many."""
    where = ledger.of_site(run.site_id)
    rows = run.engine.table(run.engine.read(LANDING_INDEX, columns=["object"], where=where))
    named = {row["object"]["digest"] for row in rows.to_pylist() if row["object"]["digest"]}
    removed = remove_orphans(run.home, run.site_id, named)
    removed += len(staged_objects(run.home).sweep((), older_than_s))
    parts = run.engine.table(run.engine.read(INSTANCE, columns=["part"]))
    removed += len(released_objects(run.home).sweep({row["part"]["digest"] for row in parts.to_pylist()}, older_than_s))
    for zone in ("phi", "deid"):
        for folder in run.home.staging(zone).glob("r-*"):
            if folder.stat().st_mtime < time.time() - older_than_s:
                shutil.rmtree(folder, ignore_errors=True)
    return removed
