"""Class of a given rib fracture in a patch along the rib: shifted ends, a thin gap, a bulge, two gaps. The model weighs four places."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

SIDE, SPACING_MM, CLASSES = 24, (1.5, 1.5, 1.5), ("displaced", "undisplaced", "buckle", "segmental")
Z, Y, X = np.meshgrid(*[np.arange(SIDE) - (SIDE - 1) / 2] * 3, indexing="ij")


def synthetic(seed: int, n: int) -> Iterator:
    """A fifth of the patches has a class that the readers left open."""
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        kind = CLASSES[int(rng.integers(4))]
        x, radius, gap = X - rng.normal(0, 1.2), rng.uniform(3.2, 4.4), rng.uniform(0.6, 1.8)
        y, z = Y - rng.normal(0, 0.8) - 0.1 * rng.normal() * X, Z - rng.normal(0, 0.8)
        y = y - (rng.uniform(1.0, 4.0) * (x > 0) if kind == "displaced" else 0)
        radius = radius + (rng.uniform(0.8, 2.5) * np.exp(-(x / 3) ** 2) if kind == "buckle" else 0)
        bone = np.sqrt(y**2 + z**2) < radius
        for place in {"displaced": (0,), "undisplaced": (0,), "segmental": (-5, 5)}.get(kind, ()):
            bone &= np.abs(x - place) > gap
        patch = np.where(bone, 600.0, 40.0) + rng.integers(-150, 151, bone.shape)
        labels = {name: None if rng.random() < 0.05 else int(name == kind) for name in CLASSES}
        key = phantoms.case_key(number, rng)
        yield ([image_input("ct", np.asarray(np.round(patch), np.int16), spacing_mm=SPACING_MM)], key,
               Truth(key.case_id, {"labels": labels}, source="made by the practice generator"))


def reference_model(out: Path) -> None:
    """Bone in four places: the middle of the core, the core a fifth from it, the ring around the middle, beside the right half."""
    round_axis = np.sqrt(Y**2 + Z**2)
    places = [(round_axis < 3) & (np.abs(X) < 1.5), (round_axis < 3) & (np.abs(np.abs(X) - 5) < 1.5),
              (round_axis > 4.8) & (round_axis < 7) & (np.abs(X) < 3), (round_axis > 4.8) & (round_axis < 8) & (X > 4)]
    weights = np.stack([place.reshape(-1) / place.sum() for place in places], axis=1).astype(np.float32)
    graph = Graph()
    bone = graph("Sigmoid", graph("Mul", graph("Sub", "ct", graph.constant(0.66)), graph.constant(30.0)))
    found = graph("MatMul", graph("Reshape", bone, graph.constant([1, SIDE**3], np.int64)), graph.constant(weights))
    mixed = graph("MatMul", found, graph.constant(np.array(
        [[-2, -8, 4, 6], [0, 6, 2, -14], [0, -6, 20, -6], [40, -20, -20, -10]], np.float32)))
    logits = graph("Add", mixed, graph.constant([[-1.5, 0.0, -5.0, 4.0]]))
    model = graph.model("class", {"ct": (TensorProto.FLOAT, [1, 1, SIDE, SIDE, SIDE])}, {"logits": (logits, [1, 4])})
    write_onnx_submission(
        out, model, task="rib-fracture-class", task_version=1, sockets={"ct": "ct"},
        pre=[{"op": "rescale/1", "socket": "ct", "low": -1000, "high": 1000}, {"op": "batch/1", "socket": "ct"}],
        post=[{"op": "labels/1", "tensor": "logits", "names": list(CLASSES), "activation": "sigmoid"}])
