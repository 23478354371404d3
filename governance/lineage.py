"""Where a thing came from and what was made of it: edges between ids, askable in both directions (YY/T 1833.4-2023)."""
from __future__ import annotations

import sqlalchemy as sa

from eval_harness.base import digest
from governance.store import LINEAGE, Store, now


def link(store: Store, source: str, target: str, relation: str, receipt_id: str | None = None) -> None:
    """Note that `target` was made from `source` (dataset, run, report, table version, ...). The same edge again changes nothing."""
    edge_id = digest([source, target, relation])
    with store.begin() as db:
        if db.execute(sa.select(LINEAGE.c.edge_id).where(LINEAGE.c.edge_id == edge_id)).scalar() is None:
            db.execute(LINEAGE.insert().values(edge_id=edge_id, source=source, target=target, relation=relation,
                                               receipt_id=receipt_id, at=now()))


def upstream(store: Store, target: str) -> list[tuple[str, str, str]]:
    """Everything `target` was made from: (source, relation, target), nearest first, each once."""
    return _walk(store, target, LINEAGE.c.target, "source")


def downstream(store: Store, source: str) -> list[tuple[str, str, str]]:
    """Everything that was made from `source`."""
    return _walk(store, source, LINEAGE.c.source, "target")


def _walk(store: Store, start: str, column: sa.Column, onward: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    wave, seen = [start], {start}
    with store.begin() as db:
        while wave:
            rows = db.execute(sa.select(LINEAGE).where(column.in_(wave)).order_by(LINEAGE.c.at, LINEAGE.c.edge_id)).mappings().all()
            found += [(row["source"], row["relation"], row["target"]) for row in rows]
            wave = [row[onward] for row in rows if row[onward] not in seen]
            seen.update(wave)
    return found
