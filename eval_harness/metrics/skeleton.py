"""Thin a mask to its centreline, and the centreline Dice of two masks (Shit et al. 2021), for tubular structures.

3D: Lee, Kashyap and Chu 1994. From each of six sides in turn, border voxels that are no line end, whose removal keeps the
Euler characteristic and does not split their neighbourhood are taken away, the last test repeated one by one; the order of sides
is scikit-image's, because for a solid body the result depends on it, and the two are equal voxel by voxel. 2D: Zhang and
Suen 1984 as published; scikit-image's table for 2D differs from the paper in a few pixels.
"""
from __future__ import annotations

import math
from functools import cache
from itertools import product

import numpy as np

from eval_harness.metrics.rows import BoolArray
from eval_harness.metrics.surface import crop_box

OFFSETS = list(product((-1, 0, 1), repeat=3))
CENTRE = OFFSETS.index((0, 0, 0))
SIDES = ((0, -1, 0), (0, 1, 0), (0, 0, 1), (0, 0, -1), (1, 0, 0), (-1, 0, 0))
"""Direction in which the neighbour is empty, in the order of the passes."""


def skeleton(mask: BoolArray) -> BoolArray:
    """Centreline of a 2D or 3D mask."""
    out = np.zeros(mask.shape, bool)
    box = crop_box(mask)
    if box is not None:
        padded = np.pad(mask[box], 1)
        thin = _thin_3d(padded) if mask.ndim == 3 else _thin_2d(padded)
        out[box] = thin[tuple(slice(1, -1) for _ in range(mask.ndim))]
    return out


def centreline_dice(reference: BoolArray, predicted: BoolArray) -> float:
    """Harmonic mean of the share of each skeleton inside the other mask; NaN when a skeleton is empty."""
    mine, theirs = skeleton(reference), skeleton(predicted)
    if not mine.any() or not theirs.any():
        return math.nan
    sensitivity, precision = (mine & predicted).sum() / mine.sum(), (theirs & reference).sum() / theirs.sum()
    both = sensitivity + precision
    return float(2 * sensitivity * precision / both) if both else math.nan


def _thin_3d(image: BoolArray) -> BoolArray:
    image = image.copy()
    flat = image.ravel()
    strides = [image.shape[1] * image.shape[2], image.shape[2], 1]
    steps = np.array([sum(o * s for o, s in zip(offset, strides, strict=True)) for offset in OFFSETS])
    bits = 1 << np.arange(len(OFFSETS), dtype=np.int64)
    quiet = 0
    while quiet < len(SIDES):
        quiet = 0
        for side in SIDES:
            step = sum(o * s for o, s in zip(side, strides, strict=True))
            inside = np.flatnonzero(flat)
            border = inside[~flat[inside + step]]
            codes = (flat[border[:, None] + steps] * bits).sum(axis=1)
            kinds, kind = np.unique(codes, return_inverse=True)
            removable = border[np.array([_removable(int(code)) for code in kinds], bool)[kind]]
            removed = False
            for place in removable.tolist():
                if _unsplit(int((flat[place + steps] * bits).sum())):
                    flat[place] = False
                    removed = True
            quiet += not removed
    return image


@cache
def _removable(code: int) -> bool:
    """No line end, same Euler characteristic without the centre, neighbourhood in one piece."""
    around = code & ~(1 << CENTRE)
    return around.bit_count() != 1 and _keeps_euler(code) and _unsplit(code)


@cache
def _keeps_euler(code: int) -> bool:
    """Voxels as closed cubes: the corners, edges and faces that only the centre has, less its body, must cancel out."""
    taken = [offset for bit, offset in enumerate(OFFSETS) if code >> bit & 1 and bit != CENTRE]
    change = -1
    for cell in product((-1, 0, 1), repeat=3):   # 0 on an axis: the cell spans it; -1 or 1: it lies on that side
        if cell == (0, 0, 0):
            continue
        alone = not any(_holds(offset, cell) for offset in taken)
        change += alone * (-1) ** sum(c == 0 for c in cell)
    return change == 0


def _holds(offset: tuple[int, ...], cell: tuple[int, ...]) -> bool:
    """Whether the neighbour at `offset` has this corner, edge or face of the centre."""
    return all(o == 0 or (c != 0 and o == c) for c, o in zip(cell, offset, strict=True))


@cache
def _unsplit(code: int) -> bool:
    """The neighbours of the centre form at most one 26-connected piece."""
    left = {offset for bit, offset in enumerate(OFFSETS) if code >> bit & 1 and bit != CENTRE}
    if not left:
        return True
    todo = [left.pop()]
    while todo:
        here = todo.pop()
        near = {other for other in left if max(abs(a - b) for a, b in zip(here, other, strict=True)) <= 1}
        left -= near
        todo += near
    return not left


def _thin_2d(image: BoolArray) -> BoolArray:
    """Zhang and Suen: two passes a round, each judged on the image as the pass found it."""
    image = image.copy()
    while True:
        before = image.copy()
        for first in (True, False):
            p = [np.roll(image, shift, (0, 1)) for shift in ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))]
            count = np.sum(p, axis=0)
            turns = np.sum([~a & b for a, b in zip(p, p[1:] + p[:1], strict=True)], axis=0)
            north, east, south, west = p[0], p[2], p[4], p[6]
            blocked = (north & east & south) | (east & south & west) if first else (north & east & west) | (north & south & west)
            open_side = ~blocked
            image &= ~((count >= 2) & (count <= 6) & (turns == 1) & open_side)
        if np.array_equal(before, image):
            return image
