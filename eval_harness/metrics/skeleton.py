"""Thin a mask to its centreline, and the centreline Dice of two masks (Shit et al. 2021), for tubular structures.

3D: Lee, Kashyap and Chu 1994. From each of six sides in turn, border voxels that are no line end, whose removal keeps the
Euler characteristic and does not split their neighbourhood are taken away, the last test repeated one by one; the order of sides
is scikit-image's, because for a solid body the result depends on it, and the two are equal voxel by voxel. 2D: Zhang and
Suen 1984 with scikit-image's table, which decides 25 of the 256 neighbourhoods otherwise than the paper; equal pixel by pixel.
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
AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
"""The eight neighbours of a pixel from north-west round by north: bit k of a code is the k-th."""
OTHERWISE = {3: 1, 6: 1, 10: 3, 11: 1, 12: 1, 14: 1, 24: 2, 26: 2, 40: 3, 48: 0, 56: 2, 96: 2, 104: 2, 108: 2, 129: 0, 130: 3, 131: 1,
             134: 1, 160: 3, 161: 1, 176: 2, 192: 2, 194: 1, 198: 1, 224: 2}
"""Neighbourhoods that scikit-image decides otherwise than the paper, with the passes that take the pixel away there."""


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
    passes = _passes()
    while True:
        before = image.copy()
        for bit in (1, 2):
            code = np.zeros(image.shape, np.uint8)
            for place, (row, column) in enumerate(AROUND):
                code |= np.roll(image, (-row, -column), (0, 1)).astype(np.uint8) << place
            image &= (passes[code] & bit) == 0
        if np.array_equal(before, image):
            return image


@cache
def _passes() -> np.ndarray:
    """By code of the eight neighbours: 1 the first pass takes the pixel away, 2 the second, 3 both, 0 none."""
    out = np.zeros(256, np.uint8)
    for code in range(256):
        north_west, north, north_east, east, south_east, south, south_west, west = (bool(code >> bit & 1) for bit in range(8))
        ring = [north, north_east, east, south_east, south, south_west, west, north_west]
        turns = sum(not a and b for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
        if 2 <= sum(ring) <= 6 and turns == 1:
            first = not (east and south and (north or west))
            second = not (north and west and (east or south))
            out[code] = first + 2 * second
    out[list(OTHERWISE)] = list(OTHERWISE.values())
    return out
