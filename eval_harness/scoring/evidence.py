"""Everything a score is made from, as plain rows. Scoring is a pure function of this: no clock, no folder, no network."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eval_harness.base import CaseKey, Measurement, Result, Terminal, Truth, eval_messages
from eval_harness.base.copies import Copy, copied_rows, declared_copies

PAEDIATRIC_BANDS = ("<1", "1-5", "6-12", "13-17")
HEAD_ORDER = ("locked", "predicted", "unsealed", "scored")


@dataclass(frozen=True)
class Evidence:
    """One finished run, opened. Rows are in token order."""

    run: Mapping[str, Any]
    """{"run_id", "state", "cause", "results_root", "inputs_root", "harness", "runner"}: the part that is the same on any machine."""
    results: Sequence[Result]
    keys: Sequence[CaseKey]
    truths: Mapping[str, Truth]
    """By token."""
    protocol: Mapping[str, Any]
    pack: Mapping[str, Any]
    """The task pack as JSON: its spec, digest and texts (scoring.pack_json)."""
    dataset: Mapping[str, Any]
    """The set manifest."""
    submission: Mapping[str, Any] = field(default_factory=dict)
    heads: Mapping[str, Any] = field(default_factory=dict)
    """Audit heads {"locked", "predicted", "unsealed"}: {"seq", "hash", "at", "root"?}."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What only the platform knows: prior_runs, budget, deviations, card, official."""

    @property
    def sealed(self) -> bool:
        return bool(self.dataset["visibility"] == "sealed")

    @property
    def scope(self) -> str:
        return f"{self.dataset['set_id']}@{self.dataset['version']}"


def in_scope(keys: Sequence[CaseKey], protocol: Mapping[str, Any]) -> list[CaseKey]:
    """Keys with `in_scope` False where the device does not claim the case's age band (an adult-only device and a child)."""
    scope = (protocol.get("device") or {}).get("scope") or {}
    claimed, population = set(scope.get("age_bands") or ()), scope.get("population", "all")

    def claims(key: CaseKey) -> bool:
        band = key.strata.get("age_band")
        if band is None or (not claimed and population == "all"):
            return True
        return band in claimed if claimed else (band in PAEDIATRIC_BANDS) == (population == "paediatric")

    return [key if claims(key) else replace(key, in_scope=False) for key in keys]


def check_order(evidence: Evidence) -> None:
    """A sealed set may be scored only if truth was opened after the root of all predictions was in the audit log.

    Raises Terminal SCO-001 when a head is missing, SCO-002 when the order is wrong, SCO-003 when the audited root is not
    the root of these results. Practice sets carry their truth inside and need no heads.
    """
    if not evidence.sealed:
        return
    heads = evidence.heads
    for name in HEAD_ORDER[:3]:
        if not heads.get(name):
            raise Terminal(eval_messages().issue("SCO-001", evidence.run["run_id"][:12], head=name))
    steps = [int(heads[name]["seq"]) for name in HEAD_ORDER[:3]]
    if not steps[0] < steps[1] < steps[2]:
        raise Terminal(eval_messages().issue("SCO-002", evidence.run["run_id"][:12], found=" ".join(map(str, steps))))
    if heads["predicted"].get("root") != evidence.run["results_root"]:
        raise Terminal(eval_messages().issue("SCO-003", evidence.run["run_id"][:12]))


def run_copies(evidence: Evidence, tokens: Iterable[str]) -> list[Copy]:
    """Copies that the plan declares of a set with `tokens` (withdrawn ones included) and that were run; all of them or none."""
    copies, answered = declared_copies(evidence.protocol, tokens), {result.token for result in evidence.results}
    return copies if any(copy.token in answered for copy in copies) else []


def with_copies(keys: Sequence[CaseKey], truths: Mapping[str, Truth], withdrawn: Iterable[str],
                evidence: Evidence) -> tuple[list[CaseKey], dict[str, Truth]]:
    """Keys and truths of the set, and of the copies that were run beside it."""
    by_token = {key.token: key for key in keys}
    made, told = copied_rows(run_copies(evidence, [*by_token, *withdrawn]), by_token, truths)
    return [*keys, *made], {**truths, **told}


def scored_parts(evidence: Evidence, measurements: Sequence[Measurement]) -> tuple[list[Measurement], dict[str, list[Measurement]]]:
    """Measurements that count for the headline, and the others by why they do not.

    Apart: out_of_scope (the device does not claim them), repeat, canary, variant (declared robustness copies),
    unusable (no defined reference).
    """
    main: list[Measurement] = []
    apart: dict[str, list[Measurement]] = {"out_of_scope": [], "repeat": [], "canary": [], "variant": [], "unusable": []}
    keys = {key.token: key for key in evidence.keys}
    for one in measurements:
        why = _apart(keys[one.token], evidence.truths[one.token], one)
        (apart[why] if why else main).append(one)
    return main, apart


def _apart(key: CaseKey, truth: Truth, one: Measurement) -> str | None:
    if not key.in_scope:
        return "out_of_scope"
    if key.strata.get("variant"):
        return "variant"
    if key.role != "scored":
        return key.role
    return "unusable" if one.rows is None or truth.state == "absent" else None
