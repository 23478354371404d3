"""What a reviewer reads first: what was tested on what, the verdict, the numbers, where every case went, cautions."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval_harness.report import figures
from eval_harness.report.chapters.plots import drawn, main_curve
from eval_harness.report.chapters.view import WITHHELD, View
from eval_harness.report.document import Block, Figure, Heading, Pairs, Table, Text, Verdict
from eval_harness.report.numbers import is_absent, percent, real, shown

STATES = {"met": "met", "not_met": "not_met"}


def chapter(view: View) -> list[Block]:
    w = view.w
    facts = view.facts
    lines = [test_line(view, line) for line in facts["tests"]]
    out: list[Block] = [
        Heading(w("summary.heading"), "summary"),
        Verdict(STATES.get(facts["verdict"], "none"), w(f"verdict.{facts['verdict']}"), "\n".join(lines)),
        *picture(view),
        Pairs(identity(view)),
        estimates_table(view, w("summary.numbers")),
        *versus(view),
        Heading(w("summary.flow"), "flow", 3),
        flow(view),
        Heading(w("summary.cautions"), "cautions", 3),
        *(Text(text, "warning") for text in cautions(view)),
        Text(w("summary.how_to_verify"), "note"),
        *curve(view),
    ]
    return out


def identity(view: View) -> list[tuple[str, str]]:
    w, ident, counted = view.w, view.facts["identity"], view.facts["accounting"]
    device, held = ident["device"], ident["dataset"]
    locked = w("summary.locked", n=len(view.facts["protocol"]["signers"])) if view.facts["protocol"]["locked"] else w("summary.not_locked")
    return [
        (w("summary.device"), f"{device.get('name', '–')} {device.get('version', '')}".strip()),
        (w("summary.entity"), str(device.get("legal_entity", "–"))),
        (w("summary.use"), view.said(device.get("intended_use")) or "–"),
        (w("summary.set"), w("summary.set_value", set=f"{held['set_id']}@{held['version']}", visibility=w(f"summary.{held['visibility']}"),
                             cases=shown(held["cases"]), persons=shown(counted["persons"]), sites=shown(counted["sites"]))),
        (w("summary.task"), w("summary.task_value", title=view.said(ident["task"]["title"]), id=ident["task"]["id"],
                              version=ident["task"]["version"])),
        (w("summary.plan"), f"{view.facts['protocol']['digest'][:16]}… ({locked})"),
        (w("summary.submission"), f"{(ident['submission']['digest'] or '–')[:16]}…" if ident["submission"]["digest"] else "–"),
    ]


def test_line(view: View, line: Mapping[str, Any]) -> str:
    """One end point's verdict as a sentence."""
    w, rule = view.w, line["comparator"]
    one, title = view.estimate_of(line), view.endpoint(line)
    if line["verdict"] == "not_tested":
        return w("verdict.line_not_tested", estimate=title)
    if rule["kind"] in ("superiority", "noninferiority"):
        if line["value"] is None:
            return w("verdict.line_undetermined", estimate=title, why=w("absent.no_unit"))
        return w("verdict.line_version", version=rule.get("version") or "–", value=real(line["value"]), bound=real(line["bound_value"]),
                 margin=shown(-float(rule.get("margin") or 0)))
    sign, side = (">", "lower") if line["bound"] == "lower" else ("<", "upper")
    target = real(rule["value"]) if rule.get("value") is not None else ""
    if one is None or (is_absent(one["value"]) and one["value"]["absent"] == WITHHELD):      # None: a stratum that this edition withholds
        told = w(f"absent.{WITHHELD}", cell=view.cell) if one is None else w.value(one, view.facts)      # as the table has it
        rule_told = {"side": w(f"verdict.{side}"), "op": sign, "target": target}
        return w("verdict.line_withheld" if target else "verdict.line_value", estimate=title, value=told, **rule_told)
    if is_absent(one["value"]):
        return w("verdict.line_undetermined", estimate=title, why=w.why(one["value"]))
    if rule["kind"] == "none":
        return w("verdict.line_no_rule", estimate=title, value=w.value(one), interval=w.spoken(one["interval"]))
    if line["verdict"] == "undetermined":
        why = w.why(one["interval"]) if is_absent(one["interval"]) else one["interval"]["sided"]
        return w("verdict.line_undetermined", estimate=title, why=why)
    rounded = view.withheld and line["bound_value"] is None
    return w("verdict.line_rounded" if rounded else "verdict.line_target", estimate=title, value=w.value(one),
             interval=w.spoken(one["interval"]), side=w(f"verdict.{side}"), level=percent(line["level"]), op=sign, target=target)


