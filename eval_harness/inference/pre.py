"""The closed, versioned list of what may happen to an input before an ONNX graph sees it.

A step is `name/version` with fixed parameters; a changed meaning is a new version, so that an old manifest computes what
it always did. Arrays in, arrays out; `meta` is the socket's entry of case.json.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Meta = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """`run(array, meta, params) -> array`; required and optional parameter names."""

    run: Callable[[Array, Meta, Mapping[str, Any]], Array]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


def _rescale(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    low, high = float(params["low"]), float(params["high"])
    return ((np.clip(array.astype(np.float32), low, high) - np.float32(low)) / np.float32(high - low)).astype(np.float32)


def _standardise(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    return ((array.astype(np.float32) - np.float32(params["mean"])) / np.float32(params["std"])).astype(np.float32)


def _own_range(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    """To 0..1 between two percentiles of this very image."""
    low, high = np.percentile(array, [float(params["low_percent"]), float(params["high_percent"])])
    return np.asarray(np.clip((array.astype(np.float32) - np.float32(low)) / np.float32(max(high - low, 1e-6)), 0, 1), np.float32)


def _cast(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    return np.asarray(array, dtype=np.dtype({"float32": "f4", "int64": "i8", "float16": "f2"}[str(params["dtype"])]))


def _batch(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    """[...] → [1, 1, ...]: batch and channel."""
    return np.asarray(array[None, None])


def _row(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    """[...] → [1, ...]: batch only."""
    return np.asarray(array[None])


def _resize(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    """Linear interpolation of every axis to params["shape"]; spacing in meta follows, so that marks keep their place."""
    shape = [int(size) for size in params["shape"]]
    out = array.astype(np.float32)
    for axis, size in enumerate(shape):
        out = _linear(out, axis, size)
    if "spacing_mm" in meta:
        steps, starts = meta["spacing_mm"], meta.get("origin_mm", [0.0] * array.ndim)
        meta["spacing_mm"] = [step * old / new for step, old, new in zip(steps, array.shape, shape, strict=True)]
        meta["origin_mm"] = [start + (new - old) / 2 for start, old, new in zip(starts, steps, meta["spacing_mm"], strict=True)]
    return out


def _resample(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    """Linear interpolation to params["spacing_mm"] per axis."""
    wanted = [float(step) for step in params["spacing_mm"]]
    shape = [max(1, round(size * step / new)) for size, step, new in
             zip(array.shape, meta["spacing_mm"], wanted, strict=True)]
    return _resize(array, meta, {"shape": shape})


def _linear(array: Array, axis: int, size: int) -> Array:
    old = array.shape[axis]
    places = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
    low = np.floor(places).astype(np.intp)
    high = np.minimum(low + 1, old - 1)
    shape = [1] * array.ndim
    shape[axis] = size
    share = (places - low).astype(np.float32).reshape(shape)
    return np.asarray(np.take(array, low, axis) * (1 - share) + np.take(array, high, axis) * share, np.float32)


def _bytes(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    """UTF-8 bytes as int64[length], cut or padded with 0."""
    length = int(params["length"])
    out = np.zeros(length, np.int64)
    out[:min(length, array.size)] = array.reshape(-1)[:length]
    return out


def _characters(array: Array, meta: Meta, params: Mapping[str, Any]) -> Array:
    """Text as code points, int64[length], cut or padded with 0."""
    points = [ord(letter) for letter in array.astype(np.uint8).tobytes().decode("utf-8", errors="replace")]
    length = int(params["length"])
    meta["characters"] = len(points)
    return np.asarray((points + [0] * length)[:length], np.int64)


STEPS: dict[str, Step] = {
    "rescale/1": Step(_rescale, ("low", "high")),
    "standardise/1": Step(_standardise, ("mean", "std")),
    "own_range/1": Step(_own_range, ("low_percent", "high_percent")),
    "cast/1": Step(_cast, ("dtype",)),
    "resize/1": Step(_resize, ("shape",)),
    "resample/1": Step(_resample, ("spacing_mm",)),
    "bytes/1": Step(_bytes, ("length",)),
    "characters/1": Step(_characters, ("length",)),
    "batch/1": Step(_batch),
    "row/1": Step(_row),
}
