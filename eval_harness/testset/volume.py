"""The one form in which a model gets an image: a NumPy file plus its geometry in case.json.

A DICOM series becomes a volume once, when a set is frozen, so that an ONNX graph, a Python bundle and a container all
read the same bytes and no DICOM header (with its UIDs and dates) reaches vendor code.

    array      little-endian, C order; volumes (z, y, x), radiographs (y, x); CT in Hounsfield units as int16
    geometry   spacing_mm and origin_mm in array axis order; the world position in mm of voxel (k, j, i) is
               x = origin_mm[2] + i*spacing_mm[2], and so for y and z. Axes run along patient left, posterior, superior
               (LPS); an oblique series is resampled before it gets here.
"""
from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.base import WrongUsage, eval_messages
from eval_harness.testset.layout import CaseInput

NPY, TEXT = "application/x-npy", "text/plain; charset=utf-8"
DTYPES = ("uint8", "int16", "uint16", "float32")


def image_input(socket: str, array: NDArray[Any], *, spacing_mm: Sequence[float], origin_mm: Sequence[float] | None = None,
                extra: Mapping[str, Any] | None = None) -> CaseInput:
    """An image as the input `socket` of a case.

    array: (z, y, x) or (y, x), of a dtype in DTYPES; spacing_mm, origin_mm: one number per array axis, same order.
    Raises WrongUsage SET-010 for another dtype or number of axes.
    """
    name = array.dtype.name
    if name not in DTYPES or array.ndim not in (2, 3) or len(spacing_mm) != array.ndim:
        raise WrongUsage(eval_messages().issue("SET-010", socket, found=f"{name} {array.ndim}D", known=", ".join(DTYPES)))
    data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    held = io.BytesIO()
    np.lib.format.write_array(held, data, version=(1, 0), allow_pickle=False)
    meta = {
        "shape": [int(size) for size in array.shape], "dtype": name, "axes": "zyx"[3 - array.ndim:],
        "spacing_mm": [float(step) for step in spacing_mm],
        "origin_mm": [float(step) for step in origin_mm or [0.0] * array.ndim], **(extra or {}),
    }
    return CaseInput(socket, held.getvalue(), NPY, f"{socket}.npy", meta)


def vector_input(socket: str, values: NDArray[Any], names: Sequence[str]) -> CaseInput:
    """A feature vector: float32[n], NaN where a value is missing, with the names in case.json."""
    held = io.BytesIO()
    np.lib.format.write_array(held, np.ascontiguousarray(values, dtype="<f4"), version=(1, 0), allow_pickle=False)
    meta = {"shape": [len(names)], "dtype": "float32", "axes": "n", "names": [str(name) for name in names]}
    return CaseInput(socket, held.getvalue(), NPY, f"{socket}.npy", meta)


def text_input(socket: str, text: str, lang: str) -> CaseInput:
    """A text as UTF-8, its language (zh or en) and number of characters in case.json."""
    return CaseInput(socket, text.encode(), TEXT, f"{socket}.txt", {"lang": lang, "characters": len(text)})


def read_image(path: Path) -> NDArray[Any]:
    """The array of an image file; never unpickles."""
    return np.lib.format.read_array(io.BytesIO(path.read_bytes()), allow_pickle=False)  # type: ignore[no-any-return]
