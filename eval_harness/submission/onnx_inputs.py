"""Whether the inputs that an ONNX graph declares are what the manifest's pre steps make of the task's inputs: type, number of axes, sizes
that both sides know. What a size is for a case alone is found when the case is run."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval_harness.base import Issue, eval_messages
from eval_harness.submission.manifest import Manifest
from eval_harness.submission.names import printable
from eval_harness.tasks.spec import SocketSpec

OPSET_CAP, IR_CAP = 26, 13
"""What the runner's ONNX Runtime (1.31) loads; a test asks it."""
AXES = {"image": 2, "volume": 3, "frames": 3, "vector": 1, "text": 1}
FLOATS = ("rescale/1", "standardise/1", "own_range/1", "resize/1", "resample/1")
"""Steps after which an array holds float32."""
Sizes = list[int | None]
"""None: differs from case to case, or the graph takes any."""


def inspect_inputs(model: Any, manifest: Manifest, sockets: Mapping[str, SocketSpec], where: str) -> list[Issue]:
    """SUB-046 for another type, SUB-047 for another shape, SUB-048 for a graph that is newer than the runner."""
    opset = max((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), default=0)
    for what, found, known in (("opset", opset, OPSET_CAP), ("IR version", model.ir_version, IR_CAP)):
        if found > known:
            return [eval_messages().issue("SUB-048", where, what=what, found=found, known=known)]
    declared = {held.name: held for held in model.graph.input}
    found_: list[Issue] = []
    for use in manifest.sockets:
        if use.name in sockets and use.tensor in declared:
            steps = [step for step in manifest.pre if step.get("socket", use.name) == use.name]
            found_ += _input(declared[use.tensor], sockets[use.name], steps, where)
    return found_


def _input(held: Any, spec: SocketSpec, steps: list[dict[str, Any]], where: str) -> list[Issue]:
    import onnx

    kind = held.type.tensor_type
    made_type, made = _made(spec, steps)
    tensor = printable(held.name)
    if made is None:
        return [eval_messages().issue("SUB-047", where, tensor=tensor, found="–", known=_shown(_declared(kind)))]
    if kind.elem_type:
        wanted = str(onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type))
        if made_type is not None and wanted != made_type:
            return [eval_messages().issue("SUB-046", where, tensor=tensor, found=made_type, known=wanted)]
    if not kind.HasField("shape"):
        return []
    wanted_sizes = _declared(kind)
    fits = len(wanted_sizes) == len(made) and all(None in pair or pair[0] == pair[1] for pair in zip(wanted_sizes, made, strict=True))
    return [] if fits else [eval_messages().issue("SUB-047", where, tensor=tensor, found=_shown(made), known=_shown(wanted_sizes))]


def _made(spec: SocketSpec, steps: list[dict[str, Any]]) -> tuple[str | None, Sizes | None]:
    """Type and sizes after the steps; sizes None where a step does not fit the number of axes."""
    dtype: str | None = spec.dtype or ("uint8" if spec.kind == "text" else None)
    sizes: Sizes = [None] * AXES[spec.kind]
    for step in steps:
        name = step["op"]
        if name in FLOATS:
            dtype = "float32"
        if name in ("resize/1", "resample/1"):
            given = step["shape" if name == "resize/1" else "spacing_mm"]
            if len(given) != len(sizes):
                return dtype, None
            sizes = list(given) if name == "resize/1" else [None] * len(sizes)
        elif name == "cast/1":
            dtype = str(step["dtype"])
        elif name in ("bytes/1", "characters/1"):
            dtype, sizes = "int64", [int(step["length"])]
        elif name in ("batch/1", "row/1"):
            sizes = [1, *([1] if name == "batch/1" else []), *sizes]
    return dtype, sizes


def _declared(kind: Any) -> Sizes:
    return [int(one.dim_value) if one.HasField("dim_value") and one.dim_value > 0 else None for one in kind.shape.dim]


def _shown(sizes: Sizes) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in sizes) + "]"
