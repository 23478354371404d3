"""Rib fractures: bright arcs with gaps; the reference model answers with balls around dark gaps in bright bone."""
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.inference.post import runs_of
from eval_harness.scoring.measures_outlines import unpacked
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, gaussian, peaks
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

SHAPE, SPACING_MM, RADIUS_MM, IOU = (16, 64, 64), (3.0, 3.0, 3.0), 6.0, 0.2
CLASSES = ("displaced", "undisplaced", "buckle", "segmental")


def synthetic(seed: int, n: int) -> Iterator:
    grid = np.stack(np.meshgrid(*[np.arange(size) * 1.0 for size in SHAPE], indexing="ij"), axis=-1)
    ring = np.sqrt((grid[..., 1] - 31.5) ** 2 + (grid[..., 2] - 31.5) ** 2)
    for number in range(n):
        rng = np.random.default_rng((seed, number))
        levels = (3, 8, 13)
        bone = np.zeros(SHAPE, bool)
        for level in levels:
            bone |= ((grid[..., 0] - level) ** 2 + (ring - 24) ** 2) < 5
        volume = np.where(ring < 30, 40.0, -1000.0)
        volume[bone] = 600
        instances = []
        for place in rng.permutation(9)[:number % 4]:
            angle, level = (place % 3) * 2.1 + rng.uniform(0, 1.2), levels[place // 3]
            centre = np.array([level, 31.5 + 24 * np.sin(angle), 31.5 + 24 * np.cos(angle)])
            gap = ((grid - centre) ** 2).sum(axis=-1) < 5.0
            volume[gap & bone] = 60
            instances.append({"runs": runs_of(gap), "class": CLASSES[int(rng.integers(4))]})
        volume += rng.integers(-60, 61, SHAPE)
        key = phantoms.case_key(number, rng)
        yield ([image_input("ct", np.asarray(np.round(volume), np.int16), spacing_mm=SPACING_MM)], key,
               Truth(key.case_id, {"shape": list(SHAPE), "instances": instances}, source="made by the practice generator"))


def measure(truth: Truth, output: Any, pack: Any) -> Any:
    """Lesions with their best hitting confidence (IoU over 0.2, pair convention), and the confidences of what hit nothing."""
    if truth.state == "absent":
        return None
    cap, held = int(pack["measure"]["params"]["cap"]), truth.value["instances"]
    reference = [unpacked({"shape": truth.value["shape"], "runs": one["runs"]}) for one in held]
    lesions = [{"score": None, "size_mm": float(2 * (3 * one.sum() * 27.0 / (4 * np.pi)) ** (1 / 3)), "type": row["class"]}
               for one, row in zip(reference, held, strict=True)]
    if output is None or output["shape"] != truth.value["shape"] or len(output["instances"]) > cap:
        return {"lesions": lesions, "false": [], "aside": [], "false_above": cap}
    false = []
    for one in sorted(output["instances"], key=lambda row: -row["score"]):
        found = unpacked({"shape": output["shape"], "runs": one["runs"]})
        shares = [0.0 if found is None else float((found & mask).sum() / max((found | mask).sum(), 1)) for mask in reference]
        best = int(np.argmax(shares)) if shares else -1
        if best < 0 or shares[best] <= IOU:
            false.append(float(one["score"]))
        elif lesions[best]["score"] is None:
            lesions[best]["score"] = float(one["score"])
    return {"lesions": lesions, "false": false, "aside": [], "false_above": 0}


def reference_model(out: Path) -> None:
    """No bone here, but bone on both sides along some direction in the plane: a gap, and not the surface of a rib."""
    graph = Graph()
    bright = graph("Mul", graph("Sub", "ct", graph.constant(0.58)), graph.constant(6.0))
    bone = graph("Clip", bright, graph.constant(0.0), graph.constant(1.0))
    ahead, behind = np.zeros((4, 1, 1, 11, 11), np.float32), np.zeros((4, 1, 1, 11, 11), np.float32)
    for place, (dy, dx) in enumerate(((0, 5), (4, 4), (5, 0), (4, -4))):
        ahead[place, 0, 0, 5 + dy, 5 + dx] = behind[place, 0, 0, 5 - dy, 5 - dx] = 1
    sides = [graph("Conv", bone, graph.constant(kernel), pads=[0, 5, 5] * 2) for kernel in (ahead, behind)]
    both = graph("ReduceMax", graph("Min", *sides), axes=[1], keepdims=1)
    here = graph("Conv", bone, graph.constant(gaussian(3, 0.8, 3)[None, None]), pads=[1] * 6)
    score = graph("Mul", both, graph("Sub", graph.constant(1.0), here))
    steady = graph("Conv", score, graph.constant(gaussian(5, 1.2, 3)[None, None]), pads=[2] * 6)
    model = graph.model("fractures", {"ct": (TensorProto.FLOAT, [1, 1, "d", "h", "w"])}, {"rows": (peaks(graph, steady, 10), [10, 4])})
    write_onnx_submission(
        out, model, task="rib-fracture-ct", task_version=1, sockets={"ct": "ct"},
        pre=[{"op": "rescale/1", "socket": "ct", "low": -1000, "high": 1000}, {"op": "batch/1", "socket": "ct"}],
        post=[{"op": "spheres/1", "tensor": "rows", "socket": "ct", "radius_mm": RADIUS_MM, "minimum": 0.05}])
