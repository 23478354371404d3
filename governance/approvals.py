"""Two people for what matters: one asks, another decides, and the decision ends by the clock."""
from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from eval_harness.base import Terminal
from governance.access import require
from governance.audit import Actor, Audit
from governance.registry import new_id
from governance.store import APPROVAL, Store, moment, now
from schemas.messages import messages

VALID_DAYS = 30
NEXT_STATE = {("asked", "approve"): "approved", ("asked", "refuse"): "refused", ("approved", "revoke"): "revoked"}


def ask(store: Store, audit: Audit, actor: Actor, object: str, purpose: str) -> str:
    """Ask for `purpose` on `object`; gives the approval id. Asking again while one waits or holds gives the same id."""
    standing = _standing(store, object, purpose)
    if standing is not None:
        return str(standing["approval_id"])
    approval_id, at = new_id("a"), dt.datetime.now(dt.UTC)
    audit.record("approval.ask", actor, object, purpose=purpose, approval=approval_id)
    with store.begin() as db:
        db.execute(APPROVAL.insert().values(
            approval_id=approval_id, object=object, purpose=purpose, requester=actor.name, state="asked",
            requested_at=moment(at), expires_at=moment(at + dt.timedelta(days=VALID_DAYS))))
    return approval_id


def decide(store: Store, audit: Audit, actor: Actor, object: str, purpose: str, action: str = "approve", reason: str = "") -> str:
    """Approve or refuse what waits; gives the new state. APR-001 for the own request, APR-002 when nothing waits."""
    row = _standing(store, object, purpose)
    state = NEXT_STATE.get((row["state"], action)) if row is not None else None
    if row is None or state is None:
        raise Terminal(messages().issue("APR-002", object))
    if row["requester"] == actor.name:
        raise Terminal(messages().issue("APR-001", object))
    require(audit, actor, "approval.decide", object, requester=row["requester"])
    audit.record(f"approval.{action}", actor, object, purpose=purpose, approval=row["approval_id"])
    with store.begin() as db:
        db.execute(APPROVAL.update().where(APPROVAL.c.approval_id == row["approval_id"]).values(
            state=state, approver=actor.name, decided_at=now(), reason=reason[:500]))
    return state


def holds(store: Store, object: str, purpose: str) -> bool:
    """True while an approval for this purpose is given and has not expired."""
    row = _standing(store, object, purpose)
    return row is not None and row["state"] == "approved"


def _standing(store: Store, object: str, purpose: str) -> dict[str, Any] | None:
    query = sa.select(APPROVAL).where(APPROVAL.c.object == object, APPROVAL.c.purpose == purpose,
                                      APPROVAL.c.state.in_(("asked", "approved")), APPROVAL.c.expires_at > now())
    with store.begin() as db:
        row = db.execute(query.order_by(APPROVAL.c.requested_at.desc())).mappings().first()
    return dict(row) if row is not None else None
