"""ONNX graphs that were made to harm whoever opens them: each is refused unrun, and what would fill memory unparsed."""
from __future__ import annotations

import tracemalloc

import onnx
import pytest
from onnx import TensorProto, helper

from eval_harness.submission import wire
from tests.eval_harness.submission.test_refused_submissions import codes, good, graph, replace_model  # noqa: F401

MIB = 2**20


def functions(*bodies: tuple[str, list[str]]):
    """A change that adds functions of the domain `own`; each calls the named operators, dots where they are our own."""
    def change(model) -> None:
        model.opset_import.add(domain="own", version=1)
        for name, called in bodies:
            made = model.functions.add(name=name, domain="own", input=["a"], output=["b"])
            made.opset_import.add(domain="", version=17)
            for place, one in enumerate(called):
                domain = "own" if one.startswith(".") else ""
                made.node.append(helper.make_node(one.lstrip("."), ["a"], ["b" if place == 0 else f"x{place}"], domain=domain))
        model.graph.node.append(helper.make_node(bodies[0][0], ["dr"], ["z"], domain="own"))
    return change


def elsewhere(location: str = "/etc/passwd") -> onnx.TensorProto:
    tensor = onnx.TensorProto(name="w", data_type=1, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location)
    return tensor


def external_in_a_function(model) -> None:
    functions(("F", ["Relu"]))(model)
    body = helper.make_graph([helper.make_node("Identity", ["w"], ["y"])], "b", [], [], [elsewhere()])
    model.functions[0].node.append(helper.make_node("If", ["c"], ["y"], then_branch=body, else_branch=body))


def external_in_a_default(model) -> None:
    functions(("F", ["Relu"]))(model)
    model.functions[0].attribute_proto.append(onnx.AttributeProto(name="w", type=onnx.AttributeProto.TENSOR, t=elsewhere()))


def sparse_bomb(model) -> None:
    held = model.graph.sparse_initializer.add()
    held.dims[:] = [2**31, 2**20]
    held.values.CopyFrom(helper.make_tensor("s", TensorProto.FLOAT, [1], [1.0]))
    held.indices.CopyFrom(helper.make_tensor("i", TensorProto.INT64, [1], [0]))


def borrowed_domain(model) -> None:
    """A function in a runtime's own domain does not make that domain's other operators ours."""
    model.functions.add(name="Ours", domain="com.microsoft")
    model.graph.node.append(helper.make_node("Inverse", ["dr"], ["x"], domain="com.microsoft"))


GRAPHS = {
    "weights in another file, inside a function": ("SUB-032", external_in_a_function),
    "weights in another file, as a default": ("SUB-032", external_in_a_default),
    "weights in another file, for training": (
        "SUB-032", lambda m: m.training_info.add().initialization.initializer.append(elsewhere("../../secret"))),
    "an operator in a borrowed domain": ("SUB-033", borrowed_domain),
    "functions that double": ("SUB-034", functions(*[(f"F{n}", [f".F{n + 1}"] * 2) for n in range(40)], ("F40", ["Relu"]))),
    "a function that calls itself": ("SUB-038", functions(("F", [".F"]))),
    "functions in a circle": ("SUB-038", functions(("F", [".G"]), ("G", [".H"]), ("H", [".F"]))),
    "a sparse constant of petabytes": ("SUB-035", sparse_bomb),
    "nodes in a circle": ("SUB-039", lambda m: m.graph.node.extend(
        [helper.make_node("Relu", ["b"], ["a"]), helper.make_node("Relu", ["a"], ["b"])])),
    "a node that feeds itself": ("SUB-039", lambda m: m.graph.node.append(helper.make_node("Relu", ["b"], ["b"]))),
    "a name that is no text": ("SUB-031", lambda m: setattr(m.graph.node[0], "name", "a broken name")),
    "a score of strings": ("SUB-045", lambda m: setattr(m.graph.output[0].type.tensor_type, "elem_type", TensorProto.STRING)),
    "an input of strings": ("SUB-045", lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", TensorProto.STRING)),
    "a score that is a sequence": ("SUB-045", lambda m: m.graph.output[0].type.sequence_type.elem_type.tensor_type.Clear()),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_with_a_trap_is_refused(name, good):  # noqa: F811
    code, change = GRAPHS[name]
    replace_model(good, graph(change).replace(b"a broken name", b"a \xffroken name"))
    assert codes(good) == [code]


def test_functions_that_share_a_helper_and_a_loop_are_no_trap(good):  # noqa: F811
    def change(model) -> None:
        functions(("F", [".H", ".H", "Relu"]), ("H", ["Relu"]))(model)
        body = helper.make_graph([helper.make_node("Identity", ["dr"], ["y"]), helper.make_node("Identity", ["c"], ["d"])], "b", [
            helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("c", TensorProto.BOOL, [])], [
            helper.make_tensor_value_info("d", TensorProto.BOOL, []), helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
        model.graph.node.append(helper.make_node("Loop", ["", "cond"], ["ys"], body=body))

    replace_model(good, graph(change))
    assert codes(good) == []


def field(number: int, data: bytes) -> bytes:
    length, size = b"", len(data)
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return bytes([number << 3 & 0x7F | 2]) + length + data if number < 16 else b"" + length


MANY = 100_000
SWOLLEN = {
    "empty nodes": lambda: field(7, field(1, b"") * MANY),
    "names without a letter": lambda: field(7, field(1, field(1, b"") * MANY)),
    "dimensions of a shape": lambda: field(7, field(11, field(2, field(1, field(2, field(1, b"") * MANY))))),
    "numbers that grow eight times": lambda: field(7, field(5, field(7, bytes(2 * MIB)))),
    "messages within messages": lambda: nested(200),
}


def nested(times: int) -> bytes:
    """An attribute with a graph with a node with an attribute, and so on."""
    data = b""
    for _ in range(times):
        data = field(1, field(5, field(6, data)))
    return field(7, data)


@pytest.mark.parametrize("name", SWOLLEN)
def test_a_file_that_would_fill_the_memory_of_its_reader_is_refused_unparsed(name, good, monkeypatch):  # noqa: F811
    monkeypatch.setattr(wire, "ENTRIES_CAP", MANY // 2)
    monkeypatch.setattr(wire, "PACKED_CAP_BYTES", MIB)
    replace_model(good, SWOLLEN[name]())
    tracemalloc.start()
    found = codes(good)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == ["SUB-037"]
    assert peak < MIB
