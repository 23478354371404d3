"""Polyps followed through short clips; the reference model puts boxes of one size on bright blobs, frame by frame."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, boxes_on_blobs
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

FRAMES, SIDE, HALF_SIDE, BOXES = 6, 64, 5.0, 24


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
    rows = boxes_on_blobs(graph, "clip", SIDE, HALF_SIDE, BOXES)
    model = graph.model("polyps", {"clip": (TensorProto.FLOAT, [1, 1, FRAMES, SIDE, SIDE])}, {"boxes": (rows, [BOXES, 6])})
    write_onnx_submission(
        out, model, task="polyp-clips", task_version=1, sockets={"clip": "clip"},
        pre=[{"op": "rescale/1", "socket": "clip", "low": 0, "high": 255}, {"op": "batch/1", "socket": "clip"}],
        post=[{"op": "boxes/1", "tensor": "boxes", "minimum": 0.15}],
        operating_points={"declared": 0.29})
