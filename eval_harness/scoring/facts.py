"""The facts of one run: every number a report may print, as one JSON value without prose (design/evaluation: Facts).

Nothing in here depends on the machine, the clock, the number of workers or their load: telemetry has a file of its own.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from eval_harness.base import Absent, CaseKey, Estimate, Interval, Measurement, digest
from eval_harness.scoring import breakdown, canaries, readers, verdict
from eval_harness.scoring.curves import curves
from eval_harness.scoring.estimates import Estimator, strata_of
from eval_harness.scoring.evidence import Evidence, in_scope, scored_parts
from eval_harness.scoring.optimism import best_of_k_normal
from eval_harness.stats.distributions import norm_ppf

if TYPE_CHECKING:
    from eval_harness.scoring.compare import Baseline

SCHEMA = "touchstone.facts/2"
NOT_VERIFIABLE = ("model_made_outputs", "truth_is_medically_right", "signer_identity_beyond_key")


def build(evidence: Evidence, measurements: Sequence[Measurement], roots: Mapping[str, str],
          baseline: Baseline | None = None) -> dict[str, Any]:
    """The full facts. roots: Merkle roots by name. baseline: another version's run on the same set (scoring.compare)."""
    evidence = replace(evidence, keys=in_scope(evidence.keys, evidence.protocol))
    main, apart = scored_parts(evidence, measurements)
    keys = {key.token: key for key in evidence.keys}
    estimator = Estimator(evidence.pack, evidence.protocol, main)
    strata = breakdown.strata(estimator, keys)
    estimates = pooled(estimator, strata)
    versus = verdict.Versus(baseline.block["differences"], baseline.pair.at_level) if baseline and baseline.pair else verdict.ALONE
    lines = tested(estimator, estimates, strata, versus, keys)
    apart_by = breakdown.refused(strata)
    rows = estimator.rows()
    return {
        "schema": SCHEMA, "edition": "full", "visibility": evidence.dataset["visibility"],
        "official": bool(evidence.context.get("official", False)),
        "run": {name: evidence.run.get(name) for name in ("run_id", "state", "cause", "results_root", "inputs_root", "harness")},
        "protocol": {"digest": digest(evidence.protocol), "locked": locked(evidence),
                     "signers": list(evidence.context.get("signers", [])), "schema": evidence.protocol.get("schema"),
                     "multiplicity": evidence.protocol.get("multiplicity", "none"), "B": estimator.resamples,
                     "seed": estimator.seed, "level": estimator.level, "sample_size": evidence.protocol.get("sample_size")},
        "identity": identity(evidence),
        "accounting": accounting(evidence, main, apart),
        "estimates": [one.to_dict() for one in estimates],
        "tests": lines, "verdict": verdict.overall(lines),
        "curves": curves(rows, estimator.points) if not isinstance(estimates[0].value, Absent) else [],
        "strata": strata,
        "failures": breakdown.worst_cases(estimator.kind, main, keys, estimator.points),
        "robustness": breakdown.robustness(estimator, apart["variant"], keys, apart_by["dimension"] if apart_by else None),
        "repeatability": breakdown.repeatability(estimator, apart["repeat"], keys),
        "canaries": len(apart["canary"]),
        "canary_test": canaries.suspicion(apart["canary"], main, estimator.kind, min(estimator.points.values(), default=None)),
        "comparison": dict(baseline.block) if baseline else None,
        "readers": readers.ceiling(main, evidence.truths, estimator.level),
        "sensitivity_analyses": milder(estimator, estimates),
        "prior_runs": list(evidence.context.get("prior_runs", [])),
        "budget": budget(evidence.context.get("budget"), estimates, evidence.pack["primary"]),
        "deviations": list(evidence.context.get("deviations", [])),
        "commitments": dict(roots),
        "not_verifiable": list(NOT_VERIFIABLE),
    }


def tested(estimator: Estimator, estimates: Sequence[Estimate], strata: Sequence[Mapping[str, Any]],
           versus: verdict.Versus, keys: Mapping[str, CaseKey]) -> list[dict[str, Any]]:
    """The end points judged over all cases or, where cases must not be pooled, in each level apart: every one has to be met."""
    refused = breakdown.refused(strata)
    if refused is None:
        lines = verdict.judged(estimator.protocol, estimates, estimator.at_level, versus)
        return [{**line, "stratum": "all"} for line in lines]
    out = []
    parts = strata_of(refused["dimension"], estimator.measurements, keys)
    for level in refused["levels"]:
        made = [Estimate.from_dict(one) for one in level["estimates"]]
        lines = verdict.judged(estimator.protocol, made, partial(estimator.at_level, part=parts[level["level"]]))
        out += [{**line, "stratum": f"{refused['dimension']}={level['level']}"} for line in lines]
    return out


