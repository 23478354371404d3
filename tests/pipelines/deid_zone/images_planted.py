"""Small CT series and radiographs as real Part 10 files, packed and entered as released rows."""
from __future__ import annotations

import io
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from pipelines.engines.objects import ObjectStore
from pipelines.engines.parts import Member, PartWriter

ORIGIN, SPACING, GAP = (-100.0, -80.0, 10.0), (0.5, 0.8), 2.0     # mm; spacing is row (y) then column (x)
SHAPE = (6, 8, 10)


def volume(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-1000, 400, SHAPE).astype(np.int16)


def _base(sop_class: str, uid: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = sop_class, uid, ExplicitVRLittleEndian
    file = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID, file.SOPInstanceUID, file.SamplesPerPixel = sop_class, uid, 1
    file.BitsAllocated, file.PhotometricInterpretation = 16, "MONOCHROME2"
    return file


def ct_slices(pixels: np.ndarray, prefix: str, orientation: tuple[float, ...] = (1, 0, 0, 0, 1, 0),
              positions: list[list[float]] | None = None, **differs: Any) -> list[FileDataset]:
    """One file per slice of `pixels` (HU), stored as value + 1024 with intercept -1024."""
    files = []
    for k, plane in enumerate(pixels):
        file = _base(CTImageStorage, f"{prefix}.{k + 1}")
        file.Modality, file.Rows, file.Columns = "CT", *plane.shape
        file.BitsStored, file.HighBit, file.PixelRepresentation = 12, 11, 0
        file.RescaleSlope, file.RescaleIntercept = 1, -1024
        file.PixelSpacing, file.ImageOrientationPatient = list(SPACING), list(orientation)
        file.ImagePositionPatient = positions[k] if positions else [ORIGIN[0], ORIGIN[1], ORIGIN[2] + k * GAP]
        file.PixelData = (plane.astype(np.int32) + 1024).astype("<u2").tobytes()
        for name, value in differs.items():
            setattr(file, name, value)
        files.append(file)
    return files


def radiograph(pixels: np.ndarray, uid: str, **differs: Any) -> FileDataset:
    file = _base(DigitalXRayImageStorageForPresentation, uid)
    file.Modality, file.Rows, file.Columns = "DX", *pixels.shape
    file.BitsStored, file.HighBit, file.PixelRepresentation, file.ImagerPixelSpacing = 12, 11, 0, [0.2, 0.2]
    file.PixelData = pixels.astype("<u2").tobytes()
    for name, value in differs.items():
        setattr(file, name, value)
    return file


def to_bytes(file: FileDataset) -> bytes:
    out = io.BytesIO()
    pydicom.dcmwrite(out, file, enforce_file_format=True)
    return out.getvalue()


def release(lake: Any, files: list[FileDataset], *, study: str, series: str, subject: str, site_id: str = "east", **row: Any) -> None:
    """Pack one series and enter its rows, as the release step does."""
    writer = PartWriter(ObjectStore(lake.home.objects, "parts"))
    for file in files:
        data = to_bytes(file)
        writer.add(Member(file.SOPInstanceUID, len(data), lambda data=data: io.BytesIO(data)))
    part = writer.write()
    lake.instances(*[{
        "site_id": site_id, "sop_instance_uid": str(file.SOPInstanceUID), "series_instance_uid": series, "study_instance_uid": study,
        "subject": subject, "unit_token": f"u-{file.SOPInstanceUID}", "modality": str(file.Modality), "rows": file.Rows,
        "columns": file.Columns, "bits_allocated": 16, "part": part.members[file.SOPInstanceUID].__dict__, "slice_thickness": 2.0,
        "manufacturer": "ACME", "patient_sex": "F", "patient_age": "052Y"} | row for file in files])
