"""Pictures as scanners make them with made-up text planted on them, from a seed; every text with its strokes."""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Plane = NDArray[np.float32]
SIMULATOR_FONT = Path(__file__).resolve().parents[1] / "simulator" / "fonts" / "simulator-sans-sc.ttf"
FURTHER_FONTS = [Path("/usr/share/fonts/truetype/dejavu") / f"{name}.ttf" for name in
                 ("DejaVuSans", "DejaVuSansMono-Bold", "DejaVuSerif", "DejaVuSans-Bold", "DejaVuSansCondensed-Bold")]
"""Latin only; used where the machine has them."""
BACKGROUNDS = ("flat", "noise", "ultrasound", "radiograph", "mammogram", "angiogram", "endoscopy", "ct", "cloud")
CONTRASTS = (15, 25, 35, 45, 60, 100, 180)
SIZES = (11, 12, 14, 16, 20, 28, 40)
ANGLES = (0, 90, 270, 180, 3, -5, 12)
SHAPES = ((480, 640), (512, 512), (300, 440), (600, 800), (400, 400))
TECHNIQUE = ("MI 1.2", "TIs 0.4", "Gn 60", "FR 28Hz", "60 dB", "120 kV", "mA 200", "SL 5.0", "C5-1", "L12-3", "R", "L", "DR 65", "2D 66%")
_ZH = ("曹建国", "陈雅婷", "欧阳娜", "邓玉珍", "诸葛晓东", "谢超", "吕秀梅", "高天宇", "马海涛", "许静")
_EN = ("MOREAU, CLAIRE", "DOE^JOHN", "Smith, Anna", "GARCIA MARIA", "WANG JIANGUO", "O'BRIEN PAT", "Li, Na", "KOWALSKI")
_PLACES = ("华东医院", "MEMORIAL DEMO CLINIC", "St. Mary Hospital", "Univ. Med. Center")


@dataclass
class Planted:
    text: str
    personal: bool
    box: tuple[int, int, int, int]
    strokes: NDArray[np.bool_]
    contrast: float
    noise: float
    """Standard deviation of the background's fine grain, in grey levels."""
    angle: float
    size: int
    vertical: bool


@dataclass
class Case:
    background: str
    picture: NDArray[np.uint8]
    texts: list[Planted] = field(default_factory=list)


def case(seed: int, clean: bool = False, background: str | None = None, contrast: float | None = None, angle: float | None = None,
         size: int | None = None, text: str | None = None, technique: bool = True) -> Case:
    """One personal text and one of technique on a background; what is not given is drawn from the seed."""
    rng = np.random.default_rng(seed)
    kind = background or str(rng.choice(BACKGROUNDS))
    height, width = SHAPES[rng.integers(len(SHAPES))]
    grey = backdrop(rng, kind, height, width)
    out = Case(kind, np.zeros((height, width, 3), np.uint8))
    taken = np.zeros(grey.shape, bool)
    if not clean:
        chosen = text or _identity(rng)
        vertical = angle is None and ord(chosen[0]) > 0x2E80 and " " not in chosen and rng.random() < 0.15
        turned = 0.0 if vertical else float(rng.choice(ANGLES)) if angle is None else angle
        _plant(rng, grey, out, taken, chosen, True, contrast or float(rng.choice(CONTRASTS)), turned, size or int(rng.choice(SIZES)),
               vertical)
        if technique:
            _plant(rng, grey, out, taken, str(rng.choice(TECHNIQUE)), False, float(rng.choice([120, 200])), 0.0,
                   int(rng.choice([12, 14, 18])), False)
    out.picture = np.repeat(np.clip(np.rint(grey), 0, 255).astype(np.uint8)[:, :, None], 3, 2)
    return out


