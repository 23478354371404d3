"""Text in an 8-bit picture: where it is and what it says. PP-OCRv4 mobile models from the rapidocr-onnxruntime wheel, on the CPU.

Only here onnxruntime, cv2 and rapidocr are loaded. No model is ever downloaded; the digest of the two used goes into every report.
"""
from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.phi_zone.pixels.contrast import cleared

Picture = NDArray[np.uint8]
"""rows x columns x 3."""
LIMIT_SIDE = 704
"""A smaller picture is enlarged until its shorter side has so many pixels."""
MAX_SIDE = 1664
TILE, TILE_OVERLAP = 1280, 128
"""Pixels; a picture that would have to be shrunk to MAX_SIDE is looked at in tiles too."""
MAX_RATIO = 4.0
REC_HEIGHT, REC_WIDTH, REC_BATCH = 48, 320, 6
CLEARED_PX = 0.8
REMEMBERED_CROPS = 512
DOUBTFUL_SCORE = 0.75


@dataclass(frozen=True)
class Line:
    """One stretch of text: its corners (x, y) in the picture, clockwise from its upper left."""

    corners: tuple[tuple[int, int], ...]
    text: str
    score: float
    """Of the recognition, 0 to 1."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1; end exclusive."""
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        return min(xs), min(ys), max(xs) + 1, max(ys) + 1

    @property
    def sides(self) -> tuple[float, float]:
        """Longer and shorter side of the straightened box."""
        (ax, ay), (bx, by), _, (dx, dy) = self.corners
        one, two = float(np.hypot(bx - ax, by - ay)), float(np.hypot(dx - ax, dy - ay))
        return max(one, two), min(one, two)


