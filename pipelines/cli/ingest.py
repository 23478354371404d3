"""`touchstone ingest`: one night of one or more hospitals. A hospital that fails does not hold up the others."""
from __future__ import annotations

from typing import Annotated, Any

import typer

from eval_harness.base import Issue, Retryable, TouchstoneError, WrongUsage
from eval_harness.base.console import print_json, say, unexpected
from pipelines.cli.common import Door, EngineFlag, HomeFlag, JsonFlag, LangFlag, enter


def ingest(sites: Annotated[list[str], typer.Argument(metavar="SITE...")],
           since: Annotated[str | None, typer.Option("--since", help="从这个时刻起 / from this moment (ISO 8601)")] = None,
           as_of: Annotated[str | None, typer.Option("--as-of", help="固定夜晚，用于重放 / fixes the night, for replays")] = None,
           full: Annotated[bool, typer.Option("--full", help="全部比对 / compare everything")] = False,
           anytime: Annotated[bool, typer.Option("--anytime", help="这次不守医院的时段（已与医院商定，记入审计） / "
                                                 "outside the hospital's window, agreed with it; audited")] = False,
           reclean: Annotated[bool, typer.Option("--reclean", help="已由其他策略放行的，按现行策略重新处理 / decide again what other "
                                                 "policies than today's released")] = False,
           home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None, engine: EngineFlag = None) -> int:
    """拉取 → 落地 → 去标识化 → 检查 → 发布 → 制表 → 关联，从上次结束处继续 / pull to link, from where the last receipt ended."""
    from governance import registry

    door = enter(home, lang, engine)
    moments = [_moment(text, name) for text, name in ((since, "--since"), (as_of, "--as-of"))]
    for site_id in sites:
        registry.site_row(door.store, site_id)   # an unknown name stops everything before anything is done
        door.allow("ingest", site_id)
    how = {"full": full, "anytime": anytime, "recleaned": reclean}
    results = [_one(door, site_id, moments, how, alone=len(sites) == 1) for site_id in sites]
    if as_json:
        print_json({"receipts": results})
    return max((row["exit_code"] for row in results), default=0)


def _one(door: Door, site_id: str, moments: list[Any], how: dict[str, bool], alone: bool) -> dict[str, Any]:
    """One hospital of several ends by itself, however it ends; alone, what is wrong usage or unexpected ends the command."""
    from pipelines import flows

    try:
        receipt = flows.ingest(door.settings, site_id, since=moments[0], as_of=moments[1], actor=door.actor, **how)
    except TouchstoneError as error:
        if alone and isinstance(error, WrongUsage):
            raise
        return _failed(door, site_id, error.issue, error.exit_code, isinstance(error, Retryable))
    except Exception as error:  # the next hospital has nothing to do with it
        if alone:
            raise
        return _failed(door, site_id, unexpected(error, door.settings.home.logs / "errors.log"), 3, True)
    say(_closing(door, receipt))
    for issue in receipt.issues:
        say(f"{site_id}  {issue.text(door.lang)}")
    made: dict[str, Any] = receipt.to_dict()
    return made | {"exit_code": receipt.exit_code}


def _failed(door: Door, site_id: str, issue: Issue, exit_code: int, retryable: bool) -> dict[str, Any]:
    say(f"{site_id}  {issue.text(door.lang)}")
    return {"site_id": site_id, "state": "failed", "issues": [issue.to_dict()], "exit_code": exit_code, "retryable": retryable}


def _closing(door: Door, receipt: Any) -> str:
    counts = receipt.counts
    zh = (f"{receipt.site_id}  批次 {receipt.receipt_id}：发布 {counts['released']}，隔离 {counts['quarantined']}，"
          f"拒绝 {counts['rejected']}，重复 {counts['duplicate']}，在途 {counts['in_flight']}，{receipt.seconds:.0f} 秒")
    en = (f"{receipt.site_id}  receipt {receipt.receipt_id}: {counts['released']} released, {counts['quarantined']} quarantined, "
          f"{counts['rejected']} rejected, {counts['duplicate']} duplicates, {counts['in_flight']} in flight, {receipt.seconds:.0f} s")
    if counts["recleaned"]:
        zh, en = f"{zh}；按现行策略重新处理 {counts['recleaned']}", f"{en}; {counts['recleaned']} decided again under the policies of today"
    return door.words(zh, en)


def _moment(text: str | None, flag: str) -> Any:
    """A date or an ISO 8601 moment. A bare date keeps no time: flow A closes that day in the hospital's own time zone."""
    import datetime as dt

    from schemas.messages import messages

    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(messages().issue("LED-004", flag, found=text)) from error
