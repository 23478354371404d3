"""Answers that were made elsewhere: predictions.jsonl, one {"token", "output"} a line, read in one way only."""
from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from eval_harness.base import WrongUsage, eval_messages


class Line(NamedTuple):
    """One line: its number from 1, the byte where it begins, and what it says."""

    number: int
    start: int
    token: str
    output: Any


def answers(lines: Iterable[bytes], name: str) -> Iterator[Line]:
    """The lines of a predictions file; blank ones are passed over. `once` is the caller's to ask: it holds all tokens.

    Raises WrongUsage RUN-005 for a line that is no answer, SUB-064 for one with a key that stands twice.
    """
    start = 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = _value(line)
                yield Line(number, start, str(row["token"]), row["output"])
            except _Repeated as twice:
                raise WrongUsage(eval_messages().issue("SUB-064", _at(name, number), key=_shown(twice.key))) from None
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise WrongUsage(eval_messages().issue("RUN-005", _at(name, number))) from error
        start += len(line)


def said_twice(name: str, token: str, first: int, second: int) -> WrongUsage:
    """SUB-063: two lines answer for one case, so that neither is the answer."""
    return WrongUsage(eval_messages().issue("SUB-063", _at(name, second), token=_shown(token), first=first, second=second))


class _Repeated(Exception):
    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise _Repeated(next(key for place, (key, _) in enumerate(pairs) if key in {name for name, _ in pairs[:place]}))
    return held


_decode = json.JSONDecoder(object_pairs_hook=_once).raw_decode


def _value(line: bytes) -> Any:
    try:
        text = line.decode()
        value, end = _decode(text)
    except ValueError:
        return json.loads(line, object_pairs_hook=_once)   # white space before it, a byte order mark, or a fault that it tells better
    return value if not text[end:].strip() else json.loads(line)


def _at(name: str, number: int) -> str:
    return f"{name} line {number}"


def _shown(text: str) -> str:
    """A vendor's text that may stand in a message: short, and nothing in it that is not seen."""
    return "".join(one if unicodedata.category(one)[0] != "C" else f"<U+{ord(one):04X}>" for one in text[:80])
