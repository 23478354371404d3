"""The ledger proves completeness: what a hospital promised, unit by unit, and what became of each promise.

A claim is written before its unit is fetched and is never changed; events are appended; the state of a unit follows from
both and can be rebuilt at any time. A source that only counts (a bulk file, a folder entry) gets numbered slots: the
`bound` event says which unit filled a slot, and the slot then stands as that unit stands (design/ledger-and-tables).
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from eval_harness.base import digest
from pipelines.engines.base import Commit, Engine, Frame
from schemas.tables import CLAIM, EVENT, STATE, TIME, UNIT, UNIT_KEY

BASES = ("ids", "inventory", "count", "transfer")
FINAL = ("released", "quarantined", "rejected")
EVENT_STATES = ("landed", "bound", "duplicate", "retry", "void", *FINAL)
REJECT_REASONS = ("SRC-GONE", "SRC-DELETED", "POLICY", "STEWARD")
"""The closed list: a unit is lowered to "rejected" for one of these and nothing else."""

LAST_EVENT = """
SELECT site_id, kind, unit_token, seq, state, reason, at FROM (
  SELECT site_id, kind, unit_token, seq, state, reason, at,
         row_number() OVER (PARTITION BY site_id, kind, unit_token, seq ORDER BY at DESC NULLS LAST, event_id ASC NULLS LAST) AS place
  FROM event WHERE state <> 'duplicate' AND state <> 'bound') AS ranked
WHERE place = 1"""
BOUND = """
SELECT site_id, kind, unit_token, seq, filled_kind, filled_token, filled_seq FROM (
  SELECT site_id, kind, unit_token, seq, filled_kind, filled_token, filled_seq,
         row_number() OVER (PARTITION BY site_id, kind, unit_token, seq ORDER BY at DESC NULLS LAST, event_id ASC NULLS LAST) AS place
  FROM event WHERE state = 'bound') AS ranked
WHERE place = 1"""
CLAIM_OF_UNIT = """
SELECT c.site_id, c.kind, c.unit_token, c.seq, c.op, c.group_token, c.source, c.basis, c.expected_on, c.m, c.receipt_id,
       c.version_token, c.claimed_at, COALESCE(b.filled_kind, c.kind) AS of_kind,
       COALESCE(b.filled_token, c.unit_token) AS of_token, COALESCE(b.filled_seq, c.seq) AS of_seq
FROM claim AS c LEFT JOIN bound AS b
  ON c.site_id = b.site_id AND c.kind = b.kind AND c.unit_token = b.unit_token AND c.seq = b.seq"""
STANDING = """
SELECT u.site_id, u.kind, u.unit_token, u.seq, u.op, u.group_token, u.source, u.basis, u.expected_on, u.m, u.receipt_id,
       u.version_token, u.of_kind, u.of_token, u.of_seq, COALESCE(v.state, e.state, 'listed') AS state,
       COALESCE(v.reason, e.reason, '') AS reason, COALESCE(v.at, e.at, u.claimed_at) AS changed_at
