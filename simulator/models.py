"""Three models a task, written as ONNX graphs by hand: decent, poor, and one that never ends. No training, no download.

    python -m simulator.models --out DIR      DIR/<task>/<decent|poor|endless>/{manifest.json, model.onnx}

Imports no code of ours: these folders are what a vendor's build script would leave. The decent nodule detector looks for
balls (brighter than everything on a shell around them, so a vessel scores nothing); the poor one for any local brightness,
and marks vessels. The decent radiograph model looks for a local brightening inside the lung fields; the poor one reads
the mean grey level. The endless one loops for ever over a tensor that depends on its input.
"""
from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 17, 9
SHELLS_VOXELS = (2.0, 3.0, 4.5)
MARKS, DR_SIDE, DR_POOL = 12, 256, 4
CT_PRE = [{"op": "rescale/1", "socket": "ct", "low": -1000, "high": 400}, {"op": "batch/1", "socket": "ct"}]
DR_PRE = [{"op": "own_range/1", "socket": "dr", "low_percent": 2, "high_percent": 98},
          {"op": "resize/1", "socket": "dr", "shape": [DR_SIDE, DR_SIDE]}, {"op": "batch/1", "socket": "dr"}]
CT_POST = [{"op": "marks/1", "tensor": "marks", "socket": "ct", "minimum": 0.02}]
DR_POST = [{"op": "score/1", "tensor": "score"}]


class Build:
    """Collects nodes and constants of one graph."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def const(self, value: Any, dtype: Any = np.float32) -> str:
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add(self, op: str, *inputs: str, count: int = 1, **attributes: Any) -> Any:
        names = [f"n{len(self.nodes)}_{place}" for place in range(count)]
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names if count > 1 else names[0]

    def bytes(self, socket: str, axes: int, output: str, inner: str, shape: list[int]) -> bytes:
        """The finished model with one input [1, 1, ...] and one output."""
        self.nodes.append(helper.make_node("Identity", [inner], [output]))
        source = helper.make_tensor_value_info(socket, TensorProto.FLOAT, [1, 1, *(f"d{axis}" for axis in range(axes))])
        graph = helper.make_graph(self.nodes, socket, [source], [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
                                  self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="made-up-vendor")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))


def bell(size: int, sigma: float, axes: int) -> Any:
    """Normalised Gaussian, [1, 1, size, ...]."""
    line = np.exp(-0.5 * ((np.arange(size) - size // 2) / sigma) ** 2)
    kernel = line
    for _ in range(axes - 1):
        kernel = np.multiply.outer(kernel, line)
    return (kernel / kernel.sum())[None, None]


def strongest(build: Build, response: str) -> str:
    """[MARKS, 4] rows (z, y, x, value) of the highest local maxima of response[1, 1, D, H, W]."""
    top = build.add("MaxPool", response, kernel_shape=[5, 5, 5], pads=[2] * 6)
    lone = build.add("Mul", response, build.add("Cast", build.add("Equal", response, top), to=TensorProto.FLOAT))
    flat = build.add("Reshape", lone, build.const([-1], np.int64))
    value, place = build.add("TopK", flat, build.const([MARKS], np.int64), count=2, axis=0)
    shape = build.add("Shape", response)
    height, width = (build.add("Gather", shape, build.const([axis], np.int64)) for axis in (3, 4))
    plane = build.add("Mul", height, width)
    rest = build.add("Mod", place, plane)
    columns = (build.add("Div", place, plane), build.add("Div", rest, width), build.add("Mod", rest, width))
    one = build.const([1], np.int64)
    rows = [build.add("Unsqueeze", build.add("Cast", column, to=TensorProto.FLOAT), one) for column in columns]
    return str(build.add("Concat", *rows, build.add("Unsqueeze", value, one), axis=1))


def shell_maximum(build: Build, smooth: str, radius: float) -> str:
    """The brightest of 26 places on a shell around each voxel: high beside a vessel or a wall, low around a lone ball."""
    steps = [np.array([dz, dy, dx]) for dz in (-1, 0, 1) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dz or dy or dx]
    reach = int(np.ceil(radius))
    padded = build.add("Pad", smooth, build.const([0, 0, reach, reach, reach] * 2, np.int64), mode="edge")
    shape = build.add("Slice", build.add("Shape", smooth), build.const([2], np.int64), build.const([5], np.int64))
    seen = []
    for step in steps:
        start = np.rint(step / np.linalg.norm(step) * radius).astype(int) + reach
        first = build.const(start, np.int64)
        seen.append(build.add("Slice", padded, first, build.add("Add", shape, first), build.const([2, 3, 4], np.int64)))
    return str(build.add("Max", *seen))


def nodules_decent() -> bytes:
    build = Build()
    smooth = build.add("Conv", "ct", build.const(bell(3, 0.8, 3)), pads=[1] * 6)
    gains = [build.add("Sub", smooth, shell_maximum(build, smooth, radius)) for radius in SHELLS_VOXELS]
    response = build.add("Clip", build.add("Max", *gains), build.const(0.0), build.const(1.0))
    return build.bytes("ct", 3, "marks", strongest(build, response), [MARKS, 4])


def nodules_poor() -> bytes:
    build = Build()
    smooth = build.add("Conv", "ct", build.const(bell(3, 0.8, 3)), pads=[1] * 6)
    wide = build.add("Conv", "ct", build.const(bell(7, 2.5, 3)), pads=[3] * 6)
    response = build.add("Clip", build.add("Sub", smooth, wide), build.const(0.0), build.const(1.0))
    return build.bytes("ct", 3, "marks", strongest(build, response), [MARKS, 4])


def radiograph_decent() -> bytes:
    build = Build()
    small = build.add("AveragePool", "dr", kernel_shape=[DR_POOL] * 2, strides=[DR_POOL] * 2)
    filters = bell(17, 1.5, 2) - bell(17, 4.0, 2)
    local = build.add("Conv", small, build.const(filters), pads=[8] * 4)
    side = DR_SIDE // DR_POOL
    y, x = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side), indexing="ij")
    lungs = ((np.abs(x) - 0.43) / 0.18) ** 2 + ((y + 0.08) / 0.5) ** 2 < 1
    peak = build.add("ReduceMax", build.add("Mul", local, build.const(lungs[None, None])), axes=[1, 2, 3], keepdims=0)
    score = build.add("Sigmoid", build.add("Mul", build.add("Sub", peak, build.const(0.04)), build.const(60.0)))
    return build.bytes("dr", 2, "score", score, [1])


def radiograph_poor() -> bytes:
    build = Build()
    mean = build.add("ReduceMean", "dr", axes=[1, 2, 3], keepdims=0)
    return build.bytes("dr", 2, "score", build.add("Clip", mean, build.const(0.0), build.const(1.0)), [1])


def endless(socket: str, axes: int) -> bytes:
    """A loop of 2**62 rounds over the input's own mean; its result would be a valid answer, but never comes."""
    build = Build()
    start = build.add("ReduceMean", socket, axes=list(range(1, axes + 2)), keepdims=0)
    inner = [helper.make_node("Identity", ["go_on"], ["still"]), helper.make_node("Sin", ["held"], ["waved"]),
             helper.make_node("Abs", ["waved"], ["next"])]
    scalar = helper.make_tensor_value_info
    body = helper.make_graph(inner, "body", [scalar("round", TensorProto.INT64, []), scalar("go_on", TensorProto.BOOL, []),
                                             scalar("held", TensorProto.FLOAT, [1])],
                             [scalar("still", TensorProto.BOOL, []), scalar("next", TensorProto.FLOAT, [1])])
    end = build.add("Loop", build.const(2**62, np.int64), build.const(True, np.bool_), start, body=body)
    if axes == 2:
        return build.bytes(socket, axes, "score", end, [1])
    row = build.add("Concat", *[end] * 4, axis=0)
    return build.bytes(socket, axes, "marks", build.add("Reshape", row, build.const([1, 4], np.int64)), [1, 4])


