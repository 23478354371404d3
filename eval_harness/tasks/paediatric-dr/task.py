"""Chest radiographs of children: four age bands that are never pooled; the smallest have the smallest lungs."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, blob_filter
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

BANDS = ("<1", "1-5", "6-12", "13-17")


def synthetic(seed: int, n: int) -> Iterator:
    """Equal numbers of each band, half of each abnormal."""
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        label, band = (number // 4) % 2, BANDS[number % 4]
        image = phantoms.chest_dr(rng, label, (3.0 + number % 4, 6.0 + number % 4))
        key = phantoms.case_key(number, rng, age_band=band)
        yield ([image_input("dr", image, spacing_mm=[1.4 + 0.4 * (number % 4)] * 2)], key,
               Truth(key.case_id, {"label": label}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    graph = Graph()
    response = graph("Conv", "dr", graph.constant(blob_filter(21, 3.0, 7.0, 2)), pads=[10] * 4)
    lungs = np.zeros((1, 1, 128, 128), np.float32)
    lungs[..., 32:96, 26:46] = lungs[..., 32:96, 82:102] = 1
    strongest = graph("ReduceMax", graph("Mul", response, graph.constant(lungs)), axes=[1, 2, 3], keepdims=0)
    score = graph("Sigmoid", graph("Mul", graph("Sub", strongest, graph.constant(0.03)), graph.constant(120.0)))
    model = graph.model("opacity", {"dr": (TensorProto.FLOAT, [1, 1, 128, 128])}, {"score": (score, [1])})
    write_onnx_submission(
        out, model, task="paediatric-dr", task_version=1, sockets={"dr": "dr"},
        pre=[{"op": "rescale/1", "socket": "dr", "low": 0, "high": 4095}, {"op": "batch/1", "socket": "dr"}],
        post=[{"op": "score/1", "tensor": "score"}], operating_points={"declared": 0.5})
