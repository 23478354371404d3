"""A task that nothing in the package resembles: coins on a table, an answer in pixels of bright area, a measure of its own."""
import io
import json
from pathlib import Path

import numpy as np
from onnx import TensorProto

from eval_harness.base import CaseKey, Truth, sha256
from eval_harness.tasks.graphs import Graph
from eval_harness.testset.volume import image_input


def synthetic(seed, n):
    y, x = np.mgrid[0:40, 0:40]
    for number in range(n):
        rng = np.random.default_rng((seed, number, 77))
        cloth = ("plain", "check")[number % 2]
        picture = 40.0 + 12 * (cloth == "check") * ((x // 5 + y // 5) % 2)
        coins = int(rng.integers(0, 8))
        for _ in range(coins):
            picture = np.where((x - rng.uniform(4, 36)) ** 2 + (y - rng.uniform(4, 36)) ** 2 < 12, 200.0, picture)
        picture = np.clip(picture + rng.integers(-15, 16, picture.shape), 0, 255).astype(np.uint8)
        key = CaseKey("", f"table-{number}", f"player-{number // 2}", f"round-{number}", "pub", {"cloth": cloth})
        yield [image_input("table", picture, spacing_mm=(1.0, 1.0))], key, Truth(key.case_id, {"coins": coins}, source="thrown")


def measure(truth, output, spec):
    """The bright area is the score, and more than three coins is the truth: neither has the shape of a shipped task."""
    return {"score": None if output is None else output["score"], "truth": int(truth.value["coins"] > 3)}


def variant(op, params, data, meta, seed):
    if op != "dim/1":
        raise KeyError(op)
    held = io.BytesIO()
    values = np.load(io.BytesIO(data)).astype(np.int16) - int(params["by"])
    np.lib.format.write_array(held, np.clip(values, 0, 255).astype(np.uint8), version=(1, 0))
    return held.getvalue()


def reference_model(out: Path):
    graph = Graph()
    bright = graph("Cast", graph("Greater", "picture", graph.constant(0.5)), to=TensorProto.FLOAT)
    area = graph("ReduceSum", bright, keepdims=0)
    model = graph.model("coins", {"picture": (TensorProto.FLOAT, [1, 1, 40, 40])}, {"area": (area, [])})
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(model)
    (out / "manifest.json").write_text(json.dumps({
        "schema": "touchstone.submission/1", "kind": "onnx", "lifecycle": "serve", "protocol": "files",
        "task": {"id": "coin-count", "version": 1},
        "device": {"vendor": "pub", "family": "counter", "version": "1"},
        "files": [{"path": "model.onnx", "sha256": sha256(model), "bytes": len(model)}],
        "sockets": [{"name": "table", "tensor": "picture"}],
        "pre": [{"op": "rescale/1", "socket": "table", "low": 0, "high": 255}, {"op": "batch/1", "socket": "table"}],
        "post": [{"op": "score/1", "tensor": "area"}], "licence": "Apache-2.0", "contact": ""}))
