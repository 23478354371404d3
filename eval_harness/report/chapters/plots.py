"""A curve of the facts as a figure with its caption."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval_harness.report import figures
from eval_harness.report.chapters.view import View
from eval_harness.report.document import Figure
from eval_harness.report.numbers import shown

MOST_POINTS = 400


def main_curve(view: View) -> Mapping[str, Any] | None:
    """The curve that belongs to the primary estimate: ROC or FROC, the first there is. The summary shows it."""
    return next((one for one in view.facts["curves"] if one["kind"] in ("roc", "froc")), None)


def titled(view: View, one: Mapping[str, Any]) -> str:
    return view.w(f"curves.{one['kind']}") + (f" · {one['label']}" if one.get("label") else "")


def drawn(view: View, one: Mapping[str, Any]) -> Figure:
    w, kind = view.w, one["kind"]
    title = titled(view, one)
    alt = w("curves.alt", title=title, n=len(one["points"]))
    points = thinned([(float(x), float(y)) for x, y in one["points"]])
    rough = one.get("grid") is not None or kind == "calibration"
    series = [figures.Series(w("curves.this"), points, 0, marks=rough, line=True)]
    series += [figures.Series(w("curves.point", name=mark["operating_point"]), [(mark["x"], mark["y"])], 1, True, False)
               for mark in one["marks"]]
    if kind == "froc":
        inside = [(x, y) for x, y in points if 0.125 <= x <= 8] if not rough else points
        edge = [(x, y) for x, y in points if x < 0.125][-1:]
        series[0] = figures.Series(w("curves.this"), [(0.125, edge[0][1]), *inside] if edge and not rough else inside, 0, rough, True)
        svg = figures.curve(series, w("curves.x_froc"), w("curves.y_sens"), alt, (0.125, 0.25, 0.5, 1, 2, 4, 8), log_x=True)
        note = w("curves.note_lesions", lesions=shown(one["lesions"]), scans=shown(one["scans"]))
    else:
        x_label, y_label = {"roc": ("x_roc", "y_sens"), "pr": ("x_pr", "y_pr"), "calibration": ("x_cal", "y_cal")}[kind]
        svg = figures.curve(series, w(f"curves.{x_label}"), w(f"curves.{y_label}"), alt, diagonal=kind in ("roc", "calibration"))
        note = w("curves.note_counts", positive=shown(one["positive"]), negative=shown(one["negative"]))
    if one.get("grid") is not None:
        note += " " + w("curves.note_grid", grid=shown(one["grid"], 2))
    return Figure(f"{title}{'。' if view.lang == 'zh' else '. '}{note}", alt, svg, 310)


def thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most MOST_POINTS points, first and last kept: beyond that a line looks the same and the page grows."""
    if len(points) <= MOST_POINTS:
        return points
    step = (len(points) - 1) / (MOST_POINTS - 1)
    return [points[round(number * step)] for number in range(MOST_POINTS)]
