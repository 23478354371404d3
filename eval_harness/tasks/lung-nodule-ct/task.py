"""Lung nodule detection: practice scans and a difference-of-Gaussians reference model."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, blob_filter, peaks
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

MARKS = 16


def synthetic(seed: int, n: int) -> Iterator:
    """Scans with 0 to 3 nodules; one scan a person."""
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        volume, balls = phantoms.chest_ct(rng, number % 4)
        origin = (-200.0 + number, -80.0, -80.0)
        ct = image_input("ct", volume, spacing_mm=phantoms.CT_SPACING_MM, origin_mm=origin)
        spacing = phantoms.CT_SPACING_MM
        nodules = [{axis: round(origin[i] + ball.centre[i] * spacing[i], 3) for i, axis in enumerate("zyx")}
                   | {"diameter_mm": ball.diameter_mm} for ball in balls]
        key = phantoms.case_key(number, rng, slice_thickness="3.0 mm")
        yield [ct], key, Truth(key.case_id, {"nodules": nodules}, source="made by the practice generator")


def reference_model(out: Path) -> None:
    graph = Graph()
    response = graph("Conv", "ct", graph.constant(blob_filter(9, 1.3, 3.0, 3)), pads=[4] * 6)
    score = graph("Sigmoid", graph("Mul", graph("Add", response, graph.constant(-0.12)), graph.constant(25.0)))
    model = graph.model("nodules", {"ct": (TensorProto.FLOAT, [1, 1, "depth", "height", "width"])},
                        {"marks": (peaks(graph, score, MARKS), [MARKS, 4])})
    write_onnx_submission(
        out, model, task="lung-nodule-ct", task_version=1, sockets={"ct": "ct"},
        pre=[{"op": "rescale/1", "socket": "ct", "low": -1000, "high": 400}, {"op": "batch/1", "socket": "ct"}],
        post=[{"op": "marks/1", "tensor": "marks", "socket": "ct", "minimum": 0.05}], operating_points={"declared": 0.5})
