"""Figures as SVG text, without a plotting library: the verifier draws them again and compares bytes.

Lines differ in dash and mark, not only in colour, so that a grey print still tells them apart. Coordinates are rounded
to a hundredth of a unit, which makes the bytes equal on every machine.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

FONT = "Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Touchstone SC, sans-serif"
INK, SOFT, GRID, ACCENT = "#1b2430", "#5a6675", "#dde2e9", "#0b4f8a"
DASHES = ("", "7 3", "2 3", "9 3 2 3")
COLOURS = ("#0b4f8a", "#1b2430", "#5a6675", "#8a95a3")
Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    label: str
    points: Sequence[Point]
    style: int = 0
    marks: bool = False
    line: bool = True


@dataclass(frozen=True)
class Row:
    """One line of a forest plot. value None: written `note` instead of a mark."""

    label: str
    n: str
    value: float | None
    lower: float | None
    upper: float | None
    note: str = ""
    bold: bool = False


def _n(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _svg(width: float, height: float, alt: str, body: Sequence[str]) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" role="img" '
            f'aria-label="{escape(alt)}" font-family="{FONT}" font-size="12">' + "".join(body) + "</svg>")


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = INK, extra: str = "") -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" fill="{colour}"{extra}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = GRID, width: float = 1, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{colour}" '
            f'stroke-width="{_n(width)}"{dashed}/>')


def ticks(low: float, high: float) -> list[float]:
    """Between 4 and 8 round values that span [low, high]."""
    span = (high - low) or 1.0
    step = 10.0 ** -12
    for power in range(-6, 9):
        for factor in (1, 2, 2.5, 5):
            step = factor * 10.0**power
            if span / step <= 6:
                first = int(low / step) - (low < 0)
                return [round((first + i) * step, 10) for i in range(12) if low - step / 1e6 <= (first + i) * step <= high + step / 1e6]
    return [low, high]


def curve(series: Sequence[Series], x_label: str, y_label: str, alt: str, x_ticks: Sequence[float] | None = None,
          diagonal: bool = False, log_x: bool = False, x_max: float = 1.0, y_max: float = 1.0) -> str:
    """Line plot over [0, x_max] x [0, y_max] (ROC, PR, FROC with log_x, calibration with diagonal)."""
    left, top, side_x, side_y = 56.0, 14.0, 400.0, 300.0
    xs = list(x_ticks or ticks(0, x_max))

    def x_of(x: float) -> float:
        if not log_x:
            return left + side_x * x / x_max
        from math import log2
        low, high = log2(xs[0]), log2(xs[-1])
        return left + side_x * (log2(max(x, xs[0])) - low) / (high - low)

    def y_of(y: float) -> float:
        return top + side_y * (1 - y / y_max)

    body = [f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(side_x)}" height="{_n(side_y)}" fill="#fff" stroke="{SOFT}"/>']
    for x in xs:
        body += [_line(x_of(x), top, x_of(x), top + side_y), _text(x_of(x), top + side_y + 17, _tick(x), "middle", SOFT)]
    for y in ticks(0, y_max):
        body += [_line(left, y_of(y), left + side_x, y_of(y)), _text(left - 7, y_of(y) + 4, _tick(y), "end", SOFT)]
    if diagonal:
        body.append(_line(x_of(0), y_of(0), x_of(x_max), y_of(y_max), SOFT, 1, "3 3"))
    for number, one in enumerate(series):
        body += _drawn(one, [(x_of(x), y_of(y)) for x, y in one.points])
        body += _legend(one, left, top + side_y + 62 + number * 20)
    body += [_text(left + side_x / 2, top + side_y + 38, x_label, "middle"),
             _text(0, 0, y_label, "middle", INK, f' transform="translate(15 {_n(top + side_y / 2)}) rotate(-90)"')]
    return _svg(left + side_x + 12, top + side_y + 52 + 20 * len(series), alt, body)


def _drawn(one: Series, points: Sequence[Point]) -> list[str]:
    colour, dash = COLOURS[one.style % 4], DASHES[one.style % 4]
    out = []
    if one.line and len(points) > 1:
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
    if one.marks:
        out += [_mark(x, y, one.style) for x, y in points]
    return out


def _mark(x: float, y: float, style: int) -> str:
    colour = COLOURS[style % 4]
    if style % 2:
        return (f'<rect x="{_n(x - 4)}" y="{_n(y - 4)}" width="8" height="8" fill="#fff" stroke="{colour}" '
                f'stroke-width="2"/>')
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="4" fill="{colour}"/>'


def _legend(one: Series, x: float, y: float) -> list[str]:
    out = [_line(x, y - 4, x + 26, y - 4, COLOURS[one.style % 4], 2, DASHES[one.style % 4])] if one.line else []
    if one.marks:
        out.append(_mark(x + 13, y - 4, one.style))
    return [*out, _text(x + 33, y, one.label)]


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def forest(rows: Sequence[Row], alt: str, x_label: str, reference: float | None, reference_label: str = "",
           low: float = 0.0, high: float = 1.0) -> str:
    """Forest plot: label, n, interval with its value mark, and the numbers again as text."""
    wide = min(44, max([26, *(_columns(row.label) for row in rows)]))       # half-width columns for the longest label
    noted = max((_columns(row.note) for row in rows if row.value is not None), default=0)   # the numbers stand clear of the longest bar
    left, plot, right, line, top = 232.0 + 6.4 * (wide - 26), 300.0, max(128.0, 7.4 * noted + 14), 23.0, 26.0
    height = top + line * len(rows) + 44
    scale = ticks(low, high)
    low, high = min(low, scale[0]), max(high, scale[-1])

    def x_of(x: float) -> float:
        return left + plot * (min(max(x, low), high) - low) / ((high - low) or 1)

    bottom = top + line * len(rows)
    body = [item for x in scale for item in
            (_line(x_of(x), top, x_of(x), bottom), _text(x_of(x), bottom + 16, _tick(x), "middle", SOFT))]
    if reference is not None:
        body += [_line(x_of(reference), top - 6, x_of(reference), bottom, INK, 1.5, "5 3"),
                 _text(x_of(reference), top - 10, reference_label, "middle", INK)]
    for number, row in enumerate(rows):
        body += _forest_row(row, top + line * number + line / 2, x_of, left, left + plot + right, wide)
    body.append(_text(left + plot / 2, bottom + 35, x_label, "middle"))
    return _svg(left + plot + right, height, alt, body)


def _forest_row(row: Row, y: float, x_of, left: float, right: float, wide: int) -> list[str]:  # type: ignore[no-untyped-def]
    weight = ' font-weight="600"' if row.bold else ""
    out = [_text(0, y + 4, _cut(row.label, wide), "start", INK, weight), _text(left - 12, y + 4, row.n, "end", SOFT)]
    if row.value is None:
        return [*out, _text(right, y + 4, row.note, "end", SOFT)]
    if row.lower is not None and row.upper is not None:
        out += [_line(x_of(row.lower), y, x_of(row.upper), y, ACCENT, 2)]
        out += [_line(x_of(end), y - 4, x_of(end), y + 4, ACCENT, 2) for end in (row.lower, row.upper)]
    mark = (f'<rect x="{_n(x_of(row.value) - 4.5)}" y="{_n(y - 4.5)}" width="9" height="9" fill="{INK if row.bold else ACCENT}"/>')
    return [*out, mark, _text(right, y + 4, row.note, "end", INK, weight)]


def _columns(text: str) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def _cut(text: str, width: int) -> str:
    """The text in at most `width` half-width columns (a Chinese character takes two)."""
    used, out = 0, ""
    for char in text:
        used += _columns(char)
        if used > width + 2:
            return out + "…"
        out += char
    return out


def against(value: float, lower: float | None, upper: float | None, target: float, target_label: str, alt: str,
            low: float, high: float) -> str:
    """One interval against the line it must clear: the picture of the primary end point."""
    width, left, right, y = 470.0, 20.0, 450.0, 48.0
    scale = ticks(low, high)

    def x_of(x: float) -> float:
        return left + (right - left) * (min(max(x, low), high) - low) / ((high - low) or 1)

    body = [_line(left, 82, right, 82, SOFT)]
    body += [item for x in scale for item in (_line(x_of(x), 82, x_of(x), 87, SOFT), _text(x_of(x), 102, _tick(x), "middle", SOFT))]
    body += [_line(x_of(target), 22, x_of(target), 82, INK, 2, "6 3"), _text(x_of(target), 14, target_label, _side(x_of(target), width))]
    if lower is not None and upper is not None:
        body += [f'<rect x="{_n(x_of(lower))}" y="{_n(y - 6)}" width="{_n(x_of(upper) - x_of(lower))}" height="12" '
                 f'fill="{ACCENT}" fill-opacity="0.28"/>']
        body += [_line(x_of(end), y - 11, x_of(end), y + 11, ACCENT, 2.5) for end in (lower, upper)]
    body.append(f'<circle cx="{_n(x_of(value))}" cy="{_n(y)}" r="6" fill="{INK}"/>')
    return _svg(width, 112, alt, body)


def _side(x: float, width: float) -> str:
    return "end" if x > width * 0.8 else "start" if x < width * 0.2 else "middle"


def flow(boxes: Sequence[tuple[str, str]], alt: str) -> str:
    """Case accounting from left to right: (number, words) in boxes joined by arrows."""
    width, gap, height = 132.0, 22.0, 74.0
    body = []
    for number, (count, words) in enumerate(boxes):
        x = number * (width + gap) + 1
        body.append(f'<rect x="{_n(x)}" y="1" width="{_n(width)}" height="{_n(height)}" fill="#fff" stroke="{INK}"/>')
        body.append(_text(x + width / 2, 30, count, "middle", INK, ' font-size="19" font-weight="600"'))
        body += [_text(x + width / 2, 49 + 15 * i, part, "middle", SOFT) for i, part in enumerate(_wrapped(words, 20)[:2])]
        if number:
            body.append(f'<path d="M{_n(x - gap + 2)} 38h{_n(gap - 8)}m-5 -5l6 5l-6 5" fill="none" stroke="{INK}" stroke-width="1.5"/>')
    return _svg(len(boxes) * (width + gap) - gap + 2, height + 2, alt, body)


def flow_down(boxes: Sequence[tuple[str, str]], alt: str) -> str:
    """The same from above to below, number beside words: what a telephone shows at its own width."""
    width, height, gap = 330.0, 40.0, 20.0
    body = []
    for number, (count, words) in enumerate(boxes):
        y = number * (height + gap) + 1
        body.append(f'<rect x="1" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="#fff" stroke="{INK}"/>')
        body.append(_text(78, y + 26, count, "end", INK, ' font-size="17" font-weight="600"'))
        body.append(_text(92, y + 25, _cut(words, 34), "start", SOFT))
        if number:
            arrow = f"M{_n(width / 2)} {_n(y - gap + 2)}v{_n(gap - 8)}m-5 -5l5 6l5 -6"
            body.append(f'<path d="{arrow}" fill="none" stroke="{INK}" stroke-width="1.5"/>')
    return _svg(width + 2, len(boxes) * (height + gap) - gap + 2, alt, body)


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in (text.split(" ") if " " in text else [text]):
        if lines[-1] and len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [_cut(line, width) for line in lines]
