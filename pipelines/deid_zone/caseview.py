"""A de-identified series → the one form in which a model gets it (eval_harness.testset.volume), by a step of the engine.

volume: CT slices in Hounsfield units as (z, y, x) along patient left, posterior, superior. image: one radiograph with dark
lungs (MONOCHROME2). What does not fit is an issue on the series (DST-03x), never a guess: no resampling, no filled gaps.
"""
from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eval_harness.base import Terminal
from eval_harness.tasks.spec import SocketSpec
from eval_harness.testset.layout import CaseInput
from eval_harness.testset.volume import image_input
from pipelines.deid_zone.geometry import normal, orthonormal
from pipelines.engines.base import STEP_COLUMNS, Logic, ObjectRef, Step, Worker
from schemas.messages import messages
from schemas.tables import OBJECT

Array = NDArray[Any]
OFF_AXIS = 1e-3
"""Largest component off the main axis of a direction: 0.3 mm over 300 mm."""
GAP_TOLERANCE = 0.05
SCHEMA_IN = pa.schema([pa.field("row_id", pa.binary(16)), pa.field("series_instance_uid", pa.utf8()), pa.field("part", OBJECT)])
SCHEMA_OUT = pa.schema([*[pa.field(name, kind) for name, kind in STEP_COLUMNS], pa.field("series_instance_uid", pa.utf8()),
                        pa.field("view", OBJECT), pa.field("meta", pa.utf8())])


class NoView(Terminal):
    """The series cannot become this input; carries the issue."""


def view_step(socket: SocketSpec) -> Step:
    """The step that makes one input out of every series. Native codecs: it runs isolated."""
    params = socket.model_dump_json()
    return Step("case_view", "1", params, SCHEMA_IN, SCHEMA_OUT, partial(_open, params=params), isolate=True, zone="deid", batch_rows=1)


def _open(worker: Worker, params: str) -> Logic:
    socket = SocketSpec.model_validate_json(params)
    return lambda batch: _one_series(batch, socket, worker)


def _one_series(batch: pa.RecordBatch, socket: SocketSpec, worker: Worker) -> pa.RecordBatch:
    """One group = one series. Every row leaves with the same view, or with the same issue."""
    rows = batch.to_pylist()
    answer: dict[str, Any] = {"outcome": "ok", "issues": [], "view": None, "meta": None}
    try:
        files = [_read(worker, ObjectRef(**row["part"])) for row in rows]
        given = volume_view(files, socket) if socket.kind == "volume" else image_view(files, socket)
        assert isinstance(given.data, bytes)
        ref = worker.put("parts", [given.data])
        answer |= {"view": ref.__dict__, "meta": json.dumps({"media_type": given.media_type, "meta": dict(given.meta)})}
    except NoView as found:
        answer |= {"outcome": "quarantined", "issues": [found.issue.to_dict()]}
    made = [{"row_id": row["row_id"], "series_instance_uid": row["series_instance_uid"]} | answer for row in rows]
    return pa.RecordBatch.from_pylist(made, schema=SCHEMA_OUT)


def _read(worker: Worker, ref: ObjectRef) -> Any:
    import pydicom

    with worker.read(ref) as stream:
        return pydicom.dcmread(stream)


def _no_view(code: str, **params: object) -> NoView:
    return NoView(messages().issue(code, "series", **params))


def _pixels(file: Any, dtype: str) -> Array:
    try:
        array: Array = file.pixel_array
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - every codec has its own exceptions; the data is at fault, not the program
        array = np.zeros(0)
    if array.ndim != 2:
        raise _no_view("DST-035", dtype=dtype)
    return array


