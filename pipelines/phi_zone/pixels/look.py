"""Look at one picture as hard as it deserves: once; and where something personal shows, again turned, enlarged and contrast-evened."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.phi_zone.dicom.identity import Matcher
from pipelines.phi_zone.pixels.ocr import LIMIT_SIDE, Line, Picture, Reader
from pipelines.phi_zone.pixels.technique import is_technique

MIN_SCORE = 0.5
"""Below it a reading is a guess."""
MIN_GUESS = 0.3
BIG_SHARE, BIG_SCORE = 0.12, 0.85
"""Lettering higher than this share of the picture must be read very well to be lettering."""
SMALLEST_PX = 8
"""Height of a detected box; an 11-pixel font gives 12 and more."""
ENLARGED_SIDE = 960


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
    if line.score >= MIN_SCORE and is_technique(text, further):
        return "technique"
    if line.score < MIN_SCORE:
        return "uncertain" if letters >= 2 and line.score >= MIN_GUESS and long >= 1.8 * short else "noise"
    return "personal" if letters >= 2 or line.score >= 0.9 else "noise"


def look(picture: Picture, reader: Reader, known: Matcher, further: tuple[str, ...] = (), thorough: bool = False) -> list[Seen]:
    """Text in a picture. A second, thorough look follows when the first finds anything that is not technique."""
    side = min(picture.shape[:2])
    seen = [Seen(line, judge(line, known, further, side)) for line in reader.read(picture, reader.detect(picture))]
    if thorough or any(one.verdict in ("personal", "uncertain") for one in seen):
        seen += [Seen(line, judge(line, known, further, side)) for line in reader.read(picture, _again(picture, reader, seen))]
    return [one for one in seen if one.verdict != "noise"]


def _again(picture: Picture, reader: Reader, seen: list[Seen]) -> list[NDArray[Any]]:
    """Boxes that only a turned, an enlarged or an evened-out picture shows."""
    import cv2

    height, width = picture.shape[:2]
    covered = np.zeros((height, width), np.uint8)
    for one in seen:
        cv2.fillPoly(covered, [np.array(one.line.corners, np.int32)], 1)
    even = cv2.createCLAHE(4.0, (8, 8)).apply(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    looks = [(np.ascontiguousarray(np.rot90(picture)), LIMIT_SIDE, True),
             (np.ascontiguousarray(np.repeat(even[:, :, None], 3, 2)), LIMIT_SIDE, False)]
    if min(height, width) < ENLARGED_SIDE:
        looks.append((picture, ENLARGED_SIDE, False))
    fresh: list[NDArray[Any]] = []
    for image, side, turned in looks:
        for box in reader.detect(image, side):
            upright = np.stack((width - 1 - box[:, 1], box[:, 0]), 1)[[3, 0, 1, 2]] if turned else box
            upright = np.clip(upright, 0, [width - 1, height - 1]).astype(np.float32)
            mask = np.zeros((height, width), np.uint8)
            cv2.fillPoly(mask, [upright.astype(np.int32)], 1)
            area = int(mask.sum())
            if area and int((mask & covered).sum()) < 0.6 * area:
                covered |= mask
                fresh.append(upright)
    return fresh
