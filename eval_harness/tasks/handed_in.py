"""Answers that were made elsewhere: predictions.jsonl, one {"token", "output"} a line, read in one way only."""
from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.base.issue import Words
from eval_harness.base.json_text import json_text
from eval_harness.base.reasons import why

NO_JSON = Words("不是 JSON（每个对象写在一行里；CSV 不读）", "it is no JSON (an object stands in one line; CSV is not read)")


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
                if (reason := _unfit(row)) is not None:
                    raise WrongUsage(eval_messages().issue("RUN-005", _at(name, number), reason=reason))
                yield Line(number, start, row["token"], row["output"])
            except _Repeated as twice:
                raise WrongUsage(eval_messages().issue("SUB-064", _at(name, number), key=_shown(twice.key))) from None
            except (ValueError, RecursionError) as error:
                told = NO_JSON if isinstance(error, json.JSONDecodeError) else why(error)
                raise WrongUsage(eval_messages().issue("RUN-005", _at(name, number), reason=told)) from error
        start += len(line)


def said_twice(name: str, token: str, first: int, second: int) -> WrongUsage:
    """SUB-063: two lines answer for one case, so that neither is the answer."""
    return WrongUsage(eval_messages().issue("SUB-063", _at(name, second), token=_shown(token), first=first, second=second))


def _unfit(row: Any) -> Words | None:
    """Why a line's value is no answer; None for one that is."""
    if not isinstance(row, dict):
        return Words("不是 JSON 对象（整个文件不要写成一个列表）", "it is no JSON object (the file as a whole is no list)")
    missing = [key for key in ("token", "output") if key not in row]
    if missing:
        keys = ", ".join(_shown(key) for key in row) or "–"
        return Words(f"缺少 {missing[0]}，它的键是 {keys}", f"it has no {missing[0]}; its keys are {keys}")
    return None if isinstance(row["token"], str) else Words("token 不是文字", "its token is no text")


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
        return json.loads(json_text(line), object_pairs_hook=_once)   # white space or a mark before it, or a fault
    return value if not text[end:].strip() else json.loads(line)


def _at(name: str, number: int) -> str:
    return f"{name} line {number}"


def _shown(text: str) -> str:
    """A vendor's text that may stand in a message: short, and nothing in it that is not seen."""
    return "".join(one if unicodedata.category(one)[0] != "C" else f"<U+{ord(one):04X}>" for one in text[:80])
