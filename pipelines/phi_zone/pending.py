"""What waits to be decided: landed units without a final event, in batches, Patients apart from the rest."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pipelines import ledger
from pipelines.engines.base import Engine, Frame
from pipelines.phi_zone.describe import FHIR_MEDIA
from pipelines.phi_zone.run import Run
from schemas.tables import EVENT, LANDING_INDEX

Row = dict[str, Any]
INSTANCES_AT_ONCE = 2_000
RESOURCES_AT_ONCE = 20_000
BYTES_AT_ONCE = 4 << 30

RECORDS = f"(kind = 'resource' OR media_type = '{FHIR_MEDIA}')"
"""Resources, and what stands in their place in a file of them: a broken line, an entry without an id."""

PENDING = """
SELECT i.* FROM landed AS i LEFT JOIN last AS e
  ON i.site_id = e.site_id AND i.kind = e.kind AND i.unit_token = e.unit_token AND i.seq = e.seq
WHERE e.state IS NULL OR e.state = 'landed' OR e.state = 'retry'"""


def pending(engine: Engine, site_id: str) -> Frame:
    """Rows of phi.landing_index that no step has decided yet."""
    where = ledger.of_site(site_id)
    last = engine.sql(ledger.LAST_EVENT, event=engine.read(EVENT, where=where))
    return engine.sql(PENDING, landed=engine.read(LANDING_INDEX, where=where), last=last)


def puts(run: Run, *, images: bool) -> Iterator[list[Row]]:
    """Pending units that carry bytes, in batches of one kind of work: resources with broken lines, or instances with other files."""
    chosen = f"NOT ({RECORDS})" if images else RECORDS
    order = ", ".join(f"{name} NULLS LAST" for name in ("subject_token", "series_token", "unit_token", "seq"))
    text = f"SELECT * FROM pending WHERE op = 'put' AND {chosen} ORDER BY {order}"
    limit = INSTANCES_AT_ONCE if images else RESOURCES_AT_ONCE
    engine = run.engine
    rows: list[Row] = []
    size = 0
    for batch in engine.batches(engine.sql(text, pending=pending(engine, run.site_id))):
        for row in batch.to_pylist():
            rows.append(row)
            size += row["object"]["length"]
            if len(rows) >= limit or size >= BYTES_AT_ONCE:
                yield rows
                rows, size = [], 0
    if rows:
        yield rows


OVERTAKEN = """
SELECT p.site_id, p.kind, p.unit_token, p.seq, p.m FROM pending AS p
JOIN (SELECT kind, unit_token, MAX(seq) AS seq FROM landed WHERE op = 'delete' GROUP BY kind, unit_token) AS d
  ON p.kind = d.kind AND p.unit_token = d.unit_token AND p.seq < d.seq
WHERE p.op = 'put'"""


def overtaken(run: Run) -> list[Row]:
    """Pending units that their source has deleted since: they must not be released any more."""
    landed = run.engine.read(LANDING_INDEX, columns=["kind", "unit_token", "seq", "op"], where=ledger.of_site(run.site_id))
    frame = run.engine.sql(OVERTAKEN, pending=pending(run.engine, run.site_id), landed=landed)
    return run.engine.table(frame).to_pylist()  # type: ignore[no-any-return]


MISSED = """
SELECT s.site_id, s.kind, s.unit_token, s.seq, s.m, n.op FROM standing AS s
JOIN standing AS n ON s.kind = n.kind AND s.unit_token = n.unit_token
JOIN (SELECT kind, unit_token, MAX(seq) AS seq FROM standing WHERE state <> 'void' GROUP BY kind, unit_token) AS top
  ON n.kind = top.kind AND n.unit_token = top.unit_token AND n.seq = top.seq
WHERE s.state = 'listed' AND s.op = 'put' AND s.seq < n.seq"""


def missed(run: Run) -> list[Row]:
    """Claims never kept whose unit its source has listed again since, with other content or as deleted (`op` of the newer one).

    A run was killed, or the source failed, between listing and retrieval; that version can no longer come.
    """
    return run.engine.table(run.engine.sql(MISSED, standing=ledger.standing(run.engine, run.site_id))).to_pylist()  # type: ignore[no-any-return]


def deletes(run: Run) -> list[Row]:
    """Pending deletions."""
    frame = run.engine.sql("SELECT * FROM pending WHERE op = 'delete'", pending=pending(run.engine, run.site_id))
    return run.engine.table(frame).to_pylist()  # type: ignore[no-any-return]


def patients(run: Run, media_type: str) -> Iterator[pa.RecordBatch]:
    """Pending Patient resources."""
    frame = run.engine.sql(f"SELECT * FROM pending WHERE op = 'put' AND media_type = '{media_type}'",
                           pending=pending(run.engine, run.site_id))
    yield from run.engine.batches(frame)
