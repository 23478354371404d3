"""Flags every command has, and what a command needs to begin: settings, home, store, actor."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from eval_harness.base.console import language
from pipelines.settings import Settings, open_home, settings

if TYPE_CHECKING:
    from governance.audit import Actor
    from governance.store import Store

HomeFlag = Annotated[str | None, typer.Option("--home", help="主目录 / home folder ($TOUCHSTONE_HOME)")]
JsonFlag = Annotated[bool, typer.Option("--json", help="一个 JSON 对象 / one JSON object on standard output")]
LangFlag = Annotated[str | None, typer.Option("--lang", help="zh | en")]
EngineFlag = Annotated[str | None, typer.Option("--engine", help="embedded | spark")]


@dataclass(frozen=True)
class Door:
    """What a command holds once its flags are read."""

    settings: Settings
    store: Store
    lang: str

    @property
    def actor(self) -> Actor:
        from governance.access import acting

        return acting()

    def words(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en


def enter(home: str | None, lang: str | None, engine: str | None = None, *, create: bool = False) -> Door:
    """Read settings, open the home and its governance store. Raises WrongUsage HOM-001..003."""
    from governance.store import open_store

    config = settings(home, engine)
    open_home(config, create)
    return Door(config, open_store(config.store_url), language(lang))


def table(rows: list[dict[str, object]], columns: list[tuple[str, str]]) -> str:
    """Rows as aligned text; wide (Chinese) characters count two. columns: (key, heading)."""
    cells = [[heading for _, heading in columns], *[[_cell(row.get(key)) for key, _ in columns] for row in rows]]
    widths = [max(_width(line[i]) for line in cells) for i in range(len(columns))]
    return "\n".join("  ".join(cell + " " * (widths[i] - _width(cell)) for i, cell in enumerate(line)).rstrip() for line in cells)


def _cell(value: object) -> str:
    return "-" if value is None else "yes" if value is True else "no" if value is False else str(value)


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
