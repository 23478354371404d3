"""What the portal may do: write a row that says what somebody wants. A worker with the rights executes it."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from governance.audit import Actor, Audit
from governance.registry import new_id
from governance.store import REQUEST, Store, now

NEXT_STATE = {("waiting", "take"): "running", ("running", "finish"): "done", ("running", "fail"): "failed",
              ("waiting", "cancel"): "cancelled", ("running", "take"): "running"}
"""A worker that died leaves its request running; the next one takes it again, and every command can be run again."""


def ask(store: Store, audit: Audit, actor: Actor, kind: str, params: dict[str, Any]) -> str:
    """Queue a request; gives its id."""
    request_id = new_id("q")
    audit.record("request", actor, request_id, kind=kind)
    with store.begin() as db:
        db.execute(REQUEST.insert().values(request_id=request_id, kind=kind, actor=str(actor), params=params, state="waiting",
                                           asked_at=now()))
    return request_id


def take(store: Store) -> dict[str, Any] | None:
    """The oldest waiting request, now running; None when nothing waits."""
    with store.begin() as db:
        row = db.execute(sa.select(REQUEST).where(REQUEST.c.state == "waiting").order_by(REQUEST.c.asked_at)).mappings().first()
        if row is None:
            return None
        db.execute(REQUEST.update().where(REQUEST.c.request_id == row["request_id"]).values(state="running"))
        return dict(row)


def move(store: Store, request_id: str, action: str, result: dict[str, Any] | None = None) -> str:
    """Finish, fail or cancel; gives the new state. KeyError for a move the table does not know."""
    with store.begin() as db:
        state = db.execute(sa.select(REQUEST.c.state).where(REQUEST.c.request_id == request_id)).scalar_one()
        target = NEXT_STATE[(state, action)]
        db.execute(REQUEST.update().where(REQUEST.c.request_id == request_id).values(state=target, result=result, ended_at=now()))
    return target
