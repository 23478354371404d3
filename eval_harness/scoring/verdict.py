"""The primary end points against the rule that was locked before the run.

A verdict is a bound of an interval on the right side of a comparator: `lower bound of sensitivity > 0.80`. The order of
gates and the multiplicity rule come from the protocol; an end point behind a closed gate is `not_tested`.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval_harness.base import Absent, Estimate, Interval

Again = Callable[[str, float], Estimate | None]
"""(estimate id, level) to the same estimate with its interval at that level; None where it cannot be made again."""
DifferAgain = Callable[[str, float], Mapping[str, Any] | None]
"""The same for the paired difference to another version."""


@dataclass(frozen=True)
class Versus:
    """Paired differences to another version, this one minus that one."""

    rows: Sequence[Mapping[str, Any]] = ()
    again: DifferAgain = lambda id, level: None


ALONE = Versus()
MULTIPLICITY = ("none", "fixed_sequence", "bonferroni", "holm")


def level_for(endpoint: Mapping[str, Any], protocol: Mapping[str, Any], split: int) -> float:
    """Two-sided confidence level whose bound tests this end point at its alpha (a one-sided alpha leaves 1 - 2 alpha)."""
    alpha = float(endpoint.get("alpha", protocol.get("alpha", 0.05))) / split
    return 1 - alpha if endpoint.get("sided", protocol.get("sided", "two")) == "two" else 1 - 2 * alpha


def bound_at(estimate: Estimate, level: float, side: str, again: Again) -> float | None:
    """The bound of `estimate` at `level`, the level of two sides; None where the interval is absent.

    An interval of one side spends its whole error on that side: its level is then the one that leaves half of what two
    sides leave. One that carries its level on the other side ends at the range of the metric, which clears no target.
    """
    interval = estimate.interval
    if isinstance(interval, Interval) and interval.sided in ("two", side):
        wanted = level if interval.sided == "two" else (1 + level) / 2
        made = estimate if abs(interval.level - wanted) <= 1e-12 else again(estimate.id, wanted)
        interval = made.interval if made is not None else Absent("no_interval")
    if not isinstance(interval, Interval):
        return None
    return interval.lower if side == "lower" else interval.upper


def judged(protocol: Mapping[str, Any], estimates: Sequence[Estimate], again: Again, versus: Versus = ALONE) -> list[dict[str, Any]]:
    """One line an end point, in gate order."""
    endpoints = list(protocol.get("primary", []))
    rule = protocol.get("multiplicity", "none")
    split = len(endpoints) if rule == "bonferroni" else 1
    by_id = {one.id: one for one in estimates}
    if rule == "holm":
        return _holm(endpoints, protocol, by_id, again, versus)
    out: list[dict[str, Any]] = []
    open_gate = True
    for order, endpoint in enumerate(endpoints, 1):
        line = _judged(endpoint, protocol, by_id.get(endpoint["estimate"]), split, again, versus)
        line["gate"] = order
        if rule == "fixed_sequence" and not open_gate:
            line["verdict"] = "not_tested"
        open_gate = open_gate and line["verdict"] == "met"
        out.append(line)
    return out


def _holm(endpoints: Sequence[Mapping[str, Any]], protocol: Mapping[str, Any], by_id: Mapping[str, Estimate], again: Again,
          versus: Versus) -> list[dict[str, Any]]:
    """Step-down (Holm 1979) by bounds: at each step one end point whose bound clears at alpha / (those left) is met and leaves.

    What clears at a stricter level clears at a later one, so the order within a step does not matter.
    """
    out: dict[int, dict[str, Any]] = {}
    for left in range(len(endpoints), 0, -1):
        lines = {place: _judged(one, protocol, by_id.get(one["estimate"]), left, again, versus)
                 for place, one in enumerate(endpoints) if place not in out}
        met = next((place for place, line in lines.items() if line["verdict"] == "met"), None)
        if met is None:
            out |= lines
            break
        out[met] = lines[met]
    return [{**out[place], "gate": place + 1} for place in range(len(endpoints))]


def _judged(endpoint: Mapping[str, Any], protocol: Mapping[str, Any], estimate: Estimate | None, split: int,
            again: Again, versus: Versus) -> dict[str, Any]:
    comparator = dict(endpoint.get("comparator") or {"kind": "none"})
    side = endpoint.get("bound", "lower")
    level = level_for(endpoint, protocol, split)
    line: dict[str, Any] = {"estimate": endpoint["estimate"], "comparator": comparator, "bound": side,
                            "alpha": round(1 - level, 12), "level": round(level, 12), "value": None, "bound_value": None,
                            "verdict": "undetermined"}
    if comparator["kind"] in ("superiority", "noninferiority"):
        return _against_version(line, comparator, level, versus)
    if estimate is None or isinstance(estimate.value, Absent) or comparator["kind"] == "none":
        line["verdict"] = "no_rule" if comparator["kind"] == "none" else "undetermined"
        return line
    line["value"], line["bound_value"] = estimate.value, bound_at(estimate, level, side, again)
    if line["bound_value"] is not None:
        clear = line["bound_value"] > comparator["value"] if side == "lower" else line["bound_value"] < comparator["value"]
        line["verdict"] = "met" if clear else "not_met"
    return line


def _against_version(line: dict[str, Any], comparator: Mapping[str, Any], level: float, versus: Versus) -> dict[str, Any]:
    """Superiority (margin 0) or non-inferiority (margin > 0) against an earlier version, on the paired difference at `level`.

    Where less is better the upper bound of the difference has to lie below the margin.
    """
    margin = float(comparator.get("margin") or 0.0) if comparator["kind"] == "noninferiority" else 0.0
    one = next((row for row in versus.rows if row["id"] == line["estimate"]), None)
    if one is not None and abs(one["interval"].get("level", level) - level) > 1e-12:
        one = versus.again(line["estimate"], level)
    if one is not None and "absent" not in one["interval"]:
        bound = float(one["interval"][line["bound"]])
        clear = bound > -margin if line["bound"] == "lower" else bound < margin
        line |= {"value": one["value"], "bound_value": bound, "verdict": "met" if clear else "not_met"}
    return line


def overall(lines: Sequence[Mapping[str, Any]]) -> str:
    """met when every end point is met; undetermined when one could not be judged and none failed."""
    states = {line["verdict"] for line in lines}
    if not lines or states == {"no_rule"}:
        return "no_rule"
    if "not_met" in states:
        return "not_met"
    return "met" if states <= {"met", "no_rule"} else "undetermined"
