"""Viral pneumonia on chest CT: several soft, peripheral opacities against vessels alone; the model measures hazy lung."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input


def synthetic(seed: int, n: int) -> Iterator:
    z, y, x = np.meshgrid(*[np.arange(float(size)) for size in phantoms.CT_SHAPE], indexing="ij")
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        label = number % 2
        volume = phantoms.chest_ct(rng, int(rng.integers(0, 2)))[0].astype(np.float64)
        for _ in range(int(rng.integers(1, 4)) * label + int(rng.random() < 0.4)):
            at, size = (rng.uniform(2, 13), rng.uniform(8, 55), rng.uniform(8, 55)), rng.uniform(3.0, 6.5)
            haze = np.exp(-(((z - at[0]) * 1.2) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2) / (2 * size**2))
            volume = np.maximum(volume, volume + rng.uniform(60, 320) * haze * (volume < -500))
        key = phantoms.case_key(number, rng)
        yield ([image_input("ct", np.asarray(np.clip(volume, -1024, 3071), np.int16), spacing_mm=phantoms.CT_SPACING_MM)], key,
               Truth(key.case_id, {"label": label}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    graph = Graph()
    smooth = graph("AveragePool", "ct", kernel_shape=[3, 5, 5], strides=[1, 2, 2])
    hazy = graph("Sigmoid", graph("Mul", graph("Sub", smooth, graph.constant(0.17)), graph.constant(80.0)))
    share = graph("ReduceMean", hazy, axes=[1, 2, 3, 4], keepdims=0)
    score = graph("Sigmoid", graph("Mul", graph("Sub", share, graph.constant(0.024)), graph.constant(100.0)))
    model = graph.model("haze", {"ct": (TensorProto.FLOAT, [1, 1, "d", "h", "w"])}, {"score": (score, [1])})
    write_onnx_submission(
        out, model, task="viral-pneumonia-ct", task_version=1, sockets={"ct": "ct"},
        pre=[{"op": "rescale/1", "socket": "ct", "low": -1000, "high": 400}, {"op": "batch/1", "socket": "ct"}],
        post=[{"op": "score/1", "tensor": "score"}], operating_points={"declared": 0.5})
