"""Every declared estimate, overall and by stratum, from measurements: layer two to layer three (design/evaluation).

One draw matrix a run serves all of them, so intervals of strata, gaps and paired differences resample the same persons.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eval_harness.base import CaseKey, Estimate, Measurement
from eval_harness.metrics import threshold as cells
from eval_harness.metrics.registry import MetricSpec, metric
from eval_harness.metrics.rows import BinaryRows, BoxRows, FrocRows, MultilabelRows, Rows, TagRows, Weights
from eval_harness.scoring.columns import LesionFilter, columns, persons_of
from eval_harness.stats import bootstrap, proportions
from eval_harness.stats import estimates as closed
from eval_harness.stats.strata import AGE_BANDS

PROPORTIONS = {"sensitivity": ("tp", "fn"), "specificity": ("tn", "fp"), "ppv": ("tp", "fp"), "npv": ("tn", "fn")}
"""Metric: (cell that counts, its complement). Accuracy is (tp + tn) against the rest."""


class Estimator:
    """Holds what all estimates of a run share: rows by person, the draw matrix, thresholds."""

    def __init__(self, pack: Mapping[str, Any], protocol: Mapping[str, Any], measurements: Sequence[Measurement],
                 persons: Mapping[str, int] | None = None) -> None:
        self.pack, self.protocol = pack, protocol
        self.measurements = list(measurements)
        self.persons = dict(persons if persons is not None else persons_of(measurements))
        self.kind = str(pack["measure"]["kind"])
        self.shape = shape_of(pack)
        self.level = float(protocol.get("level", 0.95))
        self.seed, self.resamples = int(protocol["seed"]), int(protocol["B"])
        self.weights: Weights = bootstrap.draw(len(self.persons), self.resamples, self.seed)
        self.points = {point["name"]: float(point["threshold"]) for point in protocol.get("operating_points", [])}

    def rows(self, part: Sequence[Measurement] | None = None, lesions: LesionFilter | None = None) -> Rows:
        return columns(self.kind, self.measurements if part is None else part, self.persons, lesions, self.shape)

    def all(self, part: Sequence[Measurement] | None = None, stratum: str = "all",
            lesions: LesionFilter | None = None) -> list[Estimate]:
        """Every estimate the pack declares, in its order."""
        chosen = self.measurements if part is None else list(part)
        rows = self.rows(chosen, lesions)
        return [self.one(spec, rows, chosen, stratum) for spec in self.pack["estimates"]]

    def one(self, spec: Mapping[str, Any], rows: Rows, part: Sequence[Measurement], stratum: str = "all") -> Estimate:
        found, params = metric(spec["metric"]), dict(spec.get("params") or {})
        rows = narrowed(rows, found, params)
        point = spec.get("operating_point")
        if point and "threshold" in (*found.params, *found.optional):
            params["threshold"] = self.points[point]
        fields: dict[str, Any] = {
            "unit_of_analysis": spec.get("unit_of_analysis", "case"), "stratum": stratum, "operating_point": point,
            "cluster": self.pack.get("cluster", "person"), "role": spec.get("role", "secondary"),
            "n_imputed": sum(one.imputed for one in part), "n_undefined": undefined_in(rows),
            "source": "measurements.jsonl",
        }
        made = self._made(spec["id"], found, rows, params, fields)
        counts = {**counts_of(rows, params.get("threshold")), **dict(made.counts)}
        return replace(made, unit=spec.get("unit") or found.unit, counts=counts, cluster=fields["cluster"])

    def _made(self, id: str, found: MetricSpec, rows: Rows, params: dict[str, Any], fields: dict[str, Any]) -> Estimate:
        method = self._method(id, found)
        if isinstance(rows, BinaryRows) and found.name == "auc" and method.startswith("delong"):
            return closed.auc(id, rows, self.level, **fields)
        if isinstance(rows, BinaryRows) and method in proportions.METHODS and "threshold" in params:
            k, n, single = proportion_of(found.name, rows, params["threshold"])
            if single:
                return replace(closed.proportion(id, k, n, method, self.level, **fields), n_clusters=n)
        style = "bca" if method == "bca" else "percentile"
        return closed.bootstrapped(id, found, rows, self.weights, self.seed, self.level, params, style, **fields)

    def _method(self, id: str, found: MetricSpec) -> str:
        """The interval method the protocol names for a primary end point, else the metric's own."""
        for endpoint in self.protocol.get("primary", []):
            if endpoint["estimate"] == id and endpoint.get("method"):
                return str(endpoint["method"])
        return found.interval

    def at_level(self, id: str, level: float, part: Sequence[Measurement] | None = None) -> Estimate | None:
        """One estimate, overall or of `part`, again with its interval at another level, for a test at its own alpha."""
        spec = next((one for one in self.pack["estimates"] if one["id"] == id), None)
        kept, self.level = self.level, level
        try:
            return self.one(spec, self.rows(part), self.measurements if part is None else part) if spec else None
        finally:
            self.level = kept

    def draws(self, spec: Mapping[str, Any], rows: Rows) -> np.ndarray:
        """The estimate in every draw, for gaps and paired differences: float[B]."""
        found, params = metric(spec["metric"]), dict(spec.get("params") or {})
        rows = narrowed(rows, found, params)
        if spec.get("operating_point") and "threshold" in (*found.params, *found.optional):
            params["threshold"] = self.points[spec["operating_point"]]
        return np.asarray(found(rows, self.weights, **params), np.float64)


