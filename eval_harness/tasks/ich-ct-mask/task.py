"""Outline of a haemorrhage on head CT; the reference model smooths and thresholds inside the skull."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.inference.post import runs_of
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, gaussian
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

SPACING_MM = (4.0, 4.0, 4.0)


def synthetic(seed: int, n: int) -> Iterator:
    """Every fifth scan has no haemorrhage: an empty reference."""
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        volume, blood = phantoms.head_ct(rng, 0 if number % 5 == 4 else int(rng.integers(1, 4)))
        key = phantoms.case_key(number, rng)
        value = {"mask": {"shape": list(blood.shape), "runs": runs_of(blood)}}
        yield ([image_input("ct", volume, spacing_mm=SPACING_MM)], key,
               Truth(key.case_id, value, grid={"spacing_mm": list(SPACING_MM)}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    graph = Graph()
    brain = graph("Cast", graph("Less", "ct", graph.constant(0.95)), to=TensorProto.FLOAT)
    smooth = graph("Conv", graph("Mul", "ct", brain), graph.constant(gaussian(3, 0.7, 3)[None, None]), pads=[1] * 6)
    model = graph.model("haemorrhage", {"ct": (TensorProto.FLOAT, [1, 1, "d", "h", "w"])}, {"mask": (smooth, [1, 1, "d", "h", "w"])})
    write_onnx_submission(
        out, model, task="ich-ct-mask", task_version=1, sockets={"ct": "ct"},
        pre=[{"op": "rescale/1", "socket": "ct", "low": 0, "high": 100}, {"op": "batch/1", "socket": "ct"}],
        post=[{"op": "mask/1", "tensor": "mask", "threshold": 0.52}])
