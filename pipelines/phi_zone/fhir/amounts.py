"""Amounts that are none: a record number, a telephone number or a birth date written as a JSON number."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pipelines.phi_zone.fhir.context import Context, Malformed
from schemas.deid import KnownIdentity

LEAST = 100_000
"""From here on an amount may be a number of a person."""
_MOBILE = re.compile(r"1[3-9]\d{9}")
_SHORTEST, _MOST_LETTERS = 6, 4


def number(value: Any, ctx: Context) -> Any:
    """A number as canonical JSON writes it. Raises Malformed FHR-012 for an integer without an exact JSON number."""
    if type(value) is float:
        if value.is_integer() and abs(value) < 2**53:
            return int(value)
        if not 1e-6 <= abs(value) < 1e21:
            ctx.exotic = True
        return value
    if type(value) is not int:
        raise Malformed
    if abs(value) > 2**53:
        raise Malformed("FHR-012")
    return value


def is_of_somebody(amount: float, ctx: Context) -> bool:
    """Is an amount of `LEAST` or more a number of this patient, or written as a mobile number?"""
    ctx.personal = True
    digits = str(abs(amount))
    if ctx.known is not None and digits in _numbers_of(ctx.known):
        return True
    return _MOBILE.fullmatch(digits) is not None and len(set(digits)) > 4


@lru_cache(maxsize=1 << 9)
def _numbers_of(known: KnownIdentity) -> frozenset[str]:
    """Digits of what identifies somebody, without leading zeros, as a number would be written."""
    found = {known.birth_date.replace("-", "")}
    for value in known.ids:
        if sum(char.isalpha() for char in value) <= _MOST_LETTERS:
            found.add(re.sub(r"\D", "", value))
    for value in known.phones:
        digits = re.sub(r"\D", "", value)
        found |= {digits, digits[-11:]} | (set() if _MOBILE.fullmatch(digits[-11:]) else {digits[-8:], digits[-7:]})
    return frozenset(digits.lstrip("0") for digits in found if len(digits) >= _SHORTEST)
