"""Run one ONNX graph. The only module that imports onnxruntime; one thread, fixed seed, no custom operators, no optimised
file written, so that equal bytes in give equal bytes out."""
from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from eval_harness.inference import post, pre


class Engine:
    """A loaded graph with its manifest's steps."""

    def __init__(self, model: bytes, manifest: Mapping[str, Any]) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"   # from 1.31 on its wheel reports to its makers from the moment it is imported
        import onnxruntime


        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.enable_mem_pattern = options.enable_cpu_mem_arena = False
        options.use_deterministic_compute = True
        options.log_severity_level = 4
        onnxruntime.set_seed(int(manifest.get("seed") or 0))
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.outputs = [held.name for held in self.session.get_outputs()]
        self.sockets: Sequence[Mapping[str, Any]] = manifest["sockets"]
        self.pre: Sequence[Mapping[str, Any]] = manifest.get("pre", ())
        self.post: Sequence[Mapping[str, Any]] = manifest.get("post", ())

    def answer(self, case: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
        """output.json of one case. case: case.json as an object; files: raw bytes by socket name."""
        feeds, meta = {}, {}
        for socket in self.sockets:
            name = str(socket["name"])
            held = case["sockets"][name]
            meta[name] = dict(held.get("meta", {}))   # steps put new values in, and change none in place
            array = read_input(files[name], str(held["media_type"]))
            for step in self.pre:
                if step.get("socket", name) == name:
                    array = pre.STEPS[step["op"]].run(array, meta[name], step)
            feeds[str(socket["tensor"])] = array
        tensors = dict(zip(self.outputs, self.session.run(self.outputs, feeds), strict=True))
        made = post.Made(tensors, meta)
        out: dict[str, Any] = {}
        for step in self.post:
            out |= post.STEPS[step["op"]].run(made, step)
        return json.dumps(out, allow_nan=True).encode()


def read_input(data: bytes, media_type: str) -> Any:
    """The array of an input file (read only): .npy as written, text as its UTF-8 bytes."""
    if media_type != "application/x-npy":
        return np.frombuffer(data, np.uint8)
    start = 10 + int.from_bytes(data[8:10], "little") if data[6:7] == b"\x01" else 12 + int.from_bytes(data[8:12], "little")
    shape, by_column, dtype = _npy_header(data[:start])
    values = np.frombuffer(data, dtype, math.prod(shape), start)
    return values.reshape(shape[::-1]).T if by_column else values.reshape(shape)


@lru_cache(maxsize=256)
def _npy_header(head: bytes) -> tuple[tuple[int, ...], bool, Any]:
    """Shape, column order and type; kept, because the cases of a set share a few headers. Raises ValueError for objects."""
    source = io.BytesIO(head)
    version = np.lib.format.read_magic(source)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, by_column, dtype = read(source)
    if dtype.hasobject:
        raise ValueError("objects are not read")
    return shape, by_column, dtype


def warm_up() -> None:
    """Run every step once on a tiny image, so that nothing has to be imported later."""
    image = np.arange(16, dtype=np.int16).reshape(4, 4)
    held = io.BytesIO()
    np.lib.format.write_array(held, image, allow_pickle=False)
    array = read_input(held.getvalue(), "application/x-npy")
    params = {"low": 0, "high": 1, "mean": 0, "std": 1, "low_percent": 2, "high_percent": 98, "dtype": "float32", "shape": [4, 4],
              "spacing_mm": [1.0, 1.0], "length": 4, "tensor": "t", "names": ["a", "b"], "socket": "s", "activation": "sigmoid",
              "radius_mm": 1.0}
    for step in pre.STEPS.values():
        step.run(array, {"spacing_mm": [1.0, 1.0], "origin_mm": [0.0, 0.0]}, params)
    sizes = {"score/1": (1,), "labels/1": (2,), "marks/1": (1, 4), "boxes/1": (1, 6), "mask/1": (4, 4), "spheres/1": (1, 4),
             "tags/1": (4, 2)}
    meta = {"s": {"spacing_mm": [1.0] * 3, "origin_mm": [0.0] * 3, "shape": [2, 2, 2], "characters": 4}}
    for name, post_step in post.STEPS.items():
        post_step.run(post.Made({"t": np.full(sizes[name], 0.5)}, meta), params)
