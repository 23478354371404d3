"""What is wrong with one entry of a file that people write, and what would be right, in both languages."""
from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from eval_harness.base.issue import Words


class RuleBroken(ValueError):
    """A record's own rule does not hold: raised by validators, told to whoever wrote the file."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


REASONS = {"extra_forbidden": Words("没有这个键", "there is no such key"), "missing": Words("缺少这个键", "this key is missing"),
           "string_pattern_mismatch": Words("写法不符合规定", "it is not written as it must be"),
           "literal_error": Words("不是可用的值", "it is none of the values that may stand here"),
           "finite_number": Words("不是有限的数", "it is not a finite number"),
           "invalid_key": Words("这个键不是文字（YAML 把 on、off、yes、no 读作真假）",
                                "this key is no text (YAML reads on, off, yes and no as truth values)")}
RIGHT = {"finite_number": Words("有限的数", "a finite number"), "invalid_key": Words("加引号的键", "the key in quotation marks")}
FORMS = {"string": Words("文字", "a text"), "int": Words("整数", "a whole number"), "float": Words("数", "a number"),
         "bool": Words("true 或 false", "true or false"), "list": Words("列表", "a list"), "tuple": Words("列表", "a list"),
         "set": Words("列表", "a list"), "frozen": Words("列表", "a list"), "dict": Words("若干“键: 值”", "entries of key and value"),
         "mapping": Words("若干“键: 值”", "entries of key and value"), "model": Words("若干“键: 值”", "entries of key and value"),
         "date": Words("日期，例如 2026-03-01", "a day, such as 2026-03-01"),
         "datetime": Words("时刻，例如 2026-03-01T22:00:00+08:00", "a moment, such as 2026-03-01T22:00:00+08:00"),
         "path": Words("路径", "a path")}
"""What an entry of another form should be, by the first word of pydantic's kind of error."""
BOUNDS = {"ge": Words("{} 或更大", "{} or more"), "gt": Words("大于 {}", "more than {}"), "le": Words("{} 或更小", "{} or less"),
          "lt": Words("小于 {}", "less than {}"), "multiple_of": Words("{} 的倍数", "a multiple of {}")}
LENGTHS = {"min_length": Words("至少 {} {}", "{} {} or more"), "max_length": Words("至多 {} {}", "{} {} or fewer")}


GIVEN = ((bool, "bool"), (int, "int"), (float, "float"), (str, "string"), (list, "list"), (dict, "dict"),
         (dt.datetime, "datetime"), (dt.date, "date"))
NUMBERS = (FORMS["int"], FORMS["float"])
AS_DOCUMENTED = Words("说明文档里这一项的写法", "what the documentation has for this entry")


@cache
def _patterns() -> dict[str, list[str]]:
    return tomllib.loads((Path(__file__).parent / "patterns.toml").read_text(encoding="utf-8"))


def told(error: Mapping[str, Any]) -> tuple[Words, Words]:
    """(reason, what would be right) of one entry of pydantic's `ValidationError.errors()`; keys are the caller's to name."""
    kind, given = str(error["type"]), error.get("ctx", {})
    if isinstance(broken := given.get("error"), RuleBroken):
        return broken.words, Words("满足这一条的值", "a value that keeps this rule")
    for name, bound in BOUNDS.items():
        if name in given:
            return Words("数值超出范围", "the number is out of range"), Words(*(text.format(given[name]) for text in bound))
    for name, bound in LENGTHS.items():
        if name in given:
            unit = Words("个字符", "characters") if kind.startswith("string") else Words("项", "entries")
            return Words("长度不对", "the length is not right"), Words(*(text.format(given[name], unit[i]) for i, text in enumerate(bound)))
    if "pattern" in given:
        return REASONS[kind], Words(*_patterns().get(given["pattern"], AS_DOCUMENTED))
    if kind in REASONS:
        right = str(given.get("expected") or "").replace("' or '", "', '")
        return REASONS[kind], RIGHT.get(kind) or Words(right, right)
    form = FORMS.get(kind.partition("_")[0])
    if form is not None:
        return _other_form(error.get("input"), form)
    return Words("值不对", "the value is not right"), AS_DOCUMENTED


def _other_form(value: Any, right: Words) -> tuple[Words, Words]:
    """What form the value has, never the value; quotation marks are what makes a number of a text and the other way round."""
    found = next((FORMS[name] for kind, name in GIVEN if isinstance(value, kind)), None)
    reason = Words("形式不对", "it has another form") if found is None or found == right else Words(
        f"形式不对，这里写的是{found.zh}", f"it has another form, {found.en}")
    if isinstance(value, str) and right in NUMBERS:
        return reason, Words(f"{right.zh}，不加引号", f"{right.en} without quotation marks")
    if right == FORMS["string"] and isinstance(value, bool | int | float | dt.date):
        return reason, Words(f"{right.zh}，加引号", f"{right.en} in quotation marks")
    return reason, right
