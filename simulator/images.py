"""Pixels with something planted in them: chest CT with nodules, chest radiographs with opacities, ultrasound with burned-in text.

The physics is modest but not trivial. CT: air, body, lungs at -860 HU with noise, ribs, spine and vessels that a detector must
tell from nodules (a vessel is a tube, a nodule a ball). Radiograph: exposure, habitus, heart size and rib contrast vary from
person to person, so that the mean grey level says little and a local brightening of a lung says much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

CT_SIDE, CT_SLICES, CT_SPACING_MM, CT_SLICE_MM = 128, 24, 2.6, 3.0
DR_SIDE = 256
DIAMETERS_MM = (6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 15.0, 18.0)


@dataclass(frozen=True)
class Nodule:
    """A ball: centre in the DICOM patient coordinate system (LPS, mm) and diameter in mm."""

    x_mm: float
    y_mm: float
    z_mm: float
    diameter_mm: float


@dataclass(frozen=True)
class Volume:
    """hu: int16[slice, row, column]; `origin_mm` = centre of the first voxel (LPS)."""

    hu: NDArray[np.int16]
    origin_mm: tuple[float, float, float]
    nodules: tuple[Nodule, ...]


def chest_ct(rng: np.random.Generator, nodules: int) -> Volume:
    """A thorax of 24 slices of 3 mm, 128 x 128 pixels of 2.6 mm, with `nodules` balls planted inside the lungs."""
    half = (CT_SIDE - 1) / 2 * CT_SPACING_MM
    origin = (-half, -half, float(np.round(rng.uniform(-260, -180), 1)))
    axis = np.arange(CT_SIDE, dtype=np.float32) * CT_SPACING_MM - half
    z = np.arange(CT_SLICES, dtype=np.float32) * CT_SLICE_MM
    y, x = axis[:, None], axis[None, :]
    scale = rng.uniform(0.92, 1.06)
    body = (x / (152 * scale)) ** 2 + (y / (108 * scale)) ** 2 < 1
    hu = np.full((CT_SLICES, CT_SIDE, CT_SIDE), -1000, np.float32)
    lung = np.zeros(hu.shape, bool)
    for index in range(CT_SLICES):
        swell = scale * (1 + 0.1 * np.sin((index + 4) / CT_SLICES * np.pi))
        left, right = (((x - side * 68 * scale) / (52 * swell)) ** 2 + ((y + 4) / (76 * swell)) ** 2 < 1 for side in (1, -1))
        lung[index] = (left | right) & body
        plane = np.where(body, 45.0, -1000.0)
        for angle in np.linspace(0.25, 2 * np.pi, 12) + index * 0.07:
            rib = (x - 140 * scale * np.cos(angle)) ** 2 + (y - 97 * scale * np.sin(angle)) ** 2 < 49
            plane = np.where(rib & body, 420.0, plane)
        plane = np.where((x / 22) ** 2 + ((y - 78 * scale) / 20) ** 2 < 1, 280.0, plane)
        hu[index] = np.where(lung[index], -860.0, plane)
    _vessels(hu, lung, rng, axis, z)
    planted = _plant(hu, lung, rng, axis, z, nodules)
    hu += rng.normal(0, 22, hu.shape).astype(np.float32)
    hu = np.clip(np.round(hu), -1024, 3071)
    return Volume(hu.astype(np.int16), origin, tuple(Nodule(n[0], n[1], origin[2] + n[2], n[3]) for n in planted))


def _ball(
    hu: NDArray[np.float32],
    axis: NDArray[np.float32],
    z: NDArray[np.float32],
    centre: tuple[float, float, float],
    radius: float,
    value: float,
) -> None:
    """Blend a ball into the volume with partial volume at its edge; touches only the voxels around it."""
    reach = radius + 4
    rows, columns, slices = (
        np.flatnonzero(np.abs(grid - at) <= reach) for grid, at in ((axis, centre[1]), (axis, centre[0]), (z, centre[2]))
    )
    if not (rows.size and columns.size and slices.size):
        return
    window = np.ix_(slices, rows, columns)
    distance = np.sqrt(
        (z[slices][:, None, None] - centre[2]) ** 2
        + (axis[rows][None, :, None] - centre[1]) ** 2
        + (axis[columns][None, None, :] - centre[0]) ** 2
    )
    share = np.clip((radius - distance) / 2.8 + 0.5, 0, 1)
    hu[window] = np.maximum(hu[window], hu[window] * (1 - share) + value * share)


def _vessels(
    hu: NDArray[np.float32], lung: NDArray[np.bool_], rng: np.random.Generator, axis: NDArray[np.float32], z: NDArray[np.float32]
) -> None:
    for _ in range(16):
        side = rng.choice([-1, 1])
        point = np.array([side * rng.uniform(25, 40), rng.uniform(-40, 40), rng.uniform(0, z[-1])])
        heading = np.array([side * rng.uniform(0.6, 1.0), rng.normal(0, 0.7), rng.normal(0, 0.5)])
        heading /= np.linalg.norm(heading)
        radius = rng.uniform(2.0, 3.2)
        for _step in range(26):
            _ball(hu, axis, z, (float(point[0]), float(point[1]), float(point[2])), radius, 20.0)
            point, radius = point + heading * 2.6, radius * 0.985
            column, row, plane = (
                round((point[0] - axis[0]) / CT_SPACING_MM),
                round((point[1] - axis[0]) / CT_SPACING_MM),
                round(point[2] / CT_SLICE_MM),
            )
            if not (0 <= plane < CT_SLICES and 0 <= row < CT_SIDE and 0 <= column < CT_SIDE and lung[plane, row, column]):
                break


def _plant(
    hu: NDArray[np.float32],
    lung: NDArray[np.bool_],
    rng: np.random.Generator,
    axis: NDArray[np.float32],
    z: NDArray[np.float32],
    count: int,
) -> list[tuple[float, float, float, float]]:
    """Balls wholly inside a lung, at least 30 mm apart and away from the first and last slices."""
    planted: list[tuple[float, float, float, float]] = []
    places = np.argwhere(lung)
    for _ in range(4000):
        if len(planted) == count:
            break
        plane, row, column = places[rng.integers(len(places))]
        diameter = float(rng.choice(DIAMETERS_MM))
        at = (float(axis[column]) + rng.uniform(-1, 1), float(axis[row]) + rng.uniform(-1, 1), float(z[plane]) + rng.uniform(-1, 1))
        margin = int(np.ceil((diameter / 2 + 4) / CT_SPACING_MM))
        inside = lung[plane, max(row - margin, 0) : row + margin + 1, max(column - margin, 0) : column + margin + 1].all()
        apart = all(np.linalg.norm(np.subtract(at, other[:3])) > 30 for other in planted)
        if inside and apart and 9 < at[2] < z[-1] - 9:
            _ball(hu, axis, z, at, diameter / 2, 35.0)
            planted.append((round(at[0], 2), round(at[1], 2), round(at[2], 2), diameter))
    return planted


def chest_dr(rng: np.random.Generator, positive: bool) -> NDArray[np.uint16]:
    """uint16[256, 256], 12 bits, MONOCHROME2 (lungs dark). `positive` plants one or two soft opacities in a lung."""
    y, x = np.mgrid[-1:1:256j, -1:1:256j].astype(np.float32)
    habitus = rng.uniform(0.9, 1.1)
    image = 2500.0 - 500.0 * (np.abs(x) / 0.95) ** 4
    image[(np.abs(x) > 0.93 * habitus)] = 300
    fields = []
    for side in (-1, 1):
        centre = side * rng.uniform(0.40, 0.46) * habitus
        shape = ((x - centre) / (0.30 * habitus)) ** 2 + ((y + 0.08) / (0.66 * habitus)) ** 2
        soft = 1 / (1 + np.exp(np.minimum((shape - 1) * 9, 60)))
        fields.append((soft, shape < 0.62, centre))
        image -= rng.uniform(1150, 1300) * soft
    image += rng.uniform(500, 800) * np.exp(-(((x - 0.12) / rng.uniform(0.22, 0.32)) ** 2 + ((y - 0.35) / 0.3) ** 2))
    ribs = np.sin((y * rng.uniform(9, 11) + 1.4 * np.abs(x) ** 1.5) * np.pi + rng.uniform(0, 6))
    image += rng.uniform(60, 130) * np.clip(ribs, 0, 1) * (np.abs(x) < 0.85)
    image += rng.uniform(-60, 60) * y  # a grid that stands askew
    if positive:
        for _ in range(int(rng.integers(1, 3))):
            soft, inside, _centre = fields[int(rng.integers(2))]
            places = np.argwhere(inside)
            row, column = places[rng.integers(len(places))]
            spread = rng.uniform(0.10, 0.2)
            cloud = np.exp(-(((x - x[0, column]) / spread) ** 2 + ((y - y[row, 0]) / (spread * rng.uniform(0.8, 1.4))) ** 2))
            image += rng.uniform(330, 800) * cloud * soft
    image = image * rng.uniform(0.8, 1.15) + rng.uniform(-120, 120)
    image += rng.normal(0, 45, image.shape)
    grey: NDArray[np.uint16] = np.clip(np.round(image), 0, 4095).astype(np.uint16)
    return grey


def ultrasound(rng: np.random.Generator, lines: list[str], caption: str) -> NDArray[np.uint8]:
    """uint8[300, 440, 3]: a speckled sector with `lines` (who, where, when) burned in at the top and a technique `caption` below."""
    y, x = np.mgrid[0:300, 0:440].astype(np.float32)
    radius, angle = np.hypot(x - 220, y - 40), np.arctan2(x - 220, np.maximum(y - 40, 1e-3))
    sector = (radius < 235) & (radius > 22) & (np.abs(angle) < 0.62) & (y > 66)
    speckle = rng.rayleigh(38, (300, 440)) * (1.1 - radius / 300)
    grey = np.where(sector, np.clip(speckle, 0, 190), 0).astype(np.uint8)
    picture = Image.fromarray(np.repeat(grey[:, :, None], 3, axis=2))
    draw = ImageDraw.Draw(picture)
    for index, line in enumerate(lines):
        draw.text((6, 3 + index * 19), line, font=_font(15), fill=(255, 255, 210))
    draw.text((6, 281), caption, font=_font(12), fill=(120, 220, 255))
    return np.asarray(picture)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(__file__).parent / "fonts" / "simulator-sans-sc.ttf"), size)