def milder(estimator: Estimator, estimates: Sequence[Estimate]) -> list[dict[str, Any]]:
    """The primary estimate under milder failure rules, where a case failed: no end point, but what the failures cost."""
    if not any(one.imputed for one in estimator.measurements) or isinstance(estimates[0].value, Absent):
        return []
    spec = breakdown.primary_spec(estimator.pack)
    kept = [one for one in estimator.measurements if not one.imputed]
    out = [{"analysis": "failed_excluded", "estimate": estimator.one(spec, estimator.rows(kept), kept).to_dict()}]
    if estimator.kind.startswith("froc"):
        missed = [replace(one, rows={**one.rows, "false_above": 0}) for one in estimator.measurements]
        out.insert(0, {"analysis": "missed_only", "estimate": estimator.one(spec, estimator.rows(missed), missed).to_dict()})
    return out


def budget(given: Mapping[str, Any] | None, estimates: Sequence[Estimate], primary: str) -> dict[str, Any] | None:
    """The platform's record of tries, with the optimism expected of the best of k tries of equal quality."""
    if given is None:
        return None
    one = next((estimate for estimate in estimates if estimate.id == primary), None)
    if one is None or not isinstance(one.interval, Interval) or one.interval.sided != "two" or int(given["k"]) < 1:
        return {**given, "optimism": None}
    se = (one.interval.upper - one.interval.lower) / (2 * norm_ppf(0.5 + one.interval.level / 2))
    return {**given, "optimism": round(best_of_k_normal(se, int(given["k"])), 4)}


def locked(evidence: Evidence) -> bool:
    """True when the plan bears signatures, or its digest was in the audit log before the predictions."""
    return bool(evidence.context.get("signers")) or (evidence.heads.get("locked") or {}).get("root") == digest(evidence.protocol)


def pooled(estimator: Estimator, strata: Sequence[Mapping[str, Any]]) -> list[Estimate]:
    """The estimates over all cases; absent where a dimension of the task must not be pooled (children's age bands)."""
    if breakdown.refused(strata) is None:
        return estimator.all()
    return [Estimate.absent(spec["id"], "not_pooled", unit_of_analysis=spec.get("unit_of_analysis", "case"),
                            operating_point=spec.get("operating_point"), role=spec.get("role", "secondary"))
            for spec in estimator.pack["estimates"]]


def identity(evidence: Evidence) -> dict[str, Any]:
    pack, held = evidence.pack, evidence.dataset
    return {
        "device": dict(evidence.protocol.get("device", {})),
        "submission": {"digest": evidence.protocol.get("submission"), "kind": evidence.submission.get("kind")},
        "dataset": {name: held.get(name) for name in ("set_id", "version", "visibility", "cases", "inputs_root", "reference_root",
                                                      "merkle_root")},
        "task": {"id": pack["task"], "version": pack["version"], "digest": pack["digest"], "title": dict(pack["title"]),
                 "unit": pack.get("unit", "case")},
    }


def accounting(evidence: Evidence, main: Sequence[Measurement], apart: Mapping[str, Sequence[Measurement]]) -> dict[str, Any]:
    """Where every case of the set went. planned = answered + failed + missing; scored + apart = planned.

    withdrawn: cases that were answered and have left the set since; they count nowhere, their leaf stays in the root.
    """
    tokens = {key.token for key in evidence.keys}
    results = [result for result in evidence.results if result.token in tokens]
    status = Counter(result.status for result in results)
    planned = len(evidence.keys)
    answered = status.pop("ok", 0)
    causes = Counter(result.cause or result.status for result in results if result.status != "ok")
    return {
        "planned": planned, "answered": answered, "failed": dict(sorted(status.items())),
        "missing": planned - len(results), "withdrawn": len(evidence.results) - len(results), "causes": dict(sorted(causes.items())),
        "scored": len(main), "imputed": sum(one.imputed for one in main), **_failed_by_class(main),
        "persons": len({one.person for one in main}), "sites": len({key.site for key in evidence.keys}),
        **{name: len(part) for name, part in apart.items()},
    }


def _failed_by_class(main: Sequence[Measurement]) -> dict[str, int]:
    """Failed cases by their truth, where a case has one of two: what the disclosure rules must not let out."""
    failed = [one.rows["truth"] for one in main if one.imputed and isinstance(one.rows.get("truth"), int)]
    return {"imputed_positive": sum(failed), "imputed_negative": len(failed) - sum(failed)} if failed else {}
