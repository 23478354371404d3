# ruff: noqa: E501 - lists of texts read best as they are
"""Text in pixels: what identifies is hidden in every encoding, technique stays, and an image without text keeps its bytes."""
from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from dicom_build import US, ct, fragments, part10, without
from dicom_door import deidentify
from pydicom.pixels import get_encoder

from pipelines.phi_zone.pixels.cine import chunks
from pipelines.phi_zone.pixels.cleaner import OcrCleaner
from pipelines.phi_zone.pixels.fill import hide, padded
from pipelines.phi_zone.pixels.ocr import reader
from pipelines.phi_zone.pixels.technique import is_technique

TECHNIQUE = ["Gn 60 FR 28Hz", "MI 1.2 TIs 0.4", "L", "R", "C5-1", "L12-3", "9L-D", "120kV", "kV 120 mA 200", "SL 5.0", "WL:40 WW:400", "2D 66%",
             "PRF 4.0kHz", "HR 72bpm", "Dist 2.34cm", "增益 60", "R MLO", "PORTABLE", "Vmax 120 cm/s", "TR 500 TE 15", "Depth 16.0cm", "0.9", "左"]
PERSONAL = ["陈雅婷 女 54岁", "2024-02-12 10:22", "MOREAU, CLAIRE", "ID MRN-2210-77", "住院号 ZY202400000", "LI MA", "LI", "Dr. Lee", "10:22", "02/12/2024",
            "12/03", "1955", "778812", "Mercy Hospital", "王", "54Y", "12 MAR", "MARIA", "AL SMITH", "06-0518", "2-10 0719:33"]


@pytest.mark.parametrize("text", TECHNIQUE)
def test_technique_stays(text: str) -> None:
    assert is_technique(text)


@pytest.mark.parametrize("text", PERSONAL)
def test_what_could_be_a_person_or_a_day_is_no_technique(text: str) -> None:
    assert not is_technique(text)


def test_a_steward_can_add_words() -> None:
    assert not is_technique("ELASTO 2")
    assert is_technique("ELASTO 2", ("ELASTO",))


