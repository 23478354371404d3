"""Geometry of the images of a series (PS3.3 C.7.6.2.1.1): columns that the check suite asks about.

null means "does not apply": no image, no position, a series of one image.
"""
from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pyarrow as pa

COLUMNS = ("is_image", "spacing_is_positive", "orientation_is_orthonormal", "agrees_with_series", "position_is_its_own",
           "next_slice_is_there")
ORTHONORMAL_TOLERANCE = 1e-3
GAP_FACTOR = 1.5
"""A gap wider than this many usual gaps counts as a missing slice."""
_READ = ("series_instance_uid", "rows", "columns", "bits_allocated", "pixel_spacing", "imager_pixel_spacing",
         "image_orientation_patient", "image_position_patient", "acquisition_number")

Row = dict[str, Any]


def with_geometry(rows: pa.Table) -> pa.Table:
    """`rows` (columns of deid.instance) and the boolean COLUMNS of this module."""
    given = rows.select(_READ).to_pylist()
    derived: list[Row] = [_alone(row) for row in given]
    series: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(given):
        if row["series_instance_uid"] and derived[place]["is_image"]:
            series[row["series_instance_uid"]].append(place)
    for places in series.values():
        _together(given, derived, places)
    for name in COLUMNS:
        rows = rows.append_column(name, pa.array([row.get(name) for row in derived], pa.bool_()))
    return rows


def _alone(row: Row) -> Row:
    spacing = row["pixel_spacing"] or row["imager_pixel_spacing"]
    orientation = row["image_orientation_patient"]
    return {"is_image": row["rows"] is not None or row["columns"] is not None or row["bits_allocated"] is not None,
            "spacing_is_positive": None if not spacing else all(value > 0 for value in spacing),
            "orientation_is_orthonormal": None if not orientation else orthonormal(orientation)}


def orthonormal(orientation: list[float]) -> bool:
    if len(orientation) != 6:
        return False
    x, y = orientation[:3], orientation[3:]
    return all(abs(value) <= ORTHONORMAL_TOLERANCE for value in (_dot(x, x) - 1, _dot(y, y) - 1, _dot(x, y)))


def normal(orientation: list[float]) -> list[float]:
    """Unit vector across the slices: the cross product of the row and column directions."""
    a, b = orientation[:3], orientation[3:]
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def _dot(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def shape(row: Row) -> tuple[Any, ...]:
    """What all slices of one volume share: rows, columns, pixel spacing and orientation, rounded beyond measurement noise."""
    return (row["rows"], row["columns"], tuple(round(value, 4) for value in row["pixel_spacing"] or ()),
            tuple(round(value, 3) + 0.0 for value in row["image_orientation_patient"] or ()))


def _together(given: list[Row], derived: list[Row], places: list[int]) -> None:
    """Fill what only the series as a whole can tell."""
    if len(places) < 2:
        return
    usual = Counter(shape(given[place]) for place in places).most_common(1)[0][0]
    slices: dict[Any, list[tuple[float, int]]] = defaultdict(list)
    for place in places:
        row = given[place]
        derived[place]["agrees_with_series"] = shape(row) == usual
        position, orientation = row["image_position_patient"], row["image_orientation_patient"]
        if shape(row) == usual and position and len(position) == 3 and derived[place]["orientation_is_orthonormal"]:
            slices[row["acquisition_number"]].append((_dot(position, normal(orientation)), place))
    for stack in slices.values():
        _spaced(derived, sorted(stack))


def _spaced(derived: list[Row], stack: list[tuple[float, int]]) -> None:
    gaps = [after - before for (before, _), (after, _) in pairwise(stack)]
    usual = sorted(gap for gap in gaps if gap > 1e-3) or [0.0]
    median = usual[len(usual) // 2]
    for number, (_, place) in enumerate(stack):
        around = gaps[max(0, number - 1):number + 1]
        derived[place]["position_is_its_own"] = all(gap > 1e-3 for gap in around)
        if number < len(gaps) and len(stack) > 2:
            derived[place]["next_slice_is_there"] = gaps[number] <= GAP_FACTOR * median