def model_files() -> tuple[Path, Path]:
    import importlib.util

    spec = importlib.util.find_spec("rapidocr_onnxruntime")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("rapidocr-onnxruntime is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "models"
    return folder / "ch_PP-OCRv4_det_infer.onnx", folder / "ch_PP-OCRv4_rec_infer.onnx"


@cache
def model_digest() -> str:
    """SHA-256 over detector and recogniser: what looked."""
    machine = hashlib.sha256()
    for file in model_files():
        machine.update(file.read_bytes())
    return machine.hexdigest()


class Reader:
    """Detector and recogniser of one process, one thread each."""

    def __init__(self, threads: int = 1) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"   # from 1.31 on its wheel reports to its makers from the moment it is imported
        import onnxruntime
        from rapidocr_onnxruntime.ch_ppocr_det.utils import DBPostProcess
        from rapidocr_onnxruntime.ch_ppocr_rec.utils import CTCLabelDecode

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
        detector, recogniser = model_files()
        self._detector = onnxruntime.InferenceSession(str(detector), options, providers=["CPUExecutionProvider"])
        self._recogniser = onnxruntime.InferenceSession(str(recogniser), options, providers=["CPUExecutionProvider"])
        letters = self._recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._boxes = DBPostProcess(thresh=0.3, box_thresh=0.4, max_candidates=1000, unclip_ratio=1.6, use_dilation=True)
        self._letters = CTCLabelDecode(character=letters)
        self._read: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    def detect(self, picture: Picture, ratio: float | None = None) -> list[NDArray[Any]]:
        """Corners (4 x 2) of every stretch of text. `ratio`: how much larger to look; default: up to LIMIT_SIDE."""
        height, width = picture.shape[:2]
        ratio = min(ratio or max(1.0, LIMIT_SIDE / min(height, width)), MAX_RATIO)
        if max(height, width) * ratio <= MAX_SIDE:
            return self._detect(picture, ratio)
        found = self._detect(picture, MAX_SIDE / max(height, width))
        tile, overlap = int(TILE / ratio), int(TILE_OVERLAP / ratio)
        for top in _starts(height, tile, overlap):
            for left in _starts(width, tile, overlap):
                part = np.ascontiguousarray(picture[top:top + tile, left:left + tile])
                found += [box + np.array([left, top], np.float32) for box in self._detect(part, ratio)]
        return found

    def _detect(self, picture: Picture, ratio: float) -> list[NDArray[Any]]:
        import cv2

        height, width = picture.shape[:2]
        size = [max(32, round(side * ratio / 32) * 32) for side in (width, height)]
        resized = cv2.resize(picture, tuple(size))
        batch = np.ascontiguousarray(((resized.astype(np.float32) / 127.5) - 1.0).transpose(2, 0, 1)[None])
        heat = self._detector.run(None, {self._detector.get_inputs()[0].name: batch})[0]
        boxes, _ = self._boxes(heat, (height, width))
        return [box for box in (_clockwise(np.asarray(one)) for one in boxes) if _side(box, 0, 1) > 3 and _side(box, 0, 3) > 3]

    def read(self, picture: Picture, boxes: list[NDArray[Any]]) -> list[Line]:
        """What stands in each box; a crop seen before is not read again."""
        crops = [_crop(picture, box) for box in boxes]
        keys = [hashlib.blake2b(crop.tobytes(), digest_size=16, person=str(crop.shape).encode()[:16]).digest() for crop in crops]
        fresh = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in self._read}
        for key, result in zip(fresh, self._recognise(list(fresh.values())), strict=True):
            self._read[key] = result
        for way in (_half_turn, _clear, lambda crop: _half_turn(_clear(crop))):     # upside down, faint, both
            doubtful = [key for key in fresh if self._read[key][1] < DOUBTFUL_SCORE]
            for key, result in zip(doubtful, self._recognise([way(fresh[key]) for key in doubtful]), strict=True):
                self._read[key] = max(self._read[key], result, key=lambda one: one[1] * (sum(map(str.isalnum, one[0])) >= 2))
        found = [self._read[key] for key in keys]
        while len(self._read) > REMEMBERED_CROPS:
            self._read.popitem(last=False)
        return [Line(tuple((int(x), int(y)) for x, y in box), text, score) for box, (text, score) in zip(boxes, found, strict=True)]

    def read_whole(self, crop: Picture) -> tuple[str, str]:
        """What a picture says that is one line of text and nothing else: as it is, and half a turn on."""
        (one, _), (other, _) = self._recognise([crop, _half_turn(crop)])
        return one, other

    def _recognise(self, crops: list[Picture]) -> list[tuple[str, float]]:
        import cv2

        order = sorted(range(len(crops)), key=lambda one: crops[one].shape[1] / crops[one].shape[0])
        out: list[tuple[str, float]] = [("", 0.0)] * len(crops)
        for begin in range(0, len(order), REC_BATCH):
            chosen = order[begin:begin + REC_BATCH]
            width = max(REC_WIDTH, *(int(REC_HEIGHT * crops[one].shape[1] / crops[one].shape[0]) for one in chosen), REC_WIDTH)
            batch = np.zeros((len(chosen), 3, REC_HEIGHT, width), np.float32)
            for place, one in enumerate(chosen):
                crop = crops[one]
                wide = min(width, max(1, -(-REC_HEIGHT * crop.shape[1] // crop.shape[0])))
                batch[place, :, :, :wide] = cv2.resize(crop, (wide, REC_HEIGHT)).astype(np.float32).transpose(2, 0, 1) / 127.5 - 1.0
            scores = self._recogniser.run(None, {self._recogniser.get_inputs()[0].name: batch})[0]
            for one, (text, score) in zip(chosen, self._letters(scores), strict=True):
                out[one] = (text, float(score) if np.isfinite(score) else 0.0)
        return out


def _half_turn(crop: Picture) -> Picture:
    return np.ascontiguousarray(crop[::-1, ::-1])


def _clear(crop: Picture) -> Picture:
    return cleared(crop, CLEARED_PX)


def _starts(length: int, tile: int, overlap: int) -> list[int]:
    """Where tiles begin that cover a length, the last one ending at its end."""
    if length <= tile:
        return [0]
    count = -(-(length - overlap) // (tile - overlap))
    return [round(one * (length - tile) / (count - 1)) for one in range(count)]


def _clockwise(box: NDArray[Any]) -> NDArray[Any]:
    by_x = box[np.argsort(box[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    left, right = left[np.argsort(left[:, 1], kind="stable")], right[np.argsort(right[:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]], dtype=np.float32)


def _side(box: NDArray[Any], one: int, two: int) -> float:
    return float(np.linalg.norm(box[one] - box[two]))


def _crop(picture: Picture, box: NDArray[Any]) -> Picture:
    """The box straightened; upright text is turned to lie."""
    import cv2

    width, height = max(1, int(max(_side(box, 0, 1), _side(box, 2, 3)))), max(1, int(max(_side(box, 0, 3), _side(box, 1, 2))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(box.astype(np.float32), target)
    crop = cv2.warpPerspective(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    turned: Picture = np.ascontiguousarray(np.rot90(crop)) if height >= 1.5 * width else crop
    return turned


@cache
def reader() -> Reader:
    """The one reader of this process."""
    return Reader()
