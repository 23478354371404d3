"""Strata with gaps, failures, robustness, repeatability, readers: what stands beside the headline."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eval_harness.base import Absent, CaseKey, Estimate, Interval, Measurement
from eval_harness.scoring.columns import LesionFilter
from eval_harness.scoring.estimates import Estimator, level_of, strata_of
from eval_harness.stats.estimates import interval_of

LESION_DIMENSIONS = ("lesion_size", "lesion_type")
WORST_SHOWN = 25


def dimensions(pack: Mapping[str, Any], protocol: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Dimensions to break down by: those of the protocol, else those of the pack, each with its least n."""
    least = int(protocol.get("minimum_n", 10))
    wanted = protocol.get("subgroups") or [{"dimension": one["name"]} for one in pack.get("strata", [])]
    specs = {one["name"]: one for one in pack.get("strata", [])}
    return [{"dimension": one["dimension"], "min_n": int(one.get("min_n", specs.get(one["dimension"], {}).get("minimum_n", least))),
             "pool": bool(specs.get(one["dimension"], {}).get("pool", True))} for one in wanted]


def strata(estimator: Estimator, keys: Mapping[str, CaseKey]) -> list[dict[str, Any]]:
    """One entry a dimension: {"dimension", "levels": [{"level", "n", "persons", "small", "estimates"}], "gap"}."""
    out = []
    for one in dimensions(estimator.pack, estimator.protocol):
        name = one["dimension"]
        if name in LESION_DIMENSIONS:
            parts: list[tuple[str, list[Measurement], LesionFilter | None]] = [
                (level, estimator.measurements, keep) for level, keep in lesion_levels(name, estimator.measurements)]
        else:
            parts = [(level, part, None) for level, part in strata_of(name, estimator.measurements, keys).items()]
        if len(parts) < 2 and not (parts and parts[0][0] != "unknown"):
            continue
        levels = [_level(estimator, name, level, part, keep, one["min_n"]) for level, part, keep in parts]
        out.append({"dimension": name, "pooled": one["pool"], "min_n": one["min_n"], "levels": levels,
                    "gap": gap(estimator, levels, parts) if one["pool"] else None})
    apart = refused(out)
    return out if apart is None else [one if one is apart else _unpooled(one) for one in out]


