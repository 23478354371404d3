"""Two versions on the same cases: paired differences of every estimate, resampling the same persons for both."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Pair:
    """Two versions' measurements of the same tokens of the same persons; differences are first minus second.

    AUC: DeLong (Obuchowski where a person has several units); everything else: percentile interval of paired draws.
    """

    first: Estimator
    second: Estimator

    def differences(self) -> list[Json]:
        """By estimate, in the pack's order, at the plan's level."""
        rows = (self.first.rows(), self.second.rows())
        return [self._one(spec, rows, self.first.level) for spec in self.first.pack["estimates"]]

    def at_level(self, id: str, level: float) -> Json | None:
        """One difference with its interval at another level, for a test at its own alpha."""
        spec = next((one for one in self.first.pack["estimates"] if one["id"] == id), None)
        return self._one(spec, (self.first.rows(), self.second.rows()), level) if spec else None

    def _one(self, spec: Mapping[str, Any], rows: tuple[Any, Any], level: float) -> Json:
        first, second = self.first, self.second
        values = [one.one(spec, held, one.measurements).value for one, held in zip((first, second), rows, strict=True)]
        row: Json = {"id": spec["id"], "first": _json(values[0]), "second": _json(values[1]), "counts": {}, "method": "paired",
                     "mcnemar": discordant(spec, first, second, rows)}
        if any(isinstance(value, Absent) for value in values):
            absent = next(value for value in values if isinstance(value, Absent))
            return {**row, "value": absent.to_dict(), "interval": absent.to_dict()}
        narrow = [narrowed(held, metric(spec["metric"]), dict(spec.get("params") or {})) for held in rows]
        if metric(spec["metric"]).name == "auc" and isinstance(narrow[0], BinaryRows) and isinstance(narrow[1], BinaryRows):
            found = auc_difference(spec["id"], narrow[0], narrow[1], level).to_dict()
            return {**row, "value": found["value"], "interval": found["interval"], "method": "delong_paired"}
        gap = float(values[0]) - float(values[1])   # type: ignore[arg-type]
        interval = interval_of(first.draws(spec, rows[0]) - second.draws(spec, rows[1]), gap, level, "percentile", None)
        return {**row, "value": gap, "interval": _json(interval), "method": "bootstrap_paired"}


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


def estimator_of(held: ScoreDir, persons: frozenset[str] | None = None) -> Estimator:
    """The estimator of a finished score, over all its scored cases (of these persons), whatever the device claims."""
    from eval_harness.scoring.directory import keys_from, truths_from

    keys, truths = keys_from(held.bytes_of("keys.jsonl")), truths_from(held.bytes_of("reference.jsonl"))
    bare = Evidence({}, (), keys, truths, held.json("protocol.json"), held.json("pack.json"), {})
    main, _ = scored_parts(bare, measurements_from(held.bytes_of("measurements.jsonl")))
    kept = [one for one in main if persons is None or one.person in persons]
    return Estimator(held.json("pack.json"), held.json("protocol.json"), kept)


@dataclass(frozen=True)
class Baseline:
    """Another version's run on the same set."""

    block: Json
    """The comparison of the facts."""
    pair: Pair | None
    """Makes a difference again at another level; None where the cases must not be pooled."""


def baseline(evidence: Evidence, measurements: Sequence[Measurement], other: ScoreDir, name: str) -> tuple[Baseline, bytes]:
    """The comparison and the other run's measurements, which the regulator edition carries along."""
    data = other.bytes_of("measurements.jsonl")
    harness = other.facts["run"]["harness"]["version"]
    points = other.json("protocol.json").get("operating_points", [])
    block = {"name": name, "run_id": other.facts["run"]["run_id"], "harness": harness, "operating_points": points}
    return _compared(block, evidence, measurements, data), data


def baseline_again(block: Mapping[str, Any] | None, data: bytes, evidence: Evidence,
                   measurements: Sequence[Measurement]) -> Baseline | None:
    """The same comparison made again from the carried measurements."""
    return None if block is None else _compared(block, evidence, measurements, data)


def _compared(block: Mapping[str, Any], evidence: Evidence, measurements: Sequence[Measurement], data: bytes) -> Baseline:
    """Both runs over the cases that are in the main analysis of this one; each at its own locked thresholds."""
    other, points = measurements_from(data), block["operating_points"]
    main, _ = scored_parts(evidence, measurements)
    by_token = {one.token: one for one in other}
    if any(one.token not in by_token for one in main):
        raise ValueError("a paired comparison needs two runs on the same set")
    second = {**evidence.protocol, "operating_points": points}
    keys = {key.token: key for key in evidence.keys}
    apart = [one["name"] for one in evidence.pack.get("strata", []) if not one.get("pool", True)]
    if any(len({level_of(name, keys[one.token]) for one in main}) > 1 for name in apart):
        absent = Absent("not_pooled").to_dict()
        rows = [{"id": spec["id"], "first": absent, "second": absent, "counts": {}, "method": "paired", "mcnemar": None, "value": absent,
                 "interval": absent} for spec in evidence.pack["estimates"]]
        return Baseline({**block, "differences": rows}, None)
    pair = Pair(Estimator(evidence.pack, evidence.protocol, main),
                Estimator(evidence.pack, second, [by_token[one.token] for one in main]))
    return Baseline({**block, "differences": pair.differences()}, pair)
