"""Plan, case accounting, end points, operating points and curves."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval_harness.report import figures
from eval_harness.report.chapters.plots import drawn, main_curve, titled
from eval_harness.report.chapters.view import WITHHELD, View
from eval_harness.report.document import Block, Figure, Heading, Pairs, Table, Text
from eval_harness.report.numbers import is_absent, percent, real, shown

APART = ("withdrawn", "out_of_scope", "repeat", "canary", "variant", "unusable", "not_counted")


def plan(view: View) -> list[Block]:
    w, plan_, facts = view.w, view.protocol, view.facts
    rules = plan_["disclosure"]
    comma = "、" if view.lang == "zh" else ", "
    rows = [
        (w("protocol.multiplicity"), w(f"protocol.{plan_.get('multiplicity', 'none')}")),
        *_sample_sizes(view),
        (w("protocol.bootstrap"), w("protocol.bootstrap_value", cluster=w.maybe("protocol", f"cluster_{plan_['cluster']}"),
                                    B=shown(plan_["B"]), seed=plan_["seed"])),
        (w("protocol.subgroups"), comma.join(w.dimension(one["dimension"]) for one in plan_.get("subgroups", [])) or "–"),
        (w("protocol.disclosure"), w("protocol.disclosure_value", cell=rules["min_cell"], grid=shown(rules["value_grid"], 2))),
        (w("protocol.conflicts"), plan_.get("conflicts") or w("protocol.conflicts_none")),
        (w("protocol.harness"), f"{facts['run']['harness']['name']} {facts['run']['harness']['version']}"),
    ]
    return [Heading(w("protocol.heading"), "plan"), endpoint_table(view), Pairs(rows)]


def _sample_sizes(view: View) -> list[tuple[str, str]]:
    """A line for every primary end point that has a calculation, and one for all of them together."""
    w, whole, primary = view.w, view.protocol.get("sample_size") or {}, view.protocol["primary"]
    sizes = [(primary[0]["estimate"], whole), *((one["estimate"], one) for one in whole.get("others") or ())]
    label = w("protocol.sample_size")
    rows = [(label if len(sizes) == 1 else f"{label}: {w.title(name)}", w(
        "protocol.sample_value", design=w.maybe("design", size["design"]), assumed=shown(size.get("assumed")),
        required=shown(size["required_positives"]), available=shown(size.get("available_positives")),
        power=shown(size.get("achieved_power"))))
        for name, size in sizes if size.get("required_positives") is not None]
    if whole.get("joint_power") is not None:
        rows.append((w("protocol.sample_joint"), w("protocol.sample_joint_value", power=shown(whole["joint_power"]))))
    return rows or [(label, w("protocol.sample_none"))]


def endpoint_table(view: View) -> Table:
    w = view.w
    rows = []
    for line in view.facts["tests"]:
        one = view.estimate_of(line)
        value = w.value(one, view.facts) if one else w(f"absent.{WITHHELD}", cell=view.cell)
        rows.append([shown(line["gate"]), view.endpoint(line), _rule(view, line), value, w(f"verdict.word_{line['verdict']}")])
    columns = [w("table.order"), w("table.estimate"), w("table.rule"), w("table.value"), w("table.verdict")]
    return Table(w("results.tests"), columns, rows, frozenset({3}))


def _rule(view: View, line: Mapping[str, Any]) -> str:
    w, rule = view.w, line["comparator"]
    if rule["kind"] == "none":
        return w("results.rule_none")
    if rule["kind"] == "target":
        one = view.estimate_of(line)
        method = w.method(one["interval"]) if one else "–"
        sign, side = (">", "lower") if line["bound"] == "lower" else ("<", "upper")
        return w("results.rule_target", side=w(f"verdict.{side}"), op=sign, target=real(rule["value"]), level=percent(line["level"]),
                 method=method)
    return w("results.rule_version", version=rule.get("version") or "–", margin=shown(-float(rule.get("margin") or 0)))


def accounting(view: View) -> list[Block]:
    w, counted = view.w, view.facts["accounting"]
    rows = [[w("accounting.planned"), shown(counted["planned"])], [w("accounting.answered"), shown(counted["answered"])]]
    rows += [[w("accounting.failed_status", status=w.maybe("accounting", status)), shown(n)] for status, n in counted["failed"].items()]
    rows += [[w("accounting.missing"), shown(counted["missing"])]] if counted["missing"] else []
    rows += [[w(f"accounting.{name}"), shown(counted[name])] for name in APART if counted.get(name)]
    rows += [[w(f"accounting.{name}"), shown(counted[name])] for name in ("scored", "imputed", "persons", "sites") if name in counted]
    out: list[Block] = [Heading(w("accounting.heading"), "accounting"), Text(w("accounting.intro")),
                        Table(w("accounting.heading"), [w("table.item"), w("table.cases")], rows, frozenset({1}))]
    if counted["causes"]:
        causes = [[w.cause(cause), shown(n)] for cause, n in counted["causes"].items()]
        out.append(Table(w("accounting.causes"), [w("table.cause"), w("table.cases")], causes, frozenset({1})))
    rules = [[w.maybe("failside", side), w(f"failrule.{side}") if w.has(f"failrule.{side}") else rule]
             for side, rule in view.protocol["failure_rules"].items()]
    return [*out, Table(w("accounting.rules"), [w("table.item"), w("table.rule")], rules)]


def results(view: View) -> list[Block]:
    w = view.w
    rows = [[w.title(one["id"]), w.counts(one["counts"]), w.unit(one["unit_of_analysis"]), w.method(one["interval"]),
             shown(one["n_imputed"]), shown(one["n_undefined"])] for one in view.facts["estimates"]]
    columns = [w("table.estimate"), w("table.counts"), w("table.unit"), w("table.method"), w("table.imputed"), w("table.undefined")]
    out: list[Block] = [Heading(w("results.heading"), "results"), Table(w("results.how"), columns, rows, frozenset({4, 5}))]
    points = view.protocol.get("operating_points") or []
    if points:
        rows = [[one["name"], shown(one["threshold"]), w.maybe("point_source", one["source"])] for one in points]
        out += [Table(w("results.points"), [w("table.point"), w("table.threshold"), w("table.source")], rows, frozenset({1})),
                Text(w("results.points_note"), "note")]
    return [*out, *sensitivity_analyses(view)]


def sensitivity_analyses(view: View) -> list[Block]:
    """The primary estimate under a milder failure rule, said to be no end point."""
    w, rows = view.w, []
    for one in view.facts.get("sensitivity_analyses", []):
        rows.append([w.title(one["estimate"]["id"]), w(f"results.analysis_{one['analysis']}"), w.value(one["estimate"], view.facts),
                     w.interval(one["estimate"]["interval"], view.cell)])
    if not rows:
        return []
    level = percent(view.facts["protocol"]["level"])
    return [Table(w("results.analyses"), [w("table.estimate"), w("table.rule"), w("table.value"), w("table.interval", level=level)],
                  rows, frozenset({2, 3})), Text(w("results.analyses_note"), "note")]


def curves(view: View) -> list[Block]:
    w = view.w
    out: list[Block] = [Heading(w("curves.heading"), "curves")]
    first = main_curve(view)
    for one in view.facts["curves"]:
        seen = first is not None and one is first
        out.append(Text(w("curves.in_summary", title=titled(view, one)), "note") if seen else drawn(view, one))
    if len(out) == 1:
        out.append(Text(w("curves.none"), "note"))
    return out


def forest(view: View) -> list[Block]:
    """Subgroups of the primary estimate as a forest plot, then one table a dimension."""
    w, one = view.w, view.primary
    out: list[Block] = [Heading(w("strata.heading"), "subgroups"), Text(w("strata.intro"))]
    open_dims = [dim for dim in view.facts["strata"] if dim["levels"] and not _unpooled(dim)]
    rows = [_row(view, w("strata.overall"), one, False, True)] if not is_absent(one["value"]) else []
    for dim in open_dims:
        for level in dim["levels"]:
            made = next(e for e in level["estimates"] if e["id"] == one["id"])
            rows.append(_row(view, f"{w.dimension(dim['dimension'])}: {w.level(level['level'])}", made, level["small"], False, level["n"]))
    if len(rows) > 1:
        title = w("strata.forest", estimate=w.title(one["id"]))
        alt = w("strata.forest_alt", estimate=w.title(one["id"]), n=len(rows))
        target = view.facts["tests"][0]["comparator"].get("value") if view.facts["tests"] else None
        low, high = _range(rows, target)
        label = "" if target is None else w("results.target", target=real(target))
        out.append(Figure(title, alt, figures.forest(rows, alt, w.title(one["id"]), target, label, low, high), 470, floats=True))
    for dim in view.facts["strata"]:
        out += _dimension(view, dim)
    return out


def _unpooled(dim: Mapping[str, Any]) -> bool:
    """Whether its levels lie across another dimension that must not be pooled: n is told, numbers are not."""
    return all(one["value"] == {"absent": "not_pooled"} for level in dim["levels"] for one in level["estimates"])


def _row(view: View, label: str, one: Mapping[str, Any], small: bool, bold: bool, n: int | None = None) -> figures.Row:
    w = view.w
    count = shown(one["n"] if n is None else n)
    label = f"{label} *" if small else label
    if is_absent(one["value"]):
        return figures.Row(label, count, None, None, None, w.why(one["value"], view.cell))
    interval = one["interval"]
    lower, upper = (None, None) if is_absent(interval) else (interval["lower"], interval["upper"])
    return figures.Row(label, count, one["value"], lower, upper, f"{real(one['value'])} ({w.interval(interval)})" if lower is not None
                       else real(one["value"]), bold)


def _range(rows: list[figures.Row], target: float | None) -> tuple[float, float]:
    values = [x for row in rows for x in (row.value, row.lower, row.upper) if x is not None] + ([target] if target is not None else [])
    low, high = min(values), max(values)
    if low >= 0 and high <= 1:
        return max(0.0, low - 0.05), min(1.0, high + 0.02)
    return low, high


def _dimension(view: View, dim: Mapping[str, Any]) -> list[Block]:
    w, name = view.w, view.w.dimension(dim["dimension"])
    if not dim["levels"]:
        return [Text(w("strata.withheld", dimension=name, cell=view.cell), "note")]
    columns = [w("table.level"), w("table.n"), *(w.title(one["id"]) for one in dim["levels"][0]["estimates"])]
    rows = []
    for level in dim["levels"]:
        cells = [w.value(one) + ("" if is_absent(one["value"]) or is_absent(one["interval"]) else f" ({w.interval(one['interval'])})")
                 for one in level["estimates"]]
        rows.append([w.level(level["level"]) + (" *" if level["small"] else ""), shown(level["n"]), *cells])
    out: list[Block] = [Table(w("strata.details", dimension=name), columns, rows, frozenset(range(1, len(columns))))]
    gap = dim["gap"]
    if gap is not None:
        out.append(Text(w("strata.gap", dimension=name, best=w.level(gap["best"]), worst=w.level(gap["worst"]), value=real(gap["value"]),
                          interval=w.spoken(gap["interval"])), "note"))
    return out
