"""`touchstone ledger`: what was promised against what became of it (DOORS.md: JSON rows, exit 1 when somebody must look)."""
from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from eval_harness.base import WrongUsage
from eval_harness.base.console import print_json, say
from pipelines.cli.common import Door, EngineFlag, HomeFlag, JsonFlag, LangFlag, enter
from pipelines.cli.words import table

if TYPE_CHECKING:
    from pipelines.balance import Calendar


def ledger(site: Annotated[str | None, typer.Option("--site")] = None,
           first: Annotated[str | None, typer.Option("--from", help="YYYY-MM-DD")] = None,
           last: Annotated[str | None, typer.Option("--to", help="YYYY-MM-DD")] = None,
           as_of: Annotated[str | None, typer.Option("--as-of", help="以此刻判断结算 / judge `settled` at this moment")] = None,
           void: Annotated[str | None, typer.Option("--void", help="作废当日从未送来的 / void what never came that day")] = None,
           reason: Annotated[str | None, typer.Option("--reason", help="为什么 / why (with --void)")] = None,
           home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None, engine: EngineFlag = None) -> int:
    """按医院、日、类别核对应到与已到；已结算日有差异或有未列出的单元时退出码为 1 / expected against arrived; exit 1 on a difference."""
    from pipelines import balance
    from pipelines.bookmark import require_whole
    from pipelines.engines import open_engine

    door = enter(home, lang, engine)
    require_whole(door.settings.home, door.store)     # a lost table would read as nothing promised
    now = _now(as_of)
    if void is not None:
        _void(door, site, void, reason)
    calendars = _calendars(door, site)
    with contextlib.closing(open_engine(door.settings)) as opened:
        rows = balance.days(opened, door.settings.home, calendars, now, site, _day(first, "--from"), _day(last, "--to"))
    if as_json:
        print_json({"rows": [row.to_dict() for row in rows]})
    else:
        print(table([row.to_dict() for row in rows], ["site_id", "day", "kind", "basis", "expected", "released", "quarantined", "rejected",
                                                      "in_flight", "unlisted", "difference", "settled"], door.lang))
    return 1 if balance.needs_a_person(rows) else 0


def _void(door: Door, site: str | None, day: str, reason: str | None) -> None:
    """`--void DAY --site S --reason R`: the only way in which a promise is lowered."""
    from pipelines import steward
    from schemas.messages import messages

    if not (reason or "").strip():
        raise WrongUsage(messages().issue("QUA-004", "--reason"))
    if site is None:
        raise WrongUsage(messages().issue("CLI-002", "--site", found="-", right="--site SITE"))
    door.allow("void", site)
    count = steward.void(door.settings, site, _day(day, "--void") or dt.date.min, reason or "", actor=door.actor)
    say(door.words(f"{site} {day}：作废 {count} 个承诺", f"{site} {day}: {count} promises voided"))


def _calendars(door: Door, site: str | None) -> dict[str, Calendar]:
    from governance import registry
    from pipelines.balance import Calendar

    rows = registry.sites(door.store) if site is None else [registry.site_row(door.store, site)]
    return {row["site_id"]: Calendar(row["body"]["timezone"], row["body"]["schedule"]["settle_hours"]) for row in rows}


def _day(text: str | None, flag: str) -> dt.date | None:
    from schemas.messages import messages

    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(messages().issue("LED-004", flag, found=text)) from error


def _now(text: str | None) -> dt.datetime:
    from schemas.messages import messages

    if text is None:
        return dt.datetime.now(dt.UTC)
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(messages().issue("LED-004", "--as-of", found=text)) from error
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
