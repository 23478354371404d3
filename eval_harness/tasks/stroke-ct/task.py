"""Haemorrhage and infarct on head CT, as two labels; the reference model looks for bright and for dark brain."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, gaussian
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input


def synthetic(seed: int, n: int) -> Iterator:
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        bleeds, infarct = int(rng.integers(1, 3)) if rng.random() < 0.45 else 0, bool(rng.random() < 0.4)
        volume, blood = phantoms.head_ct(rng, bleeds, infarct, rng.uniform(34.5, 44), rng.uniform(20, 31))
        key = phantoms.case_key(number, rng)
        labels = {"haemorrhage": int(blood.any()), "infarct": None if bleeds and infarct and rng.random() < 0.3 else int(infarct)}
        yield ([image_input("ct", volume, spacing_mm=(4.0, 4.0, 4.0))], key,
               Truth(key.case_id, {"labels": labels}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    graph = Graph()
    brain = graph("Cast", graph("And", graph("Greater", "ct", graph.constant(0.1)), graph("Less", "ct", graph.constant(0.95))),
                  to=TensorProto.FLOAT)
    smooth = graph("Conv", graph("Mul", "ct", brain), graph.constant(gaussian(5, 1.2, 3)[None, None]), pads=[2] * 6)
    around = graph("Conv", brain, graph.constant(np.full((1, 1, 3, 7, 7), 1 / 147.0)), pads=[1, 3, 3] * 2)
    inner = graph("Greater", around, graph.constant(0.97))
    bright = graph("ReduceMax", graph("Where", inner, smooth, graph.constant(0.0)), axes=[1, 2, 3, 4], keepdims=0)
    dark = graph("ReduceMin", graph("Where", inner, smooth, graph.constant(1.0)), axes=[1, 2, 3, 4], keepdims=0)
    both = graph("Concat", graph("Sub", bright, graph.constant(0.46)), graph("Sub", graph.constant(0.3), dark), axis=0)
    model = graph.model("stroke", {"ct": (TensorProto.FLOAT, [1, 1, "d", "h", "w"])},
                        {"logits": (graph("Mul", both, graph.constant(40.0)), [2])})
    write_onnx_submission(
        out, model, task="stroke-ct", task_version=1, sockets={"ct": "ct"},
        pre=[{"op": "rescale/1", "socket": "ct", "low": 0, "high": 90}, {"op": "batch/1", "socket": "ct"}],
        post=[{"op": "labels/1", "tensor": "logits", "names": ["haemorrhage", "infarct"], "activation": "sigmoid"}])
