"""Look at an ONNX file without running it: operators, sizes, references to other files."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval_harness.base import Issue, eval_messages
from eval_harness.submission.manifest import Manifest

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
BYTES_CAP, NODES_CAP, DEPTH_CAP, CONSTANT_ELEMENTS_CAP = 2 * 1024**3 - 1, 200_000, 8, 512 * 1024**2


def inspect_graph(path: Path, manifest: Manifest) -> list[Issue]:
    """Everything wrong with the graph, empty when it may be handed to the runner."""
    issue = eval_messages().issue
    if path.stat().st_size > BYTES_CAP:
        return [issue("SUB-030", path.name, found=path.stat().st_size, cap=BYTES_CAP)]
    import onnx

    model = onnx.ModelProto()
    try:
        model.ParseFromString(path.read_bytes())
    except Exception as error:  # noqa: BLE001 - protobuf raises kinds of its own for hostile bytes
        return [issue("SUB-031", path.name, reason=type(error).__name__)]
    if not model.HasField("graph") or not model.graph.node:
        return [issue("SUB-031", path.name, reason="no graph")]
    found = _external(model, path.name)
    if found:
        return found
    local = {function.domain for function in model.functions}
    foreign = sorted({f"{node.domain}::{node.op_type}" for node, _ in nodes(model) if node.domain not in DOMAINS | local})
    if foreign:
        found.append(issue("SUB-033", path.name, operators=", ".join(foreign[:5]), count=len(foreign)))
    count = deepest = 0
    for _, depth in nodes(model):
        count, deepest = count + 1, max(deepest, depth)
        if count > NODES_CAP:
            break
    if count > NODES_CAP or deepest > DEPTH_CAP:
        found.append(issue("SUB-034", path.name, nodes=count, depth=deepest, nodes_cap=NODES_CAP, depth_cap=DEPTH_CAP))
    if any(_elements(tensor) > CONSTANT_ELEMENTS_CAP for tensor in tensors(model)):
        found.append(issue("SUB-035", path.name, cap=CONSTANT_ELEMENTS_CAP))
    return found or _names(model, manifest, path.name)


def _names(model: Any, manifest: Manifest, where: str) -> list[Issue]:
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = {held.name for held in model.graph.input} - weights
    outputs = {held.name for held in model.graph.output}
    asked = {socket.tensor for socket in manifest.sockets if socket.tensor}
    issue, found = eval_messages().issue, []
    if asked != inputs:
        found.append(issue("SUB-036", where, side="sockets[].tensor", found=", ".join(sorted(map(str, asked))) or "-",
                           known=", ".join(sorted(inputs))))
    read = {str(step["tensor"]) for step in manifest.post if "tensor" in step}
    if read - outputs:
        unknown, known = ", ".join(sorted(read - outputs)), ", ".join(sorted(outputs))
        found.append(issue("SUB-036", where, side="post[].tensor", found=unknown, known=known))
    return found


def _external(model: Any, where: str) -> list[Issue]:
    import onnx

    if any(tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data for tensor in tensors(model)):
        return [eval_messages().issue("SUB-032", where)]
    return []


def nodes(model: Any) -> Iterator[tuple[Any, int]]:
    """Every node of the graph, its local functions and all sub-graphs, with its depth."""
    waiting = [(node, 0) for node in model.graph.node] + [(node, 1) for function in model.functions for node in function.node]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        if depth <= DEPTH_CAP:
            waiting += [(inner, depth + 1) for graph in _subgraphs(node) for inner in graph.node]


def tensors(model: Any) -> Iterator[Any]:
    """Every constant tensor, wherever it hides: initialisers, attributes, sub-graphs, sparse ones."""
    graphs = [model.graph]
    while graphs:
        graph = graphs.pop()
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        graphs += [inner for node in graph.node for inner in _subgraphs(node)]
    for node, _ in nodes(model):
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            if attribute.HasField("sparse_tensor"):
                yield from (attribute.sparse_tensor.values, attribute.sparse_tensor.indices)


def _subgraphs(node: Any) -> list[Any]:
    return [attribute.g for attribute in node.attribute if attribute.HasField("g")] + [g for a in node.attribute for g in a.graphs]


def _elements(tensor: Any) -> int:
    size = 1
    for dimension in tensor.dims:
        size *= max(int(dimension), 0)
    return size
