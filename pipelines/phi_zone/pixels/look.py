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
ENLARGED_SIDE = 960


@dataclass(frozen=True)
class Seen:
    """One stretch of text and what is to happen with it."""

    line: Line
    verdict: str
    """technique | personal | uncertain."""


def judge(line: Line, known: Matcher, further: tuple[str, ...]) -> str:
    """Known identities are personal whatever else they look like; unreadable text is uncertain."""
    text = line.text.strip()
    if known.found(text):
        return "personal"
    if line.score >= MIN_SCORE and is_technique(text, further):
        return "technique"
    if line.score < MIN_SCORE or not text:
        return "uncertain"
    return "personal"


def look(picture: Picture, reader: Reader, known: Matcher, further: tuple[str, ...] = (), thorough: bool = False) -> list[Seen]:
    """Text in a picture. A second, thorough look follows when the first finds anything that is not technique."""
    seen = [Seen(line, judge(line, known, further)) for line in reader.read(picture, reader.detect(picture))]
    if thorough or any(one.verdict != "technique" for one in seen):
        seen += [Seen(line, judge(line, known, further)) for line in reader.read(picture, _again(picture, reader, seen))]
    return seen


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
