"""Ages over the cap that stand as a bare number: an Observation coded as age, an answer to a question for the age.

A Quantity says its unit and is capped where it stands (coded.py); a bare 95 is an age only because of what was asked.
Rule  45 CFR 164.514(b)(2)(i)(C)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_YEARS = (
    *("a", "y", "yr", "yrs", "yr.", "yrs.", "yo", "y/o", "y.o.", "year", "years", "year(s)", "years old", "years of age"),
    *("岁", "周岁", "歲", "週歲", "周歲", "虚岁", "年", "歳", "才", "세", "살"),
    *("jahr", "jahre", "ans", "años", "año", "anos", "anni", "jaar", "år", "lat", "лет"),
)
PER_YEAR = (
    dict.fromkeys(_YEARS, 1.0)
    | dict.fromkeys(("mo", "month", "months", "月", "个月", "個月", "月龄"), 12.0)
    | dict.fromkeys(("wk", "week", "weeks", "周", "週", "星期"), 52.1775)
    | dict.fromkeys(("d", "day", "days", "天", "日", "日龄"), 365.25)
    | dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "小时", "時間"), 8766.0)
    | dict.fromkeys(("min", "minute", "minutes", "分钟", "分鐘"), 525_960.0)
)
"""Units of an age, lower case, and how many make a year."""
_CODES = ("30525-0", "21611-9", "21612-7", "29553-5", "35659-2", "39016-1", "63900-5", "397669002", "424144002", "445518008")
_ASKED = re.compile(r"年龄|年齡|岁数|歲數|\bage\b", re.IGNORECASE)
_NOT_OF_LIFE = re.compile(r"gestation|孕|胎|for[\s\-]age|percentil|百分位|z[\s\-]?score|z\s?值", re.IGNORECASE)
_BARE_VALUES = frozenset(("valueInteger", "valueDecimal", "valuePositiveInt", "valueUnsignedInt", "valueString"))
_NUMERIC = (int, float)
_UNITLESS = (None, "", "1", "{#}", "{age}")
_BARE = re.compile(r"\s*(\d{2,3})(?:\.\d+)?\s*\Z")


def per_year(unit: Any, code: Any) -> float | None:
    """How many of this unit make a year; None when it is no unit of an age."""
    found = PER_YEAR.get(code) if type(code) is str else None
    return found or (PER_YEAR.get(unit.strip().lower()) if type(unit) is str else None)


def capped(tree: dict[str, Any], kind: str, cap: int) -> dict[str, Any]:
    """The resource with bare ages over `cap` as a Quantity of at least one year more; the same object when there is none."""
    if kind == "Observation":
        return _observation(tree, cap)
    return _items(tree, cap) if kind == "QuestionnaireResponse" else tree


def _observation(tree: dict[str, Any], cap: int) -> dict[str, Any]:
    if _great(tree, cap) and _is_age(tree.get("code")):
        tree = _told(tree, cap)
    if "component" in tree and type(tree["component"]) is list:
        tree = each(tree, "component", lambda part: _told(part, cap) if _great(part, cap) and _is_age(part.get("code")) else part)
    return tree


def _items(tree: dict[str, Any], cap: int) -> dict[str, Any]:
    def answered(answer: dict[str, Any], asked: bool) -> dict[str, Any]:
        return _items(_told(answer, cap) if asked and _great(answer, cap) else answer, cap)

    def item(part: dict[str, Any]) -> dict[str, Any]:
        text = part.get("text")
        asked = type(text) is str and _asks(text)
        return _items(each(part, "answer", lambda answer: answered(answer, asked)), cap)

    return each(tree, "item", item)


def each(tree: dict[str, Any], member: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """`tree` with `change` done to every object of a list member; the same object when nothing changed."""
    parts = tree.get(member)
    if type(parts) is not list:
        return tree
    new = None
    for place, part in enumerate(parts):
        if type(part) is dict and (changed := change(part)) is not part:
            new = parts.copy() if new is None else new
            new[place] = changed
    return tree if new is None else {**tree, member: new}


def _great(part: dict[str, Any], cap: int) -> bool:
    quantity = part.get("valueQuantity")
    if quantity is not None:
        if type(quantity) is not dict or quantity.get("unit") not in _UNITLESS or quantity.get("code") not in _UNITLESS:
            return False  # a unit says what it is
        amount = quantity.get("value")
        return type(amount) in _NUMERIC and amount > cap  # type: ignore[operator]
    if _BARE_VALUES.isdisjoint(part):
        return False
    text = part.get("valueString")
    if type(text) is str:
        bare = _BARE.match(text) if len(text) < 12 else None
        return bare is not None and int(bare[1]) > cap
    return any(type(part.get(name)) in _NUMERIC and part[name] > cap for name in _BARE_VALUES)


def _is_age(concept: Any) -> bool:
    if type(concept) is not dict:
        return False
    codings = concept.get("coding")
    for coding in codings if type(codings) is list else ():
        if type(coding) is dict and (coding.get("code") in _CODES or _asks(coding.get("display"))):
            return True
    return _asks(concept.get("text"))


def _asks(text: Any) -> bool:
    return type(text) is str and len(text) <= 120 and _asks_for_age(text)


@lru_cache(maxsize=1 << 12)
def _asks_for_age(text: str) -> bool:
    return _ASKED.search(text) is not None and _NOT_OF_LIFE.search(text) is None


def _told(part: dict[str, Any], cap: int) -> dict[str, Any]:
    rest = {name: value for name, value in part.items() if not name.startswith("value") and not name.startswith("_value")}
    return rest | {"valueQuantity": {"value": cap + 1, "comparator": ">=", "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"}}
