"""Look at one picture as hard as it deserves: once, evened; where something personal or unread strokes show, stretched, turned, larger."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.phi_zone.dicom.identity import Matcher
from pipelines.phi_zone.pixels.contrast import evened, stretched, suspicious
from pipelines.phi_zone.pixels.ocr import LIMIT_SIDE, Line, Picture, Reader
from pipelines.phi_zone.pixels.technique import is_technique
from pipelines.phi_zone.pixels.whole import whole

SURE = {1: 0.9, 2: 0.6}
"""Letters → score from which a reading is text and not tissue; three letters and more need SURE_WORD."""
SURE_WORD = 0.5
MIN_GUESS, GUESS_SHAPE = 0.3, 1.8
"""A poor reading is still uncertain when its box is as long as a word's."""
TECHNIQUE_SCORE = 0.5
BIG_SHARE, BIG_SCORE = 0.12, 0.85
"""Lettering higher than this share of the picture must be read very well to be lettering."""
SMALLEST_PX = 8
"""Height of a detected box; an 11-pixel font gives 12 and more."""
ENLARGED_SIDE = 960
ENLARGED_UP_TO = 2400
"""Pixels of the longer side that a second look enlarges to; a larger picture is looked at again at its own size."""
HEARD = 0.6
"""Share of a box that earlier boxes cover, from which it is the same text."""


@dataclass(frozen=True)
class Seen:
    """One stretch of text and what is to happen with it."""

    line: Line
    verdict: str
    """technique | personal | uncertain | noise."""


def judge(line: Line, known: Matcher, further: tuple[str, ...], side: int) -> str:
    """Known identities are personal whatever else they look like; tissue that resembles one letter is noise. `side`: the picture's
    shorter side in pixels."""
    text = line.text.strip()
    if known.found(text):
        return "personal"
    letters = sum(letter.isalnum() for letter in text)
    long, short = line.sides
    if short < SMALLEST_PX or letters == 0:
        return "noise"
    if short > BIG_SHARE * side and (letters < 2 or line.score < BIG_SCORE - 0.15 * (letters >= 5)):
        return "noise"
    if line.score >= TECHNIQUE_SCORE and is_technique(text, further):
        return "technique"
    if line.score >= SURE.get(letters, SURE_WORD):
        return "personal"
    return "uncertain" if letters >= 2 and line.score >= MIN_GUESS and long >= GUESS_SHAPE * short else "noise"


def look(picture: Picture, reader: Reader, known: Matcher, further: tuple[str, ...] = (), thorough: bool | None = None) -> list[Seen]:
    """Text in a picture. A second, thorough look follows when the first finds anything that is not technique and, unless `thorough` is
    False, where strokes stand out of the noise that nobody has read."""
    side = min(picture.shape[:2])

    def judged(boxes: list[NDArray[Any]]) -> list[Seen]:
        large = [box for box in boxes if _height(box) >= SMALLEST_PX]
        return [Seen(line, judge(line, known, further, side)) for line in reader.read(picture, large)]

    seen = judged(reader.detect(evened(picture)))
    where: tuple[int, int, int, int] | None = None
    if thorough or any(one.verdict in ("personal", "uncertain") for one in seen):
        where = (0, 0, picture.shape[1], picture.shape[0])
    elif thorough is None:
        where = suspicious(picture, [np.array(one.line.corners) for one in seen if one.verdict != "noise"])
    if where:
        seen += judged(_again(picture, reader, [one for one in seen if one.verdict != "noise"], where))
    stays = [one.line for one in seen if one.verdict == "technique"]
    return [one if one.verdict == "technique" else replace(one, line=whole(picture, reader, one.line, stays))
            for one in seen if one.verdict != "noise"]


def same_place(line: Line, others: list[Line], shape: tuple[int, ...]) -> bool:
    """Whether `others` cover most of a line."""
    return not _uncovered(np.array(line.corners), _covered([np.array(one.corners) for one in others], shape))


def _height(box: NDArray[Any]) -> float:
    return float(min(np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[0] - box[3])))


def _again(picture: Picture, reader: Reader, seen: list[Seen], where: tuple[int, int, int, int]) -> list[NDArray[Any]]:
    """Boxes that only a stretched and enlarged or a turned picture shows, inside a rectangle."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = where
    scale = max(1.0, LIMIT_SIDE / min(height, width))
    larger = scale * ENLARGED_SIDE / LIMIT_SIDE
    looks = [(stretched(picture), larger if larger * max(height, width) <= ENLARGED_UP_TO else scale, False),
             (np.rot90(evened(picture)[y0:y1, x0:x1]), scale, True)]
    covered = _covered([np.array(one.line.corners) for one in seen], picture.shape)
    fresh: list[NDArray[Any]] = []
    for image, ratio, turned in looks:
        part = np.ascontiguousarray(image if turned else image[y0:y1, x0:x1])
        for box in reader.detect(part, ratio=ratio):
            upright = np.stack((x1 - x0 - 1 - box[:, 1], box[:, 0]), 1)[[3, 0, 1, 2]] if turned else box
            upright = np.clip(upright + [x0, y0], 0, [width - 1, height - 1]).astype(np.float32)
            if _uncovered(upright, covered):
                covered |= _covered([upright], picture.shape)
                fresh.append(upright)
    return fresh


def _covered(corners: list[NDArray[Any]], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    import cv2

    mask = np.zeros(shape[:2], np.uint8)
    for one in corners:
        cv2.fillPoly(mask, [one.astype(np.int32)], 1)
    return mask


def _uncovered(corners: NDArray[Any], covered: NDArray[np.uint8]) -> bool:
    mask = _covered([corners], covered.shape)
    area = int(mask.sum())
    return area > 0 and int((mask & covered).sum()) < HEARD * area
