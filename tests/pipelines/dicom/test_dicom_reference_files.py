"""Every real file of the reference data: none crashes, broken ones have the right reason, what science needs is still there."""
from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pydicom
import pytest
from dicom_door import deidentify, holds

from pipelines.phi_zone.pixels.cleaner import OcrCleaner

pytestmark = pytest.mark.data

REASON = {
    "MR_truncated.dcm": "DCM-104",
    "rtplan_truncated.dcm": "DCM-104",
    "emri_small_jpeg_2k_lossless_too_short.dcm": "DCM-107",
    "no_meta.dcm": "DCM-101",
    "badVR.dcm": "DCM-130",
    "DICOMDIR": "DCM-402",
    "JPEG-lossy.dcm": "DCM-133",
    "JPGExtended.dcm": "DCM-133",
    "liver_rle.dcm": "DCM-133",
    "JPEG2000-embedded-sequence-delimiter.dcm": "DCM-136",
    "meta_missing_tsyntax.dcm": "DCM-120",
    "nested_priv_SQ.dcm": "DCM-120",
}
SCIENCE = (
    "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "RescaleSlope", "RescaleIntercept",
    "KVP", "ExposureTime", "XRayTubeCurrent", "RepetitionTime", "EchoTime", "FlipAngle", "DiffusionBValue", "Rows",
    "Columns", "BitsStored", "PatientSex", "ConvolutionKernel", "WindowCenter", "WindowWidth", "ImagerPixelSpacing",
    "MagneticFieldStrength", "DecayCorrection", "Units",
)


def files(folder: Path) -> list[Path]:
    with (folder / "dicom" / "index.csv").open(encoding="utf-8") as file:
        return [folder / row["file"] for row in csv.DictReader(file)]


def test_no_file_crashes_and_broken_ones_have_the_right_reason(reference_data: Path) -> None:
    seen = {}
    for path in files(reference_data):
        outcome = deidentify(path.read_bytes(), text=False)
        codes = [issue.code for issue in outcome.issues]
        assert "DCM-145" not in codes, path.name
        if outcome.status != "released":
            seen[path.name] = codes[0]
    assert {name: seen.get(name) for name in REASON} == REASON
    assert len(seen) <= 31


def test_geometry_exposure_and_rescale_survive_in_every_released_file(reference_data: Path) -> None:
    kept = 0
    for path in files(reference_data):
        outcome = deidentify(path.read_bytes(), text=False)
        if outcome.content is None:
            continue
        source, out = pydicom.dcmread(path, force=True), pydicom.dcmread(io.BytesIO(outcome.content))
        for keyword in SCIENCE:
            if source.get(keyword) not in (None, "") and str(source.get(keyword)).isascii():
                kept += 1
                assert str(out.get(keyword)) == str(source.get(keyword)), (path.name, keyword)
        name = str(source.get("PatientName", "")).split("^")[0].strip()
        if len(name) > 4:
            assert not holds(outcome.content, str(source.PatientName)), path.name
    assert kept > 800


DRAWN_UPON = frozenset(("YBR_FULL-RLE.dcm", "US-PAL-8-10x-echo.dcm"))
"""Pictures with text in them. `python -m benchmarks.deid_dicom_reference` looks at all."""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (Debian dicom3tools) is not installed")
def test_dciodvfy_errors_do_not_rise(reference_data: Path, tmp_path: Path) -> None:
    def errors(path: Path) -> int:
        found = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, text=True, errors="replace", check=False)
        return sum(line.startswith("Error") for line in (found.stderr + found.stdout).splitlines())

    target, rose = tmp_path / "out.dcm", []
    for path in files(reference_data):
        cleaner = OcrCleaner() if path.name in DRAWN_UPON else None
        outcome = deidentify(path.read_bytes(), pixels=cleaner)
        assert cleaner is None or (outcome.pixels is not None and outcome.pixels.pixels_changed)
        if outcome.content is not None:
            target.write_bytes(outcome.content)
            if errors(target) > errors(path):
                rose.append(path.name)
    assert rose == []
