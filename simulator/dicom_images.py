"""Image objects: CT slices, chest radiographs, ultrasound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from simulator.dicom_files import Instance, Place, Study, finish, header
from simulator.images import CT_SLICE_MM, CT_SPACING_MM, Volume

CT, DX, US = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.6.1"


def ct_series(study: Study, places: list[Place], volume: Volume) -> list[Instance]:
    """One file a slice. The header is built once; what differs from slice to slice is set on it."""
    ds = header(study, places[0], CT)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.BodyPartExamined, ds.ProtocolName, ds.PatientPosition = "CHEST", "Chest Routine", "HFS"
    ds.KVP, ds.XRayTubeCurrent, ds.ConvolutionKernel = "120", "180", "B50f"
    ds.SliceThickness, ds.SpacingBetweenSlices = f"{CT_SLICE_MM}", f"{CT_SLICE_MM}"
    ds.ImageOrientationPatient, ds.PixelSpacing = ["1", "0", "0", "0", "1", "0"], [f"{CT_SPACING_MM}", f"{CT_SPACING_MM}"]
    ds.FrameOfReferenceUID = study.study_instance_uid + ".9"
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "-1024", "1", "HU"
    ds.WindowCenter, ds.WindowWidth = "-600", "1500"
    (x, y, z), made = volume.origin_mm, []
    for index, place in enumerate(places):
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = place.sop_instance_uid
        ds.InstanceNumber, ds.SliceLocation = place.instance_number, f"{z + index * CT_SLICE_MM:.4f}"
        ds.ImagePositionPatient = [f"{x:.4f}", f"{y:.4f}", f"{z + index * CT_SLICE_MM:.4f}"]
        _grey(ds, (volume.hu[index].astype(np.int32) + 1024).astype(np.uint16))
        made.append(finish(ds, study, place))
    return made


def chest_radiograph(study: Study, place: Place, pixels: NDArray[np.uint16]) -> Instance:
    ds = header(study, place, DX)
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.BodyPartExamined, ds.ViewPosition, ds.PresentationIntentType = "CHEST", "PA", "FOR PRESENTATION"
    ds.PatientOrientation, ds.ImageLaterality, ds.BurnedInAnnotation = ["L", "F"], "U", "NO"
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign, ds.PresentationLUTShape = "LOG", 1, "IDENTITY"
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "US"
    ds.ImagerPixelSpacing, ds.KVP = ["1.4", "1.4"], "110"
    ds.WindowCenter, ds.WindowWidth = "1800", "3200"
    _grey(ds, pixels)
    return finish(ds, study, place)


def ultrasound_image(study: Study, place: Place, pixels: NDArray[np.uint8]) -> Instance:
    ds = header(study, place, US)
    ds.ImageType, ds.BodyPartExamined = ["ORIGINAL", "PRIMARY", "ABDOMINAL"], "ABDOMEN"
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PixelData = pixels.tobytes() + b"\0" * (pixels.size % 2)
    return finish(ds, study, place)


def _grey(ds: Dataset, pixels: NDArray[np.uint16]) -> None:
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = np.minimum(pixels, 4095).astype("<u2").tobytes()
