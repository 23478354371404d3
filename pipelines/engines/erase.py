"""Bytes that were taken out of a table go from the disk too: after a withdrawal no old file still holds them.

Delta keeps the files of earlier versions. For one hospital's partition they are removed here, so that other hospitals' nights
go on undisturbed; a query that was reading one of them fails once and can be typed again.
"""
from __future__ import annotations

from pipelines.engines import delta
from pipelines.engines.lease import lease
from schemas.home import Home
from schemas.tables import Table


def erase(home: Home, table: Table, site_id: str) -> int:
    """Remove the files of `site_id` that the newest version of the table does not name; give how many. Idempotent."""
    path = home.table(table.zone, table.folder)
    with lease(home, table):
        found = delta.stored(path)
        if found is None or "site_id" not in table.partition_by:
            return 0
        # full: what lies there and is not named; a checkpoint forgets after a week which files earlier versions had
        stale = found.vacuum(retention_hours=0, dry_run=True, enforce_retention_duration=False, full=True)
        mine = [path / name for name in stale if name.startswith(f"site_id={site_id}/")]
        for file in mine:
            file.unlink(missing_ok=True)
        return len(mine)
