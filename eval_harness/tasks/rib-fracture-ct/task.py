"""Rib fractures: bright arcs with gaps; the reference model answers with balls around dark gaps in bright bone."""
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import Truth
from eval_harness.inference.post import runs_of
from eval_harness.tasks import phantoms
from eval_harness.tasks.graphs import Graph, gaussian, peaks
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset.volume import image_input

SHAPE, SPACING_MM, RADIUS_MM = (16, 64, 64), (3.0, 3.0, 3.0), 6.6
CLASSES = {"displaced": 60.0, "undisplaced": 240.0, "buckle": 420.0, "segmental": 120.0}
"""HU in the gap: what is hardly broken is hardly seen."""


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
            kind = str(rng.choice(list(CLASSES)))
            volume[gap & bone] = CLASSES[kind]
            instances.append({"runs": runs_of(gap), "class": kind})
        volume += rng.integers(-60, 61, SHAPE)
        key = phantoms.case_key(number, rng)
        yield ([image_input("ct", np.asarray(np.round(volume), np.int16), spacing_mm=SPACING_MM)], key,
               Truth(key.case_id, {"shape": list(SHAPE), "instances": instances}, grid={"spacing_mm": list(SPACING_MM)},
                     source="made by the practice generator"))


def reference_model(out: Path) -> None:
    """Bone on both sides along some direction in the plane, and none here: a gap in a rib, and not its surface."""
    graph = Graph()
    bright = graph("Mul", graph("Sub", "ct", graph.constant(0.58)), graph.constant(6.0))
    bone = graph("Clip", bright, graph.constant(0.0), graph.constant(1.0))
    smooth = graph("Conv", bone, graph.constant(gaussian(5, 1.0, 3)[None, None]), pads=[2] * 6)
    ahead = np.zeros((8, 1, 1, 15, 15), np.float32)
    for place, angle in enumerate(np.arange(8) * np.pi / 8):
        for reach in (4, 5, 6):
            ahead[place, 0, 0, 7 + round(reach * np.sin(angle)), 7 + round(reach * np.cos(angle))] = 1 / 3
    sides = [graph("Conv", smooth, graph.constant(kernel), pads=[0, 7, 7] * 2) for kernel in (ahead, ahead[..., ::-1, ::-1])]
    both = graph("ReduceMax", graph("Min", *sides), axes=[1], keepdims=1)
    score = graph("Clip", graph("Sub", both, smooth), graph.constant(0.0), graph.constant(1.0))
    model = graph.model("fractures", {"ct": (TensorProto.FLOAT, [1, 1, "d", "h", "w"])}, {"rows": (peaks(graph, score, 10), [10, 4])})
    write_onnx_submission(
        out, model, task="rib-fracture-ct", task_version=1, sockets={"ct": "ct"},
        pre=[{"op": "rescale/1", "socket": "ct", "low": -1000, "high": 1000}, {"op": "batch/1", "socket": "ct"}],
        post=[{"op": "spheres/1", "tensor": "rows", "socket": "ct", "radius_mm": RADIUS_MM, "minimum": 0.1}],
        operating_points={"declared": 0.3})
