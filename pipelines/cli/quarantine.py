"""`touchstone quarantine`: what waits for a person, without identities; every decision carries a written reason."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from eval_harness.base import WrongUsage
from eval_harness.base.console import print_json, say
from pipelines.cli.common import Door, EngineFlag, HomeFlag, JsonFlag, LangFlag, enter
from pipelines.cli.words import cell, listed, named, table

app = typer.Typer(add_completion=False, no_args_is_help=True, help="隔离区 / quarantine")
Numbers = Annotated[list[int] | None, typer.Argument(metavar="N...")]
Where = Annotated[str | None, typer.Option("--where", help="code=DCM-012,site=sh-east,step=check,kind=instance,state=open")]
Reason = Annotated[str | None, typer.Option("--reason", help="为什么 / why")]


@contextlib.contextmanager
def _engine(door: Door) -> Iterator[Any]:
    from pipelines.bookmark import require_whole
    from pipelines.engines import open_engine

    require_whole(door.settings.home, door.store)     # a lost table would read as nothing that waits
    with contextlib.closing(open_engine(door.settings)) as opened:
        yield opened


@app.command("list")
def list_rows(site: Annotated[str | None, typer.Option("--site")] = None, rule: Annotated[str | None, typer.Option("--rule")] = None,
              where: Where = None, state: Annotated[str, typer.Option("--state", help="open | all")] = "open",
              home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None, engine: EngineFlag = None) -> None:
    """列出等待处理的单元 / list what waits."""
    from governance import registry
    from pipelines import quarantine

    door = enter(home, lang, engine)
    if site is not None:
        registry.site_row(door.store, site)     # an unknown name is no empty list
    with _engine(door) as opened:
        states = quarantine.STATES if state == "all" else quarantine.OPEN_STATES
        rows = quarantine.rows(opened, site_id=site, rule=rule, states=states)
    rows = quarantine.matching(rows, where) if where else rows
    shown = [_shown(row) for row in rows]
    if as_json:
        print_json({"rows": shown})
        return
    for row in shown:
        row["message"] = row["issues"][0][f"message_{door.lang}"] if row["issues"] else ""
    print(table(shown, ["number", "site_id", "kind", "code", "step", "state", "message"], door.lang))


@app.command()
def show(number: Annotated[int, typer.Argument(metavar="N")],
         locate: Annotated[bool, typer.Option("--locate", help="原件在哪里，记入审计 / where the source is; audited")] = False,
         home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None, engine: EngineFlag = None) -> None:
    """显示一个单元 / show one unit."""
    from pipelines import quarantine, steward

    door = enter(home, lang, engine)
    with _engine(door) as opened:
        row = quarantine.one(opened, number)
    shown = _shown(row)
    if locate:
        door.allow("source.locate", row["unit_token"])
        shown["located"] = steward.locate(door.settings, row, door.actor)
    if as_json:
        print_json(shown)
        return
    print(listed(shown, ["number", "site_id", "kind", "unit_token", "seq", "step", "state", "reason", "receipt_id", "at"], door.lang))
    for issue in row["issues"]:
        print(f"{issue['code']}  {issue['where']}: {issue['message_' + door.lang]}\n    {issue['hint_' + door.lang]}")
    if locate:
        print(f"{named('located', door.lang)}  {cell(shown['located'], door.lang)}")


@app.command()
def retry(numbers: Numbers = None, where: Where = None, reason: Reason = None, home: HomeFlag = None, as_json: JsonFlag = False,
          lang: LangFlag = None, engine: EngineFlag = None) -> int:
    """写明原因后再处理一次 / run the rows again, with a written reason."""
    from pipelines import steward

    door, rows = _decide(numbers, where, reason, home, lang, engine)
    receipts = steward.retry(door.settings, rows, reason or "", actor=door.actor)
    counts = {name: sum(receipt.counts[name] for receipt in receipts) for name in ("released", "quarantined", "rejected")}
    if as_json:
        print_json({"retried": len(rows)} | counts)
    say(door.words(f"重试 {len(rows)}：发布 {counts['released']}，仍隔离 {counts['quarantined']}，拒绝 {counts['rejected']}",
                   f"retried {len(rows)}: {counts['released']} released, {counts['quarantined']} quarantined again, "
                   f"{counts['rejected']} rejected"))
    return 1 if counts["quarantined"] else 0


@app.command()
def reject(numbers: Numbers = None, where: Where = None, reason: Reason = None, home: HomeFlag = None, as_json: JsonFlag = False,
           lang: LangFlag = None, engine: EngineFlag = None) -> None:
    """写明原因后不再收入 / leave the rows out for good, with a written reason."""
    from pipelines import steward

    door, rows = _decide(numbers, where, reason, home, lang, engine)
    steward.reject(door.settings, rows, reason or "", actor=door.actor)
    if as_json:
        print_json({"rejected": len(rows)})
    say(door.words(f"已拒绝 {len(rows)}", f"rejected {len(rows)}"))


def _decide(numbers: list[int] | None, where: str | None, reason: str | None, home: str | None, lang: str | None,
            engine: str | None) -> tuple[Door, list[dict[str, Any]]]:
    from pipelines import quarantine
    from schemas.messages import messages

    if not (reason or "").strip():
        raise WrongUsage(messages().issue("QUA-004", "--reason"))
    door = enter(home, lang, engine)
    door.allow("quarantine.decide", "quarantine")
    with _engine(door) as opened:
        return door, quarantine.chosen(opened, numbers or [], where)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "at"} | {"at": row["at"].strftime("%Y-%m-%dT%H:%M:%SZ")}