def backdrop(rng: np.random.Generator, kind: str, height: int, width: int) -> Plane:
    """rows x columns, 0 to 255. Raises KeyError for an unknown kind."""
    import cv2

    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    if kind == "flat":
        return np.full((height, width), float(rng.choice([0, 0, 128, 235])), np.float32)
    if kind == "noise":
        return rng.integers(0, int(rng.integers(20, 110)), (height, width)).astype(np.float32)
    if kind == "ultrasound":
        radius, angle = np.hypot(x - width / 2, y + 10), np.arctan2(x - width / 2, y + 10)
        sector = (radius < height * 0.95) & (np.abs(angle) < 0.75) & (radius > 30)
        grain = rng.uniform(0.8, 2.0)
        waves = [cv2.GaussianBlur(rng.standard_normal((height, width)), (0, 0), grain) for _ in range(2)]
        speckle = np.hypot(*waves)
        echo = np.clip(60 + 25 * _cloud(rng, height, width), 10, 180) * (speckle / speckle.mean()) ** rng.uniform(0.5, 1.0)
        fan: Plane = np.where(sector, np.clip(echo, 0, 255), 2).astype(np.float32)
        return fan
    if kind == "radiograph":
        grey = 110 + 50 * np.sin(x / width * 3 + rng.uniform(0, 3)) * np.cos(y / height * 2)
        grey += 20 * _cloud(rng, height, width) * rng.uniform(0.2, 1)
        grey += 18 * np.clip(np.sin(y / height * 30 + ((x - width / 2) / width * 3) ** 2), 0, 1)
        return _grained(rng, grey, 3, 14)
    if kind == "mammogram":
        breast = (x / (width * 0.7)) ** 2 + ((y - height / 2) / (height * 0.48)) ** 2 < 1
        return _grained(rng, np.where(breast, 95 + 35 * _cloud(rng, height, width), 8), 2, 8)
    if kind == "angiogram":
        grey = (130 + 15 * _cloud(rng, height, width)).astype(np.float32)
        for _ in range(6):
            path = np.cumsum(rng.normal(0, 12, (40, 2)) + rng.normal(0, 6, 2), 0) + rng.uniform(0, 1, 2) * [width, height]
            cv2.polylines(grey, [path.astype(np.int32)], False, float(rng.uniform(30, 80)), int(rng.integers(1, 7)), cv2.LINE_AA)
        return _grained(rng, cv2.GaussianBlur(grey, (0, 0), 0.8), 4, 14)
    if kind == "endoscopy":
        grey = (120 + 28 * _cloud(rng, height, width)).astype(np.float32)
        for _ in range(30):
            centre, axes = (int(rng.integers(width)), int(rng.integers(height))), (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
            cv2.ellipse(grey, centre, axes, 0, 0, 360, 250.0, -1)
        seen = np.hypot(x - width / 2, y - height / 2) < height * 0.49
        scene: Plane = np.where(seen, np.clip(cv2.GaussianBlur(grey, (0, 0), 0.7), 0, 255), 4).astype(np.float32)
        return scene
    if kind == "ct":
        grey = np.full((height, width), 6, np.float32)
        cv2.ellipse(grey, (width // 2, height // 2), (int(width * 0.42), int(height * 0.33)), 0, 0, 360, 110.0, -1)
        for side in (-1, 1):
            lung = (int(width / 2 + side * width * 0.19), height // 2)
            cv2.ellipse(grey, lung, (int(width * 0.15), int(height * 0.24)), 0, 0, 360, 25.0, -1)
        for turn in np.linspace(0, 6.28, 14):
            rib = (int(width / 2 + width * 0.39 * np.cos(turn)), int(height / 2 + height * 0.3 * np.sin(turn)))
            cv2.ellipse(grey, rib, (6, 4), 0, 0, 360, 225.0, -1)
        for _ in range(60):
            vessel = (int(width / 2 + rng.normal(0, width * 0.18)), int(height / 2 + rng.normal(0, height * 0.1)))
            cv2.circle(grey, vessel, int(rng.integers(1, 4)), float(rng.uniform(90, 140)), -1)
        return _grained(rng, cv2.GaussianBlur(grey, (0, 0), 0.8), 3, 10)
    if kind == "cloud":
        veil: Plane = np.clip(90 + rng.uniform(15, 40) * _cloud(rng, height, width), 0, 255).astype(np.float32)
        return veil
    raise KeyError(kind)


def _cloud(rng: np.random.Generator, height: int, width: int) -> Plane:
    import cv2

    total = np.zeros((height, width), np.float32)
    for grain in (64, 32, 16, 8, 4, 2):
        coarse = rng.standard_normal((height // grain + 3, width // grain + 3)).astype(np.float32)
        total += np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32) * np.float32(grain ** 0.7)
    out: Plane = ((total - total.mean()) / total.std()).astype(np.float32)
    return out


def _grained(rng: np.random.Generator, grey: NDArray[Any], least: float, most: float) -> Plane:
    out: Plane = np.clip(grey + rng.normal(0, rng.uniform(least, most), grey.shape), 0, 255).astype(np.float32)
    return out


def _identity(rng: np.random.Generator) -> str:
    day = f"{rng.integers(1930, 2025)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
    number = "".join(str(one) for one in rng.integers(0, 10, 8))
    zh, en = str(rng.choice(_ZH)), str(rng.choice(_EN))
    forms = (zh, en, f"{zh} {rng.choice(['男', '女'])} {rng.integers(20, 90)}岁", f"住院号 ZY{number}", f"ID {number}", day,
             f"{day} {rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}", str(rng.choice(_PLACES)), f"{en} {day}")
    return forms[rng.integers(len(forms))]


@lru_cache(64)
def font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _strokes(rng: np.random.Generator, text: str, size: int, angle: float, vertical: bool) -> Plane:
    """0 to 1, cut to the ink."""
    chinese = any(ord(letter) > 0x2E80 for letter in text)
    paths = [SIMULATOR_FONT] if chinese else [SIMULATOR_FONT, *(one for one in FURTHER_FONTS if one.is_file())]
    letters = font(str(paths[rng.integers(len(paths))]), size)
    if vertical:
        image = Image.new("L", (int(size * 1.4) + 4, int(size * 1.15 * len(text)) + 8))
        for place, letter in enumerate(text):
            ImageDraw.Draw(image).text((2, 2 + int(place * size * 1.1)), letter, font=letters, fill=255)
    else:
        left, top, right, bottom = (int(one) for one in letters.getbbox(text))
        image = Image.new("L", (right - left + 8, bottom - top + 8))
        ImageDraw.Draw(image).text((4 - left, 4 - top), text, font=letters, fill=255)
    if angle:
        image = image.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC if angle % 90 else Image.Resampling.NEAREST)
    ink: Plane = (np.asarray(image, np.float32) / 255).astype(np.float32)
    rows, columns = np.nonzero(ink > 0.2)
    return ink[rows.min():rows.max() + 1, columns.min():columns.max() + 1]


def _plant(rng: np.random.Generator, grey: Plane, out: Case, taken: NDArray[np.bool_], text: str, personal: bool, contrast: float,
           angle: float, size: int, vertical: bool) -> None:
    """Nothing where there is no room."""
    import cv2

    ink, pad = _strokes(rng, text, size, angle, vertical), 8
    (height, width), (tall, wide) = grey.shape, ink.shape
    if tall > height - 4 or wide > width - 4:
        return
    for _ in range(60):
        y, x = int(rng.integers(0, height - tall)), int(rng.integers(0, width - wide))
        if not taken[max(0, y - pad):y + tall + pad, max(0, x - pad):x + wide + pad].any():
            break
    else:
        return
    taken[y:y + tall, x:x + wide] = True
    area = grey[y:y + tall, x:x + wide]
    local, noise = float(np.median(area)), float(np.std(area - cv2.GaussianBlur(area, (0, 0), 6)))
    step = contrast if local + contrast <= 255 else -contrast
    if rng.random() < 0.5:
        area += step * ink
    else:
        area[:] = area * (1 - ink) + ink * np.clip(local + step, 0, 255)
    np.clip(grey, 0, 255, out=grey)
    out.texts.append(Planted(text, personal, (x, y, x + wide, y + tall), ink > 0.35, contrast, noise, angle, size, vertical))
