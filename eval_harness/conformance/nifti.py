"""Read a small NIfTI-1 volume without a dependency: the reference cases carry detection maps in it."""
from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.conformance.casefiles import read_bytes, refuse

DTYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}


def read_nifti(path: Path) -> NDArray[Any]:
    """Array indexed [z, y, x] (slowest first, as SimpleITK gives it); scaled when the header scales. Raises WrongUsage CNF-010."""
    data = read_bytes(path)
    order = "<" if len(data) >= 348 and struct.unpack("<i", data[:4])[0] == 348 else ">"
    if len(data) < 352 or struct.unpack(order + "i", data[:4])[0] != 348 or data[344:347] != b"n+1":
        raise refuse("CNF-010", path.name)
    dims = struct.unpack(order + "8h", data[40:56])
    code = struct.unpack(order + "h", data[70:72])[0]
    offset, slope, inter = struct.unpack(order + "3f", data[108:120])
    if code not in DTYPES or not 1 <= dims[0] <= 7:
        raise refuse("CNF-010", path.name)
    shape = tuple(d for d in dims[1:dims[0] + 1])[::-1]
    count = int(np.prod(shape))
    dtype = np.dtype(order + DTYPES[code])
    if len(data) < int(offset) + count * dtype.itemsize:
        raise refuse("CNF-010", path.name)
    array = np.frombuffer(data, dtype, count, int(offset)).reshape(shape)
    return array * np.float32(slope) + np.float32(inter) if slope not in (0.0, 1.0) or inter != 0.0 else array
