"""How often a legal entity may ask a set, and what it asked before. A platform fault is never charged.

Rules by tier stand in policies/access/budgets.yaml. A try counts from its start while it runs, and for good once the model has
been run; one that ended by a fault of the platform, or was sent back before a case was shown, does not count.
"""
from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eval_harness.base import Terminal
from eval_harness.testset import SetManifest
from governance import registry
from governance.limits import Rule, limit, rules
from governance.store import Store, moment
from schemas.messages import messages

if TYPE_CHECKING:
    from governance.desk import Desk

WHO = {"family": ("这个产品系列", "this device family"), "entity": ("这个责任主体", "this legal entity")}
Row = dict[str, Any]


@dataclass(frozen=True)
class Try:
    """One counted try on a set version."""

    entity: str
    family: str
    version: str
    at: str
    evaluation_id: str

    def within(self, per: str, other: Try) -> bool:
        """Whether a rule counted per version, family, entity or set takes both together."""
        mine, theirs = (self.entity, self.family, self.version), (other.entity, other.family, other.version)
        depth = {"set": 0, "entity": 1, "family": 2, "version": 3}[per]
        return mine[:depth] == theirs[:depth]


def tries(store: Store, scope: str) -> list[Try]:
    """Every counted try on set@version, oldest first."""
    known = {one["submission_id"]: one for one in registry.submissions(store)}
    dataset_id, _, version = scope.partition("@")
    return [_try(known[one["submission_id"]], one["started_at"], one["evaluation_id"])
            for one in registry.evaluations(store, dataset_id=dataset_id)
            if one["dataset_version"] == version and (one["charged"] or (one["state"] == "predicting" and one["end_state"] is None))]


def _try(submission: Row, at: str, evaluation_id: str) -> Try:
    entity, family, version = (registry.same_name(submission[name]) for name in ("legal_entity", "device_family", "device_version"))
    return Try(entity, family, version, at, evaluation_id)


def require(store: Store, submission: Row, manifest: SetManifest, at: dt.datetime | None = None) -> None:
    """Raises Terminal where the set may not be asked again, with when it may: BUD-001 (family, for good), BUD-002 (a window),
    BUD-003 (this version was run), BUD-004 (the set's queries are used up). Practice sets are free."""
    at = at or dt.datetime.now(dt.UTC)
    now = _try(submission, moment(at), "")
    spent = tries(store, manifest.scope)
    waits: list[tuple[str, Rule]] = []
    for rule in rules(manifest.tier):
        mine = [one for one in spent if one.within(rule.per, now)]
        if rule.days is not None:
            free_at = _free_at(rule, mine, at)
            waits += [(free_at, rule)] if free_at else []
        elif len(mine) >= rule.tries:
            code = {"version": "BUD-003", "set": "BUD-004"}.get(rule.per, "BUD-001")
            raise Terminal(messages().issue(code, manifest.scope, limit=rule.tries, evaluation=mine[0].evaluation_id,
                                            who_zh=WHO.get(rule.per, ("", ""))[0], who_en=WHO.get(rule.per, ("", ""))[1]))
    if waits:
        free_at, rule = max(waits, key=lambda one: one[0])
        spoken = f"{free_at[:16].replace('T', ' ')} UTC"
        raise Terminal(messages().issue("BUD-002", manifest.scope, limit=rule.tries, days=rule.days, at=spoken,
                                        who_zh=WHO[rule.per][0], who_en=WHO[rule.per][1]))


def _free_at(rule: Rule, mine: Sequence[Try], at: dt.datetime) -> str | None:
    """When a window has room again; None where it has room now."""
    span = dt.timedelta(days=rule.days or 0)
    recent = sorted(one.at for one in mine if one.at > moment(at - span))
    if len(recent) < rule.tries:
        return None
    return moment(dt.datetime.fromisoformat(recent[-rule.tries]) + span)


def statement(store: Store, evaluation: Row, manifest: SetManifest) -> Row | None:
    """What the report says about asking this set version, this run included: k tries of the device family and its limit, sealed
    runs of the legal entity, tries of everybody. None for a practice set. Counted at this run's start, so that scoring
    it again gives the same."""
    if manifest.tier == "practice":
        return None
    this = _try(registry.submission(store, evaluation["submission_id"]), evaluation["started_at"], evaluation["evaluation_id"])
    earlier = [one for one in tries(store, manifest.scope) if one.at <= this.at and one.evaluation_id != this.evaluation_id]
    counts = {per: 1 + sum(one.within(per, this) for one in earlier) for per in ("family", "entity", "set")}
    return {"k": counts["family"], "limit": limit(manifest.tier, "family"), "entity": counts["entity"], "all": counts["set"],
            "optimism": None}


def queries(store: Store, manifest: SetManifest) -> Row:
    """How often a set version was asked and may still be: {"used", "limit", "left"}; limit None where only each entity has one."""
    used, most = len(tries(store, manifest.scope)), limit(manifest.tier, "set")
    return {"used": used, "limit": most, "left": None if most is None else max(0, most - used)}


def prior_runs(desk: Desk, evaluation: Row) -> list[Row]:
    """Every earlier run of this legal entity on this set, failed ones included, oldest first."""
    entity = registry.same_name(registry.submission(desk.store, evaluation["submission_id"])["legal_entity"])
    mine = {one["submission_id"]: one for one in registry.submissions(desk.store) if registry.same_name(one["legal_entity"]) == entity}
    earlier = [one for one in registry.evaluations(desk.store, dataset_id=evaluation["dataset_id"])
               if one["submission_id"] in mine and one["started_at"] < evaluation["started_at"]
               and one["dataset_version"] == evaluation["dataset_version"]]
    return [_told(desk, one, mine[one["submission_id"]]) for one in earlier]


def _told(desk: Desk, row: Row, submission: Row) -> Row:
    facts = desk.score_folder(row["evaluation_id"]) / "facts.full.json"
    held = json.loads(facts.read_bytes()) if facts.exists() else {}
    headline = [one for one in held.get("estimates", []) if one.get("role") == "primary" and one.get("stratum") == "all"]
    primary: Row = headline[0] if headline else {}
    return {"run_id": row["facts"].get("run_id", row["evaluation_id"]), "device": submission["device_family"],
            "version": submission["device_version"], "at": row["started_at"], "state": row["state"], "end_state": row["end_state"],
            "value": primary.get("value"), "interval": primary.get("interval"), "verdict": held.get("verdict")}
