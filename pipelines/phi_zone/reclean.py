"""Released rows that other rules made than the hospital's policies of today: counted, and on a steward's word decided again.

    its sealed original        what `touchstone ingest SITE --reclean` does
    is there                   a `retry` event; the unit is decided again under its own seq, and its row written anew
    has expired                the source is asked for it again; it lands as a new version, promised today (a new policy means a new pull)
    does not come again        nothing: the row stays as it is and goes on being told (FLW-012)

Key, site and UID are what they were, so pseudonyms and day offsets are too. What the new rules refuse is taken out (`alias.recall`).
"""
from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from eval_harness.base import Issue, digest
from pipelines import ledger
from pipelines.balance import fhir_tables
from pipelines.engines.base import Engine, Frame
from pipelines.ledger import Event
from pipelines.phi_zone.landing import kept
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.stamp import same_rules, stamps_of
from schemas.home import Home
from schemas.messages import messages
from schemas.tables import EVENT, INSTANCE, LANDING_INDEX, Table

REASON = "policy"
"""Reason of the `retry` event of a unit that is decided again for its policy."""
EVENTS_AT_ONCE = 20_000
MADE_BY = "SELECT site_id, policy, COUNT(*) AS units FROM stored GROUP BY site_id, policy"
DECIDED_AGAIN = """
SELECT s.unit_token, s.seq, s.m, i.object FROM stored AS s
JOIN landed AS i ON s.unit_token = i.unit_token AND s.seq = i.seq
JOIN last AS e ON s.unit_token = e.unit_token AND s.seq = e.seq
WHERE i.kind = '{kind}' AND i.op = 'put' AND e.kind = '{kind}' AND e.state = 'released'"""
NEWEST_LANDED = """
SELECT i.unit_token, i.object FROM landed AS i
JOIN (SELECT l.unit_token, MAX(l.seq) AS seq FROM landed AS l JOIN stored AS s ON l.unit_token = s.unit_token
      WHERE l.kind = '{kind}' GROUP BY l.unit_token) AS top ON i.unit_token = top.unit_token AND i.seq = top.seq
WHERE i.kind = '{kind}' AND i.op = 'put'"""


def made_by(engine: Engine, home: Home, site_id: str | None = None) -> dict[tuple[str, str], dict[str, int]]:
    """(site_id, kind) → how many released rows each stamp made."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for kind, table in _tables(home):
        stored = engine.read(table, columns=["site_id", "policy"], where=ledger.of_site(site_id))
        for row in engine.table(engine.sql(MADE_BY, stored=stored)).to_pylist():
            counts = found.setdefault((row["site_id"], kind), {})
            counts[row["policy"] or ""] = counts.get(row["policy"] or "", 0) + row["units"]
    return found


def of_other_rules(found: Mapping[tuple[str, str], Mapping[str, int]], site_id: str, today: Mapping[str, str]) -> dict[str, int]:
    """Stamp → released rows of one hospital that its policies of today did not make."""
    out: dict[str, int] = {}
    for kind, now in today.items():
        for made, units in found.get((site_id, kind), {}).items():
            if not same_rules(made, now):
                out[made] = out.get(made, 0) + units
    return out


def told(site_id: str, others: Mapping[str, int]) -> list[Issue]:
    """FLW-012 where rows of other rules are released."""
    if not others:
        return []
    names = ", ".join(sorted(made or "-" for made in others))
    return [messages().issue("FLW-012", site_id, count=sum(others.values()), made=names)]


def remaining(run: Run) -> list[Issue]:
    """What this hospital still has of other rules, told."""
    return told(run.site_id, of_other_rules(made_by(run.engine, run.home, run.site_id), run.site_id, stamps_of(run.site)))


def mark(run: Run) -> int:
    """Mark for a new decision every released row of other rules whose original is there; give how many. A unit that waits already is
    not marked twice, so that a killed run's marks are gone on with."""
    last = run.engine.sql(ledger.LAST_EVENT, event=run.engine.read(EVENT, where=ledger.of_site(run.site_id)))
    there, marked, lot = _kept(run), 0, list[Event]()
    for kind, stored in _stale(run):
        frame = run.engine.sql(DECIDED_AGAIN.format(kind=kind), stored=stored, landed=_landed(run), last=last)
        for batch in run.engine.batches(frame):
            lot += [Event(run.site_id, kind, row["unit_token"], row["seq"], row["m"], "retry", REASON) for row in batch.to_pylist()
                    if there(row["object"]["digest"])]
            while len(lot) >= EVENTS_AT_ONCE:
                marked += _note(run, lot[:EVENTS_AT_ONCE])
                lot = lot[EVENTS_AT_ONCE:]
    return marked + (_note(run, lot) if lot else 0)


class Expired:
    """Tokens of the units that must come again. Eight bytes a unit: a hospital may have tens of millions."""

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._held = array("Q", sorted(map(self._short, tokens)))

    def __contains__(self, token: object) -> bool:
        short = self._short(str(token))
        place = bisect_left(self._held, short)
        return place < len(self._held) and self._held[place] == short

    def __len__(self) -> int:
        return len(self._held)

    @staticmethod
    def _short(token: str) -> int:
        return int(token[:16], 16)


def expired(run: Run) -> Expired:
    """Units whose row other rules made and whose newest original is not there any more."""
    return Expired(_expired(run))


def _expired(run: Run) -> Iterator[str]:
    there = _kept(run)
    for kind, stored in _stale(run):
        for batch in run.engine.batches(run.engine.sql(NEWEST_LANDED.format(kind=kind), stored=stored, landed=_landed(run))):
            for row in batch.to_pylist():
                if not there(row["object"]["digest"]):
                    yield row["unit_token"]


def _note(run: Run, events: list[Event]) -> int:
    run.audit.record("release.reclean", run.actor, run.receipt_id, site=run.site_id, units=len(events))
    name = digest(sorted([event.kind, event.unit_token, event.seq] for event in events))[:24]
    ledger.note(run.engine, events, commit_id=f"reclean:{run.receipt_id}:{name}", receipt_id=run.receipt_id, at=run.clock())
    run.count("recleaned", len(events))
    return len(events)


def _stale(run: Run) -> Iterator[tuple[str, Frame]]:
    """Kind, and unit_token, seq and m of the rows that other rules made, table by table."""
    today = stamps_of(run.site)
    for kind, table in _tables(run.home):
        where = ledger.of_site(run.site_id) or ""
        stored = run.engine.read(table, columns=["site_id", "policy"], where=where)
        found = [row["policy"] for row in run.engine.table(run.engine.sql(MADE_BY, stored=stored)).to_pylist()]
        others = [f"policy = '{made}'" if made else "policy IS NULL" for made in found if not same_rules(made, today[kind])]
        if others:
            yield kind, run.engine.read(table, columns=["unit_token", "seq", "m"], where=f"{where} AND ({' OR '.join(others)})")


def _tables(home: Home) -> list[tuple[str, Table]]:
    return [("instance", INSTANCE), *(("resource", table) for table in fhir_tables(home))]


def _landed(run: Run) -> Frame:
    return run.engine.read(LANDING_INDEX, columns=["kind", "unit_token", "seq", "op", "object"], where=ledger.of_site(run.site_id))


def _kept(run: Run) -> Callable[[str], bool]:
    """Whether what a segment holds can still be opened, asked of the disk once a receipt."""
    receipt = lru_cache(maxsize=None)(lambda name: kept(run.home, name))
    return lambda segment: receipt(segment.rpartition("/")[0])