def volume_view(files: list[Any], socket: SocketSpec) -> CaseInput:
    """Slices of one series, in any order → (z, y, x). Raises NoView DST-030 to DST-036."""
    first = files[0]
    try:
        orientation = [float(value) for value in first.ImageOrientationPatient]
        spacing = [float(value) for value in first.PixelSpacing]
        positions = np.array([[float(value) for value in file.ImagePositionPatient] for file in files])
        shapes = {(file.Rows, file.Columns, tuple(np.round([float(v) for v in file.PixelSpacing], 4)),
                   tuple(np.round([float(v) for v in file.ImageOrientationPatient], 3) + 0.0)) for file in files}
    except (AttributeError, TypeError, ValueError):
        raise _no_view("DST-036") from None
    if not orthonormal(orientation) or min(spacing) <= 0:
        raise _no_view("DST-036")
    if len(shapes) > 1:
        raise _no_view("DST-030")
    order, gap = _stacked(positions @ np.array(normal(orientation)))
    slices = np.stack([_hounsfield(files[number]) for number in order])
    directions = [np.array(normal(orientation)), np.array(orientation[3:]), np.array(orientation[:3])]   # of array axes k, j, i
    array, steps, origin = _along_patient(slices, directions, [gap, spacing[0], spacing[1]], positions[order[0]])
    return image_input(socket.name, array, spacing_mm=steps, origin_mm=origin)


def _stacked(along: Array) -> tuple[list[int], float]:
    """Slice order and distance in mm. Raises NoView where slices coincide or are not evenly spaced."""
    order = [int(number) for number in np.argsort(along, kind="stable")]
    if len(order) < 2:
        raise _no_view("DST-036")
    gaps = np.diff(along[order])
    if float(gaps.min()) < 1e-3:
        raise _no_view("DST-032")
    usual = float(np.median(gaps))
    if float(np.abs(gaps - usual).max()) > max(GAP_TOLERANCE * usual, 0.02):
        raise _no_view("DST-031")
    return order, round(float(along[order[-1]] - along[order[0]]) / (len(order) - 1), 6)


def _hounsfield(file: Any) -> Array:
    """PS3.3 C.11.1.1.2: stored value times slope plus intercept."""
    values = _pixels(file, "int16").astype(np.float64) * float(file.get("RescaleSlope", 1)) + float(file.get("RescaleIntercept", 0))
    return np.clip(np.rint(values), -32768, 32767).astype(np.int16)


def _along_patient(array: Array, directions: list[Array], steps: list[float],
                   first: Array) -> tuple[Array, list[float], list[float]]:
    """Turn axes so that they run z, y, x with rising LPS coordinates. Raises NoView DST-033 for an oblique series."""
    axes = [int(np.abs(direction).argmax()) for direction in directions]            # 0 = x, 1 = y, 2 = z
    off = [float(np.abs(np.delete(direction, axis)).max()) for direction, axis in zip(directions, axes, strict=True)]
    if sorted(axes) != [0, 1, 2] or max(off) > OFF_AXIS:
        raise _no_view("DST-033")
    origin = [float(value) for value in first]
    flips = []
    for number, (direction, axis) in enumerate(zip(directions, axes, strict=True)):
        if direction[axis] < 0:
            origin[axis] -= steps[number] * (array.shape[number] - 1)
            flips.append(number)
    turn = [axes.index(axis) for axis in (2, 1, 0)]
    turned = np.flip(array, tuple(flips)).transpose(turn)
    return np.ascontiguousarray(turned), [steps[number] for number in turn], [round(origin[axis], 6) for axis in (2, 1, 0)]


def image_view(files: list[Any], socket: SocketSpec) -> CaseInput:
    """One radiograph → (y, x), low values dark. Raises NoView DST-034, DST-035, DST-036."""
    if len(files) != 1:
        raise _no_view("DST-034", count=len(files))
    file, dtype = files[0], socket.dtype or "uint16"
    array = _pixels(file, dtype)
    if file.get("PhotometricInterpretation") == "MONOCHROME1":
        low, high = (-(1 << (file.BitsStored - 1)), (1 << (file.BitsStored - 1)) - 1) if file.PixelRepresentation else (
            0, (1 << file.BitsStored) - 1)
        array = (low + high) - array.astype(np.int64)
    elif file.get("PhotometricInterpretation") != "MONOCHROME2":
        raise _no_view("DST-035", dtype=dtype)
    limits = np.iinfo(dtype) if dtype != "float32" else None
    if limits is not None and (int(array.min()) < limits.min or int(array.max()) > limits.max):
        raise _no_view("DST-035", dtype=dtype)
    spacing = [float(value) for value in file.get("PixelSpacing") or file.get("ImagerPixelSpacing") or ()]
    if len(spacing) != 2 or min(spacing) <= 0:
        raise _no_view("DST-036")
    return image_input(socket.name, array.astype(dtype), spacing_mm=spacing)
