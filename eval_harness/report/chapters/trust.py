"""Earlier runs, budget, deviations, the set's card, audited order, commitments, what cannot be proved."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eval_harness.report.chapters.view import View
from eval_harness.report.document import Block, Heading, Pairs, Table, Text
from eval_harness.report.numbers import is_absent, shown

HEADS = ("locked", "predicted", "unsealed", "scored")
ROOTS = ("inputs_root", "reference_root", "results_root", "measurements_root")


def prior(view: View) -> list[Block]:
    w, facts = view.w, view.facts
    out: list[Block] = [Heading(w("prior.heading"), "prior"), Text(w("prior.intro"))]
    if facts["prior_runs"]:
        rows = [_prior_row(view, one) for one in facts["prior_runs"]]
        columns = [w("prior.run"), w("prior.when"), w("prior.device"), w("prior.state"), w("table.verdict")]
        out.append(Table(w("prior.heading"), columns, rows, mono=frozenset({0})))
    else:
        out.append(Text(w("prior.none")))
    budget = facts["budget"]
    if not budget:
        return [*out, Text(w("prior.budget_none"), "note")]
    optimism = budget.get("optimism")
    return [*out, Text(w("prior.budget", k=shown(budget["k"]), limit=shown(budget.get("limit")), entity=shown(budget.get("entity")),
                         all=shown(budget.get("all")), optimism="–" if optimism is None else "+" + shown(optimism)))]


def _prior_row(view: View, one: Mapping[str, Any]) -> list[str]:
    verdict = one.get("verdict")
    state = one.get("end_state") or one.get("state") or "–"
    return [str(one.get("run_id", ""))[:12], str(one.get("at") or one.get("on") or "–")[:10], str(one.get("version", "–")), str(state),
            view.w.maybe("verdict", f"word_{verdict}") if verdict else "–"]


def deviations(view: View) -> list[Block]:
    w = view.w
    out: list[Block] = [Heading(w("deviations.heading"), "deviations")]
    found = view.facts["deviations"]
    return [*out, *(Text(view.said(one), "warning") for one in found)] if found else [*out, Text(w("deviations.none"))]


def trust(view: View) -> list[Block]:
    w = view.w
    out: list[Block] = [Heading(w("trust.heading"), "trust")]
    if view.card:
        out += [Heading(w("trust.set_card"), "card", 3), Pairs(card_rows(view))]
    out += [Heading(w("trust.order"), "order", 3), *_order(view)]
    rows = [[w(f"trust.{name}"), str(view.facts["commitments"].get(name) or "–")] for name in ROOTS]
    out.append(Table(w("trust.commitments"), [w("table.name"), w("table.digest")], rows, mono=frozenset({1})))
    out.append(_levels(view))
    out.append(Heading(w("trust.not_verifiable"), "not-verifiable", 3))
    return [*out, *(Text(w.maybe("trust", code), "warning") for code in view.facts["not_verifiable"])]


def card_rows(view: View) -> list[tuple[str, str]]:
    return [(view.w.maybe("card", str(name)), _said(view, value)) for name, value in view.card.items() if not str(name).startswith("@")]


def _said(view: View, value: Any, outer: bool = True) -> str:
    """A card's value in words; what is empty is left out of what it stands in."""
    if isinstance(value, Mapping):
        if set(value) >= {"zh", "en"}:
            return view.said(value)
        if set(value) == {"n", "value"}:
            return f"{_said(view, value['value'])} (n = {shown(value['n'])})"
        parts = [_part(view, str(name), held) for name, held in value.items() if not _empty(held)]
        return ("; " if outer else ", ").join(parts) or "–"
    if isinstance(value, bool):
        return view.w("words.yes" if value else "words.no")
    if isinstance(value, list | tuple):
        return ", ".join(_said(view, held, outer=False) for held in value) or "–"
    return "–" if _empty(value) else shown(value) if isinstance(value, float) else view.w.maybe("card_value", str(value))


def _part(view: View, name: str, value: Any) -> str:
    w = view.w
    readers = re.fullmatch(r"consensus of (\d+) of (\d+) readers", name)
    label = w("card_value.of_readers", agree=readers[1], readers=readers[2]) if readers else \
        w(f"card_part.{name}") if w.has(f"card_part.{name}") else w(f"card.{name}") if w.has(f"card.{name}") else w.dimension(name)
    said = _said(view, value, outer=False)
    nested = isinstance(value, Mapping) and not set(value) >= {"zh", "en"} and set(value) != {"n", "value"}
    return f"{label} ({said})" if nested else f"{label}: {said}"


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {}) or is_absent(value)


def _order(view: View) -> list[Block]:
    w, heads = view.w, view.audit.get("heads") or {}
    rows = [[w(f"trust.{name}"), shown(int(heads[name]["seq"])), str(heads[name].get("at", "–")),
             str(heads[name].get("hash", ""))[:24] + "…"] for name in HEADS if heads.get(name)]
    if not rows or not view.sealed:
        return [Text(w("trust.order_none"))]
    columns = [w("table.step"), w("table.order"), w("table.at"), w("table.record")]
    return [Text(w("trust.order_note")), Table(w("trust.order"), columns, rows, frozenset({1}), frozenset({3}))]


def _levels(view: View) -> Table:
    w = view.w
    yes, no = w("trust.edition_yes"), w("trust.edition_no")
    open_set = not view.sealed
    rows = [[w("trust.level_v0"), yes, yes], [w("trust.level_v1"), yes if open_set else w("trust.edition_part"), yes],
            [w("trust.level_v2"), yes if open_set else no, yes],
            [w("trust.level_v3"), w("trust.edition_v3_vendor"), w("trust.edition_v3_regulator")]]
    return Table(w("trust.levels"), [w("table.item"), w("trust.edition_vendor"), w("trust.edition_regulator")], rows)
