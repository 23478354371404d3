"""Which frames of a cine must be looked at: equal ones once, and moving ones through the brightest and darkest of each chunk.

Text that stands on a single frame stays in the maximum (or, dark on light, the minimum) over its chunk, so one look per chunk finds it;
faint text that stands on most frames comes out in the mean of all, where moving tissue and noise have gone.
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK = 16
NEARLY = 3
"""Grey levels of 255 below which a difference is noise of a codec."""


@dataclass
class Chunk:
    """Consecutive frames looked at together."""

    first: int
    count: int = 0
    brightest: NDArray[np.uint8] | None = None
    darkest: NDArray[np.uint8] | None = None
    digests: set[bytes] = field(default_factory=set)

    def add(self, picture: NDArray[np.uint8]) -> None:
        self.count += 1
        digest = hashlib.blake2b(picture.tobytes(), digest_size=16).digest()
        if digest in self.digests:
            return
        self.digests.add(digest)
        if self.brightest is None or self.darkest is None:
            self.brightest, self.darkest = picture, picture
            return
        self.brightest, self.darkest = np.maximum(self.brightest, picture), np.minimum(self.darkest, picture)

    def views(self) -> list[NDArray[np.uint8]]:
        """One picture when all frames are nearly equal, else the brightest and the darkest; the latter only where it is not dark."""
        if self.brightest is None or self.darkest is None:
            return []
        if len(self.digests) == 1 or int((self.brightest.astype(np.int16) - self.darkest).max()) <= NEARLY:
            return [self.brightest]
        light = float((self.darkest > 96).mean())
        return [self.brightest, self.darkest] if light > 0.25 else [self.brightest]


class Mean:
    """What all distinct frames of a cine have in common."""

    def __init__(self) -> None:
        self._sum: NDArray[np.float32] | None = None
        self._count = 0

    def add(self, picture: NDArray[np.uint8]) -> None:
        import cv2

        if self._sum is None:
            self._sum = np.zeros(picture.shape, np.float32)
        cv2.accumulate(picture, self._sum)
        self._count += 1

    def picture(self) -> NDArray[np.uint8] | None:
        return None if self._sum is None else np.rint(self._sum / self._count).astype(np.uint8)


def chunks(pictures: Iterator[NDArray[np.uint8]], size: int = CHUNK) -> Iterator[Chunk]:
    """Chunks of a cine; a chunk goes on while its frames are equal to what it holds."""
    current: Chunk | None = None
    for number, picture in enumerate(pictures):
        if current is None:
            current = Chunk(number)
        current.add(picture)
        if len(current.digests) >= size:
            yield current
            current = None
    if current is not None:
        yield current


def carries(picture: NDArray[Any], view: NDArray[Any], box: tuple[int, int, int, int]) -> bool:
    """Whether a frame shows, inside a box, the strokes that the chunk's view shows there."""
    x0, y0, x1, y1 = box
    inside, shown = picture[y0:y1, x0:x1].astype(np.int16), view[y0:y1, x0:x1].astype(np.int16)
    grey_in, grey_view = inside.max(axis=2), shown.max(axis=2)
    middle = np.median(grey_view)
    strokes = np.abs(grey_view - middle) > max(12.0, 0.35 * float(np.abs(grey_view - middle).max(initial=0)))
    if int(strokes.sum()) < 4:
        return True
    return float((np.abs(grey_in - grey_view)[strokes] <= 24).mean()) >= 0.4
