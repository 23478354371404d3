"""`touchstone site`: the hospitals this home knows."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from eval_harness.base.console import print_json, say
from pipelines.cli.common import Door, EngineFlag, HomeFlag, JsonFlag, LangFlag, enter
from pipelines.cli.words import TIERS_ZH, table

app = typer.Typer(add_completion=False, no_args_is_help=True, help="医院：登记、测试、暂停 / hospitals: register, test, pause")
SiteId = Annotated[str, typer.Argument(metavar="ID")]


@app.command()
def add(file: Annotated[Path, typer.Argument(metavar="FILE.yaml")], home: HomeFlag = None, as_json: JsonFlag = False,
        lang: LangFlag = None) -> None:
    """登记一家医院，或它的新版本 / register a hospital, or a new version of it."""
    from governance import registry
    from governance.audit import Audit
    from pipelines import flows
    from schemas.messages import messages
    from schemas.shapes.site import Site

    site = Site.from_file(file, catalogue=messages())
    flows.check_policies(site, file.name)
    door = enter(home, lang, create=True)
    door.allow("site.add", site.site_id)
    Audit(door.settings.home.audit).record("site.add", door.actor, site.site_id)
    changed = registry.add_site(door.store, site)
    if as_json:
        print_json({"site_id": site.site_id, "changed": changed})
    say(f"{site.site_id}: " + (door.words("已登记", "registered") if changed else door.words("没有变化", "unchanged")))


@app.command("list")
def list_sites(home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> None:
    """列出所有医院 / list all hospitals."""
    from governance import registry

    door = enter(home, lang)
    rows: list[dict[str, Any]] = [
        {"site_id": row["site_id"], "state": row["state"], "version": row["version"], "tier": row["body"]["tier"],
         "name": row["body"]["name"][door.lang]} for row in registry.sites(door.store)]
    if as_json:
        print_json({"sites": rows})
    else:
        shown = [row | {"tier": TIERS_ZH[row["tier"]]} if door.lang == "zh" else row for row in rows]
        print(table(shown, ["site_id", "name", "tier", "state", "version"], door.lang))


@app.command()
def show(site_id: SiteId, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> None:
    """显示医院文件 / show the hospital's file."""
    import yaml

    from governance import registry

    door = enter(home, lang)
    row = registry.site_row(door.store, site_id)
    if as_json:
        print_json({"site_id": site_id, "state": row["state"], "version": row["version"], "digest": row["digest"], "site": row["body"]})
    else:
        print(yaml.safe_dump(row["body"], allow_unicode=True, sort_keys=False), end="")


@app.command("test")
def probe(site_id: SiteId, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None, engine: EngineFlag = None) -> int:
    """连接、认证、计数，不拉取 / connect, authenticate, count; pulls nothing."""
    from pipelines import steward

    door = enter(home, lang, engine)
    rows = steward.test_site(door.settings, site_id)
    if as_json:
        print_json({"site_id": site_id, "sources": rows})
    else:
        shown = [row | {"issue": row["issue"] and row["issue"]["code"]} for row in rows]
        print(table(shown, ["source", "reachable", "counts", "issue"], door.lang))
    for row in rows:
        if row["issue"]:
            say(f"{row['issue']['code']}  {row['source']}: {row['issue']['message_' + door.lang]}\n    {row['issue']['hint_' + door.lang]}")
    return 0 if all(row["reachable"] for row in rows) else 3


def _move(door: Door, site_id: str, action: str, as_json: bool) -> None:
    from governance import registry
    from governance.audit import Audit

    registry.site_row(door.store, site_id)
    door.allow("site.change", site_id)
    Audit(door.settings.home.audit).record(f"site.{action}", door.actor, site_id)
    state = registry.move_site(door.store, site_id, action)
    if as_json:
        print_json({"site_id": site_id, "state": state})
    say(f"{site_id}: {state}")


@app.command()
def pause(site_id: SiteId, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> None:
    """暂停拉取 / stop pulling until resumed."""
    _move(enter(home, lang), site_id, "pause", as_json)


@app.command()
def resume(site_id: SiteId, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> None:
    """恢复拉取 / pull again."""
    _move(enter(home, lang), site_id, "resume", as_json)


@app.command()
def retire(site_id: SiteId, home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None) -> None:
    """永久停止；已发布的数据保留 / stop for good; what was released stays."""
    _move(enter(home, lang), site_id, "retire", as_json)
