"""Three findings on one radiograph: a focal opacity, a bright base, a wide heart; some labels are uncertain."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, blob_filter
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

LABELS = ("nodule", "effusion", "cardiomegaly")


def synthetic(seed: int, n: int) -> Iterator:
    y, x = np.mgrid[0:128, 0:128].astype(np.float64)
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        labels = {name: int(rng.random() < 0.4) for name in LABELS}
        image = phantoms.chest_dr(rng, labels["nodule"], (3.0, 5.0)).astype(np.float64)
        side = 1 if rng.random() < 0.5 else -1
        base = 900 / (1 + np.exp(-(y - rng.uniform(88, 96)) / 3)) * np.exp(-((x - 64 - side * 28) / 16) ** 2)
        width = rng.uniform(20, 25) if labels["cardiomegaly"] else rng.uniform(12, 17)
        heart = 900 * np.exp(-(((x - 70) / width) ** 2 + ((y - 82) / 22) ** 2) ** 2)
        image += base * labels["effusion"] + heart
        known = {name: None if rng.random() < 0.06 else value for name, value in labels.items()}
        key = phantoms.case_key(number, rng)
        yield ([image_input("dr", np.asarray(np.clip(image, 0, 4095), np.uint16), spacing_mm=phantoms.DR_SPACING_MM)], key,
               Truth(key.case_id, {"labels": known}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    """A blob filter in the upper fields, the mean of the two bases, the mean beside the heart."""
    graph = Graph()
    small = graph("Conv", "dr", graph.constant(blob_filter(17, 2.5, 6.0, 2)), pads=[8] * 4)
    upper, bases, beside = (np.zeros((1, 1, 128, 128), np.float32) for _ in range(3))
    upper[..., 30:70, 24:48] = upper[..., 30:70, 80:104] = 1
    bases[..., 98:108, 22:48] = bases[..., 98:108, 86:112] = 1 / 520
    beside[..., 70:94, 88:96] = 1 / 192
    rows = [graph("ReduceMax", graph("Mul", small, graph.constant(upper)), axes=[1, 2, 3], keepdims=0)]
    rows += [graph("ReduceSum", graph("Mul", "dr", graph.constant(mask)), keepdims=0) for mask in (bases, beside)]
    flat = [graph("Reshape", row, graph.constant([1], np.int64)) for row in rows]
    model = graph.model("findings", {"dr": (TensorProto.FLOAT, [1, 1, 128, 128])}, {"logits": (graph(
        "Mul", graph("Sub", graph("Concat", *flat, axis=0), graph.constant([0.03, 0.58, 0.5])), graph.constant([90.0, 30.0, 30.0])), [3])})
    write_onnx_submission(
        out, model, task="chest-dr-multilabel", task_version=1, sockets={"dr": "dr"},
        pre=[{"op": "rescale/1", "socket": "dr", "low": 0, "high": 4095}, {"op": "batch/1", "socket": "dr"}],
        post=[{"op": "labels/1", "tensor": "logits", "names": list(LABELS), "activation": "sigmoid"}])
