"""`touchstone compact`: small files of the tables become large ones; what no version of the last week needs goes."""
from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from eval_harness.base.console import print_json
from pipelines.cli.common import EngineFlag, HomeFlag, JsonFlag, LangFlag, enter
from pipelines.cli.words import table


def compact(names: Annotated[list[str] | None, typer.Argument(metavar="[TABLE...]", help="默认：全部 / default: all")] = None,
            home: HomeFlag = None, as_json: JsonFlag = False, lang: LangFlag = None, engine: EngineFlag = None) -> None:
    """合并表中的小文件，清除一周内任何版本都不需要的旧文件 / merge small files of tables, remove what no version of a week needs."""
    from pipelines.upkeep import compact_tables

    door = enter(home, lang, engine)
    rows = [asdict(one) for one in compact_tables(door.settings, names or (), actor=door.actor)]
    if as_json:
        print_json({"tables": rows})
        return
    print(table(rows, ["table", "partitions", "files_before", "files_after", "removed"], door.lang))
