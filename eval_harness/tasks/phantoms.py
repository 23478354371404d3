"""Made-up images for practice sets: simple, seeded, with a reference standard that is true by construction.

They teach the contract and rehearse the run; they say nothing about how good a model is.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.base import CaseKey

CT_SHAPE, CT_SPACING_MM = (16, 64, 64), (3.0, 2.5, 2.5)
DR_SHAPE, DR_SPACING_MM = (128, 128), (2.8, 2.8)
SITES, SEXES, AGES = ("site-a", "site-b", "site-c"), ("female", "male"), ("18-44", "45-59", "60-74", "75+")
TIERS, REGIONS = ("tertiary", "secondary", "community"), ("east", "north", "west")
MODELS = {"p-1": "maker-p", "p-2": "maker-p", "q-1": "maker-q"}
PROTOCOLS = ("standard", "low-dose")
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
    """Site with its tier and region, sex and age band of one made-up person, and the scanner that was used."""
    drawn = {name: str(values[int(rng.integers(len(values)))]) for name, values in
             (("site", SITES), ("sex", SEXES), ("age_band", AGES), ("model", tuple(MODELS)), ("protocol", PROTOCOLS))}
    place = SITES.index(drawn["site"])
    return {**drawn, "tier": TIERS[place], "region": REGIONS[place], "manufacturer": MODELS[drawn["model"]]}


def case_key(number: int, rng: np.random.Generator, **known: str) -> CaseKey:
    """Key of the made-up case `number`: one case a person. known: strata that the case itself decides. The practice writer
    gives it its token."""
    held = {**strata(rng), **known}
    return CaseKey("", f"case-{number:05d}", f"person-{number:05d}", f"study-{number:05d}", held["site"], held)


def head_ct(rng: np.random.Generator, bleeds: int, infarct: bool = False, blood_hu: float = 66.0,
            infarct_hu: float = 21.0) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """int16[12, 48, 48] HU of a head at 4 x 4 x 4 mm, with `bleeds` bright ellipsoids and, or, one dark infarct; and the bleeds' mask."""
    z, y, x = np.meshgrid(np.arange(12.0), np.arange(48.0), np.arange(48.0), indexing="ij")
    radius = ((y - 23.5) / 21) ** 2 + ((x - 23.5) / 18) ** 2
    volume = np.where(radius < 0.85, 34.0, np.where(radius < 1, 900.0, -1000.0))
    blood = np.zeros(volume.shape, bool)
    for _ in range(bleeds):
        at, size = (rng.uniform(3, 9), rng.uniform(14, 33), rng.uniform(16, 31)), rng.uniform(1.6, 3.4, 3)
        blood |= ((z - at[0]) / size[0]) ** 2 + ((y - at[1]) / size[1]) ** 2 + ((x - at[2]) / size[2]) ** 2 < 1
    if infarct:
        at = (rng.uniform(4, 8), rng.uniform(15, 32), rng.uniform(17, 30))
        dark = ((z - at[0]) / 2.5) ** 2 + ((y - at[1]) / 5) ** 2 + ((x - at[2]) / 5) ** 2 < 1
        volume = np.where(dark & (radius < 0.8), infarct_hu, volume)
    volume = np.where(blood, blood_hu, volume) + rng.integers(-7, 8, volume.shape)
    return np.asarray(np.round(volume), np.int16), blood


def colon_clip(rng: np.random.Generator, polyps: int, frames: int = 6) -> tuple[NDArray[np.uint8], list[dict[str, Any]]]:
    """uint8[frames, 64, 64] of a wall with folds, and the boxes of `polyps` that drift through it."""
    y, x = np.mgrid[0:64, 0:64].astype(np.float64)
    starts = [(rng.uniform(14, 50), rng.uniform(14, 50), rng.uniform(3.5, 7), rng.normal(0, 1.2, 2)) for _ in range(polyps)]
    phase, clip, boxes = rng.uniform(0, 6), np.zeros((frames, 64, 64)), []
    for frame in range(frames):
        clip[frame] = 90 + 14 * np.sin(y / 7 + x / 15 + phase + frame / 4) - 0.02 * ((y - 32) ** 2 + (x - 32) ** 2)
        for row, column, size, drift in starts:
            at = (row + drift[0] * frame, column + drift[1] * frame)
            inside = ((y - at[0]) ** 2 + (x - at[1]) ** 2) / size**2
            clip[frame] += 60 * np.exp(-inside**2)
            corners = {"x0": at[1] - size, "y0": at[0] - size, "x1": at[1] + size, "y1": at[0] + size}
            boxes.append({"frame": frame, **{name: round(float(place), 2) for name, place in corners.items()}})
    clip += rng.integers(-9, 10, clip.shape)
    return np.asarray(np.clip(np.round(clip), 0, 255), np.uint8), boxes
