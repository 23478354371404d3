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

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

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
        """The issue of `code` at `where`. Raises KeyError for an unknown code: a code without a text is a defect."""
        template = self.templates[code]
        filled = [text.format_map(_Spoken(params)) for text in (template.zh, template.en, template.hint_zh, template.hint_en)]
        return Issue(code, template.severity, where, *filled)

    def text(self, code: str, lang: str, **params: object) -> str:
        """The bare sentence of a code in one language, for headings and captions."""
        template = self.templates[code]
        return (template.zh if lang == "zh" else template.en).format_map(_Spoken(params))


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
