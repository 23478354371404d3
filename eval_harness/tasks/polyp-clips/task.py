"""Polyps followed through short clips; the reference model puts boxes of one size on bright blobs, frame by frame."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, blob_filter
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

FRAMES, HALF_SIDE, BOXES = 6, 5.0, 24


def synthetic(seed: int, n: int) -> Iterator:
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        clip, boxes = phantoms.colon_clip(rng, number % 3, FRAMES)
        for place, box in enumerate(boxes):
            box["polyp"] = f"p{place % (number % 3)}"
        key = phantoms.case_key(number, rng)
        yield ([image_input("clip", clip, spacing_mm=(1.0, 1.0, 1.0))], key,
               Truth(key.case_id, {"frames": FRAMES, "boxes": boxes}, grid={"spacing_mm": [1.0, 1.0, 1.0]},
                     source="made by the practice generator"))


def reference_model(out: Path) -> None:
    graph = Graph()
    kernel = blob_filter(19, 3.0, 7.0, 2)[:, :, None]
    response = graph("Clip", graph("Conv", "clip", graph.constant(kernel), pads=[0, 9, 9] * 2), graph.constant(0.0), graph.constant(1.0))
    top = graph("MaxPool", response, kernel_shape=[1, 9, 9], pads=[0, 4, 4] * 2, strides=[1, 1, 1])
    lone = graph("Mul", response, graph("Cast", graph("Equal", response, top), to=TensorProto.FLOAT))
    flat = graph("Reshape", lone, graph.constant([-1], np.int64))
    values, places = graph("TopK", flat, graph.constant([BOXES], np.int64), outputs=2, axis=0)
    width = graph.constant([64], np.int64)
    frame = graph("Div", places, graph.constant([64 * 64], np.int64))
    rest = graph("Mod", places, graph.constant([64 * 64], np.int64))
    row, column = (graph("Cast", part, to=TensorProto.FLOAT) for part in (graph("Div", rest, width), graph("Mod", rest, width)))
    half = graph.constant(HALF_SIDE)
    columns = [graph("Cast", frame, to=TensorProto.FLOAT), graph("Sub", column, half), graph("Sub", row, half), graph("Add", column, half),
               graph("Add", row, half), graph("Min", graph("Mul", values, graph.constant(4.0)), graph.constant(1.0))]
    rows = graph("Concat", *[graph("Unsqueeze", held, graph.constant([1], np.int64)) for held in columns], axis=1)
    model = graph.model("polyps", {"clip": (TensorProto.FLOAT, [1, 1, FRAMES, 64, 64])}, {"boxes": (rows, [BOXES, 6])})
    write_onnx_submission(
        out, model, task="polyp-clips", task_version=1, sockets={"clip": "clip"},
        pre=[{"op": "rescale/1", "socket": "clip", "low": 0, "high": 255}, {"op": "batch/1", "socket": "clip"}],
        post=[{"op": "boxes/1", "tensor": "boxes", "minimum": 0.15}],
        operating_points={"declared": 0.29})
