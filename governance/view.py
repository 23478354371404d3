"""What a person is told about a submission or an evaluation: plain rows and numbers, read from what is stored."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eval_harness.testset.layout import CARD, read_manifest
from governance import budget, registry, uses
from governance.desk import Desk, entity_token


def submission_view(row: dict[str, Any]) -> dict[str, Any]:
    """A submission without its bytes: who, what, state, issues."""
    return {"submission_id": row["submission_id"], "vendor": row["legal_entity"], "name": row["device_family"],
            "version": row["device_version"], "task": row["task"], "state": row["state"], "digest": row["digest"],
            "kind": row["facts"].get("kind"), "issues": row["facts"].get("issues", []), "submitted_at": row["submitted_at"]}


def evaluation_view(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    """An evaluation with its headline: primary estimate, comparison, failures, verdict, files. For the operator, whose numbers are exact;
    a vendor reads its own edition. On a validation set the value that the Ladder released, and nothing else that truth went into."""
    submission = registry.submission(desk.store, row["submission_id"])
    view = {"evaluation_id": row["evaluation_id"], "submission_id": row["submission_id"], "vendor": submission["legal_entity"],
            "name": submission["device_family"], "version": submission["device_version"], "task": submission["task"],
            "dataset": f"{row['dataset_id']}@{row['dataset_version']}", "state": row["state"], "end_state": row["end_state"],
            "cause": row["cause"], "charged": row["charged"], "started_at": row["started_at"], "files": files_of(desk, row)}
    if tier_of(desk, row) == "validation":
        return view | {"tier": "validation", "released": row["facts"].get("release")}
    facts = desk.score_folder(row["evaluation_id"]) / "facts.full.json"
    return view | headline(json.loads(facts.read_bytes())) if facts.exists() else view


def tier_of(desk: Desk, row: dict[str, Any]) -> str:
    """practice, validation or sealed: the tier of the set an evaluation was made on."""
    return read_manifest(desk.home.frozen / row["dataset_id"] / row["dataset_version"]).tier


def uses_view(desk: Desk, dataset: str) -> dict[str, Any]:
    """How often a set was asked and may still be, which case was scored how often and for whom, and whether the ledger is whole."""
    row = registry.dataset(desk.store, dataset)
    manifest = read_manifest(desk.home.frozen / row["dataset_id"] / row["version"])
    held, names = uses.rows(desk.store, row["dataset_id"], row["version"]), {}
    for one in registry.submissions(desk.store):
        names[entity_token(one["legal_entity"])] = one["legal_entity"]
    found = uses.summary(held)
    card = json.loads((desk.home.frozen / row["dataset_id"] / row["version"] / CARD).read_bytes())
    return {"dataset": manifest.scope, "tier": manifest.tier, "queries": budget.queries(desk.store, manifest),
            "ladder": card.get("ladder"), **found, "by_entity": [{"entity": entity, "name": names.get(entity), "evaluations": number}
                                   for entity, number in found["by_entity"].items()],
            "whole": not uses.missing(desk.audit, held, manifest.scope), "per_case": uses.per_case(held)}


def headline(facts: dict[str, Any]) -> dict[str, Any]:
    """Primary estimate, its verdict, how many cases were imputed, and the paired difference to the compared version."""
    primary = next((one for one in facts["estimates"] if one["role"] == "primary" and one["stratum"] == "all"), None)
    block = facts.get("comparison") or {}
    difference = next((one for one in block.get("differences", []) if primary and one["id"] == primary["id"]), None)
    return {"primary": primary, "verdict": facts["verdict"], "n_imputed": primary["n_imputed"] if primary else 0, "comparison": difference}


def files_of(desk: Desk, row: dict[str, Any]) -> list[str]:
    """The files to open, pages first."""
    folder = desk.evidence_folder(row["evaluation_id"])
    if not folder.exists():
        return []
    order = {".html": 0, ".pdf": 1, ".zip": 2, ".json": 3}
    found = [path for path in folder.iterdir() if path.suffix in order]
    return [str(path) for path in sorted(found, key=lambda path: (order[path.suffix], path.name))]


def vendor_log(folder: Path, sealed: bool, cap_bytes: int = 65536) -> str:
    """What the owner may see of the model's own output: the first bytes of it, or why there are none.

    A character that is not seen is shown as a mark, so that no log moves the reader's cursor or turns the text around it.
    """
    if sealed:
        return ""
    parts = [path.read_bytes()[:cap_bytes] for path in sorted((folder / "logs").glob("*"))] if (folder / "logs").exists() else []
    told = b"\n".join(parts)[:cap_bytes].decode("utf-8", "replace")
    return "".join(one if one in "\n\t" or one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in told)
