"""A line of which the detector saw a part is followed to its ends: laid flat, enlarged to the size the detector likes and looked at alone,
a little further on either side; then as long as its strokes stand out against what lies above and below them."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.phi_zone.pixels.contrast import stretched
from pipelines.phi_zone.pixels.ocr import Line, Picture, Reader

REACH, HALF_BAND = 10.0, 1.5
"""Letter heights looked at beyond either end, and above and below the middle of the line."""
LETTER_PX, LARGEST_SIDE = 28.0, 1600.0
"""Height of a letter in the strip; pixels of its longer side."""
GAP, OFF_LINE, TALLEST = 1.2, 0.6, 2.0
"""In letter heights: space within a line; how far from its middle and how tall a part of it may be."""
LETTERS, BESIDE, STEP = 0.5, 0.75, 0.25
"""In letter heights: the band of the strokes, where the bands to compare with begin, and the step along the line."""
STANDS_OUT, ENERGY_FLOOR = 1.4, 4.0


@dataclass(frozen=True)
class _Strip:
    """The surroundings of a line laid flat; x along and y across the line, in pixels of the picture from its middle."""

    image: Picture
    scale: float
    half: float
    height: float
    to_picture: Callable[[float, float], NDArray[Any]]


def whole(picture: Picture, reader: Reader, line: Line, apart: list[Line]) -> Line:
    """The same line as long as strokes follow each other; other lines (`apart`) end it."""
    at = np.array(line.corners, np.float64)
    one, two = at[1] - at[0], at[3] - at[0]
    along, across = (one, two) if np.hypot(*one) >= np.hypot(*two) else (two, one)
    length, height = float(np.hypot(*along)), float(np.hypot(*across))
    if min(length, height) < 1:
        return line
    strip = _strip(picture, at.mean(axis=0), along / length, across / height, length / 2 + REACH * height, height)

    def free(x: float) -> bool:
        place = strip.to_picture(x, 0.0)
        return not any(_inside(place, other) for other in apart)

    begin, end = _detected(strip, reader, -length / 2, length / 2, free)
    begin, end = _followed(strip, begin, end, free)
    if end - begin <= length + 0.2 * height:
        return line
    ends = [strip.to_picture(x, y) for x, y in ((begin, -height / 2), (end, -height / 2), (end, height / 2), (begin, height / 2))]
    limit = np.array(picture.shape[1::-1]) - 1
    return replace(line, corners=tuple((int(x), int(y)) for x, y in (np.clip(np.rint(one), 0, limit) for one in ends)))


def _detected(strip: _Strip, reader: Reader, begin: float, end: float, free: Callable[[float], bool]) -> tuple[float, float]:
    spans, height = [], strip.height
    for box in reader.detect(stretched(strip.image), ratio=1.0):
        x, y = box[:, 0] / strip.scale - strip.half, box[:, 1] / strip.scale - HALF_BAND * height
        if abs(float(y.mean())) <= OFF_LINE * height and float(np.ptp(y)) <= TALLEST * height and free(float(x.mean())):
            spans.append((float(x.min()), float(x.max())))
    for low, high in sorted(spans):
        if low <= end + GAP * height and high > end:
            end = high
    for low, high in sorted(spans, key=lambda span: -span[1]):
        if high >= begin - GAP * height and low < begin:
            begin = low
    return begin, end


def _followed(strip: _Strip, begin: float, end: float, free: Callable[[float], bool]) -> tuple[float, float]:
    import cv2

    soft = cv2.GaussianBlur(cv2.cvtColor(strip.image, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.2)
    energy = (soft - cv2.GaussianBlur(soft, (0, 0), 8.0)) ** 2
    letter = strip.height * strip.scale
    middle = energy.shape[0] / 2
    letters, beside = int(LETTERS * letter), int(BESIDE * letter)
    rows = (energy[int(middle) - letters:int(middle) + letters], energy[:max(1, int(middle) - beside)],
            energy[min(energy.shape[0] - 1, int(middle) + beside):])
    window = np.ones(max(1, int(letter))) / max(1, int(letter))
    inside, above, below = (np.convolve(band.mean(axis=0), window, "same") + ENERGY_FLOOR for band in rows)
    ratio = inside / np.minimum(above, below)

    def at(x: float) -> float:
        return float(ratio[int(np.clip((x + strip.half) * strip.scale, 0, len(ratio) - 1))])

    typical = float(np.median([at(x) for x in np.linspace(begin, end, 32)]))
    enough, step = max(STANDS_OUT, typical ** 0.5), STEP * strip.height
    while end < strip.half and at(end + strip.height / 2) > enough and free(end + strip.height / 2):
        end += step
    while begin > -strip.half and at(begin - strip.height / 2) > enough and free(begin - strip.height / 2):
        begin -= step
    return begin, end


def _strip(picture: Picture, middle: NDArray[Any], forward: NDArray[Any], down: NDArray[Any], half: float, height: float) -> _Strip:
    import cv2

    def to_picture(x: float, y: float) -> NDArray[Any]:
        place: NDArray[Any] = middle + x * forward + y * down
        return place

    scale, band = min(LETTER_PX / height, LARGEST_SIDE / (2 * half)), HALF_BAND * height
    size = max(32, round(2 * half * scale)), max(32, round(2 * band * scale))
    here = np.array([(0, 0), (2 * half * scale, 0), (0, 2 * band * scale)], np.float32)
    there = np.array([to_picture(-half, -band), to_picture(half, -band), to_picture(-half, band)], np.float32)
    image: Any = cv2.warpAffine(picture, cv2.getAffineTransform(there, here), size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return _Strip(image, scale, half, height, to_picture)


def _inside(place: NDArray[Any], line: Line) -> bool:
    import cv2

    return cv2.pointPolygonTest(np.array(line.corners, np.float32), (float(place[0]), float(place[1])), False) >= 0
