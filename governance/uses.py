"""The use ledger of a set: which case was scored how often, and for whom. Rows are added, never changed (migration 0002).

A row is written before the reference standard is opened, together with an audit record that holds the digest of all tokens,
so that a row taken out of the database behind our back is noticed.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from eval_harness.base import digest
from governance.audit import Actor, Audit
from governance.store import CASE_USE, Store, now

Row = dict[str, Any]


def record(store: Store, audit: Audit, actor: Actor, evaluation_id: str, scope: str, entity: str, tokens: Iterable[str]) -> int:
    """Enter the scored cases of one evaluation; gives how many rows are new. Typed again, it adds nothing twice.

    scope: id@version of the set. entity: the legal entity's token (`desk.entity_token`), never its name.
    """
    dataset_id, _, version = scope.partition("@")
    with store.begin() as db:
        held = set(db.execute(sa.select(CASE_USE.c.token).where(CASE_USE.c.evaluation_id == evaluation_id)).scalars())
        wanted = sorted({*tokens, *held})      # held: entered before a kill; a case may have been withdrawn since
        audit.record("use", actor, evaluation_id, set=scope, entity=entity, cases=len(wanted), tokens=digest(wanted))
        fresh = [{"evaluation_id": evaluation_id, "token": token, "dataset_id": dataset_id, "dataset_version": version, "entity": entity,
                  "used_at": now()} for token in wanted if token not in held]
        if fresh:
            db.execute(CASE_USE.insert(), fresh)
    return len(fresh)


def rows(store: Store, dataset_id: str, version: str) -> list[Row]:
    """Every row of a set version, oldest first."""
    query = sa.select(CASE_USE).where(CASE_USE.c.dataset_id == dataset_id, CASE_USE.c.dataset_version == version)
    with store.begin() as db:
        return [dict(row) for row in db.execute(query.order_by(CASE_USE.c.used_at, CASE_USE.c.token)).mappings()]


def summary(held: Sequence[Row]) -> Row:
    """How often the cases of a set were scored: {"evaluations", "entities", "cases", "least", "most", "by_entity"}."""
    per_case = Counter(row["token"] for row in held)
    by_entity: dict[str, set[str]] = {}
    for row in held:
        by_entity.setdefault(row["entity"], set()).add(row["evaluation_id"])
    return {"evaluations": len({row["evaluation_id"] for row in held}), "entities": len(by_entity), "cases": len(per_case),
            "least": min(per_case.values(), default=0), "most": max(per_case.values(), default=0),
            "by_entity": {entity: len(found) for entity, found in sorted(by_entity.items())}}


def per_case(held: Sequence[Row]) -> list[Row]:
    """One row a case: how often it was scored, by how many entities, first and last time; the most used first."""
    out: dict[str, list[Row]] = {}
    for row in held:
        out.setdefault(row["token"], []).append(row)
    found = [{"token": token, "scored": len(mine), "entities": sorted({row["entity"] for row in mine}),
              "first": min(row["used_at"] for row in mine), "last": max(row["used_at"] for row in mine)} for token, mine in out.items()]
    return sorted(found, key=lambda row: (-row["scored"], row["token"]))


def missing(audit: Audit, held: Sequence[Row], scope: str) -> list[str]:
    """Evaluations whose ledger rows are not the ones the audit log speaks of; empty where the ledger is whole."""
    told = {record["object"]: record["facts"]["tokens"] for record in audit.records()
            if record["action"] == "use" and record["facts"]["set"] == scope}
    found: dict[str, list[str]] = {}
    for row in held:
        found.setdefault(row["evaluation_id"], []).append(row["token"])
    return sorted(evaluation_id for evaluation_id in set(told) | set(found)
                  if evaluation_id not in told or digest(sorted(found.get(evaluation_id, []))) != told[evaluation_id])
