"""Pull: list, claim, fetch, land, one source after another; what a source breaks off stays in flight and is asked for again."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from eval_harness.base import Issue, TouchstoneError
from pipelines import ledger
from pipelines.phi_zone.arrivals import Lander
from pipelines.phi_zone.connectors.base import (
    Connector,
    Delivery,
    Gone,
    SourceRefused,
    SourceStrange,
    SourceUnavailable,
    TransferCut,
)
from pipelines.phi_zone.promises import Plan, Promise, claim, in_chunks
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.visiting import Closed, visit, within
from schemas.messages import messages
from schemas.tables import CLAIM, TOMBSTONE

ALWAYS_WHOLE = "folder"
"""The source whose listing is always everything it has."""
SOURCE_FAILED = (SourceUnavailable, TransferCut, SourceRefused, SourceStrange)


@dataclass
class Pulled:
    """What one source came to."""

    source: str
    watermark: str | None = None
    """Where the next night starts; None = this source must be asked for the same stretch again."""
    issues: list[Issue] = field(default_factory=list)
    failed: TouchstoneError | None = None
    missing: int = 0
    unlisted: int = 0


def pull(run: Run, connector: Connector, since: dt.datetime | None, until: dt.datetime | None) -> Pulled:
    """Everything one source promises for [since, until), claimed and landed. Never raises for a source that fails, nor where the
    hospital's hours end meanwhile: see `failed`."""
    out = Pulled(connector.source)
    before, listed = run.counts.get("unlisted", 0), 0
    try:
        for groups in in_chunks(within(run, connector.list(since, until))):
            listed += len(groups)
            _one_chunk(run, connector, claim(run, connector.source, groups), out)
        out.watermark = connector.watermark() if out.failed is None else None
    except (*SOURCE_FAILED, Closed) as error:
        out.failed = error
    finally:
        out.issues += connector.issues
        connector.close()
    out.unlisted = run.counts.get("unlisted", 0) - before
    no_longer = _no_longer_listed(run, connector.source) if run.full and out.failed is None and since is None else 0
    emptied = _came_from(run, connector.source) if connector.source == ALWAYS_WHOLE and not listed and out.failed is None else 0
    for code, count in (("LED-001", out.missing), ("LED-002", out.unlisted), ("FLW-007", no_longer), ("CON-019", emptied)):
        if count:
            out.issues.append(messages().issue(code, run.site_id, source=connector.source, count=count))
    return out


def _came_from(run: Run, source: str) -> int:
    """How many units a source has promised so far. One that always lists everything and lists nothing now is hardly empty."""
    frame = run.engine.sql("SELECT COUNT(*) AS units FROM claim WHERE source = '{}'".format(source.replace("'", "''")),
                           claim=run.engine.read(CLAIM, columns=["source"], where=ledger.of_site(run.site_id)))
    return int(run.engine.table(frame).column("units")[0].as_py())


def _no_longer_listed(run: Run, source: str) -> int:
    """Census: released units of this source that its whole listing does not name any more. They are told of, never deleted for it."""
    text = "SELECT DISTINCT of_token FROM standing WHERE source = '{}' AND op = 'put' AND state = 'released'"
    frame = run.engine.sql(text.format(source.replace("'", "''")), standing=ledger.standing(run.engine, run.site_id))
    stones = run.engine.table(run.engine.read(TOMBSTONE, columns=["unit_token"], where=ledger.of_site(run.site_id)))
    seen = run.census.get(source, set()) | set(stones.column("unit_token").to_pylist())
    return sum(1 for token in run.engine.table(frame).column("of_token").to_pylist() if token not in seen)


def _one_chunk(run: Run, connector: Connector, plans: list[Plan], out: Pulled) -> None:
    lander = Lander(run, connector.source)
    try:
        for plan in plans:
            if run.full or plan.group.basis == "transfer" or not all(promise.arrived for promise in plan.promises):
                visit(run)
                try:
                    out.missing += _one_group(run, connector, lander, plan)
                except SOURCE_FAILED as error:   # one study that stays cut does not hold up the others
                    out.failed = out.failed or error
                    out.issues.append(error.issue)
            run.tick()
    finally:
        lander.close()


def _one_group(run: Run, connector: Connector, lander: Lander, plan: Plan) -> int:
    """Fetch a group; give how many of its promises did not come."""
    waiting = _Waiting(plan)
    for item in connector.fetch(plan.group):
        if isinstance(item, Gone):
            promise = waiting.gone(item.unit_id)
            if promise is not None:
                lander.gone(promise)
        else:
            promise = waiting.match(item, run.unit_token(item.kind, item.unit_id))
            lander.add(plan, promise, item)
        run.tick()
    return waiting.left()


class _Waiting:
    """The promises of one group, and which of them are still to be kept."""

    def __init__(self, plan: Plan) -> None:
        self.by_unit = {unit: list(promises) for unit, promises in plan.by_unit.items()}
        self.filled: dict[str, list[Promise]] = {}
        for promise in plan.slots:
            if promise.filled_by:
                self.filled.setdefault(promise.filled_by, []).append(promise)
        self.free = [promise for promise in reversed(plan.slots) if not promise.filled_by]   # popped from the end: in order
        self.open = {(promise.kind, promise.token) for promise in plan.promises if not promise.arrived}

    def match(self, item: Delivery, token: str) -> Promise | None:
        """The promise this delivery keeps, or None when nobody listed it."""
        choices = self.by_unit.get(item.unit_id) or self.filled.get(token) or []
        promise = choices.pop(0) if choices else self.free.pop() if self.free else None
        return self._kept(promise)

    def gone(self, unit_id: str) -> Promise | None:
        choices = [promise for promise in self.by_unit.get(unit_id, []) if not promise.arrived]
        return self._kept(choices[0] if choices else None)

    def left(self) -> int:
        return len(self.open)

    def _kept(self, promise: Promise | None) -> Promise | None:
        if promise is not None:
            self.open.discard((promise.kind, promise.token))
        return promise


def watermarks(pulled: Iterable[Pulled]) -> dict[str, str]:
    """Where each source that was whole may go on."""
    return {one.source: one.watermark for one in pulled if one.watermark is not None and one.failed is None}