def shape_of(pack: Mapping[str, Any]) -> dict[str, Any]:
    """Labels or tag types that every case has, from the pack's measure parameters."""
    params = pack["measure"].get("params") or {}
    return {name: params[name] for name in ("labels", "types", "thresholds") if name in params}


def narrowed(rows: Rows, found: MetricSpec, params: dict[str, Any]) -> Rows:
    """One label of a multi-label task, where the metric takes one score a unit. Takes `label` out of `params`."""
    if isinstance(rows, MultilabelRows) and found.kind == "binary":
        return rows.label(rows.labels.index(params.pop("label")))
    return rows


def proportion_of(name: str, rows: BinaryRows, threshold: float) -> tuple[int, int, bool]:
    """k, n, and whether every unit of the denominator is another person (only then is a closed form right)."""
    tp, fp, fn, tn = (int(count) for count in cells.confusion(rows, bootstrap.ones(rows.n_persons), threshold)[0])
    table = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    called = rows.score >= threshold
    inside = {"sensitivity": rows.truth, "specificity": ~rows.truth, "ppv": called, "npv": ~called}.get(name)
    if name == "accuracy":
        k, n, owners = tp + tn, tp + fp + fn + tn, rows.person
    elif inside is None:
        return 0, 0, False
    else:
        good, bad = PROPORTIONS[name]
        k, n, owners = table[good], table[good] + table[bad], rows.person[inside]
    return k, n, len(np.unique(owners)) == len(owners)


def counts_of(rows: Rows, threshold: float | None) -> dict[str, int]:
    """The whole numbers behind an estimate."""
    if isinstance(rows, BinaryRows):
        if threshold is not None:
            found = cells.confusion(rows, bootstrap.ones(rows.n_persons), threshold)[0]
            return dict(zip(("tp", "fp", "fn", "tn"), (int(count) for count in found), strict=True))
        return {"positive": int(rows.truth.sum()), "negative": int((~rows.truth).sum())}
    if isinstance(rows, FrocRows):
        out = {"lesions": int(rows.lesions.sum()), "scans": int(rows.scans.sum())}
        if threshold is not None:
            strong = rows.score >= threshold
            out |= {"found": int((rows.hit & strong).sum()), "false": int((~rows.hit & ~rows.ignored & strong).sum())}
        return out
    if isinstance(rows, BoxRows):
        return {"lesions": closed.units(rows), **({} if rows.images is None else {"images": int(rows.images.sum())})}
    if isinstance(rows, TagRows):
        return {"cases": len(rows.person), "entities": int(rows.reference.sum())}
    return {"cases": len(rows.person)}


def undefined_in(rows: Rows) -> int:
    """Units without a defined reference or distance."""
    if isinstance(rows, MultilabelRows):
        return int((~rows.defined).sum())
    table = getattr(rows, "columns", None)
    return int(max((np.isnan(column).sum() for column in table.values()), default=0)) if table else 0


def strata_of(dimension: str, measurements: Sequence[Measurement], keys: Mapping[str, CaseKey]) -> dict[str, list[Measurement]]:
    """Measurements by level of one dimension; cases that do not have it stand under "unknown"."""
    out: dict[str, list[Measurement]] = {}
    for one in measurements:
        out.setdefault(level_of(dimension, keys[one.token]), []).append(one)
    order = {name: place for place, (_, name) in enumerate(AGE_BANDS)}
    return dict(sorted(out.items(), key=lambda item: (order.get(item[0], -1), item[0])))


def level_of(dimension: str, key: CaseKey) -> str:
    return key.site if dimension == "site" else str(key.strata.get(dimension) or "unknown")
