"""Numbers as a reader sees them: one form for page, PDF and terminal. Facts keep full precision; only print is rounded."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def shown(value: float | int | None, digits: int = 3) -> str:
    """A value with `digits` decimals below 100, fewer above; integers as they are; a true minus sign."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u00a0").replace("-", "−")
    places = digits if abs(value) < 10 else max(0, digits - 1) if abs(value) < 100 else max(0, digits - 2)
    text = f"{value:.{places}f}"
    return ("0" + text[2:] if float(text) == 0 and text.startswith("-") else text).replace("-", "−")


def real(value: float | None) -> str:
    """A measured value: JSON writes 1.0 as 1, a reader should still see how exactly it is known."""
    return shown(None if value is None else float(value))


def is_absent(part: Any) -> bool:
    return isinstance(part, Mapping) and "absent" in part


def bounds(interval: Mapping[str, Any]) -> str:
    """[lower, upper], or one bound where only one carries the level."""
    if interval.get("sided") == "lower":
        return f"≥ {real(interval['lower'])}"
    if interval.get("sided") == "upper":
        return f"≤ {real(interval['upper'])}"
    return f"{real(interval['lower'])} – {real(interval['upper'])}"


def percent(level: float) -> str:
    text = f"{level * 100:.1f}".removesuffix(".0")
    return f"{text} %"
