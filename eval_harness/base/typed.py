"""Run the command somebody typed, by "module:object", so that only what is asked for is loaded; wrong words are told in both languages."""
from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from eval_harness.base.issue import Words, WrongUsage, eval_messages

WRONG_WORDS = {"MissingParameter": ("缺少 {what}", "{what} is missing"), "NoSuchOption": ("没有选项 {what}", "there is no option {what}"),
               "BadParameter": ("{what} 的值不对", "the value of {what} is not right"),
               "NoSuchCommand": ("没有命令 {what}", "there is no command {what}")}
"""Kind of typer's error → what it says. Others say which words were not understood."""

DETAILS_ZH = ((r"Input should be a valid integer.*", "应为整数"), (r"Input should be a valid number.*", "应为数字"),
              (r"Input should be greater than or equal to (.+)", r"最小 \1"), (r"Input should be less than or equal to (.+)", r"最大 \1"),
              (r"Got unexpected extra argument(?:\(s\)|s)? \((.+)\)", r"多出来的：\1"),
              (r"Option '(.+)' does not take a value\.?", r"\1 后面不写值"), (r"Option '(.+)' requires an argument\.?", r"\1 后面要写值"))
"""What typer says about a value → Chinese; anything else stays as it is."""

CTRL_C = 130
"""What typer gives back when the keyboard stopped a command."""


def invoke(target: str, name: str, words: list[str], lang: str = "en", help_zh: Mapping[str, str] | None = None) -> Any:
    """Load "module:object" and run it as `name`. What it gives back is the exit code (None = 0). Raises WrongUsage SYS-005.

    Help pages are in `lang`; `help_zh` gives Chinese for texts that are written in English only.
    """
    import typer
    from typer.main import get_command

    from eval_harness.base.helped import one_language, without_language

    module, _, attribute = target.partition(":")
    loaded = getattr(importlib.import_module(module), attribute)
    app = loaded if isinstance(loaded, typer.Typer) else _single(loaded, name.rpartition(" ")[2])
    command = get_command(app)
    bare = without_language(words)
    if "--help" in bare or (not bare and hasattr(command, "commands")):     # a page is asked for
        one_language(command, lang, help_zh or {})
        words = bare
    try:
        code = command.main(args=words, prog_name=name, standalone_mode=False)
    except typer.TyperException as error:   # wrong words; typer carries its own copy of click
        if type(error).__name__ == "NoArgsIsHelpError":   # a group typed alone has shown its page
            return 2
        raise _told(error, name) from error
    if code == CTRL_C:
        raise KeyboardInterrupt
    return code


def _single(function: Callable[..., Any], name: str) -> Any:
    import typer

    app = typer.Typer(add_completion=False)
    app.command(name)(function)
    return app


def _told(error: Exception, name: str) -> WrongUsage:
    kind, said = type(error).__name__, str(getattr(error, "message", ""))
    context = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    what = getattr(error, "option_name", None) or _name(parameter)
    if said.startswith("No such command"):
        kind, what, said = "NoSuchCommand", said.split("'")[1], ""
    zh, en = WRONG_WORDS.get(kind if what else "", ("没有看懂", "not understood"))
    near = ", ".join(getattr(error, "possibilities", None) or ())
    detail = near if kind == "NoSuchOption" else said
    place = getattr(context, "command_path", None) or name
    told = Words(zh.format(what=what) + (f"（{_in_chinese(detail)}）" if detail else ""),
                 en.format(what=what) + (f" ({detail.rstrip('.')})" if detail else ""))
    return WrongUsage(eval_messages().issue("SYS-005", place, what=told, command=place))


def _in_chinese(detail: str) -> str:
    for pattern, words in DETAILS_ZH:
        if re.fullmatch(pattern, detail):
            return re.sub(pattern, words, detail)
    return detail


def _name(parameter: Any) -> str:
    """An option by its flag, an argument as the help page writes it."""
    if parameter is None:
        return ""
    flag = next((one for one in parameter.opts if one.startswith("--")), None)
    return str(flag or parameter.metavar or parameter.name.upper())