def refused(strata: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The dimension whose levels must not be pooled, where the cases have more than one of them."""
    return next((one for one in strata if not one["pooled"] and len(one["levels"]) > 1), None)


def _unpooled(one: Mapping[str, Any]) -> dict[str, Any]:
    """A dimension across levels that must not be pooled: who is in it, and no number."""
    levels = [{**level, "estimates": [{**Estimate.from_dict(held).to_dict(), "value": Absent("not_pooled").to_dict(),
                                       "interval": Absent("not_pooled").to_dict(), "counts": {}} for held in level["estimates"]]}
              for level in one["levels"]]
    return {**one, "levels": levels, "gap": None}


def _level(estimator: Estimator, name: str, level: str, part: list[Measurement], keep: LesionFilter | None,
           least: int) -> dict[str, Any]:
    estimates = estimator.all(part, f"{name}={level}", keep)
    n = min((one.n for one in estimates), default=0) if keep else len(part)      # lesions of this level, though scans are more
    return {"level": level, "n": n, "persons": len({one.person for one in part}), "small": n < least,
            "estimates": [one.to_dict() for one in estimates]}


def lesion_levels(name: str, measurements: Sequence[Measurement]) -> list[tuple[str, LesionFilter]]:
    """Filters on lesions by diameter band (mm) or type. False positives count in every level: they have no size."""
    if name == "lesion_size":
        return [("<5 mm", lambda one: one["size_mm"] < 5), ("5-10 mm", lambda one: 5 <= one["size_mm"] <= 10),
                (">10 mm", lambda one: one["size_mm"] > 10)]
    types = sorted({one["type"] for held in measurements for one in held.rows["lesions"]})
    return [(kind, lambda one, kind=kind: one["type"] == kind) for kind in types]  # type: ignore[misc]


def gap(estimator: Estimator, levels: Sequence[Mapping[str, Any]], parts: Sequence[Any]) -> dict[str, Any] | None:
    """Best minus worst level of the primary estimate among levels that are large enough, with a paired bootstrap interval.

    Which levels are best and worst is read from the same data, so the gap is exploratory and tends to be too large.
    """
    primary = primary_spec(estimator.pack)
    place = [spec["id"] for spec in estimator.pack["estimates"]].index(primary["id"])
    known = [(row["estimates"][place]["value"], number) for number, row in enumerate(levels)
             if not row["small"] and not isinstance(row["estimates"][place]["value"], Mapping)]
    if len(known) < 2:
        return None
    high, low = max(known), min(known)
    draws = [estimator.draws(primary, estimator.rows(parts[number][1], parts[number][2])) for _, number in (high, low)]
    interval = interval_of(draws[0] - draws[1], high[0] - low[0], estimator.level, "percentile", None)
    return {"estimate": primary["id"], "best": levels[high[1]]["level"], "worst": levels[low[1]]["level"],
            "value": high[0] - low[0], "interval": _dict(interval), "kept": int(np.isfinite(draws[0] - draws[1]).sum())}


def primary_spec(pack: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(spec for spec in pack["estimates"] if spec["id"] == pack["primary"])


def _dict(interval: Interval | Absent) -> dict[str, Any]:
    from dataclasses import asdict

    return interval.to_dict() if isinstance(interval, Absent) else asdict(interval)


def worst_cases(kind: str, measurements: Sequence[Measurement], keys: Mapping[str, CaseKey],
                points: Mapping[str, float]) -> list[dict[str, Any]]:
    """Misses and false alarms at the locked operating point, the strongest first, with their strata."""
    threshold = min(points.values(), default=0.5)
    out: list[dict[str, Any]] = []
    for one in measurements:
        for what, weight in mistakes(kind, one, threshold):
            key = keys[one.token]
            out.append({"token": one.token, "what": what, "by": weight, "imputed": one.imputed, "site": key.site,
                        "strata": dict(sorted(key.strata.items()))})
    out.sort(key=lambda row: (row["what"], -row["by"], row["token"]))
    return [row for what in ("missed", "false_alarm") for row in [r for r in out if r["what"] == what][:WORST_SHOWN]]


def mistakes(kind: str, one: Measurement, threshold: float) -> list[tuple[str, float]]:
    """(missed | false_alarm, how far beyond the threshold) of one case; imputed ones are 1 beyond."""
    if kind == "binary":
        score, positive = one.rows["score"], bool(one.rows["truth"])
        if score is None:
            return [("missed" if positive else "false_alarm", 1.0)]
        called = score >= threshold
        return [] if called == positive else [("missed" if positive else "false_alarm", abs(score - threshold))]
    if kind.startswith("froc"):
        missed = sum(les["score"] is None or les["score"] < threshold for les in one.rows["lesions"])
        loud = max((score for score in one.rows["false"] if score >= threshold), default=None)
        out = [("missed", float(missed))] if missed else []
        return [*out, ("false_alarm", loud - threshold)] if loud is not None else out
    return []


def robustness(estimator: Estimator, apart: Sequence[Measurement], keys: Mapping[str, CaseKey],
               dimension: str | None = None) -> list[dict[str, Any]]:
    """Each declared variant against the same cases unaltered: primary estimate of both and their paired difference.

    dimension: one whose levels must not be pooled; each level then stands apart.
    """
    by_case = {keys[one.token].case_id: one for one in estimator.measurements}
    groups: dict[tuple[str, str], list[tuple[Measurement, Measurement]]] = {}
    for one in apart:
        key = keys[one.token]
        base, part = by_case.get(key.case_id), f"{dimension}={level_of(dimension, key)}" if dimension else "all"
        if base is not None:
            groups.setdefault((str(key.strata["variant"]), part), []).append((one, base))
    spec = primary_spec(estimator.pack)
    out = []
    for (variant, part), pairs in sorted(groups.items()):
        altered, plain = (estimator.rows([pair[i] for pair in pairs]) for i in (0, 1))
        values = [estimator.one(spec, rows, [pair[i] for pair in pairs], f"variant={variant}")
                  for i, rows in ((0, altered), (1, plain))]
        draws = estimator.draws(spec, altered) - estimator.draws(spec, plain)
        known = [one.value for one in values if not isinstance(one.value, Absent)]
        interval = interval_of(draws, 0.0, estimator.level, "percentile", None) if len(known) == 2 else Absent("no_unit")
        out.append({"variant": variant, "stratum": part, "n": len(pairs), "estimate": spec["id"], "altered": values[0].to_dict(),
                    "plain": values[1].to_dict(), "difference": known[0] - known[1] if len(known) == 2 else None,
                    "interval": _dict(interval)})
    return out


def repeatability(estimator: Estimator, apart: Sequence[Measurement], keys: Mapping[str, CaseKey]) -> dict[str, Any] | None:
    """Cases shown twice under other tokens: identical measurements, largest score difference, within-subject SD, decision flips."""
    by_case = {keys[one.token].case_id: one for one in estimator.measurements}
    pairs = [(one, by_case[keys[one.token].case_id]) for one in apart if keys[one.token].case_id in by_case]
    if not pairs:
        return None
    out: dict[str, Any] = {"n": len(pairs), "identical": sum(a.rows == b.rows for a, b in pairs)}
    if estimator.kind == "binary":
        scores = np.array([[a.rows["score"], b.rows["score"]] for a, b in pairs
                           if a.rows["score"] is not None and b.rows["score"] is not None], np.float64).reshape(-1, 2)
        gaps = scores[:, 0] - scores[:, 1]
        out |= {"pairs_with_scores": len(gaps), "largest_difference": float(np.abs(gaps).max(initial=0.0)),
                "within_sd": float(np.sqrt((gaps**2).mean() / 2)) if len(gaps) else 0.0,
                "flips": {name: int(((scores[:, 0] >= at) != (scores[:, 1] >= at)).sum()) for name, at in sorted(estimator.points.items())}}
    return out
