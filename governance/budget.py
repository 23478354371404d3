"""How often a legal entity may ask a sealed set, and what it asked before. A platform fault is never charged."""
from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from eval_harness.base import Terminal
from eval_harness.testset import SetManifest
from governance import registry
from governance.store import Store
from schemas.messages import messages

if TYPE_CHECKING:
    from governance.desk import Desk

POLICY = Path(__file__).parent / "policies" / "access" / "budgets.yaml"


def limit() -> int:
    """Sealed tries a device family of a legal entity has on one set version (policies/access/budgets.yaml)."""
    return int(yaml.safe_load(POLICY.read_text(encoding="utf-8"))["sealed_tries_per_family_and_set"])


def used(store: Store, row: dict[str, Any], scope: str) -> int:
    """Charged tries of this legal entity and device family on set@version."""
    mine = {one["submission_id"] for one in registry.submissions(store, row["legal_entity"])
            if one["device_family"] == row["device_family"]}
    return sum(1 for one in registry.evaluations(store)
               if one["charged"] and one["submission_id"] in mine and f"{one['dataset_id']}@{one['dataset_version']}" == scope)


def require(store: Store, submission: dict[str, Any], manifest: SetManifest) -> None:
    """Raises Terminal BUD-001 when a sealed set may not be asked again. Practice sets are free."""
    if manifest.visibility == "sealed" and used(store, submission, manifest.scope) >= limit():
        raise Terminal(messages().issue("BUD-001", manifest.scope, limit=limit()))


def statement(store: Store, evaluation: dict[str, Any], manifest: SetManifest) -> dict[str, Any]:
    """What the report says about asking: own tries, tries of everybody, limit."""
    submission = registry.submission(store, evaluation["submission_id"])
    here = [one for one in registry.evaluations(store, dataset_id=manifest.set_id) if one["dataset_version"] == manifest.version]
    everybody = sum(1 for one in here if one["charged"] or one["evaluation_id"] == evaluation["evaluation_id"])
    return {"k": everybody, "own": used(store, submission, manifest.scope), "limit": limit(), "optimism": None}


def prior_runs(desk: Desk, evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    """Every earlier run of this legal entity on this set, failed ones included, oldest first."""
    entity = registry.submission(desk.store, evaluation["submission_id"])["legal_entity"]
    mine = {one["submission_id"]: one for one in registry.submissions(desk.store, entity)}
    earlier = [one for one in registry.evaluations(desk.store, dataset_id=evaluation["dataset_id"])
               if one["submission_id"] in mine and one["started_at"] < evaluation["started_at"]
               and one["dataset_version"] == evaluation["dataset_version"]]
    return [_told(desk, one, mine[one["submission_id"]]) for one in earlier]


def _told(desk: Desk, row: dict[str, Any], submission: dict[str, Any]) -> dict[str, Any]:
    facts = desk.score_folder(row["evaluation_id"]) / "facts.full.json"
    held = json.loads(facts.read_bytes()) if facts.exists() else {}
    headline = [one for one in held.get("estimates", []) if one.get("role") == "primary" and one.get("stratum") == "all"]
    primary: dict[str, Any] = headline[0] if headline else {}
    return {"run_id": row["facts"].get("run_id", row["evaluation_id"]), "device": submission["device_family"],
            "version": submission["device_version"], "at": row["started_at"], "state": row["state"], "end_state": row["end_state"],
            "value": primary.get("value"), "interval": primary.get("interval"), "verdict": held.get("verdict")}