def drawn(text: str = "WANG JIANGUO 1960", rows: int = 240, columns: int = 320, value: int = 220, background: int = 0) -> Any:
    import cv2

    image = np.full((rows, columns), background, np.uint8)
    cv2.putText(image, text, (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.6, value, 1, cv2.LINE_AA)
    return image


def us(pixels: bytes | Any, **fields: Any) -> dict[Any, Any]:
    base = without(ct(SOPClassUID=US, Modality="US", ImageType="ORIGINAL\\PRIMARY", Rows=240, Columns=320, BitsAllocated=8, BitsStored=8, HighBit=7),
                   "RescaleIntercept", "RescaleSlope", ("PixelData", "OW"))
    return base | {("PixelData", "OB"): pixels} | fields


@cache
def cleaner() -> OcrCleaner:
    return OcrCleaner()


def cleaned(fields: dict[Any, Any], syntax: str = "1.2.840.10008.1.2.1") -> tuple[Any, pydicom.Dataset]:
    outcome = deidentify(part10(fields, syntax), text=False, pixels=cleaner())
    assert outcome.status == "released", [(issue.code, issue.where) for issue in outcome.issues]
    return outcome, pydicom.dcmread(io.BytesIO(outcome.content))


def lines(picture: Any) -> list[str]:
    grey = picture if picture.ndim == 3 and picture.shape[-1] == 3 else np.repeat(picture[:, :, None], 3, 2)
    return [line.text for line in reader().read(grey, reader().detect(grey)) if line.score > 0.6]


def test_a_name_is_hidden_and_the_rest_of_the_image_is_untouched() -> None:
    image = drawn()
    outcome, out = cleaned(us(image.tobytes()))
    assert outcome.pixels.pixels_changed
    assert lines(out.pixel_array) == []
    box = next(one for one in outcome.pixels.boxes if one.hidden)
    outside = np.ones(image.shape, bool)
    for one in outcome.pixels.boxes:
        outside[one.y0:one.y1, one.x0:one.x1] = False
    assert (out.pixel_array[outside] == image[outside]).all()
    assert box.x0 <= 12
    assert out.BurnedInAnnotation == "NO"
    assert "113101" in {one.CodeValue for one in out.DeidentificationMethodCodeSequence}


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_text_is_hidden_too(turns: int) -> None:
    image = np.ascontiguousarray(np.rot90(drawn(rows=320, columns=320), turns))
    outcome, out = cleaned(us(image.tobytes(), Rows=320, Columns=320))
    assert outcome.pixels.pixels_changed
    assert int((out.pixel_array > 100).sum()) < 0.05 * int((image > 100).sum())


def test_an_image_without_text_keeps_its_pixel_bytes() -> None:
    noise = np.random.default_rng(1).integers(0, 90, (240, 320), np.uint8)
    outcome, out = cleaned(us(noise.tobytes(), BurnedInAnnotation="YES"))
    assert not outcome.pixels.pixels_changed
    assert out.PixelData == noise.tobytes()


def test_burned_in_annotation_is_not_believed() -> None:
    outcome, _ = cleaned(us(drawn().tobytes(), BurnedInAnnotation="NO"))
    assert outcome.pixels.pixels_changed


def test_twelve_bit_inverted_grey_is_looked_at_as_a_person_sees_it() -> None:
    image = (4095 - drawn().astype(np.uint16) * 16).astype("<u2")
    outcome, out = cleaned(us(image.tobytes(), PhotometricInterpretation="MONOCHROME1", BitsAllocated=16, BitsStored=12, HighBit=11))
    assert outcome.pixels.pixels_changed
    assert lines(((4095 - out.pixel_array) // 16).astype(np.uint8)) == []


def test_signed_sixteen_bit() -> None:
    image = (drawn().astype(np.int16) * 8 - 1000).astype("<i2")
    outcome, out = cleaned(us(image.tobytes(), BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=1))
    assert outcome.pixels.pixels_changed
    assert int(out.pixel_array.max()) <= int(image.max())
    assert out.pixel_array.dtype == np.int16


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_keeps_its_colours_in_both_planar_configurations(planar: int) -> None:
    image = np.stack([drawn(), drawn(background=40), drawn(background=90)], -1)
    image[100:140, 100:200] = (200, 30, 60)
    stored = np.moveaxis(image, -1, 0) if planar else image
    outcome, out = cleaned(us(np.ascontiguousarray(stored).tobytes(), SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=planar))
    assert outcome.pixels.pixels_changed
    assert tuple(out.pixel_array[120, 150]) == (200, 30, 60)
    assert tuple(out.pixel_array[200, 300]) == (0, 40, 90)
    assert lines(out.pixel_array) == []


def test_a_palette_image_is_filled_with_an_index_that_exists() -> None:
    table = np.arange(256, dtype="<u2") * 257
    palette = {f"{name}PaletteColorLookupTableDescriptor": np.array([256, 0, 16], "<u2").tobytes() for name in ("Red", "Green", "Blue")}
    data = {(f"{name}PaletteColorLookupTableData", "OW"): table.tobytes() for name in ("Red", "Green", "Blue")}
    fields = us(drawn().tobytes(), PhotometricInterpretation="PALETTE COLOR") | {(key, "US"): value for key, value in palette.items()} | data
    outcome, out = cleaned(fields)
    assert outcome.pixels.pixels_changed
    assert set(np.unique(out.pixel_array)) <= set(np.unique(drawn()))


def encoded(image: Any, syntax: str) -> bytes:
    if syntax.endswith(".90"):
        import openjpeg

        return bytes(openjpeg.encode(image, photometric_interpretation=2))
    return bytes(get_encoder(syntax).encode(image.tobytes(), rows=240, columns=320, samples_per_pixel=1, number_of_frames=1, index=0,  # type: ignore[arg-type]
                                            bits_allocated=8, bits_stored=8, pixel_representation=0, photometric_interpretation="MONOCHROME2"))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.80"])
def test_compressed_frames_are_read_and_leave_uncompressed_when_they_change(syntax: str) -> None:
    outcome, out = cleaned(us(fragments(encoded(drawn(), syntax))), syntax)
    assert outcome.pixels.pixels_changed
    assert out.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert lines(out.pixel_array) == []
    unchanged, kept = cleaned(us(fragments(encoded(np.zeros_like(drawn()), syntax))), syntax)
    assert not unchanged.pixels.pixels_changed
    assert kept.file_meta.TransferSyntaxUID == syntax


def test_text_on_a_single_frame_of_a_cine_is_found() -> None:
    rng = np.random.default_rng(3)
    stack = rng.integers(0, 60, (20, 240, 320), np.uint8)
    stack[13] = np.maximum(stack[13], drawn())
    outcome, out = cleaned(us(stack.tobytes(), NumberOfFrames="20"))
    assert {box.frame for box in outcome.pixels.boxes if box.hidden} >= {13}
    assert lines(out.pixel_array[13]) == []
    assert (out.pixel_array[2] == stack[2]).mean() > 0.9


def test_equal_frames_are_looked_at_once() -> None:
    frame = np.zeros((32, 32, 3), np.uint8)
    found = list(chunks(frame for _ in range(500)))
    assert [(one.first, one.count, len(one.views())) for one in found] == [(0, 500, 1)]


def test_a_rectangle_becomes_the_background_around_it() -> None:
    image = np.full((20, 30), 7, np.int16)
    image[8:12, 10:20] = 900
    hide(image, padded(((10, 8), (19, 8), (19, 11), (10, 11)), 20, 30), palette=False)
    assert (image == 7).all()


def test_a_slide_label_is_rejected() -> None:
    outcome = deidentify(part10(us(drawn().tobytes(), ImageType="ORIGINAL\\PRIMARY\\LABEL\\NONE")), text=False, pixels=cleaner())
    assert (outcome.status, outcome.issues[0].code) == ("rejected", "DCM-405")


@pytest.mark.data
def test_every_planted_box_of_the_reference_images_is_unreadable(reference_data: Path) -> None:
    folder = reference_data / "dicom-burned-in-dev"
    truth = [json.loads(line) for line in (folder / "boxes.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = wanted = 0
    for file in sorted({row["file"] for row in truth} | {"dcm/006.dcm"}):
        data = (folder / file).read_bytes()
        outcome = deidentify(data, text=False, pixels=cleaner())
        before, after = pydicom.dcmread(io.BytesIO(data)).pixel_array, pydicom.dcmread(io.BytesIO(outcome.content or b"")).pixel_array
        rows = [row for row in truth if row["file"] == file]
        if not rows:
            assert (before == after).all()
        stack = [after] if not any(row["frame"] == "all" for row in rows) else list(after)
        for frame in stack:
            picture = frame if frame.dtype == np.uint8 else (frame / max(1, frame.max()) * 255).astype(np.uint8)
            read = "".join(lines(picture)).replace(" ", "")
            for row in rows:
                needle = row["needles"][0].replace(" ", "")
                if row["action"] == "pixels_hidden":
                    assert not any(part in read for part in (needle[:4], needle[-6:])), file
                else:
                    x0, y0, x1, y1 = row["bbox"]
                    wanted += 1
                    kept += bool((before[y0:y1, x0:x1] == after[y0:y1, x0:x1]).all())
    assert kept >= 0.8 * wanted
    assert wanted

