"""Originals expire: when everything of a landed receipt is decided and the policy's days are over, its data key is destroyed.

A receipt with a unit in quarantine or in flight stays whole. What governance.retention finds due is shredded here, audited first.
"""
from __future__ import annotations

import datetime as dt

from governance import retention
from pipelines import ledger
from pipelines.phi_zone.landing import PIXELS, shred
from pipelines.phi_zone.run import Run
from schemas.tables import EVENT, LANDING_INDEX

SEGMENTS = """
SELECT i.segment, SUM(CASE WHEN e.state = 'released' OR e.state = 'rejected' THEN 0 ELSE 1 END) AS waiting, MAX(e.at) AS decided_at
FROM landed AS i LEFT JOIN last AS e
  ON i.site_id = e.site_id AND i.kind = e.kind AND i.unit_token = e.unit_token AND i.seq = e.seq
GROUP BY i.segment"""


def expire(run: Run, today: dt.datetime) -> list[str]:
    """Shred what is due today; give the receipts ("-pixels": their images only)."""
    where, engine = ledger.of_site(run.site_id), run.engine
    landed = engine.sql("SELECT site_id, kind, unit_token, seq, object.digest AS segment FROM landed WHERE op = 'put'",
                        landed=engine.read(LANDING_INDEX, columns=["site_id", "kind", "unit_token", "seq", "op", "object"], where=where))
    last = engine.sql(ledger.LAST_EVENT, event=engine.read(EVENT, where=where))
    waiting: set[str] = set()
    decided: dict[str, dt.datetime] = {}
    for row in engine.table(engine.sql(SEGMENTS, landed=landed, last=last)).to_pylist():
        receipt = row["segment"].split("/")[1]
        if row["waiting"]:
            waiting.add(receipt)
        elif (run.home.landing / run.site_id / receipt).exists():
            decided[receipt] = max(row["decided_at"], decided.get(receipt, row["decided_at"]))
    found = [(receipt, "pixels" if receipt.endswith(PIXELS) else "records", at) for receipt, at in sorted(decided.items())
             if receipt not in waiting]
    gone = retention.due(retention.load(), found, today)
    for receipt in gone:
        run.audit.record("landing.expire", run.actor, receipt, site=run.site_id)
        shred(run.home, run.site_id, receipt)
    return gone
