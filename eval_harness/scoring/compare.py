"""Two versions on the same cases: paired differences of every estimate, resampling the same persons for both."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval_harness.base import Absent, Measurement
from eval_harness.metrics.registry import metric
from eval_harness.metrics.rows import BinaryRows
from eval_harness.scoring.directory import ScoreDir, measurements_from
from eval_harness.scoring.estimates import Estimator, level_of, narrowed
from eval_harness.scoring.evidence import Evidence, scored_parts
from eval_harness.stats.estimates import auc_difference, interval_of
from eval_harness.stats.mcnemar import mcnemar_by_class

Json = dict[str, Any]


def differences(first: Estimator, second: Estimator) -> list[Json]:
    """First minus second, by estimate id. Both hold the same tokens of the same persons.

    AUC: DeLong (Obuchowski where a person has several units); everything else: percentile interval of paired draws.
    """
    rows = (first.rows(), second.rows())
    out = []
    for spec in first.pack["estimates"]:
        values = [one.one(spec, held, one.measurements).value for one, held in zip((first, second), rows, strict=True)]
        row: Json = {"id": spec["id"], "first": _json(values[0]), "second": _json(values[1]), "counts": {}, "method": "paired",
                     "mcnemar": discordant(spec, first, second, rows)}
        if any(isinstance(value, Absent) for value in values):
            absent = next(value for value in values if isinstance(value, Absent))
            out.append({**row, "value": absent.to_dict(), "interval": absent.to_dict()})
            continue
        narrow = [narrowed(held, metric(spec["metric"]), dict(spec.get("params") or {})) for held in rows]
        if metric(spec["metric"]).name == "auc" and isinstance(narrow[0], BinaryRows) and isinstance(narrow[1], BinaryRows):
            found = auc_difference(spec["id"], narrow[0], narrow[1], first.level).to_dict()
            out.append({**row, "value": found["value"], "interval": found["interval"], "method": "delong_paired"})
            continue
        gap = float(values[0]) - float(values[1])   # type: ignore[arg-type]
        interval = interval_of(first.draws(spec, rows[0]) - second.draws(spec, rows[1]), gap, first.level, "percentile", None)
        out.append({**row, "value": gap, "interval": _json(interval), "method": "bootstrap_paired"})
    return out


def discordant(spec: Mapping[str, Any], first: Estimator, second: Estimator, rows: tuple[Any, Any]) -> Json | None:
    """McNemar's exact and mid-p test for sensitivity (positives) or specificity (negatives), one unit a person; else None."""
    part = {"sensitivity": "positives", "specificity": "negatives", "accuracy": "all"}.get(metric(spec["metric"]).name)
    point = spec.get("operating_point")
    if part is None or point is None:
        return None
    a, b = (narrowed(held, metric(spec["metric"]), dict(spec.get("params") or {})) for held in rows)
    if not (isinstance(a, BinaryRows) and isinstance(b, BinaryRows)) or len(np.unique(a.person)) < len(a.person):
        return None
    found = mcnemar_by_class(a.truth, a.score >= first.points[point], b.score >= second.points[point])[part]
    return {"only_first": found.table[0][1], "only_second": found.table[1][0], "exact_p": found.exact_p, "mid_p": found.mid_p}


def _json(part: Any) -> Any:
    from dataclasses import asdict, is_dataclass

    if isinstance(part, Absent):
        return part.to_dict()
    return asdict(part) if is_dataclass(part) and not isinstance(part, type) else part


def compare(first: ScoreDir, second: ScoreDir) -> list[Json]:
    """Paired differences of two finished scores of one set (first minus second).

    Raises ValueError where the two do not hold the same set.
    """
    sides = []
    for held in (first, second):
        keys = held.bytes_of("keys.jsonl")
        sides.append((held, keys))
    if sides[0][1] != sides[1][1]:
        raise ValueError("a paired comparison needs two runs on the same set")
    estimators = [estimator_of(held) for held, _ in sides]
    return differences(*estimators)


def estimator_of(held: ScoreDir, persons: frozenset[str] | None = None) -> Estimator:
    """The estimator of a finished score, over all its scored cases (of these persons), whatever the device claims."""
    from eval_harness.scoring.directory import keys_from, truths_from

    keys, truths = keys_from(held.bytes_of("keys.jsonl")), truths_from(held.bytes_of("reference.jsonl"))
    bare = Evidence({}, (), keys, truths, held.json("protocol.json"), held.json("pack.json"), {})
    main, _ = scored_parts(bare, measurements_from(held.bytes_of("measurements.jsonl")))
    kept = [one for one in main if persons is None or one.person in persons]
    return Estimator(held.json("pack.json"), held.json("protocol.json"), kept)


def baseline(evidence: Evidence, measurements: Sequence[Measurement], other: ScoreDir, name: str) -> tuple[Json, bytes]:
    """The comparison block of the facts and the other run's measurements, which the regulator edition carries along."""
    data = other.bytes_of("measurements.jsonl")
    harness = other.facts["run"]["harness"]["version"]
    points = other.json("protocol.json").get("operating_points", [])
    block = {"name": name, "run_id": other.facts["run"]["run_id"], "harness": harness, "operating_points": points}
    return {**block, "differences": _differences(evidence, measurements, measurements_from(data), points)}, data


def baseline_again(block: Mapping[str, Any] | None, data: bytes, evidence: Evidence, measurements: Sequence[Measurement]) -> Json | None:
    """The same block made again from the carried measurements."""
    if block is None:
        return None
    return {**block, "differences": _differences(evidence, measurements, measurements_from(data), block["operating_points"])}


def _differences(evidence: Evidence, measurements: Sequence[Measurement], other: Sequence[Measurement], points: Any) -> list[Json]:
    """Both runs over the cases that are in the main analysis of this one; each at its own locked thresholds."""
    main, _ = scored_parts(evidence, measurements)
    by_token = {one.token: one for one in other}
    if any(one.token not in by_token for one in main):
        raise ValueError("a paired comparison needs two runs on the same set")
    second = {**evidence.protocol, "operating_points": points}
    keys = {key.token: key for key in evidence.keys}
    apart = [one["name"] for one in evidence.pack.get("strata", []) if not one.get("pool", True)]
    if any(len({level_of(name, keys[one.token]) for one in main}) > 1 for name in apart):
        absent = Absent("not_pooled").to_dict()
        return [{"id": spec["id"], "first": absent, "second": absent, "counts": {}, "method": "paired", "mcnemar": None, "value": absent,
                 "interval": absent} for spec in evidence.pack["estimates"]]
    return differences(Estimator(evidence.pack, evidence.protocol, main),
                       Estimator(evidence.pack, second, [by_token[one.token] for one in main]))
