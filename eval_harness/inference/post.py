"""The closed, versioned list of how an ONNX graph's tensors become output.json. Each step adds keys to the answer."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Made:
    """What a post step may read: the graph's tensors by name, and the (pre-processed) geometry of each socket."""

    tensors: Mapping[str, Array]
    meta: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Step:
    run: Callable[[Made, Mapping[str, Any]], dict[str, Any]]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


def _values(made: Made, params: Mapping[str, Any]) -> Array:
    values = np.asarray(made.tensors[str(params["tensor"])], np.float64)
    if params.get("activation") == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-np.clip(values, -700, 700))), np.float64)
    if params.get("activation") == "softmax":
        raised = np.exp(values - values.max(axis=-1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float64)
    return values


def _score(made: Made, params: Mapping[str, Any]) -> dict[str, Any]:
    """{"score"}: element `index` (default 0) of the flattened tensor."""
    return {"score": float(_values(made, params).reshape(-1)[int(params.get("index", 0))])}


def _labels(made: Made, params: Mapping[str, Any]) -> dict[str, Any]:
    """{"scores": {name: value}}, in the order of params["names"]."""
    values = _values(made, params).reshape(-1)
    names = [str(name) for name in params["names"]]
    if len(values) != len(names):
        raise ValueError(f"tensor has {len(values)} values for {len(names)} names")
    return {"scores": {name: float(value) for name, value in zip(names, values, strict=True)}}


def _marks(made: Made, params: Mapping[str, Any]) -> dict[str, Any]:
    """{"marks": [{x, y, z, score}]} in world mm, from rows (z, y, x, score) in voxels; rows under `minimum` are dropped."""
    meta = made.meta[str(params["socket"])]
    spacing, origin = np.asarray(meta["spacing_mm"]), np.asarray(meta["origin_mm"])
    marks = []
    for row in _values(made, params).reshape(-1, 4):
        if row[3] >= float(params.get("minimum", 0.0)):
            z, y, x = (float(place) for place in origin + row[:3] * spacing)
            marks.append({"x": x, "y": y, "z": z, "score": float(row[3])})
    return {"marks": marks}


def _boxes(made: Made, params: Mapping[str, Any]) -> dict[str, Any]:
    """{"boxes": [{frame, x0, y0, x1, y1, score}]} in pixels, from rows (frame, x0, y0, x1, y1, score)."""
    rows = _values(made, params).reshape(-1, 6)
    kept = [row for row in rows if row[5] >= float(params.get("minimum", 0.0))]
    return {"boxes": [{"frame": int(row[0]), **{name: float(row[i + 1]) for i, name in enumerate(("x0", "y0", "x1", "y1"))},
                       "score": float(row[5])} for row in kept]}


def _mask(made: Made, params: Mapping[str, Any]) -> dict[str, Any]:
    """{"mask": {"shape", "runs"}}: voxels at or above `threshold`, as [start, length, ...] over the C-order array."""
    on = np.squeeze(_values(made, params)) >= float(params.get("threshold", 0.5))
    return {"mask": {"shape": [int(size) for size in on.shape], "runs": runs_of(on)}}


def runs_of(on: Array) -> list[int]:
    """[start, length, ...] of what is True, over the C-order array."""
    edges = np.flatnonzero(np.diff(np.r_[False, on.reshape(-1), False].astype(np.int8)))
    return [int(run) for run in np.column_stack([edges[::2], edges[1::2] - edges[::2]]).reshape(-1)]


def _spheres(made: Made, params: Mapping[str, Any]) -> dict[str, Any]:
    """{"shape", "instances": [{runs, score}]}: a ball of radius_mm around each row (z, y, x, score); earlier rows win a voxel."""
    meta = made.meta[str(params["socket"])]
    shape, spacing = [int(size) for size in meta["shape"]], np.asarray(meta["spacing_mm"])
    grid = np.stack(np.meshgrid(*[np.arange(size) for size in shape], indexing="ij"), axis=-1)
    taken = np.zeros(shape, bool)
    instances = []
    for row in _values(made, params).reshape(-1, 4):
        if row[3] < float(params.get("minimum", 0.0)):
            continue
        ball = (((grid - row[:3]) * spacing) ** 2).sum(axis=-1) <= float(params["radius_mm"]) ** 2
        ball &= ~taken
        taken |= ball
        if ball.any():
            instances.append({"runs": runs_of(ball), "score": float(row[3])})
    return {"shape": shape, "instances": instances}


def _tags(made: Made, params: Mapping[str, Any]) -> dict[str, Any]:
    """{"tags": [name, ...]}: the strongest of params["names"] for each character, from rows [length, names]."""
    names = [str(name) for name in params["names"]]
    best = _values(made, params).reshape(-1, len(names)).argmax(axis=1)
    return {"tags": [names[place] for place in best[:int(made.meta[str(params["socket"])]["characters"])]]}


STEPS: dict[str, Step] = {
    "score/1": Step(_score, ("tensor",), ("index", "activation")),
    "labels/1": Step(_labels, ("tensor", "names"), ("activation",)),
    "marks/1": Step(_marks, ("tensor", "socket"), ("minimum",)),
    "boxes/1": Step(_boxes, ("tensor",), ("minimum",)),
    "mask/1": Step(_mask, ("tensor",), ("threshold", "activation")),
    "spheres/1": Step(_spheres, ("tensor", "socket", "radius_mm"), ("minimum",)),
    "tags/1": Step(_tags, ("tensor", "socket", "names")),
}
