"""Where a quarantined unit lies at its hospital: for people inside the hospital, one unit at a time, and written down."""
from __future__ import annotations

import json
from typing import Any

from pipelines import ledger
from pipelines.phi_zone.run import Run
from schemas.tables import LANDING_INDEX


def located(run: Run, row: dict[str, Any]) -> dict[str, str]:
    """Source, group and id of one unit, as the source calls them. Identifying: for the terminal only, never for a log."""
    run.audit.record("quarantine.locate", run.actor, f"N={row['number']}", unit=row["unit_token"])
    condition = f"{ledger.of_site(run.site_id)} AND kind = '{row['kind']}' AND unit_token = '{row['unit_token']}' AND seq = {row['seq']}"
    found = run.engine.table(run.engine.read(LANDING_INDEX, columns=["sealed", "unit_token"], where=condition)).to_pylist()
    if not found:
        return {}
    secret = json.loads(run.key.open("landing-index", found[0]["sealed"], found[0]["unit_token"].encode()))
    return {name: str(secret[name]) for name in ("source", "group", "id", "version") if secret.get(name)}
