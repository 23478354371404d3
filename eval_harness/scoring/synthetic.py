"""A made-up finished run, for documents, benchmarks and tests: cases, truth, a model of known quality, failures, telemetry.

No image and no model: results are drawn, so that every statistic has a known answer. Persons are invented names of cases.
"""
from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from eval_harness.base import CaseKey, Result, Telemetry, Truth, canonical, merkle, sha256
from eval_harness.scoring.evidence import Evidence
from eval_harness.scoring.roots import results_root

SITES, SEXES = ("hospital-a", "hospital-b", "hospital-c"), ("female", "male")
BANDS, MAKERS = ("18-44", "45-59", "60-74", "75+"), ("maker-p", "maker-q")
HARNESS = {"name": "touchstone-eval", "version": "0.1.0"}


def token_of(seed: int, number: int) -> str:
    return sha256(f"token {seed} {number}".encode())[:32]


def made_evidence(pack: Mapping[str, Any], protocol: Any, *, n: int = 200, seed: int = 1, quality: float = 2.0,
                  visibility: str = "practice", failed: int = 0, repeats: int = 0, variants: int = 0,
                  model_seed: int = 0, context: Mapping[str, Any] | None = None) -> tuple[Evidence, list[Telemetry]]:
    """Evidence of a run over `n` cases. protocol: dict, or a function of (pack, dataset) that gives one.

    quality: distance of the two score distributions in standard deviations (2.0: AUC about 0.92). seed fixes set and
    truth, model_seed the model. repeats and variants: extra cases of those roles.
    """
    rng = np.random.default_rng([seed, 1])
    keys, truths, results, telemetry = [], {}, [], []
    order = sorted(range(n + repeats + variants), key=lambda number: token_of(seed, number))
    plain = [_case(rng, pack, number) for number in range(n)]
    for number in order:
        base = number if number < n else (number - n) % n
        key, value, ignore = plain[base]
        role, strata = "scored", dict(key.strata)
        if n <= number < n + repeats:
            role = "repeat"
        elif number >= n + repeats:
            strata["variant"] = "noise"
        token = token_of(seed, number)
        keys.append(CaseKey(token, key.case_id, key.person, key.study, key.site, strata, role))
        salt = hashlib.sha256(f"salt {seed} {number}".encode()).hexdigest()
        truths[token] = Truth(key.case_id, value, ignore=ignore, source="made up", salt=salt)
        fails = number < failed
        answer = None if fails else _answer(np.random.default_rng([seed, model_seed, base, 3]), pack, value, quality)
        results.append(Result("", token, 1, "timeout" if fails else "ok", "cpu_time" if fails else None,
                              None if fails else sha256(canonical(answer)), answer))
        telemetry.append(Telemetry("", token, 1, "vendor" if fails else None, 0.2 + 0.01 * (number % 7), 0.1, 0.0, 50_000_000, "node-1"))
    dataset = _manifest(pack, keys, truths, visibility, seed)
    rules = protocol(pack, dataset) if callable(protocol) else protocol
    run = {"state": "complete", "cause": None, "results_root": results_root(results),
           "inputs_root": dataset["inputs_root"], "harness": HARNESS}
    run["run_id"] = sha256(canonical([rules, run, model_seed]))
    results = [Result(**{**one.to_dict(), "run_id": run["run_id"]}) for one in results]
    heads = {name: {"seq": at, "hash": sha256(name.encode()), "at": f"2026-11-26T0{at}:00:00Z"}
             for at, name in enumerate(("locked", "predicted", "unsealed"), 1)}
    heads["predicted"]["root"] = run["results_root"]
    submission = {"kind": "onnx", "task": {"id": pack["task"], "version": pack["version"]}}
    evidence = Evidence(run, results, keys, truths, rules, pack, dataset, submission, heads, context or {})
    return evidence, [Telemetry(**{**one.to_dict(), "run_id": run["run_id"]}) for one in telemetry]


def _manifest(pack: Mapping[str, Any], keys: list[CaseKey], truths: Mapping[str, Truth], visibility: str, seed: int) -> dict[str, Any]:
    scope = f"made-{pack['task']}-{seed}@1"
    leaves = [merkle.salted_leaf("reference", scope, bytes.fromhex(truths[key.token].salt),
                                 {"key": key.to_dict(), "truth": {**truths[key.token].to_dict(), "salt": ""}}) for key in keys]
    return {"set_id": f"made-{pack['task']}-{seed}", "version": "1", "task": pack["task"], "visibility": visibility,
            "cases": len(keys), "inputs_root": sha256(f"inputs {seed}".encode()), "reference_root": merkle.root(leaves),
            "merkle_root": sha256(f"set {seed}".encode())}


def _case(rng: np.random.Generator, pack: Mapping[str, Any], number: int) -> tuple[CaseKey, Any, tuple[Any, ...]]:
    strata = {"sex": SEXES[int(rng.integers(2))], "age_band": BANDS[int(rng.integers(4))],
              "manufacturer": MAKERS[int(rng.integers(2))]}
    key = CaseKey("", f"case-{number:05d}", f"person-{number:05d}", f"study-{number:05d}", SITES[int(rng.integers(3))], strata)
    if pack["measure"]["kind"] == "binary":
        return key, {"label": int(rng.random() < 0.4)}, ()
    nodules = [{**{axis: float(round(rng.uniform(-150, 150), 2)) for axis in "xyz"},
                "diameter_mm": float(round(rng.uniform(3.5, 16), 1)), "kind": ("solid", "part_solid", "ground_glass")[int(rng.integers(3))]}
               for _ in range(int(rng.integers(0, 4)))]
    return key, {"nodules": nodules}, ()


def _answer(rng: np.random.Generator, pack: Mapping[str, Any], value: Any, quality: float) -> Any:
    if pack["measure"]["kind"] == "binary":
        z = rng.normal() + quality * (value["label"] - 0.5)
        return {"score": float(round(1 / (1 + np.exp(-z)), 6))}
    marks = []
    for nodule in value["nodules"]:
        if rng.random() < 1 / (1 + np.exp(-quality)):
            marks.append({**{axis: float(round(nodule[axis] + rng.normal() * 0.4, 3)) for axis in "xyz"},
                          "score": float(round(rng.beta(4, 2), 6))})
    for _ in range(int(rng.poisson(1.5))):
        marks.append({**{axis: float(round(rng.uniform(-180, 180), 3)) for axis in "xyz"}, "score": float(round(rng.beta(2, 4), 6))})
    return {"marks": marks}
