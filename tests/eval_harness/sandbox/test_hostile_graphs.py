"""Hostile ONNX graphs that pass inspection: each ends by a limit or as no answer, the next case is unharmed, nothing is left."""
from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from eval_harness.base import CaseKey, Truth
from eval_harness.runs import run_submission
from eval_harness.sandbox.process import FLOOR
from eval_harness.sandbox.watch import tree
from eval_harness.tasks.starter import write_onnx_submission
from eval_harness.testset import image_input, write_set

pytestmark = [pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}"), pytest.mark.slow]
LIMITS = {"limits": {"timeout_s": 0.8, "start_timeout_s": 30.0, "attempts": 1, "memory_bytes": 400 * 2**20, "output_bytes": 2**16}}
UNHURRIED_S = 30.0
"""Time limit of a graph that another limit must end: on a busy machine the clock must not be faster than that limit."""
HOSTILE, HARMLESS = "a" * 32, "b" * 32
SCALAR: list = []


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> Path:
    """Two cases: the mean of one is above a half, which is what the graphs wait for."""
    root = tmp_path_factory.mktemp("graphs")
    cases = [([image_input("dr", np.full((4, 4), level, np.uint16), spacing_mm=[1, 1])], CaseKey(token, token, token, token, "x"),
              Truth(token, {"label": 0})) for token, level in ((HOSTILE, 4095), (HARMLESS, 0))]
    write_set(root / "set", root / "sealed", set_id="g", version="1", task="chest-dr", cases=cases, visibility="practice", card={},
              provenance={})
    return root / "set"


def value(name: str, kind: int = TensorProto.FLOAT, shape: list | None = SCALAR):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name: str, held: object, dtype: object):
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(held, dtype), name))


def branch(nodes: list, out: str, *, shape: list | None = None):
    return helper.make_graph(nodes, "b", [], [value(out, shape=shape)])


