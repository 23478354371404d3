"""Help pages in one language: texts written "中文 / English" (or " · ") are halved, others looked up, typer's own words replaced."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

HAN = re.compile(r"[\u3400-\u9fff]")
SIGNS = re.compile(r" ?[/·] ")
OWN_WORDS = {"ARGUMENTS_PANEL_TITLE": "参数", "OPTIONS_PANEL_TITLE": "选项", "COMMANDS_PANEL_TITLE": "命令",
             "REQUIRED_LONG_STRING": "[必填]", "DEFAULT_STRING": "[默认：{}]"}
"""Names of typer's module rich_utils → Chinese; they are read when a page is made."""
USAGE = (("Usage: ", "用法："), ("[OPTIONS]", "[选项]"), ("COMMAND [ARGS]...", "命令 [参数]..."))
HELP_OPTION = "显示本页并退出。"


def half(text: str, lang: str, table: Mapping[str, str]) -> str:
    """One language of a help text: the half before or after the sign that parts Chinese from English; else what the table says.

    Docstrings stand on several lines; they are taken as one paragraph each.
    """
    parts = ["".join(_half(" ".join(part.split()), lang, table)) for part in text.split("\n\n")]
    return "\n\n".join(parts)


def _half(text: str, lang: str, table: Mapping[str, str]) -> str:
    for sign in SIGNS.finditer(text):
        zh, en = text[:sign.start()], text[sign.end():]
        if HAN.search(zh) and not HAN.search(en):
            return zh if lang == "zh" else en
    return table.get(text, text) if lang == "zh" else text


def one_language(command: Any, lang: str, table: Mapping[str, str]) -> None:
    """Halve every text of a loaded command and of those below it. `table`: English text → Chinese, for texts that have no halves."""
    if lang == "zh":
        from typer import rich_utils

        for name, words in {**OWN_WORDS, "Columns": _folding(vars(rich_utils)["Columns"])}.items():
            setattr(rich_utils, name, words)
        _own_lines(command)
    for owner in (command, *command.params):
        for name in ("help", "short_help"):
            if text := getattr(owner, name, None):
                told = half(text, lang, table)
                setattr(owner, name, told[:1].upper() + told[1:] if owner is command else told)
    for below in getattr(command, "commands", {}).values():
        one_language(below, lang, table)


def _folding(columns: Any) -> Any:
    """rich cuts a long word off, and a Chinese sentence is one word to it: such a text goes on in the next line."""
    class Folding(columns):  # type: ignore[misc]
        def __init__(self, renderables: Iterable[Any], *rest: Any, **options: Any) -> None:
            held = list(renderables)
            for one in held:
                if hasattr(one, "overflow"):
                    one.overflow = "fold"
            super().__init__(held, *rest, **options)

    return columns if columns.__name__ == "Folding" else Folding


def without_language(words: list[str]) -> list[str]:
    """What was typed but for `--lang X`, which groups of commands do not know."""
    rest: list[str] = []
    skip = False
    for word in words:
        if skip or word.startswith("--lang="):
            skip = False
        elif word == "--lang":
            skip = True
        else:
            rest.append(word)
    return rest


def _own_lines(command: Any) -> None:
    """The usage line and the help option, which typer makes when it is asked for a page."""
    usage, option = command.get_usage, command.get_help_option

    def spoken_usage(ctx: Any) -> str:
        text = str(usage(ctx))
        for en, zh in USAGE:
            text = text.replace(en, zh, 1)
        return text

    def spoken_option(ctx: Any) -> Any:
        made = option(ctx)
        if made is not None:
            made.help = HELP_OPTION
        return made

    command.get_usage, command.get_help_option = spoken_usage, spoken_option
