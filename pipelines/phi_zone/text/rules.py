"""A form rule: a pattern over folded text, what it finds, and what must hold for it to count."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.phi_zone.text.standing import Written


@dataclass(frozen=True)
class Rule(Written):
    """The pattern may name the identifying part with a group `v`; without it the whole match is the span."""

    name: str
    type: str
    text: str
    flags: int
    holds: Callable[[str], bool] | None = None
    hint: str = ""
    """Gates (gates.py) that every text passes in which the rule matches: skips it cheaply."""
    starts: str = ""
    """The places (starts.py) outside which no match begins; empty: it may begin anywhere."""


def rule(
    name: str,
    type_: str,
    pattern: str,
    holds: Callable[[str], bool] | None = None,
    hint: str = "",
    flags: int = re.IGNORECASE,
    starts: str = "",
) -> Rule:
    return Rule(name, type_, pattern, flags, holds, hint, starts)


def luhn(value: str) -> bool:
    """ISO/IEC 7812 check digit over the digits of `value`."""
    digits = [int(char) for char in value if char.isdigit()][::-1]
    total = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return total % 10 == 0


def resident_id_valid(value: str) -> bool:
    """GB 11643-1999: 18 characters with the right check character (MOD 11-2)."""
    if not re.fullmatch(r"\d{17}[\dXx]", value):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char) * weight for char, weight in zip(value, weights, strict=False))
    return "10X98765432"[total % 11] == value[-1].upper()


_VEHICLE_LETTERS = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_VEHICLE_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vehicle_number_valid(value: str) -> bool:
    """ISO 3779 / GB 16735: 17 characters without I, O and Q, letters and figures, the ninth the right check character."""
    if not re.fullmatch(r"[A-HJ-NPR-Z\d]{17}", value) or value.isdigit() or value.isalpha():
        return False
    total = sum((_VEHICLE_LETTERS.get(char) or int(char)) * weight for char, weight in zip(value, _VEHICLE_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == value[8]


def taiwan_id_valid(value: str) -> bool:
    """A Taiwanese identity or resident number: two signs of letters or figures and eight figures, their weighted sum a multiple of ten."""
    letters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
    first = letters.index(value[0]) + 10
    second = value[1] if value[1].isdigit() else str(letters.index(value[1]) % 10)
    figures = [first // 10, first % 10, *(int(char) for char in second + value[2:])]
    return sum(weight * figure for weight, figure in zip((1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), figures, strict=True)) % 10 == 0


_DATED = re.compile(r"\d{1,4}[/\-.]\d{1,2}[/\-.]\d{2,4}\Z|(?:19|20)\d{2}(?:[/\-](?:19|20)?\d{2})?\Z")


def dated(value: str) -> bool:
    """Is a number written as a date, a year or two years are?"""
    return _DATED.match(value) is not None


def figures(value: str) -> int:
    return sum(char.isdigit() for char in value)


def has_digit(value: str) -> bool:
    return any(char.isdigit() for char in value)
