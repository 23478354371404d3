"""Take the surface off a head CT: in the anterior half, everything within DEPTH_MM of the outside air becomes air.

The rule works slice by slice on axial images, so that no series has to be in memory. Nose, lips, lids and skin go; what lies deeper, the
brain above all, keeps its values. MR has no Hounsfield units and other planes show the profile: those are refused, not guessed.
"""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.phi_zone.dicom.part10 import Part10
from pipelines.phi_zone.pixels.which import words_of

DEPTH_MM = 10.0
RIDGE_MM = 30.0
"""What is left narrower than this in front, the ridge of a nose for one, goes too."""
BODY_HU, AIR_HU = -300.0, -1000.0
SMALLEST_HEAD_PX = 400
_CT = "1.2.840.10008.5.1.4.1.1.2"


def numbers_of(part: Part10, keyword: str) -> tuple[float, ...]:
    """The values of a DS attribute; empty where they are none."""
    try:
        return tuple(float(word) for word in words_of(part, keyword) if word)
    except ValueError:
        return ()


def can_remove(part: Part10, sop_class: str) -> bool:
    """An axial CT slice, head first or feet first, whose rows run from front to back or from back to front."""
    way = numbers_of(part, "ImageOrientationPatient")
    if sop_class != _CT or len(way) != 6 or len(numbers_of(part, "PixelSpacing")) != 2 or not numbers_of(part, "RescaleSlope"):
        return False
    return abs(way[0]) > 0.9 and abs(way[4]) > 0.9


def without_surface(frame: NDArray[Any], part: Part10) -> NDArray[Any]:
    """The slice without its front surface, in stored values."""
    import cv2

    slope, intercept = numbers_of(part, "RescaleSlope")[0] or 1.0, (numbers_of(part, "RescaleIntercept") or (0.0,))[0]
    row_mm, _ = numbers_of(part, "PixelSpacing")
    body = (frame.astype(np.float32) * slope + intercept > BODY_HU).astype(np.uint8)
    body = cv2.morphologyEx(body, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, labels, sizes, _ = cv2.connectedComponentsWithStats(body)
    if count < 2:
        return frame
    largest = 1 + int(sizes[1:, cv2.CC_STAT_AREA].argmax())
    if int(sizes[largest, cv2.CC_STAT_AREA]) < SMALLEST_HEAD_PX:
        return frame
    head = _filled((labels == largest).astype(np.uint8))
    depth_mm = cv2.distanceTransform(np.pad(head, 1), cv2.DIST_L2, 5)[1:-1, 1:-1] * row_mm
    left = (depth_mm > DEPTH_MM).astype(np.uint8)
    ridge = max(3, int(RIDGE_MM / row_mm)) | 1
    left = cv2.morphologyEx(left, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (ridge, ridge)))
    rows = np.flatnonzero(head.any(axis=1))
    middle = (rows[0] + rows[-1]) // 2
    anterior = np.zeros(frame.shape, bool)
    if numbers_of(part, "ImageOrientationPatient")[4] > 0:      # columns run towards the back: the face is on top
        anterior[:middle] = True
    else:
        anterior[middle:] = True
    air = np.array((AIR_HU - intercept) / slope)
    limits = np.iinfo(frame.dtype)
    out = np.array(frame)
    out[anterior & (left == 0)] = np.clip(np.rint(air), max(limits.min, int(frame.min())), limits.max)
    return out


def _filled(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mask with its holes, air-filled sinuses for one, closed."""
    import cv2

    padded = np.pad(mask, 1)
    cv2.floodFill(padded, None, (0, 0), 2)
    filled: NDArray[np.uint8] = (padded[1:-1, 1:-1] != 2).astype(np.uint8)
    return filled
