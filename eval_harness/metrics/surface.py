"""Distances between two mask surfaces, computed once and shared by HD, HD95, ASSD, MASD and NSD.

Surface = edge voxels: the mask minus its erosion by the 6-neighbourhood (4 in 2D), the outside of the grid being
background. Both masks are cropped to their common box; an edge voxel on both surfaces has distance 0 and is not looked up;
the others ask a KD-tree of the other surface. mm. Memory: three copies of the box in booleans, 24 bytes an edge voxel.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval_harness.metrics.rows import BoolArray, FloatArray


@dataclass(frozen=True)
class SurfaceDistances:
    """Distance in mm of every edge voxel of one mask to the nearest edge voxel of the other, in no order.

    Empty arrays where the asking mask is empty; infinite where the other one is.
    """

    reference_to_predicted: FloatArray
    predicted_to_reference: FloatArray


def edge_voxels(mask: BoolArray) -> BoolArray:
    """Voxels of the mask with a face neighbour outside it."""
    inner = mask.copy()
    for axis in range(mask.ndim):
        ahead, behind = _along(axis, slice(1, None)), _along(axis, slice(None, -1))
        inner[ahead] &= mask[behind]
        inner[behind] &= mask[ahead]
        inner[_along(axis, slice(0, 1))] = False
        inner[_along(axis, slice(-1, None))] = False
    out: BoolArray = mask & ~inner
    return out


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, part)


def crop_box(mask: BoolArray) -> tuple[slice, ...] | None:
    """Smallest box around the mask; None when it is empty. One pass over the first axis, the rest within what is left."""
    box: list[slice] = []
    for axis in range(mask.ndim):
        left = mask[tuple(box)]
        if axis == 0:
            hit = np.flatnonzero([slab.any() for slab in left])
        else:
            hit = np.flatnonzero(left.any(axis=tuple(a for a in range(mask.ndim) if a != axis)))
        if len(hit) == 0:
            return None
        box.append(slice(int(hit[0]), int(hit[-1]) + 1))
    return tuple(box)


def surface_distances(reference: BoolArray, predicted: BoolArray, spacing_mm: Sequence[float]) -> SurfaceDistances:
    """The one pass. spacing_mm[i] belongs to array axis i."""
    boxes = [crop_box(mask) for mask in (reference, predicted)]
    edges = [np.zeros((0, reference.ndim), np.intp)] * 2
    shared = [np.zeros(0, bool)] * 2
    both = _join(boxes)
    if both is not None:
        cropped = [edge_voxels(mask[both]) for mask in (reference, predicted)]
        edges = [np.argwhere(edge) for edge in cropped]
        shared = [other[tuple(points.T)] for points, other in zip(edges, cropped[::-1], strict=True)]
    spacing = np.asarray(spacing_mm, np.float64)
    return SurfaceDistances(_nearest(edges[0], shared[0], edges[1], spacing), _nearest(edges[1], shared[1], edges[0], spacing))


def _join(boxes: list[tuple[slice, ...] | None]) -> tuple[slice, ...] | None:
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    return tuple(slice(min(s.start for s in axis), max(s.stop for s in axis)) for axis in zip(*known, strict=True))


def _nearest(points: np.ndarray, shared: BoolArray, others: np.ndarray, spacing: FloatArray) -> FloatArray:
    if len(others) == 0:
        return np.full(len(points), np.inf)
    out = np.zeros(len(points))
    apart = ~shared
    if apart.any():
        from scipy.spatial import cKDTree

        tree = cKDTree(others * spacing, balanced_tree=False, compact_nodes=False)
        out[apart] = tree.query(points[apart] * spacing)[0]
    return out


def hausdorff(d: SurfaceDistances) -> float:
    """Largest distance of either direction."""
    return _both(d, np.max)


def hausdorff_percentile(d: SurfaceDistances, percent: float = 95.0) -> float:
    """HD95 (headline): the larger of the two directed percentiles, linear between order statistics (MONAI, MetricsReloaded)."""
    return _both(d, lambda x: np.percentile(x, percent))


def hausdorff_percentile_directed(d: SurfaceDistances, percent: float = 95.0) -> float:
    """Percentile from the predicted to the reference surface only (MONAI, directed=True)."""
    x = d.predicted_to_reference
    return float(np.percentile(x, percent)) if len(x) and np.isfinite(x).all() else math.nan


def hausdorff_percentile_pooled(d: SurfaceDistances, percent: float = 95.0) -> float:
    """Percentile of both directions pooled (medpy)."""
    if not _defined(d):
        return math.nan
    return float(np.percentile(np.r_[d.reference_to_predicted, d.predicted_to_reference], percent))


def assd(d: SurfaceDistances) -> float:
    """Average symmetric surface distance: all distances of both directions pooled."""
    if not _defined(d):
        return math.nan
    return float(np.r_[d.reference_to_predicted, d.predicted_to_reference].mean())


def masd(d: SurfaceDistances) -> float:
    """Mean average surface distance: the mean of the two directed means."""
    return float((d.reference_to_predicted.mean() + d.predicted_to_reference.mean()) / 2) if _defined(d) else math.nan


def asd_predicted_to_reference(d: SurfaceDistances) -> float:
    return float(d.predicted_to_reference.mean()) if _defined(d) else math.nan


def nsd(d: SurfaceDistances, tolerance_mm: float) -> float:
    """Normalised surface distance: share of edge voxels of both surfaces within the tolerance (edge-voxel rule, headline)."""
    total = len(d.reference_to_predicted) + len(d.predicted_to_reference)
    if total == 0:
        return math.nan
    near = (d.reference_to_predicted <= tolerance_mm).sum() + (d.predicted_to_reference <= tolerance_mm).sum()
    return float(near / total)


def _defined(d: SurfaceDistances) -> bool:
    return len(d.reference_to_predicted) > 0 and len(d.predicted_to_reference) > 0


def _both(d: SurfaceDistances, read: object) -> float:
    if not _defined(d):
        return math.nan
    return float(max(read(d.reference_to_predicted), read(d.predicted_to_reference)))  # type: ignore[operator]
