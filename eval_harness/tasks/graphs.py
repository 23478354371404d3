"""Small ONNX graphs for reference models: filters with fixed weights, no training. Shapes are dynamic in depth and size."""
from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 17, 9
Float32 = NDArray[np.float32]


class Graph:
    """Collects nodes and constants; names follow from the order of calls, so that the same calls give the same bytes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.count = 0

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def __call__(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        names = [f"t{self.count + i}" for i in range(outputs)]
        self.count += outputs
        self.nodes.append(helper.make_node(op, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def model(self, name: str, inputs: dict[str, tuple[int, list[str | int]]], outputs: dict[str, tuple[str, list[str | int]]]) -> bytes:
        """Serialised model. inputs: name → (element type, shape); outputs: public name → (inner tensor, shape)."""
        for public, (inner, _) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [inner], [public]))
        graph = helper.make_graph(
            self.nodes, name, [helper.make_tensor_value_info(key, kind, shape) for key, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, (_, shape) in outputs.items()], self.constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="touchstone-reference")
        made.ir_version = IR_VERSION
        onnx.checker.check_model(made)
        return bytes(made.SerializeToString(deterministic=True))


def gaussian(size: int, sigma: float, axes: int) -> Float32:
    """Normalised Gaussian kernel of odd `size` in `axes` dimensions."""
    line = np.exp(-0.5 * ((np.arange(size) - size // 2) / sigma) ** 2)
    kernel = line
    for _ in range(axes - 1):
        kernel = np.multiply.outer(kernel, line)
    return np.asarray(kernel / kernel.sum(), np.float32)


def blob_filter(size: int, inner: float, outer: float, axes: int) -> Float32:
    """Difference of two Gaussians, [1, 1, size...]: answers to balls (discs) of about 1.5 × inner voxels radius."""
    return (gaussian(size, inner, axes) - gaussian(size, outer, axes))[None, None]


def peaks(graph: Graph, response: str, count: int) -> str:
    """[count, 4] rows (z, y, x, value) of the strongest local maxima of response[1, 1, D, H, W]."""
    top = graph("MaxPool", response, kernel_shape=[5, 5, 5], pads=[2] * 6, strides=[1, 1, 1])
    lone = graph("Mul", response, graph("Cast", graph("Equal", response, top), to=TensorProto.FLOAT))
    flat = graph("Reshape", lone, graph.constant([-1], np.int64))
    values, places = graph("TopK", flat, graph.constant([count], np.int64), outputs=2, axis=0)
    shape = graph("Shape", response)
    height, width = (graph("Gather", shape, graph.constant([axis], np.int64)) for axis in (3, 4))
    plane = graph("Mul", height, width)
    rest = graph("Mod", places, plane)
    columns = [graph("Div", places, plane), graph("Div", rest, width), graph("Mod", rest, width)]
    rows = [graph("Unsqueeze", graph("Cast", column, to=TensorProto.FLOAT), graph.constant([1], np.int64)) for column in columns]
    return str(graph("Concat", *rows, graph("Unsqueeze", values, graph.constant([1], np.int64)), axis=1))


def boxes_on_blobs(graph: Graph, clip: str, side: int, half_side: float, count: int) -> str:
    """[count, 6] rows (frame, x1, y1, x2, y2, score): boxes of one size on the brightest blobs of clip[1, 1, frames, side, side]."""
    kernel = blob_filter(19, 3.0, 7.0, 2)[:, :, None]
    response = graph("Clip", graph("Conv", clip, graph.constant(kernel), pads=[0, 9, 9] * 2), graph.constant(0.0), graph.constant(1.0))
    top = graph("MaxPool", response, kernel_shape=[1, 9, 9], pads=[0, 4, 4] * 2, strides=[1, 1, 1])
    lone = graph("Mul", response, graph("Cast", graph("Equal", response, top), to=TensorProto.FLOAT))
    flat = graph("Reshape", lone, graph.constant([-1], np.int64))
    values, places = graph("TopK", flat, graph.constant([count], np.int64), outputs=2, axis=0)
    width = graph.constant([side], np.int64)
    frame = graph("Div", places, graph.constant([side * side], np.int64))
    rest = graph("Mod", places, graph.constant([side * side], np.int64))
    row, column = (graph("Cast", part, to=TensorProto.FLOAT) for part in (graph("Div", rest, width), graph("Mod", rest, width)))
    half = graph.constant(half_side)
    columns = [graph("Cast", frame, to=TensorProto.FLOAT), graph("Sub", column, half), graph("Sub", row, half), graph("Add", column, half),
               graph("Add", row, half), graph("Min", graph("Mul", values, graph.constant(4.0)), graph.constant(1.0))]
    return str(graph("Concat", *[graph("Unsqueeze", held, graph.constant([1], np.int64)) for held in columns], axis=1))
