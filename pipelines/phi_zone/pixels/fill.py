"""Hide a rectangle: every sample becomes the local background, one constant per channel; nothing is invented (no inpainting, no blur)."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1; end exclusive."""
RING = 4


def padded(corners: tuple[tuple[int, int], ...], rows: int, columns: int) -> Box:
    """The upright box around a detected line (its corners clockwise, x and y) with room for what the detector cuts: half a letter's
    height at either end, a sixth of it, at least 2 pixels, above and below."""
    at = np.array(corners, np.float64)
    one, two = at[1] - at[0], at[3] - at[0]
    along, across = (one, two) if np.hypot(*one) >= np.hypot(*two) else (two, one)
    height, length = float(np.hypot(*across)), max(1.0, float(np.hypot(*along)))
    end = along / length * max(3.0, height / 2)
    ends = np.concatenate((at - end, at + end))
    margin = max(2, int(height / 6))
    (x0, y0), (x1, y1) = np.floor(ends.min(axis=0)).astype(int) - margin, np.ceil(ends.max(axis=0)).astype(int) + 1 + margin
    return max(0, int(x0)), max(0, int(y0)), min(columns, int(x1)), min(rows, int(y1))


def background(frame: NDArray[Any], box: Box) -> NDArray[Any]:
    """Median of the ring around a box, per channel; of a palette image the commonest index, which is a colour that exists."""
    x0, y0, x1, y1 = box
    top, left = max(0, y0 - RING), max(0, x0 - RING)
    around = frame[top:y1 + RING, left:x1 + RING]
    ring = np.ones(around.shape[:2], bool)
    ring[y0 - top:y1 - top, x0 - left:x1 - left] = False
    samples = around[ring] if ring.any() else around.reshape(-1, *around.shape[2:])
    ordered = np.sort(samples, axis=0)
    value: NDArray[Any] = ordered[(len(ordered) - 1) // 2]
    return value


def commonest(frame: NDArray[Any], box: Box) -> NDArray[Any]:
    x0, y0, x1, y1 = box
    around = frame[max(0, y0 - RING):y1 + RING, max(0, x0 - RING):x1 + RING].ravel()
    values, counts = np.unique(around, return_counts=True)
    value: NDArray[Any] = values[counts.argmax()]
    return value


def hide(frame: NDArray[Any], box: Box, palette: bool) -> None:
    """Fill `box` of `frame` in place."""
    x0, y0, x1, y1 = box
    frame[y0:y1, x0:x1] = commonest(frame, box) if palette else background(frame, box)
