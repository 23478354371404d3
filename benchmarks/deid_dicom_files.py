"""Files for the DICOM benchmarks, made from one real slice or from nothing: every one differs as real ones do."""
from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

LETTERS = "ABCDEFGHIJKLMNOPRSTUVW"


def slices(source: Path, folder: Path, count: int, strangers: bool) -> list[Path]:
    """`count` slices of one series, or of as many patients, studies and series when `strangers`; each with pixels of its own."""
    import pydicom

    folder.mkdir(parents=True)
    dataset, chance, made = pydicom.dcmread(source), random.Random(1), []
    pixels, root = dataset.PixelData, str(dataset.SOPInstanceUID)[:40].rstrip(".")
    for number in range(count):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"{root}.{number}.{int(strangers)}"
        dataset.InstanceNumber, dataset.SliceLocation = str(number + 1), f"{number * 1.25 - 120:.2f}"
        dataset.ImagePositionPatient = [*dataset.ImagePositionPatient[:2], f"{number * 1.25 - 120:.2f}"]
        dataset.ContentTime = f"{10 + number // 60 % 10}{number % 60:02d}{chance.randrange(60):02d}.{chance.randrange(10**6):06d}"
        dataset.PixelData = struct.pack("<H", number) + pixels[2:]
        if strangers:
            surname, given = ("".join(chance.choices(LETTERS, k=6)) for _ in range(2))
            dataset.PatientName, dataset.PatientID = f"{surname}^{given}", f"H{chance.randrange(10**8):08d}"
            dataset.AccessionNumber, dataset.PatientBirthDate = f"A{chance.randrange(10**9)}", f"{chance.randrange(1930, 2000)}0512"
            dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = f"2023{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
            dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{root}.1.{number}", f"{root}.2.{number}"
            dataset.FrameOfReferenceUID = f"{root}.3.{number}"
        made.append(folder / f"{number:05d}.dcm")
        dataset.save_as(made[-1])
    return made


def small_series(folder: Path, count: int) -> None:
    """`count` CT slices of 64 x 64, 50 to a series, 200 to a patient, from one template with other values of the same length."""
    folder.mkdir(parents=True)
    for number, data in enumerate(_small(count)):
        (folder / f"{number:06d}").write_bytes(data)


def _small(count: int) -> Iterator[bytes]:
    import io

    from pydicom.dataset import Dataset, FileMetaDataset

    dataset = Dataset()
    dataset.SOPClassUID, dataset.Modality, dataset.PatientName = "1.2.840.10008.5.1.4.1.1.2", "CT", "NAMEAAAA^GIVEN"
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID, dataset.StudyInstanceUID = "1.2.3.90000001", "1.2.3.80000001", "1.2.3.70000001"
    dataset.PatientID, dataset.AccessionNumber, dataset.InstanceNumber = "P6000001", "A5000001", "4000"
    dataset.ImageType, dataset.PatientBirthDate, dataset.StudyDate = "ORIGINAL\\PRIMARY\\AXIAL", "19600507", "20240305"
    dataset.ImagePositionPatient, dataset.PixelSpacing, dataset.SliceThickness = ["-10", "-20", "30.25"], ["0.7", "0.7"], "1.25"
    dataset.StudyDescription, dataset.KVP, dataset.ConvolutionKernel = "Chest CT", "120", "B60f"
    dataset.Rows = dataset.Columns = 64
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.BitsAllocated, dataset.BitsStored = 1, "MONOCHROME2", 16, 12
    dataset.HighBit, dataset.PixelRepresentation, dataset.PixelData = 11, 0, bytes(64 * 64 * 2)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    held = io.BytesIO()
    dataset.save_as(held, enforce_file_format=True)
    template = held.getvalue()
    for number in range(count):
        data, series, patient = template, number // 50, number // 200
        for old, new in ((b"1.2.3.90000001", f"1.2.3.{90000001 + number}"), (b"1.2.3.80000001", f"1.2.3.{80000001 + series}"),
                         (b"1.2.3.70000001", f"1.2.3.{70000001 + patient}"), (b"P6000001", f"P{6000001 + patient}"),
                         (b"A5000001", f"A{5000001 + patient}"), (b"NAMEAAAA", f"NAME{_word(patient)}"),
                         (b"\x04\x004000", f"\x04\x00{4000 + number % 50}"), (b"30.25", f"{10 + number % 50}.25")):
            data = data.replace(old, new.encode())
        yield data[:-4] + struct.pack("<I", number & 0x0FFF0FFF)


def _word(number: int) -> str:
    return "".join(chr(65 + number // 26**place % 26) for place in range(4))