def submission(folder: Path, attack: list, out: str = "bad", index: int | None = None) -> Path:
    """A graph that answers 0.25 for a dark image and runs `attack`, which makes the tensor `out`, for a bright one."""
    nodes = [helper.make_node("ReduceMean", ["dr"], ["mean"], keepdims=0), constant("half", 0.5, np.float32),
             helper.make_node("Greater", ["mean", "half"], ["bright"]),
             helper.make_node("If", ["bright"], ["score"], then_branch=branch(attack, out),
                              else_branch=branch([constant("calm", 0.25, np.float32)], "calm"))]
    graph = helper.make_graph(nodes, "g", [value("dr", shape=["h", "w"])], [value("score", shape=None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    step = {"op": "score/1", "tensor": "score"} | ({} if index is None else {"index": index})
    write_onnx_submission(folder, model.SerializeToString(), task="chest-dr", task_version=1, sockets={"dr": "dr"},
                          pre=[{"op": "rescale/1", "socket": "dr", "low": 0, "high": 4095}], post=[step])
    return folder


def loop(body: list, depth: int = 0) -> list:
    """The body again and again, for as long as a number can say; in it, the tensor `state<depth>` becomes `next<depth>`."""
    names = {name: f"{name}{depth}" for name in ("times", "yes", "first", "i", "go", "going", "state", "next")}
    inner = helper.make_graph([*body, helper.make_node("Identity", [names["go"]], [names["going"]])], f"l{depth}", [
        value(names["i"], TensorProto.INT64), value(names["go"], TensorProto.BOOL), value(names["state"], shape=None)], [
        value(names["going"], TensorProto.BOOL), value(names["next"], shape=None)])
    return [constant(names["times"], 2**62, np.int64), constant(names["yes"], True, np.bool_), constant(names["first"], 1.5, np.float32),
            helper.make_node("Loop", [names["times"], names["yes"], names["first"]], [f"next{depth - 1}" if depth else "bad"], body=inner)]


def whole(name: str, times: int) -> list:
    """The whole number `times`, out of the image, so that nothing is folded before a case is there."""
    return [helper.make_node("Cast", ["mean"], [f"{name}1"], to=TensorProto.INT64), constant(f"{name}2", [times], np.int64),
            helper.make_node("Mul", [f"{name}1", f"{name}2"], [name])]


def filled(*shape: int, out: str = "bad") -> list:
    parts = [node for place, length in enumerate(shape) for node in whole(f"s{place}", length)]
    names = [f"s{place}" for place in range(len(shape))]
    return [*parts, helper.make_node("Concat", names, ["shape"], axis=0), helper.make_node("ConstantOfShape", ["shape"], [out])]


ROOT = [helper.make_node("Sqrt", ["state0"], ["next0"])]
DOUBLE = [constant("line", [-1], np.int64), helper.make_node("Reshape", ["state0", "line"], ["flat"]),
          helper.make_node("Concat", ["flat", "flat"], ["next0"], axis=0)]
ZERO, ONE = constant("zero", 0.0, np.float32), constant("one", 1.0, np.float32)
GRAPHS = {
    "a loop without end": (loop(ROOT), "timeout", "time_limit"),
    "loops within loops": (loop(loop(loop([helper.make_node("Sqrt", ["state2"], ["next2"])], 2), 1)), "timeout", "time_limit"),
    "a tensor that doubles": (loop(DOUBLE), "oom", None),
    "a tensor of terabytes": (filled(2**40), "oom", None),
    "a tensor of more bytes than numbers can count": (filled(2**31, 2**31, 2**31), "crash", "graph_failed"),
    "a tensor of gigabytes that is used": (
        [*filled(2**30, out="wide"), helper.make_node("ReduceSum", ["wide"], ["bad"], keepdims=0)], "oom", None),
    "a repetition of terabytes": ([*whole("a", 2**20), *whole("b", 2**20), helper.make_node("Concat", ["a", "b"], ["often"], axis=0),
                                   constant("ones", np.ones((1, 1)), np.float32), helper.make_node("Tile", ["ones", "often"], ["bad"])],
                                  "crash", "graph_failed"),
    "a score of too many numbers": (filled(2**26), "oom", None),
    "a score without a number in it": (filled(0), "crash", "step_failed:IndexError"),
    "a score of sixty dimensions": ([constant("bad", np.full([1] * 60, 0.25), np.float32)], "ok", None),
    "a score of another size": ([constant("bad", 7.0, np.float32)], "invalid_output", "schema"),
    "no number": ([ZERO, helper.make_node("Div", ["zero", "zero"], ["bad"])], "invalid_output", "not_finite"),
    "an infinite number": ([ZERO, ONE, helper.make_node("Div", ["one", "zero"], ["bad"])], "invalid_output", "not_finite"),
    "a place outside a tensor": (
        [*whole("far", 2**40), constant("axis", [0], np.int64), helper.make_node("Unsqueeze", ["mean", "axis"], ["row"]),
         helper.make_node("Gather", ["row", "far"], ["bad"])], "crash", "graph_failed"),
    "a division of a whole number by nothing": (
        [*whole("none", 0), constant("seven", [7], np.int64), helper.make_node("Div", ["seven", "none"], ["whole"]),
         helper.make_node("Cast", ["whole"], ["bad"], to=TensorProto.FLOAT)], "crash", "graph_failed"),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_that_misbehaves_on_one_case_harms_no_other(name, two, tmp_path):
    attack, status, cause = GRAPHS[name]
    before = {one.pid for one in tree(os.getpid())}
    limits = LIMITS if status == "timeout" else {"limits": LIMITS["limits"] | {"timeout_s": UNHURRIED_S}}
    run = run_submission(submission(tmp_path / "sub", attack), two, limits, tmp_path / "run", sandbox="floor", progress=False)
    results = {result.token: result for result in run.results}
    assert (results[HOSTILE].status, results[HOSTILE].cause) == (status, cause)
    assert {row.fault for row in run.telemetry if row.token == HOSTILE} <= {"vendor", None}
    assert (results[HARMLESS].status, results[HARMLESS].output) == ("ok", {"score": 0.25})
    assert {one.pid for one in tree(os.getpid())} <= before
