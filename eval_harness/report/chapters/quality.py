"""Failures, robustness, repeatability, speed, readers, comparison."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval_harness.base.denials import NOT_TRIED, attempt_words, way_words
from eval_harness.report.chapters.view import View
from eval_harness.report.document import Block, Heading, Pairs, Table, Text
from eval_harness.report.numbers import is_absent, percent, real, shown


def failures(view: View) -> list[Block]:
    w = view.w
    out: list[Block] = [Heading(w("failures.heading"), "failures")]
    if view.withheld:
        return [*out, Text(w("failures.withheld"), "note")]
    rows = [[w(f"failures.{one['what']}"), one["token"][:12], w("failures.by_rule") if one["imputed"] else shown(one["by"]), one["site"],
             ", ".join(f"{w.dimension(name)} {w.level(value)}" for name, value in one["strata"].items())] for one in view.facts["failures"]]
    if not rows:
        return [*out, Text(w("failures.none"))]
    columns = [w("table.item"), w("table.case"), w("table.beyond"), w("table.site"), w("table.strata")]
    return [*out, Text(w("failures.intro")), Table(w("failures.heading"), columns, rows, frozenset({2}), frozenset({1}))]


def robust(view: View) -> list[Block]:
    w, facts = view.w, view.facts
    out: list[Block] = [Heading(w("robust.heading"), "robustness")]
    if facts["robustness"]:
        rows = [[variant(view, one), shown(one["n"]), w.value(one["plain"]), w.value(one["altered"]), real(one["difference"]),
                 w.interval(one["interval"], view.cell)] for one in facts["robustness"]]
        columns = [w("robust.variant"), w("table.n"), w("robust.plain"), w("robust.altered"), w("robust.difference"),
                   w("table.interval", level=percent(facts["protocol"]["level"]))]
        out.append(Table(w("robust.table"), columns, rows, frozenset({1, 2, 3, 4, 5})))
    declared = view.protocol.get("variants") or []
    if declared and not facts["robustness"] and not facts["repeatability"]:
        names = ", ".join(f"{variant(view, {'variant': one['name']})} ({one['cases']})" for one in declared)
        out.append(Text(w("robust.withheld" if view.withheld else "robust.not_run", names=names), "note"))
    again = facts["repeatability"]
    if again:
        out.append(Text(w("robust.repeat", n=shown(again["n"]), identical=shown(again["identical"]))))
        if "within_sd" in again:
            flips = ", ".join(f"{name} {shown(n)}" for name, n in again["flips"].items()) or "–"
            out.append(Text(w("robust.repeat_scores", largest=shown(again["largest_difference"], 4), sd=shown(again["within_sd"], 4),
                              rc=shown(2.77 * again["within_sd"], 4), flips=flips)))
    seen = facts.get("canary_test")
    if seen:
        out.append(Text(w("robust.canary", n=shown(seen["n"]), agree=shown(seen["agree"]), expected=shown(seen["expected_share"]),
                          p=shown(seen["p"])), "warning" if seen["p"] < 0.01 else "note"))
    if len(out) == 1:
        out.append(Text(w("robust.none")))
    return out


def variant(view: View, one: Mapping[str, Any]) -> str:
    """A variant by its title in the pack, else by its name; its level where levels are not pooled."""
    titles = {held["name"]: view.said(held["title"]) for held in view.w.pack.get("variants", [])}
    dimension, _, level = one.get("stratum", "all").partition("=")
    return str(titles.get(one["variant"], one["variant"])) + (f", {view.w.dimension(dimension)} {level}" if level else "")


def speed(view: View) -> list[Block]:
    w, timed = view.w, view.speed
    out: list[Block] = [Heading(w("speed.heading"), "speed"), Text(w("speed.intro"))]
    if not timed.get("n"):
        return [*out, Text(w("speed.none"), "note")]
    rows = []
    for name, key, scale in (("wall", "wall_s", 1.0), ("cpu", "cpu_s", 1.0), ("memory", "peak_bytes", 2.0**20)):
        part = timed[key]
        rows.append([w(f"speed.{name}"), *(shown(part[p] / scale, 2) for p in ("p50", "p90", "p95", "p99", "max"))])
    out.append(Table(w("speed.heading"), [w("speed.measure"), "p50", "p90", "p95", "p99", "max"], rows, frozenset(range(1, 6))))
    out.append(Text(w("speed.counts", n=shown(timed["n"]), attempts=shown(timed["attempts"]), timeouts=shown(timed["timeouts"]),
                      nodes=shown(timed["nodes"])), "note"))
    return [*out, *_scenarios(view), *_environment(view)]


def _scenarios(view: View) -> list[Block]:
    """The scenarios of MLPerf LoadGen by their names; times of queries that did not occur (too few cases) as a dash."""
    w, found = view.w, view.speed.get("scenarios")
    if not found:
        return []
    rows = []
    for name in ("SingleStream", "MultiStream", "Server", "Offline"):
        one = found[name]
        query = w(f"speed.{name.lower()}", n=shown(one.get("samples_per_query")))
        rows.append([name, query, f"p{one['percentile']}" if "percentile" in one else "–", real(one.get("latency_s")),
                     real(one.get("samples_per_s", one.get("queries_per_s")))])
    columns = [w("speed.scenario"), w("speed.query"), w("speed.percentile"), w("speed.latency"), w("speed.rate")]
    return [Table(w("speed.scenarios"), columns, rows, frozenset({2, 3, 4})), Text(w("speed.scenarios_note"), "note")]


def _environment(view: View) -> list[Block]:
    w = view.w
    out: list[Block] = []
    pairs = [(w.maybe("env", str(name)), _plain(view, value)) for name, value in sorted(view.env.items()) if name != "cpu_flags"]
    if pairs:
        out += [Heading(w("speed.environment"), "environment", 3), Pairs(pairs)]
    if view.sandbox.get("backend"):
        out += [Heading(w("speed.sandbox"), "sandbox", 3), Text(w("speed.backend", name=view.sandbox["backend"]))]
    lines = view.sandbox.get("lines") or []
    if lines:
        denied = [line for line in lines if line["denied"]]
        out.append(Text(w("speed.denied", n=shown(len(denied)), of=shown(len(lines)))))
        rows = [[attempt_words(str(line["attempt"]), w.lang),
                 w("words.denied" if line["denied"] else "words.not_tried" if line["how"] == NOT_TRIED else "words.allowed"),
                 way_words(str(line["how"]), w.lang)] for line in lines]
        out.append(Table(w("speed.sandbox"), [w("speed.attempt"), w("table.status"), w("speed.how")], rows))
    return out


def _plain(view: View, value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_plain(view, held)}" for name, held in sorted(value.items()))
    if isinstance(value, list | tuple):
        return "; ".join(_plain(view, held) for held in value)
    if isinstance(value, bool):
        return view.w("words.yes" if value else "words.no")
    return shown(value) if isinstance(value, float) else str(value)


def readers(view: View) -> list[Block]:
    w = view.w
    found = view.facts.get("readers")
    out: list[Block] = [Heading(w("readers.heading"), "readers")]
    if not found:
        return [*out, Text(w("readers.none"))]
    rows = [[one["reader"], shown(one["n"]), w.value(one["estimate"]), w.interval(one["estimate"]["interval"])] for one in found]
    level = percent(view.facts["protocol"]["level"])
    return [*out, Text(w("readers.intro")), Table(w("readers.heading"), [w("readers.reader"), w("table.n"), w("readers.agreement"),
                                                  w("table.interval", level=level)], rows, frozenset({1, 2, 3}))]


def comparison(view: View) -> list[Block]:
    w, found = view.w, view.facts["comparison"]
    out: list[Block] = [Heading(w("comparison.heading"), "comparison")]
    if not found:
        return [*out, Text(w("comparison.none"))]
    rows = []
    for one in found["differences"]:
        gap = w.why(one["value"], view.cell) if is_absent(one["value"]) else real(one["value"])
        rows.append([w.title(one["id"]), _or_dash(one["first"]), _or_dash(one["second"]), gap, w.interval(one["interval"], view.cell)])
    columns = [w("table.estimate"), w("comparison.this"), w("comparison.other"), w("comparison.difference"),
               w("table.interval", level=percent(view.facts["protocol"]["level"]))]
    out += [Text(w("comparison.intro", name=found["name"])), Table(w("comparison.heading"), columns, rows, frozenset({1, 2, 3, 4}))]
    for one in found["differences"]:
        pairs = one.get("mcnemar")
        if pairs:
            out.append(Text(w("comparison.mcnemar", estimate=w.title(one["id"]), first=shown(pairs["only_first"]),
                              second=shown(pairs["only_second"]), exact=shown(pairs["exact_p"]), mid=shown(pairs["mid_p"])), "note"))
    if found["harness"] != view.facts["run"]["harness"]["version"]:
        out.append(Text(w("comparison.harness", first=view.facts["run"]["harness"]["version"], second=found["harness"]), "warning"))
    return out


def _or_dash(value: Any) -> str:
    return "–" if value is None or is_absent(value) else real(value)
