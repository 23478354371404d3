"""Our values against a case's `expected`: leaf by leaf, each with the tolerance the case states for it."""
from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from eval_harness.base.estimate import Absent

FLOOR = 1e-15
"""Differences below this are the last bits of a double: an R p-value printed as 1 - cdf has no more."""
FAILS = ("fails", "official_fails")


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    lines = tomllib.loads((Path(__file__).parent / "tolerances.toml").read_text(encoding="utf-8"))
    return {key: tuple(words) for key, words in lines.items()}


def differences(expected: Any, got: Any, tolerance: Mapping[str, float], path: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """One entry a leaf that differs: {path, expected, got, tolerance}. More values of ours than expected are no difference."""
    if isinstance(expected, Mapping) and not any(key in expected for key in FAILS):
        if isinstance(got, Mapping):
            for key, value in expected.items():
                yield from differences(value, got.get(key, _Missing), tolerance, (*path, str(key)))
        elif not (isinstance(got, Absent) and not expected):
            yield _entry(path, expected, got, None)
    elif isinstance(expected, list) and isinstance(got, list | tuple | np.ndarray):
        if len(expected) != len(got):
            yield _entry(path, f"{len(expected)} values", f"{len(got)} values", None)
        for place, (value, mine) in enumerate(zip(expected, got, strict=False)):
            yield from differences(value, mine, tolerance, (*path, str(place)))
    else:
        allowed = allowed_for(path, tolerance)
        if not _equal(expected, got, allowed):
            yield _entry(path, expected, got, allowed)


@dataclass(frozen=True)
class Ruled:
    """A value the written policy sets where the reference code crashes or gives NaN; it is listed with its reason."""

    value: float
    code: str


class _Missing:
    """The value the case names and we did not compute."""


def _entry(path: tuple[str, ...], expected: Any, got: Any, allowed: tuple[float, float] | None) -> dict[str, Any]:
    return {"path": ".".join(path), "expected": expected, "got": "not computed" if got is _Missing else plain(got),
            "tolerance": {"abs": allowed[0], "rel": allowed[1]} if allowed else None}


def _equal(expected: Any, got: Any, allowed: tuple[float, float]) -> bool:
    if got is _Missing:
        return False
    if _undefined(expected):
        return _all_absent(got) or (isinstance(expected, Mapping) and any(True for _ in absences(got)))
    if isinstance(got, Ruled):
        got = got.value
    if isinstance(expected, str) and expected.lstrip("-") == "Infinity":
        wanted = -math.inf if expected.startswith("-") else math.inf
        return isinstance(got, Absent) or (_number(got) and float(got) == wanted)
    if isinstance(expected, bool) or isinstance(got, bool | np.bool_):
        return bool(expected) == bool(got)
    if isinstance(expected, int | float) and _number(got):
        return abs(expected - float(got)) <= max(allowed[0], allowed[1] * abs(expected), FLOOR)
    return type(expected) is type(got) and bool(expected == got)


def _undefined(expected: Any) -> bool:
    return expected is None or expected == "NaN" or (isinstance(expected, Mapping) and any(key in expected for key in FAILS))


def _all_absent(got: Any) -> bool:
    """An expected NaN, null or failure is our stated absence (or a raw NaN, which the runner names)."""
    if isinstance(got, Mapping):
        return all(_all_absent(value) for value in got.values())
    if isinstance(got, list | tuple):
        return all(_all_absent(value) for value in got)
    return got is None or isinstance(got, Absent | Ruled) or (_number(got) and math.isnan(float(got)))


def _number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def allowed_for(path: tuple[str, ...], tolerance: Mapping[str, float]) -> tuple[float, float]:
    """(absolute, relative) for a leaf: tolerances.toml says which of the case's keys speaks of which names."""
    text = ".".join(path).lower()
    stated = {key.removesuffix("_abs").removesuffix("_rel"): key for key in tolerance}
    chosen = next((stated[topic] for topic, patterns in _aliases().items()
                   if topic in stated and any(fnmatchcase(text, pattern) for pattern in patterns)), None)
    if chosen is None:
        chosen = next((key for topic, key in stated.items() if topic not in _aliases() and topic in text), None)
    chosen = chosen or stated.get("abs") or stated.get("rel") or next(iter(tolerance), "")
    value = float(tolerance.get(chosen, 1e-9))
    return (0.0, value) if chosen.endswith("rel") else (value, 0.0)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: infinities by name, absences as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Ruled):
        return plain(value.value)
    if isinstance(value, Absent) or value is None:
        return None
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return None
        return number if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")
    return str(value)


def absences(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(name, reason) of every value there is none for."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from absences(one, (*path, str(key)))
    elif isinstance(value, list | tuple | np.ndarray):
        for place, one in enumerate(value):
            yield from absences(one, (*path, str(place)))
    elif isinstance(value, Absent | Ruled):
        yield ".".join(path), value.code
    elif value is None:
        yield ".".join(path), "not_applicable"
    elif _number(value) and math.isnan(float(value)):
        yield ".".join(path), "undefined"
