"""What the facts say of plan, pack, submission and disclosure, held against those documents: the rule of a verdict above all."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eval_harness.base import digest
from eval_harness.scoring.disclose import POLICY
from eval_harness.scoring.facts import NOT_VERIFIABLE
from eval_harness.scoring.verdict import level_for
from eval_harness.verify.result import VerifyReport

Json = Mapping[str, Any]
Line = tuple[str, Any, Any, str]
"""(place in facts.json, what stands there, what has to, the document that says so)"""


def check_statements(documents: Json, predicate: Json, report: VerifyReport) -> None:
    """VER-012 at each place where the facts of a vendor edition say something else than the documents beside them."""
    wrong = [line for line in _lines(documents, predicate) if line[1] != line[2]]
    for place, _, _, source in wrong:
        report.refuse("VER-012", f"facts.json#{place}", what=source)
    if not wrong:
        report.passed.append("facts say what plan, pack and submission say")


def _lines(documents: Json, predicate: Json) -> Iterator[Line]:
    facts, plan, pack = documents["facts"], documents["protocol"], documents["pack"]
    who, sent, signed = facts["identity"], documents["submission"], "statement.dsse.json"
    yield "/edition", facts["edition"], "vendor", signed
    yield "/run/run_id", facts["run"]["run_id"], predicate["run_id"], signed
    yield "/verdict", facts["verdict"], predicate["verdict"], signed
    yield "/run/inputs_root", facts["run"]["inputs_root"], who["dataset"]["inputs_root"], "facts.json#/identity/dataset"
    yield "/visibility", facts["visibility"], who["dataset"]["visibility"], "facts.json#/identity/dataset"
    yield "/identity/device", who["device"], plan.get("device", {}), "protocol.json"
    yield "/identity/submission/digest", who["submission"]["digest"], plan.get("submission"), "protocol.json"
    yield "/identity/submission/kind", who["submission"]["kind"], sent.get("kind"), "submission.json"
    if sent.get("digest") is not None and plan.get("submission") is not None:
        yield "/identity/submission/digest", who["submission"]["digest"], sent["digest"], "submission.json"
    for name, source in (("id", "task"), ("version", "version"), ("title", "title"), ("unit", "unit")):
        yield f"/identity/task/{name}", who["task"][name], pack.get(source, "case" if name == "unit" else None), "pack/pack.json"
    yield "/not_verifiable", facts["not_verifiable"], list(NOT_VERIFIABLE), "the verifier"
    yield from _plan(facts, plan, documents["audit"].get("heads") or {})
    yield from _rules(facts, plan, pack)
    if facts["visibility"] == "sealed":
        yield "/disclosure/policy", facts["disclosure"]["policy"], {**POLICY, **(plan.get("disclosure") or {})}, "protocol.json"


def _plan(facts: Json, plan: Json, heads: Json) -> Iterator[Line]:
    said = facts["protocol"]
    right = {"schema": plan.get("schema"), "multiplicity": plan.get("multiplicity", "none"), "B": int(plan["B"]), "seed": int(plan["seed"]),
             "level": float(plan.get("level", 0.95)), "sample_size": plan.get("sample_size"),
             "locked": bool(said["signers"]) or (heads.get("locked") or {}).get("root") == digest(plan)}
    for name, value in right.items():
        yield f"/protocol/{name}", said[name], value, "protocol.json"


def _rules(facts: Json, plan: Json, pack: Json) -> Iterator[Line]:
    """Every end point of the plan is judged, by the plan's rule; every estimate of the pack stands there, as the pack declares it."""
    rules = {one["estimate"]: one for one in plan.get("primary", [])}
    split = len(rules) if plan.get("multiplicity") == "bonferroni" else 1
    yield "/tests", {line["estimate"] for line in facts["tests"]}, set(rules), "protocol.json#/primary"
    for place, line in enumerate(facts["tests"]):
        rule = rules.get(line["estimate"], {})
        yield f"/tests/{place}/comparator", line["comparator"], rule.get("comparator") or {"kind": "none"}, "protocol.json#/primary"
        yield f"/tests/{place}/bound", line["bound"], rule.get("bound", "lower"), "protocol.json#/primary"
        if plan.get("multiplicity") != "holm":      # there the level of an end point depends on which others are met
            yield f"/tests/{place}/level", line["level"], round(level_for(rule, plan, split), 12), "protocol.json#/primary"
    yield "/estimates", [one["id"] for one in facts["estimates"]], [one["id"] for one in pack["estimates"]], "pack/pack.json"
    for place, (one, spec) in enumerate(zip(facts["estimates"], pack["estimates"], strict=False)):
        for name, default in (("role", "secondary"), ("unit_of_analysis", "case"), ("operating_point", None)):
            yield f"/estimates/{place}/{name}", one[name], spec.get(name, default), "pack/pack.json"
