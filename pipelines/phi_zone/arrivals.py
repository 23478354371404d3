"""Pull, second half, and land: what arrives is compared with what was promised and with what landed before, then sealed.

    arrived                                  becomes
    promised, never seen                     lands as the promised seq
    promised by number                       lands as its own unit; the slot is bound to it
    same content as the newest landed        delivery event `duplicate`, nothing lands again (in a folder, where files of one id lie
                                             side by side: the same content as any landed)
    other content, no new version promised   a new claim today (basis of its group), lands as the next seq
    not promised at all                      a claim of basis `transfer` (unlisted), lands
    the same, asked for again (reclean)      lands as the next seq, a new claim today
    listed, then 404 or 410                  rejected, SRC-GONE
    a deletion                               a row without bytes; `withdraw` carries it out

A lot is decided together (one query), written to the segments, synced, and then committed: claims, index, events.
"""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from eval_harness.base import canonical, digest
from pipelines import ledger
from pipelines.engines.base import ObjectRef
from pipelines.ledger import Event
from pipelines.phi_zone.connectors.base import Delivery
from pipelines.phi_zone.describe import Described, describe
from pipelines.phi_zone.landing import PIXELS, LandingWriter
from pipelines.phi_zone.promises import Plan, Promise, claim_row, write_claims
from pipelines.phi_zone.run import Run
from schemas.tables import LANDING_INDEX

LOT_BYTES = 64 << 20
LOT_UNITS = 2_000
COMMIT_BYTES = 1 << 30
COMMIT_UNITS = 20_000

LANDED_BEFORE = """
SELECT i.kind, i.unit_token, i.seq, i.op, i.m, i.content_token
FROM landed AS i JOIN wanted AS w ON i.kind = w.kind AND i.unit_token = w.unit_token
ORDER BY i.kind ASC NULLS LAST, i.unit_token ASC NULLS LAST, i.seq ASC NULLS LAST"""


@dataclass(frozen=True)
class Arrival:
    """One delivery in memory, and the promise it was matched with (None: nobody promised it)."""

    unit_id: str
    kind: str
    op: str
    version: str | None
    media_type: str
    data: bytes
    plan: Plan
    promise: Promise | None
    described: Described
    token: str


@dataclass(frozen=True)
class _Landed:
    seq: int
    op: str
    m: str
    content: str


