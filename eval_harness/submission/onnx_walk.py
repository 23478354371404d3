"""Everything inside an ONNX model, wherever it hides: graphs, functions, training graphs, attributes, defaults of attributes."""
from __future__ import annotations

import graphlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

Key = tuple[str, str]
"""Domain and operator."""


def everything(message: Any, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """Every message below `message`, with the number of graphs around it beyond the first (a function is one)."""
    waiting = [(message, depth)]
    while waiting:
        held, at = waiting.pop()
        yield held, at
        for name, repeated, inner in _children(held.DESCRIPTOR):
            if repeated or held.HasField(name):
                waiting += [(one, at + inner) for one in (getattr(held, name) if repeated else (getattr(held, name),))]


@cache
def _children(descriptor: Any) -> tuple[tuple[str, bool, bool], ...]:
    """Of a message type: each field that holds messages, whether several, and whether it leads into a graph of its own."""
    return tuple((field.name, _several(field), field.message_type.name == "FunctionProto" or (
        descriptor.name == "AttributeProto" and field.message_type.name == "GraphProto"))
        for field in descriptor.fields if field.message_type is not None)


def _several(field: Any) -> bool:
    """protobuf 7 has no `label` any more, protobuf 5 no `is_repeated` yet."""
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED)


def named(message: Any, kind: str) -> Iterator[tuple[Any, int]]:
    """The messages of one type, with their depth."""
    return ((held, depth) for held, depth in everything(message) if held.DESCRIPTOR.name == kind)


def tensors(model: Any) -> Iterator[Any]:
    return (held for held, _ in named(model, "TensorProto"))


def elements(model: Any) -> Iterator[int]:
    """Of every constant, dense or sparse, how many elements it has once it is loaded."""
    for kind in ("TensorProto", "SparseTensorProto"):
        for held, _ in named(model, kind):
            size = 1
            for dimension in held.dims:
                size *= max(int(dimension), 0)
            yield size


def expanded(model: Any) -> int:
    """Nodes of the model once every call of one of its functions is replaced by that function. Raises CycleError."""
    bodies = {(function.domain, function.name): function for function in model.functions}
    calls = {key: _operators(body) for key, body in bodies.items()}
    order = graphlib.TopologicalSorter({key: [other for other in made if other in bodies] for key, made in calls.items()})
    size: dict[Key, int] = {}
    for key in order.static_order():
        size[key] = sum(count * size.get(other, 1) for other, count in calls[key].items())
    return sum(count * size.get(key, 1) for key, count in _operators(model.graph).items())


def circle(model: Any) -> str | None:
    """An operator of a graph or function in which nodes wait for each other in a circle."""
    bodies = [held for held, _ in everything(model) if held.DESCRIPTOR.name in ("GraphProto", "FunctionProto")]
    for body in bodies:
        makers: dict[str, int] = {}
        for place, node in enumerate(body.node):
            for name in node.output:
                makers.setdefault(name, place)
        waits = {place: [makers[name] for name in node.input if name and name in makers] for place, node in enumerate(body.node)}
        try:
            graphlib.TopologicalSorter(waits).prepare()
        except graphlib.CycleError as error:
            return str(body.node[error.args[1][0]].op_type)
    return None


def _operators(message: Any) -> Counter[Key]:
    return Counter((node.domain, node.op_type) for node, _ in named(message, "NodeProto"))
