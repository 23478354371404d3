"""May this account do this? Cedar policies in files, one function, default deny, every decision in the audit log."""
from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

from eval_harness.base import Terminal, WrongUsage
from eval_harness.base.canonical import sha256
from governance.audit import Actor, Audit
from schemas.messages import messages

POLICY_FOLDER = Path(__file__).parent / "policies" / "access"
ROLES = ("steward", "evaluator", "privacy", "vendor", "regulator", "auditor", "operator")
ACCOUNT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")


class AccessDenied(Terminal):
    """This account may not. Nothing was changed, and only another account or another rule can help: not the environment's fault."""

    exit_code = 2


def acting(text: str | None = None) -> Actor:
    """The account that acts: `text`, else $TOUCHSTONE_ACTOR as account:role, else local:operator (one-machine installation).

    Raises WrongUsage ACC-002.
    """
    found = text or os.environ.get("TOUCHSTONE_ACTOR") or "local:operator"
    account, _, role = found.rpartition(":")
    if not ACCOUNT.match(account) or role not in ROLES:
        raise WrongUsage(messages().issue("ACC-002", "TOUCHSTONE_ACTOR", found=found if len(found) < 40 else "…"))
    return Actor(account, role)


@cache
def policies(folder: Path = POLICY_FOLDER) -> tuple[str, str]:
    """The text of all policies and its digest."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.cedar")))
    return text, sha256(text.encode())


def allowed(actor: Actor, action: str, object: str, *, owner: str = "", requester: str = "", organisation: str = "",
            folder: Path = POLICY_FOLDER) -> bool:
    """Evaluate the policies. `owner` is the legal entity an object belongs to, `requester` who asked for it."""
    import cedarpy

    text, _ = policies(folder)
    entities = [
        {"uid": {"type": "Account", "id": actor.name}, "parents": [],
         "attrs": {"role": actor.role, "account": actor.name, "organisation": organisation or actor.name}},
        {"uid": {"type": "Object", "id": object}, "parents": [], "attrs": {"owner": owner, "requester": requester}},
    ]
    request = {"principal": f'Account::{json.dumps(actor.name)}', "action": f'Action::{json.dumps(action)}',
               "resource": f'Object::{json.dumps(object)}', "context": {}}
    result = cedarpy.is_authorized(request, text, entities)
    return bool(result.decision == cedarpy.Decision.Allow and not result.diagnostics.errors)


def require(audit: Audit, actor: Actor, action: str, object: str, *, owner: str = "", requester: str = "",
            organisation: str = "") -> None:
    """Write the decision down, then let pass or raise AccessDenied ACC-001. No audit write, no decision (it fails closed)."""
    granted = allowed(actor, action, object, owner=owner, requester=requester, organisation=organisation)
    audit.record("decide", actor, object, "allow" if granted else "deny", asked=action, policy=policies()[1][:16])
    if not granted:
        raise AccessDenied(messages().issue("ACC-001", object, actor=str(actor), action=action))