class Lander:
    """Takes arrivals of one source, decides and lands them in lots. `close` commits what is left."""

    def __init__(self, run: Run, source: str) -> None:
        self.run, self.source = run, source
        self._records = LandingWriter(run.home, run.key, run.site_id, run.receipt_id)
        self._pixels = LandingWriter(run.home, run.key, run.site_id, run.receipt_id + PIXELS)
        self._lot: list[Arrival] = []
        self._lot_bytes = self._bytes = 0
        self._claims: list[dict[str, Any]] = []
        self._rows: list[dict[str, Any]] = []
        self._events: list[Event] = []
        self._fresh: dict[tuple[str, str], list[_Landed]] = {}
        """What is decided and not committed yet, by unit, oldest first."""

    def add(self, plan: Plan, promise: Promise | None, item: Delivery) -> None:
        """Take one delivery. Its bytes are read to their end here; what the source raises meanwhile passes through."""
        data = b"".join(item.chunks)
        described = describe(self.run, item.kind, item.op, item.unit_id, data)
        token = self.run.unit_token(item.kind, item.unit_id)
        if self.run.full:
            self.run.census.setdefault(self.source, set()).add(token)
        self._lot.append(Arrival(item.unit_id, item.kind, item.op, item.version, item.media_type, data, plan, promise, described, token))
        self._lot_bytes += len(data)
        if self._lot_bytes >= LOT_BYTES or len(self._lot) >= LOT_UNITS:
            self._settle()

    def gone(self, promise: Promise) -> None:
        if promise.gone or promise.again:   # written down already; what was released before stays released
            return
        self._events.append(Event(self.run.site_id, promise.kind, promise.token, promise.seq, promise.m, "rejected", "SRC-GONE"))
        self.run.count("gone")

    def close(self) -> None:
        self._settle()
        self._commit()
        self._records.close()
        self._pixels.close()

    def _settle(self) -> None:
        """Decide a lot, write what is new."""
        lot, self._lot, self._lot_bytes = self._lot, [], 0
        known = self._history(lot)
        for arrival in lot:
            key = (arrival.kind, arrival.token)
            history = [*known.get(key, []), *self._fresh.get(key, [])]
            content = self._content(arrival)
            comparable = self._fresh.get(key, []) if arrival.token in self.run.expired else history
            compared = comparable if arrival.plan.group.basis == "inventory" else comparable[-1:]
            same = next((one for one in reversed(compared) if (one.content, one.op) == (content, arrival.op)), None)
            if same is not None:
                self._same(arrival, same, history[-1].seq)
            else:
                self._fresh.setdefault(key, []).append(self._new(arrival, history[-1] if history else None, content))
        if self._bytes >= COMMIT_BYTES or len(self._events) >= COMMIT_UNITS:
            self._commit()

    def _same(self, arrival: Arrival, before: _Landed, newest_seq: int) -> None:
        promise = arrival.promise
        if promise is not None and promise.slot:
            if not promise.filled_by:
                self._bind(arrival, promise, before.seq)
        elif promise is not None and promise.seq > newest_seq:   # a new version by name, the same bytes: it lands as what it is
            self._land(arrival, promise.seq, before.m, before.content)
            return
        self._events.append(Event(self.run.site_id, arrival.kind, arrival.token, before.seq, before.m, "duplicate"))
        self.run.count("duplicate")

    def _new(self, arrival: Arrival, before: _Landed | None, content: str) -> _Landed:
        promise, run = arrival.promise, self.run
        own = promise if promise is not None and (promise.kind, promise.token) == (arrival.kind, arrival.token) else None
        m = before.m if before is not None else own.m if own is not None else run.m
        seq = max(before.seq + 1 if before is not None else 1, own.seq if own is not None else 1)
        if own is None and promise is not None and not promise.filled_by:
            self._bind(arrival, promise, seq)
        elif own is None or own.seq != seq:
            basis = arrival.plan.group.basis if arrival.unit_id in arrival.plan.by_unit else "transfer"
            self._claims.append(claim_row(run, arrival.kind, arrival.token, seq, m, arrival.op, arrival.plan.group_token, self.source,
                                          basis, ""))
            run.count("unlisted" if basis == "transfer" else "recleaned" if arrival.token in run.expired else "changed")
        self._land(arrival, seq, m, content)
        return _Landed(seq, arrival.op, m, content)

    def _bind(self, arrival: Arrival, promise: Promise, seq: int) -> None:
        self._events.append(Event(self.run.site_id, promise.kind, promise.token, promise.seq, promise.m, "bound",
                                  filled=(arrival.kind, arrival.token, seq)))

    def _land(self, arrival: Arrival, seq: int, m: str, content: str) -> None:
        run, described = self.run, arrival.described
        writer = self._records if arrival.kind == "resource" else self._pixels
        ref = writer.put([arrival.data]) if arrival.op == "put" else ObjectRef("landing", "", 0, 0)
        self._bytes += ref.length
        secret = {"id": _written(arrival.unit_id), "source": self.source, "group": _written(arrival.plan.group.group_id),
                  "version": arrival.version,
                  **described.secret}
        version = run.key.token("version", run.site_id, arrival.version) if arrival.version else ""
        self._rows.append({
            "site_id": run.site_id, "kind": arrival.kind, "unit_token": arrival.token, "seq": seq, "m": m, "receipt_id": run.receipt_id,
            "op": arrival.op, "object": {"zone": ref.zone, "digest": ref.digest, "offset": ref.offset, "length": ref.length},
            "media_type": described.media_type or arrival.media_type, "subject_token": described.subject_token,
            "series_token": described.series_token, "content_token": content,
            "version_token": version, "sealed": run.key.seal("landing-index", canonical(secret), arrival.token.encode()),
            "landed_at": run.clock()})
        self._events.append(Event(run.site_id, arrival.kind, arrival.token, seq, m, "landed"))
        run.count("landed")

    def _commit(self) -> None:
        """Bytes on disk, then claims, index rows and events, in this order."""
        self._records.sync()
        self._pixels.sync()
        if self._claims:
            write_claims(self.run, self._claims)
        names = [[row["kind"], row["unit_token"], row["seq"]] for row in self._rows]
        if self._rows:
            rows = pa.Table.from_pylist(self._rows, schema=LANDING_INDEX.columns)
            self.run.engine.insert_new(LANDING_INDEX, rows, commit_id=f"land:{self.run.receipt_id}:{digest(names)[:24]}")
        if self._events:
            what = digest([[e.kind, e.unit_token, e.seq, e.state, list(e.filled or ())] for e in self._events])[:24]
            ledger.note(self.run.engine, self._events, commit_id=f"land:{self.run.receipt_id}:{what}", receipt_id=self.run.receipt_id,
                        at=self.run.clock())
        self._claims, self._rows, self._events, self._fresh, self._bytes = [], [], [], {}, 0

    def _content(self, arrival: Arrival) -> str:
        if arrival.op == "delete":
            return ""
        return self.run.key.token("content", self.run.site_id, hashlib.sha256(arrival.described.compared or arrival.data).digest())

    def _history(self, lot: list[Arrival]) -> dict[tuple[str, str], list[_Landed]]:
        """All that landed before of the units in `lot`, oldest first."""
        pairs = sorted({(arrival.kind, arrival.token) for arrival in lot})
        if not pairs:
            return {}
        wanted = pa.table({"kind": pa.array([kind for kind, _ in pairs], pa.utf8()),
                           "unit_token": pa.array([token for _, token in pairs], pa.utf8())})
        engine = self.run.engine
        columns = ["kind", "unit_token", "seq", "op", "m", "content_token"]
        landed = engine.read(LANDING_INDEX, columns=columns, where=ledger.of_site(self.run.site_id))
        history: dict[tuple[str, str], list[_Landed]] = {}
        for row in engine.table(engine.sql(LANDED_BEFORE, landed=landed, wanted=engine.frame(wanted))).to_pylist():
            history.setdefault((row["kind"], row["unit_token"]), []).append(_Landed(row["seq"], row["op"], row["m"], row["content_token"]))
        return history


def _written(name: str) -> str:
    """A name as JSON can hold it: bytes of a file name that are no UTF-8 stand as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