def submission(folder: Path, model: bytes, task: str, name: str) -> None:
    """Write a submission folder by the published contract."""
    socket, pre, post = ("ct", CT_PRE, CT_POST) if task == "lung-nodule-ct" else ("dr", DR_PRE, DR_POST)
    points = {"lung-nodule-ct": {"decent": 0.3, "poor": 0.4}, "chest-dr": {"decent": 0.5, "poor": 0.5}}[task]
    manifest = {
        "schema": "touchstone.submission/1", "kind": "onnx", "lifecycle": "serve", "protocol": "files", "task": {"id": task, "version": 1},
        "device": {"vendor": f"Vendor {name}", "family": f"{name} {task}", "version": "1.0"},
        "files": [{"path": "model.onnx", "sha256": hashlib.sha256(model).hexdigest(), "bytes": len(model)}],
        "sockets": [{"name": socket, "tensor": socket}], "pre": pre, "post": post,
        "operating_points": {"declared": points.get(name, 0.5)}, "resources": {"timeout_s": 2.0}, "seed": 0,
        "licence": "Apache-2.0", "contact": "vendor@example.org",
        "training_data": ["none: the weights were written by hand"],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def write_all(out: Path) -> None:
    """All six submissions."""
    made = {"lung-nodule-ct": {"decent": nodules_decent(), "poor": nodules_poor(), "endless": endless("ct", 3)},
            "chest-dr": {"decent": radiograph_decent(), "poor": radiograph_poor(), "endless": endless("dr", 2)}}
    for task, models in made.items():
        for name, model in models.items():
            submission(out / task / name, model, task, name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    write_all(parser.parse_args().out)