def picture(view: View) -> list[Block]:
    """The primary end point's interval against its target, where both may be shown."""
    w, one = view.w, view.primary
    first = view.facts["tests"][0] if view.facts["tests"] else None
    target = first["comparator"].get("value") if first else None
    if first is None or target is None or is_absent(one["value"]) or (view.withheld and first["bound_value"] is None):
        return []          # an interval rounded outward may touch a target that it clears
    interval = one["interval"]
    lower, upper = (None, None) if is_absent(interval) else (interval["lower"], interval["upper"])
    inside = one["unit"] == "1" and 0 <= one["value"] <= 1
    spread = [float(x) for x in (one["value"], target, lower, upper) if x is not None]
    low, high = _frame(spread, inside)
    level = percent(view.facts["protocol"]["level"]) if is_absent(interval) else percent(interval["level"])
    words = {"estimate": w.title(one["id"]), "target": real(target)}
    alt = w("results.fig_against_alt", value=real(one["value"]), lower=real(lower), upper=real(upper), **words)
    svg = figures.against(one["value"], lower, upper, target, w("results.target", target=real(target)), alt, low, high)
    return [Figure(w("results.fig_against", level=level, **words), alt, svg, 330)]


def _frame(values: list[float], proportion: bool) -> tuple[float, float]:
    room = max(0.05, (max(values) - min(values)) * 0.35)
    low, high = min(values) - room, max(values) + room
    return (max(0.0, low), min(1.0, high)) if proportion else (low, high)


def estimates_table(view: View, caption: str) -> Table:
    w = view.w
    level = percent(view.facts["protocol"]["level"])
    columns = [w("table.estimate"), w("table.value"), w("table.interval", level=level), w("table.n")]
    rows = []
    for one in view.facts["estimates"]:
        n = "–" if is_absent(one["value"]) and not one["n"] else f"{shown(one['n'])} {w.unit(one['unit_of_analysis'])}"
        rows.append([w.title(one["id"]), w.value(one, view.facts), w.interval(one["interval"], view.cell), n])
    return Table(caption, columns, rows, frozenset({1, 2, 3}))


def flow(view: View) -> Block:
    w, counted = view.w, view.facts["accounting"]
    failed = sum(counted["failed"].values()) + counted["missing"]
    apart = counted["planned"] - counted["scored"]
    boxes = [(shown(counted["planned"]), w("summary.flow_planned")), (shown(counted["answered"]), w("summary.flow_answered")),
             (shown(failed), w("summary.flow_failed")), (shown(apart), w("summary.flow_apart")),
             (shown(counted["scored"]), w("summary.flow_scored"))]
    alt = w("summary.flow_alt", planned=counted["planned"], answered=counted["answered"], failed=failed, scored=counted["scored"])
    return Figure(alt, alt, figures.flow(boxes, alt), 460, figures.flow_down(boxes, alt))


def curve(view: View) -> list[Block]:
    """The curve that belongs to the primary estimate: last, since it is what does not fit on the first page."""
    found = main_curve(view)
    return [] if found is None else [Heading(view.w("summary.curve"), "curve", 3), drawn(view, found)]


def versus(view: View) -> list[Block]:
    """The primary estimate against the version it was compared with, in one line."""
    w, found = view.w, view.facts["comparison"]
    row = next((one for one in found["differences"] if one["id"] == view.primary["id"]), None) if found else None
    if row is None or is_absent(row["value"]):
        return []
    return [Text(w("summary.versus", name=found["name"], estimate=w.title(row["id"]), value=real(row["value"]),
                   interval=w.spoken(row["interval"])))]


def cautions(view: View) -> list[str]:
    w, facts, counted = view.w, view.facts, view.facts["accounting"]
    failed = sum(counted["failed"].values()) + counted["missing"]
    small = sum(level["small"] for one in facts["strata"] for level in one["levels"])
    found = [
        (not facts["official"], w("summary.caution_unofficial")),
        (view.unisolated, w("summary.caution_unisolated")),
        (facts["official"] and not facts["protocol"]["locked"], w("summary.caution_unlocked")),
        (failed > 0, w("summary.caution_failed", n=shown(failed), share=percent(failed / max(1, counted["planned"])))),
        (counted["out_of_scope"] > 0, w("summary.caution_out_of_scope", n=shown(counted["out_of_scope"]))),
        (any(not one["pooled"] for one in facts["strata"]), w("summary.caution_paediatric")),
        (small > 0, w("summary.caution_small", n=shown(small))),
        (bool(facts["prior_runs"]), w("summary.caution_prior", n=shown(len(facts["prior_runs"])))),
        (bool(facts["deviations"]), w("summary.caution_deviation", n=shown(len(facts["deviations"])))),
        (view.withheld, w("summary.caution_withheld")),
    ]
    return [text for needed, text in found if needed] or [w("summary.caution_none")]