FROM units AS u
LEFT JOIN last AS e ON u.site_id = e.site_id AND u.of_kind = e.kind AND u.of_token = e.unit_token AND u.of_seq = e.seq
LEFT JOIN voided AS v ON u.site_id = v.site_id AND u.kind = v.kind AND u.unit_token = v.unit_token AND u.seq = v.seq"""


@dataclass(frozen=True)
class Event:
    """One thing that happened to one unit."""

    site_id: str
    kind: str
    unit_token: str
    seq: int
    m: str
    state: str
    reason: str = ""
    filled: tuple[str, str, int] | None = None
    """For `bound`: kind, token and seq of the unit that fills this slot."""


def claim(engine: Engine, rows: Sequence[dict[str, Any]], commit_id: str) -> Commit:
    """Append claims (columns of ledger.claim); those already there stay as they are. Must return before the first retrieval."""
    return engine.insert_new(CLAIM, pa.Table.from_pylist(list(rows), schema=CLAIM.columns), commit_id=commit_id)


def note(engine: Engine, events: Iterable[Event], *, commit_id: str, receipt_id: str, at: dt.datetime) -> Commit:
    """Append events. The same commit again changes nothing: event_id = digest(unit, state, commit)."""
    rows = {}
    for event in events:
        if event.state not in EVENT_STATES:
            raise ValueError(f"{event.state} is no event of a unit")
        if event.state == "rejected" and event.reason not in REJECT_REASONS:
            raise ValueError(f"{event.reason} is not on the closed list of reasons")
        filled = event.filled or (None, None, None)
        row = {"site_id": event.site_id, "kind": event.kind, "unit_token": event.unit_token, "seq": event.seq, "m": event.m,
               "state": event.state, "reason": event.reason, "commit_id": commit_id, "receipt_id": receipt_id, "at": at,
               "filled_kind": filled[0], "filled_token": filled[1], "filled_seq": filled[2]}
        row["event_id"] = digest([event.site_id, event.kind, event.unit_token, event.seq, event.state, commit_id])
        rows[row["event_id"]] = row
    return engine.insert_new(EVENT, pa.Table.from_pylist(list(rows.values()), schema=EVENT.columns), commit_id=f"{commit_id}:event")


def of_site(site_id: str | None) -> str | None:
    """A filter on one site; ids are checked by their shape (schemas.shapes.site), so they can stand in SQL."""
    return None if site_id is None else f"site_id = '{site_id}'"


def standing(engine: Engine, site_id: str | None = None) -> Frame:
    """Every claim as it stands: its columns, the unit that fills it (of_*), state, reason, changed_at.

    state: listed | landed | retry | released | quarantined | rejected | void.
    """
    events = engine.read(EVENT, where=of_site(site_id))
    bound = engine.sql(BOUND, event=events)
    units = engine.sql(CLAIM_OF_UNIT, claim=engine.read(CLAIM, where=of_site(site_id)), bound=bound)
    last = engine.sql(LAST_EVENT, event=events)
    voided = engine.sql("SELECT site_id, kind, unit_token, seq, state, reason, at FROM last WHERE state = 'void'", last=last)
    return engine.sql(STANDING, units=units, last=last, voided=voided)


def newest(engine: Engine, site_id: str, tokens: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest claim of each listed unit that has one: by (kind, unit_token) its seq, m, version_token, state, reason and of_token.

    tokens: columns kind, unit_token (distinct). A unit that so far only filled slots is found through them; `top_seq` and
    `top_op` are of the newest version, whether it was claimed by name or filled a slot.
    """
    text = """SELECT s.kind, s.unit_token, s.seq, s.op, s.m, s.version_token, s.state, s.reason, s.of_token, 1 AS own
              FROM standing AS s JOIN listed AS l ON s.kind = l.kind AND s.unit_token = l.unit_token
              UNION ALL
              SELECT s.of_kind AS kind, s.of_token AS unit_token, s.of_seq AS seq, s.op, s.m, s.version_token, s.state,
                     s.reason, s.of_token, 0 AS own
              FROM standing AS s JOIN listed AS l ON s.of_kind = l.kind AND s.of_token = l.unit_token
              WHERE s.unit_token <> s.of_token"""
    found = engine.table(engine.sql(text, standing=standing(engine, site_id), listed=engine.frame(tokens)))
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found.to_pylist():
        key = (row["kind"], row["unit_token"])
        held = rows.setdefault(key, row | {"top_seq": row["seq"], "top_op": row["op"]})
        if held["top_seq"] < row["seq"]:
            held |= {"top_seq": row["seq"], "top_op": row["op"]}
        if (row["own"], row["seq"]) > (held["own"], held["seq"]):
            rows[key] = row | {"top_seq": held["top_seq"], "top_op": held["top_op"]}
    return rows


def write_state(engine: Engine, site_id: str, commit_id: str) -> Commit:
    """Bring ledger.state to what claims and events say. `current` is false once a newer seq of the unit was listed."""
    text = """SELECT site_id, kind, unit_token, seq, op, group_token, basis, expected_on, m, state, reason,
                     row_number() OVER (PARTITION BY site_id, of_kind, of_token ORDER BY of_seq DESC NULLS LAST,
                                        seq DESC NULLS LAST, unit_token ASC NULLS LAST) AS place, changed_at FROM standing"""
    rows = engine.table(engine.sql(text, standing=standing(engine, site_id)))
    current = pa.array([place == 1 for place in rows.column("place").to_pylist()], pa.bool_())
    rows = rows.drop_columns(["place"]).append_column("current", current).select(STATE.columns.names)
    return engine.upsert(STATE, rows.cast(STATE.columns), commit_id=commit_id)


def rows_table(units: Iterable[dict[str, Any]]) -> pa.Table:
    """Unit keys (site_id, kind, unit_token, seq) as a table."""
    return pa.Table.from_pylist([{name: unit[name] for name in UNIT_KEY} for unit in units], schema=pa.schema(UNIT))


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Forward:
    """The clock of one run: never behind the hospital's newest event, and never the same moment twice.

    The newest event of a unit is what it stands as. On a machine whose clock was set back, a decision would otherwise be written
    down before what it decided, and count for nothing.
    """

    def __init__(self, after: dt.datetime | None, now: Callable[[], dt.datetime] = utc_now) -> None:
        self._now, self._last = now, after or dt.datetime.min.replace(tzinfo=dt.UTC)
        self.behind_s = max(0.0, (self._last - now()).total_seconds())
        """How far this machine's clock was behind the newest event."""

    def __call__(self) -> dt.datetime:
        self._last = max(self._now(), self._last + dt.timedelta(microseconds=1))
        return self._last


def newest_at(engine: Engine, site_id: str) -> dt.datetime | None:
    """When the newest event of a site was written down."""
    found = engine.table(engine.sql("SELECT MAX(at) AS at FROM event", event=engine.read(EVENT, columns=["at"], where=of_site(site_id))))
    at: dt.datetime | None = found.column("at")[0].as_py()
    return at


__all__ = ["BASES", "FINAL", "REJECT_REASONS", "TIME", "Event", "Forward", "claim", "newest", "newest_at", "note", "of_site",
           "rows_table", "standing", "utc_now", "write_state"]
