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

HomeFlag = Annotated[str | None, typer.Option("--home", help="主目录（$TOUCHSTONE_HOME） / home folder ($TOUCHSTONE_HOME)")]
JsonFlag = Annotated[bool, typer.Option("--json", help="在标准输出上给出一个 JSON 对象 / one JSON object on standard output")]
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

    def allow(self, action: str, object: str) -> None:
        """Go on only where the access policy lets this account; the decision is in the audit log. Raises Terminal ACC-001."""
        from governance.access import require
        from governance.audit import Audit

        require(Audit(self.settings.home.audit), self.actor, action, object)

    def words(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en


def enter(home: str | None, lang: str | None, engine: str | None = None, *, create: bool = False) -> Door:
    """Read settings, open the home and its governance store. Raises WrongUsage HOM-001..003."""
    from governance.store import open_store

    config = settings(home, engine)
    open_home(config, create)
    return Door(config, open_store(config.store_url), language(lang))

