"""Sub-voxel surface: elements at voxel corners with their true area (length in 2D), as in Nikolov et al. 2021.

Every corner of the grid sees 2x2x2 voxels. The surface inside that cell runs through the middles of the cell's edges that
have one end inside; which triangles it has is derived here, not tabled: of the inside and outside corners the fewer are
cut off (diagonal neighbours on a face apart), each closed polygon is cut as the fan whose area is largest for cubic voxels.
That reproduces, for all 256 cells and any spacing, the areas of google's surface-distance and MONAI's use_subvoxels.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from eval_harness.metrics.rows import BoolArray, FloatArray
from eval_harness.metrics.surface import crop_box

Corner = tuple[int, ...]
Edge = tuple[Corner, Corner]


@dataclass(frozen=True)
class Surfels:
    """Distances in mm and sizes (mm², or mm in 2D) of the elements of both surfaces, each sorted by distance, then size."""

    reference_distance: FloatArray
    reference_size: FloatArray
    predicted_distance: FloatArray
    predicted_size: FloatArray


def surfels(reference: BoolArray, predicted: BoolArray, spacing_mm: Sequence[float]) -> Surfels:
    """Elements of two masks of one grid, 2D or 3D."""
    from scipy.spatial import cKDTree

    box = crop_box(reference | predicted)
    if box is None:
        return Surfels(*[np.zeros(0)] * 4)
    spacing = np.asarray(spacing_mm, np.float64)
    sizes = element_sizes(tuple(float(s) for s in spacing_mm))
    codes = [_codes(mask[box]) for mask in (reference, predicted)]
    full = (1 << (1 << reference.ndim)) - 1
    points = [np.argwhere((code != 0) & (code != full)) for code in codes]
    found = []
    for mine, other, code in ((points[0], points[1], codes[0]), (points[1], points[0], codes[1])):
        size = sizes[code[tuple(mine.T)]]
        distance = cKDTree(other * spacing).query(mine * spacing)[0] if len(other) and len(mine) else np.full(len(mine), np.inf)
        order = np.lexsort((size, distance))
        found += [distance[order], size[order]]
    return Surfels(*found)


def _codes(mask: BoolArray) -> np.ndarray:
    """Code of every corner of the grid: bit k is set when voxel k of its cell is inside."""
    padded = np.pad(mask, 1)
    out = np.zeros(tuple(n + 1 for n in mask.shape), np.uint16)
    for bit, corner in enumerate(product((0, 1), repeat=mask.ndim)):
        view = padded[tuple(slice(c, c + n) for c, n in zip(corner, out.shape, strict=True))]
        out |= view.astype(np.uint16) << bit
    return out


@cache
def element_sizes(spacing_mm: tuple[float, ...]) -> FloatArray:
    """Area in mm² of every 3D code (256), or length in mm of every 2D code (16)."""
    if len(spacing_mm) == 2:
        return _lengths(spacing_mm)
    scale = np.array([spacing_mm[1] * spacing_mm[2], spacing_mm[0] * spacing_mm[2], spacing_mm[0] * spacing_mm[1]])
    return np.array([sum((float(np.linalg.norm(n * scale)) for n in _normals(code)), 0.0) for code in range(256)])


def _lengths(spacing_mm: tuple[float, ...]) -> FloatArray:
    """Contour inside a 2x2 cell: a half diagonal cuts one corner off, a side length halves the cell."""
    half = 0.5 * math.hypot(*spacing_mm)
    out = np.zeros(16)
    for code in range(1, 15):
        inside = [corner for bit, corner in enumerate(product((0, 1), repeat=2)) if code >> bit & 1]
        if len(inside) != 2:
            out[code] = half
        elif inside[0][0] == inside[1][0]:
            out[code] = spacing_mm[1]
        elif inside[0][1] == inside[1][1]:
            out[code] = spacing_mm[0]
        else:
            out[code] = 2 * half
    return out


@cache
def _normals(code: int) -> tuple[FloatArray, ...]:
    """Area vectors of the triangles of a 3D code, unit cube."""
    corners = list(product((0, 1), repeat=3))
    inside = {corner for bit, corner in enumerate(corners) if code >> bit & 1}
    if len(inside) > 4:
        inside = set(corners) - inside
    triangles: list[FloatArray] = []
    for loop in _loops(inside, corners):
        fans = [_fan(loop[start:] + loop[:start]) for start in range(len(loop))]
        triangles += max(fans, key=lambda fan: round(sum(float(np.linalg.norm(n)) for n in fan), 9))
    return tuple(triangles)


def _fan(loop: list[Edge]) -> list[FloatArray]:
    points = [np.mean(edge, axis=0) for edge in loop]
    return [np.cross(points[i] - points[0], points[i + 1] - points[0]) / 2 for i in range(1, len(points) - 1)]


def _loops(inside: set[Corner], corners: list[Corner]) -> list[list[Edge]]:
    """Closed polygons over the edges with one end inside; on each face neighbours are joined around inside corners."""
    cut = [(a, b) for a in corners for b in corners
           if a < b and sum(x != y for x, y in zip(a, b, strict=True)) == 1 and (a in inside) != (b in inside)]
    beside: dict[Edge, list[Edge]] = {edge: [] for edge in cut}
    for axis, side in product(range(3), (0, 1)):
        on_face = [edge for edge in cut if edge[0][axis] == side == edge[1][axis]]
        groups = [on_face] if len(on_face) == 2 else [[e for e in on_face if c in e] for c in inside if c[axis] == side and on_face]
        for first, second in (group for group in groups if len(group) == 2):
            beside[first].append(second)
            beside[second].append(first)
    loops, seen = [], set()
    for start in cut:
        if start in seen:
            continue
        loop, here = [start], start
        seen.add(start)
        while following := next((edge for edge in beside[here] if edge not in seen), None):
            loop.append(following)
            seen.add(following)
            here = following
        loops.append(loop)
    return loops


def surface_dice(s: Surfels, tolerance_mm: float) -> float:
    """NSD by area: sizes of both surfaces within the tolerance over all; NaN when both masks are empty."""
    total = s.reference_size.sum() + s.predicted_size.sum()
    near = sum(size[distance <= tolerance_mm].sum() for distance, size in _sides(s))
    return float(near / total) if total > 0 else math.nan


def surface_overlap(s: Surfels, tolerance_mm: float) -> tuple[float, float]:
    """Share of the reference's and of the predicted surface within the tolerance."""
    shares = [float(size[distance <= tolerance_mm].sum() / size.sum()) if len(size) else math.nan for distance, size in _sides(s)]
    return shares[0], shares[1]


def average_distance(s: Surfels) -> tuple[float, float]:
    """Area-weighted mean distance, reference to predicted and back."""
    means = [float((distance * size).sum() / size.sum()) if len(size) else math.nan for distance, size in _sides(s)]
    return means[0], means[1]


def robust_hausdorff(s: Surfels, percent: float) -> float:
    """Larger of the two area-weighted percentiles (first element at or past the share); infinite when a mask is empty."""
    return max(_weighted(distance, size, percent) for distance, size in _sides(s))


def _weighted(distance: FloatArray, size: FloatArray, percent: float) -> float:
    if len(size) == 0:
        return math.inf
    place = int(np.searchsorted(np.cumsum(size) / size.sum(), percent / 100.0))
    return float(distance[min(place, len(distance) - 1)])


def _sides(s: Surfels) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    return (s.reference_distance, s.reference_size), (s.predicted_distance, s.predicted_size)
