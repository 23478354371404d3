# ruff: noqa: E501 - forms read best on one line
"""Every form a picture is stored in: what is no text keeps its samples, what is text becomes its background, in the form it came in."""
from __future__ import annotations

import io
from typing import Any

import numpy as np
import pydicom
import pytest
from dicom_build import BIG, DEFLATED, EXPLICIT, IMPLICIT, US, ct, fragments, part10, without
from dicom_door import deidentify
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.pixels import get_encoder, pixel_array

from pipelines.phi_zone.pixels import cleaner as room
from pipelines.phi_zone.pixels.cleaner import OcrCleaner
from pipelines.phi_zone.pixels.look import Seen
from pipelines.phi_zone.pixels.ocr import Line

ROWS, COLUMNS = 48, 64
TEXT = (slice(16, 28), slice(20, 44))
RLE, JPEGLS, J2K = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"
NATIVE, ENCODED = (EXPLICIT, IMPLICIT, BIG, DEFLATED), (RLE, JPEGLS, J2K)


@pytest.fixture(autouse=True)
def a_reader_that_sees_strokes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text is where neighbouring columns of the picture differ; so the picture must be decoded right to be seen at all."""
    def look(picture: Any, *_: Any) -> list[Seen]:
        rough = np.abs(np.diff(picture.astype(int), axis=1)).sum(2) > 60
        if not rough[TEXT].mean() > 0.3:
            return []
        y, x = np.nonzero(rough)
        box = ((x.min(), y.min()), (x.max() + 1, y.min()), (x.max() + 1, y.max()), (x.min(), y.max()))
        return [Seen(Line(box, "WANG", 0.99), "personal")]

    monkeypatch.setattr(room, "look", look)
    monkeypatch.setattr(room, "reader", lambda: None)


def drawn(chance: Any, samples: int, bits: int, signed: bool, frames: int, text: bool, pairs: bool) -> Any:
    """frames x rows x columns (x samples): tissue that varies from row to row, and upright strokes where the text is."""
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    span = high - low
    image = np.empty((frames, ROWS, COLUMNS, samples), np.int64)
    image[:] = low + span // 4 + chance.integers(0, max(1, span // 16), (frames, ROWS, 1, 1))
    if text:
        stroke = 4 if pairs else 2     # 4:2:2 halves the colour of neighbours
        columns = np.arange(TEXT[1].start, TEXT[1].stop)
        strokes = columns[(columns // (stroke // 2)) % 2 == 0]
        image[:, TEXT[0], strokes] = high - span // 8
    return image if samples > 1 else image[..., 0]


def native(image: Any, allocated: int, photometric: str, planar: int) -> bytes:
    kind = np.dtype(f"<i{allocated // 8}" if image.min() < 0 else f"<u{allocated // 8}")
    if photometric == "YBR_FULL_422":
        pairs = np.empty((image.shape[0], ROWS, COLUMNS // 2, 4), kind)
        pairs[..., :2] = image[..., 0].reshape(image.shape[0], ROWS, COLUMNS // 2, 2)
        pairs[..., 2:] = image[:, :, ::2, 1:]
        return pairs.tobytes()
    stored = np.moveaxis(image, -1, 1) if image.ndim == 4 and planar else image
    return np.ascontiguousarray(stored.astype(kind)).tobytes()


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    photometric = draw(st.sampled_from(("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422")))
    grey = photometric.startswith("MONO")
    syntax = draw(st.sampled_from(NATIVE if photometric == "YBR_FULL_422" else NATIVE + (ENCODED if grey or photometric == "RGB" else (RLE,))))
    allocated, stored = draw(st.sampled_from(((8, 8), (16, 10), (16, 12), (16, 16)) if grey else ((8, 8),)))
    if syntax == BIG and allocated == 8:
        syntax = EXPLICIT     # bytes in words of a big-endian OW: the order within a word is the writer's secret
    return {"photometric": photometric, "syntax": syntax, "allocated": allocated, "stored": stored, "frames": draw(st.integers(1, 3)),
            "signed": grey and allocated == 16 and syntax in (*NATIVE, RLE) and draw(st.booleans()),
            "planar": draw(st.integers(0, 1)) if photometric in ("RGB", "YBR_FULL") and syntax in NATIVE else 0,
            "text": draw(st.booleans()), "seed": draw(st.integers(0, 99))}


def written(form: dict[str, Any]) -> tuple[bytes, Any]:
    samples = 1 if form["photometric"].startswith(("MONO", "PALETTE")) else 3
    image = drawn(np.random.default_rng(form["seed"]), samples, form["stored"], form["signed"], form["frames"], form["text"],
                  form["photometric"] == "YBR_FULL_422")
    fields = without(ct(
        SOPClassUID=US, Modality="US", Rows=ROWS, Columns=COLUMNS, BitsAllocated=form["allocated"], BitsStored=form["stored"],
        HighBit=form["stored"] - 1, PixelRepresentation=int(form["signed"]), PhotometricInterpretation=form["photometric"],
        SamplesPerPixel=samples, NumberOfFrames=str(form["frames"])), "RescaleIntercept", "RescaleSlope", ("PixelData", "OW"))
    if samples == 3:
        fields["PlanarConfiguration"] = form["planar"]
    if form["photometric"] == "PALETTE COLOR":
        for name in ("Red", "Green", "Blue"):
            fields[f"{name}PaletteColorLookupTableDescriptor", "US"] = np.array([256, 0, 16], "<u2").tobytes()
            fields[f"{name}PaletteColorLookupTableData", "OW"] = (np.arange(256, dtype="<u2") * 257).tobytes()
    raw = native(image, form["allocated"], form["photometric"], form["planar"])
    if form["syntax"] in NATIVE:
        return part10(fields | {("PixelData", "OW" if form["allocated"] == 16 else "OB"): raw}, form["syntax"]), raw
    size = len(raw) // form["frames"]
    streams = [encoded(image[one], raw[one * size:(one + 1) * size], samples, form) for one in range(form["frames"])]
    return part10(fields | {("PixelData", "OB"): fragments(*streams)}, form["syntax"]), streams


def encoded(frame: Any, raw: bytes, samples: int, form: dict[str, Any]) -> bytes:
    if form["syntax"] == J2K:
        import openjpeg

        return bytes(openjpeg.encode(frame.astype(f"u{form['allocated'] // 8}"), bits_stored=form["stored"],
                                     photometric_interpretation=1 if samples == 3 else 2))
    return bytes(get_encoder(form["syntax"]).encode(  # type: ignore[arg-type]
        raw, rows=ROWS, columns=COLUMNS, samples_per_pixel=samples, number_of_frames=1, bits_allocated=form["allocated"],
        bits_stored=form["stored"], planar_configuration=0, pixel_representation=int(form["signed"]), photometric_interpretation=form["photometric"]))


def samples_of(data: bytes) -> Any:
    dataset = pydicom.dcmread(io.BytesIO(data))
    array = pixel_array(dataset, raw=True)
    array = array.astype(array.dtype.newbyteorder("="))
    return array if int(dataset.get("NumberOfFrames", 1)) > 1 else array[None]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(forms())
def test_text_goes_and_every_other_sample_stays_in_every_form_of_picture(form: dict[str, Any]) -> None:
    data, stored = written(form)
    outcome = deidentify(data, text=False, pixels=OcrCleaner())
    assert (outcome.status, outcome.pixels is not None) == ("released", True), [issue.code for issue in outcome.issues]
    assert outcome.content is not None
    assert outcome.pixels is not None
    out = pydicom.dcmread(io.BytesIO(outcome.content))
    if not form["text"]:
        assert not outcome.pixels.pixels_changed
        if form["syntax"] in NATIVE:
            assert out.PixelData[:len(stored)] == stored
        else:
            assert out.file_meta.TransferSyntaxUID == form["syntax"]
            assert all(stream in out.PixelData for stream in stored)
        return
    assert outcome.pixels.pixels_changed
    stays_rle = form["syntax"] == RLE and form["photometric"] == "YBR_FULL"
    assert out.file_meta.TransferSyntaxUID == (RLE if stays_rle else EXPLICIT)
    assert {box.frame for box in outcome.pixels.boxes} == set(range(form["frames"]))
    before, after = samples_of(data), samples_of(outcome.content)
    assert (before.shape, before.dtype) == (after.shape, after.dtype)
    assert (out.BitsStored, out.PixelRepresentation, out.SamplesPerPixel) == (form["stored"], int(form["signed"]), before.ndim - 2 if before.ndim == 3 else 3)
    for frame in range(form["frames"]):
        outside = np.ones((ROWS, COLUMNS), bool)
        for box in outcome.pixels.boxes:
            if box.frame == frame:
                outside[box.y0:box.y1, box.x0:box.x1] = False
        if form["photometric"] == "YBR_FULL_422":
            outside[:, 1:] &= outside[:, :-1]
            outside[:, :-1] &= outside[:, 1:]
        assert np.array_equal(before[frame][outside], after[frame][outside])
        assert not outside[TEXT].any()
        inside = after[frame][TEXT].astype(np.int64)
        assert int(np.abs(np.diff(inside, axis=1)).max()) == 0     # no stroke is left
        assert set(np.unique(after[frame])) <= set(np.unique(before[frame]))
