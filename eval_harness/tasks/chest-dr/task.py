"""Chest radiograph classification: practice images and a reference model that looks for a local brightening."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, blob_filter
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input


def synthetic(seed: int, n: int) -> Iterator:
    """Every other image has one or two soft opacities; one image a person."""
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        label = number % 2
        image = phantoms.chest_dr(rng, label * int(rng.integers(1, 3)))
        key = phantoms.case_key(number, rng)
        yield ([image_input("dr", image, spacing_mm=phantoms.DR_SPACING_MM)], key,
               Truth(key.case_id, {"label": label}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    graph = Graph()
    response = graph("Conv", "dr", graph.constant(blob_filter(25, 3.5, 8.0, 2)), pads=[12] * 4)
    lungs = np.zeros((1, 1, *phantoms.DR_SHAPE), np.float32)
    lungs[..., 30:98, 26:46] = lungs[..., 30:98, 82:102] = 1
    strongest = graph("ReduceMax", graph("Mul", response, graph.constant(lungs)), axes=[1, 2, 3], keepdims=0)
    score = graph("Sigmoid", graph("Mul", graph("Sub", strongest, graph.constant(0.022)), graph.constant(120.0)))
    model = graph.model("opacity", {"dr": (TensorProto.FLOAT, [1, 1, *phantoms.DR_SHAPE])}, {"score": (score, [1])})
    write_onnx_submission(
        out, model, task="chest-dr", task_version=1, sockets={"dr": "dr"},
        pre=[{"op": "rescale/1", "socket": "dr", "low": 0, "high": 4095}, {"op": "batch/1", "socket": "dr"}],
        post=[{"op": "score/1", "tensor": "score"}], operating_points={"declared": 0.5})
