"""Made-up images for practice sets: simple, seeded, with a reference standard that is true by construction.

They teach the contract and rehearse the run; they say nothing about how good a model is.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CT_SHAPE, CT_SPACING_MM = (16, 64, 64), (3.0, 2.5, 2.5)
DR_SHAPE, DR_SPACING_MM = (128, 128), (2.8, 2.8)
SITES, SEXES, AGES = ("site-a", "site-b", "site-c"), ("female", "male"), ("18-44", "45-59", "60-74", "75+")
LUNG_HU, TISSUE_HU = -860.0, 30.0


@dataclass(frozen=True)
class Ball:
    """Centre as (z, y, x) in voxels, diameter in mm."""

    centre: tuple[float, float, float]
    diameter_mm: float


def chest_ct(rng: np.random.Generator, balls: int) -> tuple[NDArray[np.int16], list[Ball]]:
    """int16[16, 64, 64] Hounsfield units: lung with noise and vessels, and `balls` nodules of 6 to 14 mm."""
    z, y, x = (np.arange(size, dtype=np.float64) for size in CT_SHAPE)
    grid = np.meshgrid(z * CT_SPACING_MM[0], y * CT_SPACING_MM[1], x * CT_SPACING_MM[2], indexing="ij")
    volume = np.full(CT_SHAPE, LUNG_HU)
    for _ in range(5):
        at, along = rng.uniform(0, 1, 3) * (45, 157, 157), rng.normal(0, 1, 3)
        along /= np.sqrt((along**2).sum())
        away = [axis - start for axis, start in zip(grid, at, strict=True)]
        depth = sum(step * part for step, part in zip(away, along, strict=True))
        distance2 = sum((step - depth * part) ** 2 for step, part in zip(away, along, strict=True))
        volume[(distance2 < rng.uniform(1.4, 2.2) ** 2) & (np.abs(depth) < 60)] = TISSUE_HU
    placed: list[Ball] = []
    while len(placed) < balls:
        centre = np.array([rng.uniform(3, 12), rng.uniform(8, 55), rng.uniform(8, 55)])
        if any(np.abs(centre - other.centre).max() < 9 for other in placed):
            continue
        ball = Ball((float(centre[0]), float(centre[1]), float(centre[2])), float(np.round(rng.uniform(6, 14), 1)))
        distance2 = sum((axis - c * s) ** 2 for axis, c, s in zip(grid, centre, CT_SPACING_MM, strict=True))
        volume[distance2 < (ball.diameter_mm / 2) ** 2] = TISSUE_HU
        placed.append(ball)
    noise = rng.integers(-60, 61, CT_SHAPE) + rng.integers(-60, 61, CT_SHAPE)
    return np.asarray(np.clip(volume + noise, -1024, 3071), np.int16), placed


def chest_dr(rng: np.random.Generator, opacities: int, spread: tuple[float, float] = (5.0, 10.0)) -> NDArray[np.uint16]:
    """uint16[128, 128], 12 bits: two dark lung fields under ribs, with soft `opacities` inside them."""
    y, x = np.mgrid[0:DR_SHAPE[0], 0:DR_SHAPE[1]].astype(np.float64)
    image = np.full(DR_SHAPE, 2600.0)
    centres = [(64 + rng.uniform(-3, 3), 64 + side * rng.uniform(26, 30)) for side in (-1, 1)]
    for row, column in centres:
        image -= 1200 / (1 + np.exp(8 * (((y - row) / 44) ** 2 + ((x - column) / 20) ** 2 - 1)))
    image += rng.uniform(40, 110) * np.clip(np.sin(y / rng.uniform(4.5, 5.5) + rng.uniform(0, 6)), 0, 1)
    for _ in range(opacities):
        row, column = centres[int(rng.integers(2))]
        at, size = (row + rng.uniform(-24, 24), column + rng.uniform(-8, 8)), rng.uniform(*spread)
        image += rng.uniform(300, 700) * np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * size**2))
    image = image * rng.uniform(0.9, 1.1) + rng.integers(-60, 61, DR_SHAPE)
    return np.asarray(np.clip(np.round(image), 0, 4095), np.uint16)


def strata(rng: np.random.Generator) -> dict[str, str]:
    """Site, sex and age band of one made-up person."""
    return {name: str(values[int(rng.integers(len(values)))]) for name, values in
            (("site", SITES), ("sex", SEXES), ("age_band", AGES))}
