"""A score in a few lines for a terminal: what the report says on its first page."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eval_harness.base import Issue, eval_messages


def facts_lines(facts: Mapping[str, Any], pack: Mapping[str, Any], lang: str) -> Iterator[str]:
    from eval_harness.report.words import Words

    w = Words(lang, pack)
    yield w(f"verdict.{facts['verdict']}")
    for one in facts["estimates"]:
        yield f"  {w.title(one['id'])}  {w.value(one)}  ({w.spoken(one['interval'])}; n {one['n']})"
    counted = facts["accounting"]
    failed = sum(counted["failed"].values()) + counted["missing"]
    yield "  " + w("summary.flow_alt", planned=counted["planned"], answered=counted["answered"], failed=failed, scored=counted["scored"])
    for row in (facts["comparison"] or {}).get("differences", []):
        if row["id"] == pack["primary"] and not isinstance(row["value"], Mapping):
            yield "  " + w("summary.versus", name=facts["comparison"]["name"], estimate=w.title(row["id"]), value=f"{row['value']:+.3f}",
                           interval=w.spoken(row["interval"]))


def failures(counted: Mapping[str, Any], where: str) -> list[Issue]:
    """SCO-012 where no case has a valid answer, SCO-013 where some have none; counted: the accounting of the facts."""
    from eval_harness.report.words import causes

    failed = sum(counted["failed"].values()) + counted["missing"]
    if not failed:
        return []
    told = {**counted["causes"], **({"no_line": counted["missing"]} if counted["missing"] else {})}
    code = "SCO-013" if counted["answered"] else "SCO-012"
    return [eval_messages().issue(code, where, failed=failed, planned=counted["planned"], causes=causes(told))]
