"""Malignancy of a given nodule: spiculated and large against small and smooth patches; the reference model weighs size."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

SIDE, SPACING_MM = 24, (1.5, 1.5, 1.5)


def synthetic(seed: int, n: int) -> Iterator:
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        label = int(rng.random() < 0.4)
        z, y, x = np.meshgrid(*[np.arange(SIDE) - (SIDE - 1) / 2] * 3, indexing="ij")
        radius = np.sqrt(z**2 + y**2 + x**2)
        ripple = 1 + (0.28 if label else 0.06) * np.sin(5 * np.arctan2(y, x) + rng.uniform(0, 6)) * np.cos(3 * z / SIDE)
        size = rng.normal(5.2 if label else 3.9, 1.0)
        patch = np.where(radius < max(size, 1.5) * ripple, 30.0, -850.0) + rng.integers(-80, 81, radius.shape)
        key = phantoms.case_key(number, rng)
        yield ([image_input("ct", np.asarray(np.round(patch), np.int16), spacing_mm=SPACING_MM)], key,
               Truth(key.case_id, {"label": label}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    graph = Graph()
    solid = graph("Sigmoid", graph("Mul", graph("Sub", "ct", graph.constant(0.45)), graph.constant(20.0)))
    share = graph("ReduceMean", solid, axes=[1, 2, 3, 4], keepdims=0)
    score = graph("Sigmoid", graph("Mul", graph("Sub", share, graph.constant(0.028)), graph.constant(110.0)))
    model = graph.model("malignancy", {"ct": (TensorProto.FLOAT, [1, 1, SIDE, SIDE, SIDE])}, {"score": (score, [1])})
    write_onnx_submission(
        out, model, task="nodule-malignancy", task_version=1, sockets={"ct": "ct"},
        pre=[{"op": "rescale/1", "socket": "ct", "low": -1000, "high": 400}, {"op": "batch/1", "socket": "ct"}],
        post=[{"op": "score/1", "tensor": "score"}], operating_points={"declared": 0.5})
