"""Hide a rectangle: every sample becomes the local background, one constant per channel; nothing is invented (no inpainting, no blur)."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""x0, y0, x1, y1; end exclusive."""
RING = 4


def padded(box: Box, rows: int, columns: int) -> Box:
    """A detected box with room for what the detector cuts: an eighth of its height, at least 2 pixels."""
    x0, y0, x1, y1 = box
    margin = max(2, min(y1 - y0, x1 - x0) // 6)
    return max(0, x0 - margin), max(0, y0 - margin), min(columns, x1 + margin), min(rows, y1 + margin)


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
