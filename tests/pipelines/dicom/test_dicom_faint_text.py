"""Text that is small, faint, turned or over tissue is found as a person would find it; tissue without text is left alone."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dicom_build import ct, part10
from PIL import Image, ImageDraw
from test_dicom_pixels import cleaned, us

from benchmarks.deid_pixels import hidden_share, to_hide
from benchmarks.deid_pixels_cases import BACKGROUNDS, SIMULATOR_FONT, case, font
from pipelines.phi_zone.dicom import load_policy
from pipelines.phi_zone.dicom.identity import matcher
from pipelines.phi_zone.dicom.part10 import read_part10
from pipelines.phi_zone.dicom.pixeldata import geometry_of
from pipelines.phi_zone.pixels.cleaner import look_at_all
from pipelines.phi_zone.pixels.contrast import suspicious
from pipelines.phi_zone.pixels.decode import Decoded, picture
from pipelines.phi_zone.pixels.look import look
from pipelines.phi_zone.pixels.ocr import reader
from pipelines.phi_zone.pixels.which import can_carry_text
from schemas.deid import KnownIdentity

NOBODY = matcher(KnownIdentity())
PLANTED = [
    ("flat", 15, 0, 11, "ID 20418873"), ("flat", 25, 90, 12, "MOREAU, CLAIRE"), ("flat", 35, 12, 11, "1961-05-21 10:22"),
    ("radiograph", 45, 0, 14, "KOWALSKI 1973-07-17"), ("radiograph", 60, 270, 16, "诸葛晓东 男 69岁"),
    ("cloud", 35, 0, 12, "住院号 ZY30707588"), ("mammogram", 60, 3, 14, "Smith, Anna"), ("angiogram", 60, 0, 16, "陈雅婷 女 54岁"),
    ("ct", 100, -5, 16, "GARCIA MARIA"), ("endoscopy", 60, 180, 20, "DOE^JOHN 1955-02-03"),
    ("ultrasound", 180, 0, 14, "MEMORIAL DEMO CLINIC"), ("noise", 100, 90, 16, "WANG JIANGUO")]


@pytest.mark.parametrize(("background", "contrast", "angle", "size", "text"), PLANTED)
def test_a_planted_text_is_covered(background: str, contrast: int, angle: int, size: int, text: str) -> None:
    one = case(7, background=background, contrast=contrast, angle=angle, size=size, text=text, technique=False)
    assert hidden_share(one, one.texts[0], look(one.picture, reader(), NOBODY)) >= 0.95


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_a_background_without_text_is_left_alone(background: str) -> None:
    one = case(11, clean=True, background=background)
    assert not [seen for seen in look(one.picture, reader(), NOBODY) if to_hide(seen)]


def test_noise_alone_asks_for_no_second_look_and_faint_strokes_on_it_do() -> None:
    grey = np.random.default_rng(5).integers(0, 70, (240, 320, 1)).astype(np.uint8)
    assert suspicious(np.repeat(grey, 3, 2), []) is None
    grey[100:120, 100:200:6] += 120
    where = suspicious(np.repeat(grey, 3, 2), [])
    assert where is not None
    assert where[0] < 200
    assert where[2] > 100


def faint(rows: int = 240, columns: int = 320) -> Any:
    """Eleven-pixel text, 40 grey levels over a soft background."""
    y, x = np.mgrid[0:rows, 0:columns]
    image = (90 + 20 * np.sin(x / 60) * np.cos(y / 50) + np.random.default_rng(2).normal(0, 3, (rows, columns))).astype(np.float32)
    ink = Image.new("L", (columns, rows))
    ImageDraw.Draw(ink).text((60, 100), "MOREAU, CLAIRE 1961", font=font(str(SIMULATOR_FONT), 11), fill=255)
    return np.clip(image + 40 * np.asarray(ink, np.float32) / 255, 0, 255).astype(np.uint8), np.asarray(ink) > 90


GREYS = (np.arange(256, dtype="<u2") * 257).tobytes()
PALETTE = {key: value for colour in ("Red", "Green", "Blue") for key, value in (
    ((f"{colour}PaletteColorLookupTableDescriptor", "US"), np.array([256, 0, 16], "<u2").tobytes()),
    ((f"{colour}PaletteColorLookupTableData", "OW"), GREYS))}
ENCODINGS = {
    "8-bit grey": (lambda grey: grey, {}),
    "12-bit MONOCHROME1": (lambda grey: (4095 - grey.astype("<u2") * 16).astype("<u2"),
                           {"PhotometricInterpretation": "MONOCHROME1", "BitsAllocated": 16, "BitsStored": 12, "HighBit": 11}),
    "signed 16-bit": (lambda grey: (grey.astype("<i2") * 8 - 1000).astype("<i2"),
                      {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelRepresentation": 1}),
    "palette": (lambda grey: grey, {"PhotometricInterpretation": "PALETTE COLOR"} | PALETTE),
    "planar RGB": (lambda grey: np.stack([grey] * 3), {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 1}),
    "YBR_FULL": (lambda grey: np.stack([grey, np.full_like(grey, 120), np.full_like(grey, 140)], -1),
                 {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL", "PlanarConfiguration": 0})}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_faint_small_text_is_hidden_in_every_encoding(encoding: str) -> None:
    grey, ink = faint()
    stored, fields = ENCODINGS[encoding]
    outcome, _ = cleaned(us(np.ascontiguousarray(stored(grey)).tobytes()) | fields)
    covered = np.zeros(grey.shape, bool)
    for box in outcome.pixels.boxes:
        if box.hidden:
            covered[box.y0:box.y1, box.x0:box.x1] = True
    assert covered[ink].mean() >= 0.95


def test_faint_text_that_stays_while_tissue_moves_is_found_in_the_mean_of_a_cine() -> None:
    rng, (_, ink) = np.random.default_rng(4), faint()
    frames = [np.repeat(np.clip(rng.rayleigh(38, ink.shape) + 25 * ink, 0, 255).astype(np.uint8)[:, :, None], 3, 2) for _ in range(20)]
    seen = look_at_all(iter(frames), Decoded("RGB", None, False), NOBODY, load_policy("cn-gold"), None)
    assert all(any(to_hide(one) for one in seen[number]) for number in range(20))


def test_a_large_picture_is_read_in_tiles() -> None:
    picture = np.zeros((700, 1800, 3), np.uint8)
    grey, _ = faint()
    picture[400:640, 1400:1720] = grey[:, :, None]
    assert any(to_hide(one) and one.line.box[0] > 1400 for one in look(picture, reader(), NOBODY))


@pytest.mark.parametrize(("far", "least"), [(60_000, 60), (2_220, 100)], ids=["a few pixels far brighter", "none"])
def test_lettering_within_a_narrow_window_keeps_its_greys_under_a_few_far_brighter_pixels(far: int, least: int) -> None:
    frame = np.random.default_rng(1).integers(2_000, 2_100, (64, 64)).astype("<u2")
    frame[20:30, 10:50] = 2_220
    frame[0, 0] = far
    seen = picture(frame, Decoded("MONOCHROME2", None, False)).astype(int)
    assert seen[25, 30, 0] - seen[40:, :, 0].mean() >= least
    assert seen.max() >= 140


@pytest.mark.parametrize(("flavour", "label", "looked_at"), [
    ("VOLUME", "NO", False), ("THUMBNAIL", "NO", False), ("OVERVIEW", "NO", True), ("VOLUME", "YES", True)])
def test_a_picture_of_the_whole_glass_is_looked_at_and_tissue_is_not(flavour: str, label: str, looked_at: bool) -> None:
    slide = "1.2.840.10008.5.1.4.1.1.77.1.6"
    part = read_part10(part10(ct(SOPClassUID=slide, ImageType=f"ORIGINAL\\PRIMARY\\{flavour}\\NONE", SpecimenLabelInImage=label,
                                 Rows=32, Columns=32)))
    geometry = geometry_of(part)
    assert geometry is not None
    assert can_carry_text(part, geometry, slide) is looked_at
