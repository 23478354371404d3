"""`touchstone sql`: one read-only SELECT over the de-identified tables and views."""
from __future__ import annotations

from typing import Annotated

import typer

from eval_harness.base.console import print_json
from pipelines.cli.common import HomeFlag, JsonFlag, LangFlag, enter
from pipelines.cli.words import aligned

WIDEST = 60


def sql(text: Annotated[str, typer.Argument(metavar="SELECT ...")], home: HomeFlag = None, as_json: JsonFlag = False,
        lang: LangFlag = None) -> int:
    """对去标识化表与视图的只读查询 / a read-only query over the de-identified tables and views."""
    from pipelines.bookmark import require_whole
    from pipelines.deid_zone.query import ask

    door = enter(home, lang)
    require_whole(door.settings.home, door.store)     # a lost table would read as one without rows
    door.allow("tables.read", "tables")
    answer = ask(door.settings.home, text)
    if as_json:
        print_json({"columns": list(answer.columns), "types": list(answer.types), "rows": answer.rows})
    else:
        print(aligned([list(answer.columns), *[[_short(row[name]) for name in answer.columns] for row in answer.rows]]))
    return 0


def _short(value: object) -> str:
    """A cell of the printed table, as SQL says it; --json gives the whole value."""
    text = {None: "-", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value)
    return text[:WIDEST - 1] + "…" if isinstance(value, str | list | dict) and len(text) > WIDEST else text
