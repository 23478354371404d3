"""Messages in two languages, by code: issues on rows, and errors that stop a command.

A catalogue is a folder of TOML files, one table a code:

    ["GOV-012"]
    retry = false
    severity = "error"                       # fatal | error | warning | information, as FHIR's IssueSeverity
    zh = '"{found}" 不是 DICOM 关键字。'
    en = '"{found}" is not a DICOM keyword.'
    hint_zh = '最接近的关键字：“{nearest}”。改正后运行：touchstone policy check'
    hint_en = 'Nearest keyword: "{nearest}". Correct the file, then run: touchstone policy check'

Parameters may name places, counts and rules; never a value that came from a patient.
"""
from __future__ import annotations

import errno
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from eval_harness.base.phrases import in_chinese

REASONS_ZH = {os.strerror(number): words for number, words in (
    (errno.ENOENT, "没有这个文件或文件夹"), (errno.EACCES, "没有权限"), (errno.EPERM, "不允许这样做"), (errno.ENOSPC, "磁盘已满"),
    (errno.EDQUOT, "超出磁盘配额"), (errno.EROFS, "磁盘只读"), (errno.ENOTDIR, "路径中间有一段不是文件夹"), (errno.EISDIR, "这是文件夹"),
    (errno.EEXIST, "已经存在"), (errno.ENOTEMPTY, "文件夹不是空的"), (errno.EIO, "输入输出错误"), (errno.EMFILE, "打开的文件太多"),
    (errno.ENAMETOOLONG, "文件名太长"), (errno.ELOOP, "符号链接绕成了圈"), (errno.EBUSY, "正被占用"), (errno.EFBIG, "文件太大"),
    (errno.ECONNREFUSED, "连接被拒绝"), (errno.ETIMEDOUT, "连接超时"), (errno.EADDRINUSE, "端口已被占用"))} | {
    "I/O error": "输入输出错误", "unreadable": "读不出来"}
"""What the operating system gives as a reason → Chinese, wherever a message passes it on."""

KINDS: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8"))
"""Kinds of Python's errors, by name → what a message says instead."""

SEVERITIES = ("fatal", "error", "warning", "information")


@dataclass(frozen=True)
class Issue:
    """One problem, with the place it was found at and what to do next, in both languages."""

    code: str
    severity: str
    where: str
    message_zh: str
    message_en: str
    hint_zh: str
    hint_en: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)

    def text(self, lang: str) -> str:
        message, hint = (self.message_zh, self.hint_zh) if lang == "zh" else (self.message_en, self.hint_en)
        return f"{self.code}  {self.where}: {message}\n{' ' * (len(self.code) + 2)}{hint}"


@dataclass(frozen=True)
class Template:
    severity: str
    retry: bool
    zh: str
    en: str
    hint_zh: str
    hint_en: str


class Catalogue:
    """The message files of one or more folders. `catalogue.issue("GOV-012", where, found=..., nearest=...)`."""

    def __init__(self, *folders: Path) -> None:
        self.templates: dict[str, Template] = {}
        for file in sorted(file for folder in folders for file in folder.glob("*.toml")):
            for code, fields in tomllib.loads(file.read_text(encoding="utf-8")).items():
                if code in self.templates:
                    raise ValueError(f"{file.name}: code {code} is written twice")
                self.templates[code] = Template(
                    fields.get("severity", "error"), bool(fields.get("retry", False)),
                    fields["zh"], fields["en"], fields["hint_zh"], fields["hint_en"],
                )

    def issue(self, code: str, where: str, **params: object) -> Issue:
        """The issue of `code` at `where`. Raises KeyError for an unknown code: a code without a text is a defect.

        A parameter that is `Words` stands in its own language in each text.
        """
        template = self.templates[code]
        zh, en = (_Spoken({name: value[tongue] if isinstance(value, Words) else value for name, value in params.items()})
                  for tongue in (0, 1))
        zh.update({name: REASONS_ZH.get(value) or in_chinese(value) for name, value in zh.items()
                   if isinstance(value, str) and (value in REASONS_ZH or " " in value)})   # a single word may be one to type
        if (kind := params.get("reason")) in KINDS:
            zh["reason"], en["reason"] = KINDS[str(kind)]
        filled = [template.zh.format_map(zh), template.en.format_map(en), template.hint_zh.format_map(zh), template.hint_en.format_map(en)]
        return Issue(code, template.severity, where, *filled)

    def text(self, code: str, lang: str, **params: object) -> str:
        """The bare sentence of a code in one language, for headings and captions."""
        template = self.templates[code]
        return (template.zh if lang == "zh" else template.en).format_map(_Spoken(params))

    def outline(self, code: str, lang: str) -> str:
        """The sentence of a code without its parameters, which differ from one occurrence to the next; for lists that count codes.

        Counts outlive releases: a code that this one does not know any more is said to be one.
        """
        template = self.templates.get(code)
        if template is None:
            return "其他版本的代码。" if lang == "zh" else "a code of another release."
        return re.sub(r"\{\w+\}", "…", template.zh if lang == "zh" else template.en)


class Words(NamedTuple):
    """A parameter of a message that is a text itself."""

    zh: str
    en: str


class _Spoken(dict[str, object]):
    def __init__(self, params: Mapping[str, object]) -> None:
        super().__init__(params)

    def __missing__(self, key: str) -> str:
        raise KeyError(f"message parameter {key!r} was not given")


@cache
def eval_messages() -> Catalogue:
    """The catalogue that ships with touchstone-eval."""
    return Catalogue(Path(__file__).parent.parent / "messages")


class TouchstoneError(Exception):
    """A command cannot go on. Carries an Issue; `exit_code` is what the process ends with (see docs/commands.md)."""

    exit_code = 3

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.text("en"))
        self.issue = issue

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.issue,)


class Retryable(TouchstoneError):
    """The environment failed; the same command may succeed later."""


class Terminal(TouchstoneError):
    """Trying again changes nothing until a person has."""


class WrongUsage(Terminal):
    """Wrong arguments or settings; nothing was changed."""

    exit_code = 2
