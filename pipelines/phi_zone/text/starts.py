# ruff: noqa: E501 - patterns are data: a line is one of them, whole

"""Places of a text at which alone some rules can begin: found once for all of them (`Rule.starts` names them)."""
from __future__ import annotations

import re
from collections.abc import Callable

_SHORT_DATES, _YEARS = re.compile(r"(?<!\d)\d{1,2}(?=[/\-.]\d{1,2}[/\-.]\d|/(?:19|20)\d\d)"), re.compile(r"(?<!\d)(?:19|20)\d\d(?=\s?[\-/.年]|\d{4}(?:\d{4}(?:\d\d)?)?(?!\d))")
_RUNS, _LONG = re.compile(r"[+(]|(?<!\d)\d"), re.compile(r"\d(?:[\s\-.()*xX×+]{0,14}[\d*×xX]){4,}")
_PAIRS, _COLONS, _WORDS = re.compile(r"(?<![A-Za-z])[A-Z](?=[^\s,^]{0,120}[\s,^]{1,2}(?:(?:de|da|del|la|van|von|der|bin|al|el|O')\s)?[A-Z])"), re.compile(r"\s?[::]\s{0,3}[A-Z]"), re.compile("(?<![A-Za-z])[A-Za-z]")


def _near(text: str, marks: re.Pattern[str], back: int, places: re.Pattern[str], within: bool) -> list[int]:
    """Places from so many letters before a mark on: to its end where `within`, else to where it begins. In order, each once."""
    found: list[int] = []
    for mark in marks.finditer(text):
        begin = max(mark.start() - back, found[-1] + 1 if found else 0)
        found += [place.start() for place in places.finditer(text, begin, mark.end() if within else mark.start())]
    return found


STARTS: dict[str, Callable[[str], list[int]]] = {
    "short date": lambda text: [match.start() for match in _SHORT_DATES.finditer(text)],
    "year": lambda text: [match.start() for match in _YEARS.finditer(text)],
    "run": lambda text: _near(text, _LONG, 4, _RUNS, True),
    "pair": lambda text: [match.start() for match in _PAIRS.finditer(text)],
    "colon": lambda text: _near(text, _COLONS, 30, _WORDS, False),
}
"""`run`: figures, plus signs and brackets in and just before stretches of five figures or more. `colon`: words in the thirty letters before
a colon that a capital follows. Places where a rule that names them can begin: looking there alone finds what looking everywhere finds."""
