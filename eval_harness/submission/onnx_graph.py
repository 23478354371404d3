"""Look at an ONNX file without running it: operators, sizes, references to other files."""
from __future__ import annotations

import graphlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from eval_harness.base import Issue, eval_messages
from eval_harness.base.issue import Words
from eval_harness.submission.manifest import Manifest
from eval_harness.submission.names import printable
from eval_harness.submission.onnx_inputs import inspect_inputs
from eval_harness.submission.onnx_walk import circle, elements, expanded, named, tensors
from eval_harness.submission.wire import ENTRIES_CAP, Overgrown, check_size
from eval_harness.tasks.spec import SocketSpec

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
BYTES_CAP, NODES_CAP, DEPTH_CAP, CONSTANT_ELEMENTS_CAP = 2 * 1024**3 - 1, 200_000, 8, 512 * 1024**2
LFS_POINTER = b"version https://git-lfs"
NUMBERS = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13})
"""Element types that our steps read and write: numbers and booleans (0: the graph leaves it to the runtime)."""


def inspect_graph(path: Path, manifest: Manifest, sockets: Mapping[str, SocketSpec]) -> list[Issue]:
    """Everything wrong with the graph, empty when it may be handed to the runner."""
    issue = eval_messages().issue
    if path.stat().st_size > BYTES_CAP:
        return [issue("SUB-030", path.name, found=path.stat().st_size, cap=BYTES_CAP)]
    import onnx

    model = onnx.ModelProto()
    try:
        check_size(path, model.DESCRIPTOR)
        model.ParseFromString(path.read_bytes())
    except Overgrown:
        return [issue("SUB-037", path.name, cap=ENTRIES_CAP)]
    except Exception:  # noqa: BLE001 - protobuf raises kinds of its own for hostile bytes
        return [issue("SUB-031", path.name, reason=_no_graph(path))]
    if not model.HasField("graph") or not model.graph.node:
        return [issue("SUB-031", path.name, reason="no graph")]
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data for tensor in tensors(model)):
        return [issue("SUB-032", path.name)]
    return (_operators(model, path.name) or _shape(model, path.name) or _names(model, manifest, path.name)
            or inspect_inputs(model, manifest, sockets, path.name))


def _no_graph(path: Path) -> Words:
    with path.open("rb") as held:
        head = held.read(len(LFS_POINTER))
    if head == LFS_POINTER:
        return Words("这是 Git LFS 的指针，不是文件本身", "it is a pointer of Git LFS, not the file itself")
    return Words("文件是空的", "it is empty") if not head else Words("读不出来", "it cannot be read")


def _operators(model: Any, where: str) -> list[Issue]:
    """Operators that are neither standard nor one of the model's own functions."""
    own = {(function.domain, function.name) for function in model.functions}
    foreign = sorted({f"{node.domain}::{node.op_type}" for node, _ in named(model, "NodeProto")
                      if node.domain not in DOMAINS and (node.domain, node.op_type) not in own})
    told = ", ".join(printable(name) for name in foreign[:5])
    return [eval_messages().issue("SUB-033", where, operators=told, count=len(foreign))] if foreign else []


def _shape(model: Any, where: str) -> list[Issue]:
    """How large, how deep, and whether it has an end."""
    issue, found = eval_messages().issue, []
    try:
        count = expanded(model)
    except graphlib.CycleError as error:
        return [issue("SUB-038", where, function=printable("::".join(error.args[1][0])))]
    deepest = max(depth for _, depth in named(model, "NodeProto"))
    if count > NODES_CAP or deepest > DEPTH_CAP:
        found.append(issue("SUB-034", where, nodes=count, depth=deepest, nodes_cap=NODES_CAP, depth_cap=DEPTH_CAP))
    if any(size > CONSTANT_ELEMENTS_CAP for size in elements(model)):
        found.append(issue("SUB-035", where, cap=CONSTANT_ELEMENTS_CAP))
    if not found and (operator := circle(model)) is not None:
        found.append(issue("SUB-039", where, operator=printable(operator)))
    return found


def _names(model: Any, manifest: Manifest, where: str) -> list[Issue]:
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = {held.name for held in model.graph.input} - weights
    outputs = {held.name for held in model.graph.output}
    asked = {socket.tensor for socket in manifest.sockets if socket.tensor}
    issue, found = eval_messages().issue, []
    if asked != inputs:
        found.append(issue("SUB-036", where, side="sockets[].tensor", found=", ".join(sorted(map(str, asked))) or "-",
                           known=_listed(inputs)))
    read = {str(step["tensor"]) for step in manifest.post if "tensor" in step}
    if read - outputs:
        found.append(issue("SUB-036", where, side="post[].tensor", found=_listed(read - outputs), known=_listed(outputs)))
    used = [held for held in model.graph.input if held.name in inputs] + [held for held in model.graph.output if held.name in read]
    found += [issue("SUB-045", where, tensor=printable(held.name)) for held in used if not _numeric(held)]
    return found


def _numeric(held: Any) -> bool:
    """Whether a value is a plain tensor of numbers, as far as the graph says."""
    kind = held.type.WhichOneof("value")
    return kind is None or (kind == "tensor_type" and held.type.tensor_type.elem_type in NUMBERS)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(printable(name) for name in sorted(names)[:20]) or "-"
