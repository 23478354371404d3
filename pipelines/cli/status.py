"""`touchstone status`: per hospital the last good pull, how fresh it is, what waits and what is still on its way."""
from __future__ import annotations

import contextlib
import datetime as dt
from typing import Annotated, Any

import typer

from eval_harness.base.console import print_json, say
from pipelines.cli.common import EngineFlag, HomeFlag, JsonFlag, LangFlag, enter
from pipelines.cli.words import age, table


def status(site: Annotated[str | None, typer.Argument(metavar="[SITE]")] = None, home: HomeFlag = None, as_json: JsonFlag = False,
           lang: LangFlag = None, engine: EngineFlag = None) -> int:
    """每家医院：最近一次成功、新鲜度、积压、在途、预计，以及由其他策略放行的 / per hospital: last good pull, freshness, backlog, in flight,
    ETA, and what other policies released."""
    from governance import registry
    from pipelines.bookmark import require_whole
    from pipelines.engines import open_engine
    from pipelines.outdated import outdated

    door = enter(home, lang, engine)
    require_whole(door.settings.home, door.store)     # a lost table would read as nothing in flight
    rows = registry.sites(door.store) if site is None else [registry.site_row(door.store, site)]
    with contextlib.closing(open_engine(door.settings)) as opened:
        counts, others = _counts(opened), outdated(opened, door.settings.home, rows)
    lines = [_line(row, registry.receipts(door.store, row["site_id"]), counts.get(row["site_id"], {})) |
             {"other_policy": others[row["site_id"]][0]} for row in rows]
    if as_json:
        print_json({"sites": lines})
    else:
        shown = [line | {"freshness": age(line["freshness_s"], door.lang), "eta": age(line["eta_s"], door.lang),
                         "last_good_pull": _second(line["last_good_pull"])}
                 for line in lines]
        window = ["window"] if any(line["window"] for line in lines) else []
        other = ["other_policy"] if any(line["other_policy"] != 0 for line in lines) else []
        print(table(shown, ["site_id", "state", "last_good_pull", "freshness", "running", *window, "backlog", "quarantined",
                            "in_flight", *other, "eta"], door.lang))
    for _, issues in others.values():
        for issue in issues:
            say(issue.text(door.lang))
    return 0


def _second(moment: str | None) -> str | None:
    """A moment to the second, as people read it."""
    return moment and dt.datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M:%SZ")


def _counts(engine: Any) -> dict[str, dict[str, int]]:
    from pipelines import ledger

    text = "SELECT site_id, state, COUNT(*) AS units FROM standing GROUP BY site_id, state"
    found: dict[str, dict[str, int]] = {}
    for row in engine.table(engine.sql(text, standing=ledger.standing(engine))).to_pylist():
        found.setdefault(row["site_id"], {})[row["state"]] = row["units"]
    return found


def _line(site: dict[str, Any], receipts: list[dict[str, Any]], counts: dict[str, int]) -> dict[str, Any]:
    good = [row for row in receipts if row["state"] == "closed"]
    running = [row for row in receipts if row["state"] == "open"]
    backlog, in_flight = counts.get("landed", 0) + counts.get("retry", 0), counts.get("listed", 0)
    last = good[-1] if good else None
    age = (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(last["ended_at"])).total_seconds() if last else None
    return {"site_id": site["site_id"], "state": site["state"], "last_good_pull": last["ended_at"] if last else None,
            "night": last["as_of"] if last else None, "freshness_s": None if age is None else int(age),
            "running": running[-1]["step"] if running else None, "backlog": backlog, "in_flight": in_flight,
            "window": site["body"]["schedule"].get("window"),
            "quarantined": counts.get("quarantined", 0), "released": counts.get("released", 0),
            "eta_s": _eta(last, backlog + in_flight)}


def _eta(last: dict[str, Any] | None, waiting: int) -> int | None:
    """Seconds for what waits at the pace of the last receipt; None when there is no pace to go by."""
    facts = (last or {}).get("facts") or {}
    units, seconds = facts.get("units", 0), facts.get("seconds", 0)
    return int(waiting * seconds / units) if waiting and units else 0 if not waiting else None
