"""A run ends with a result for every case, the same bytes on any number of workers, and continues after a kill."""
from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from eval_harness.base import Terminal, WrongUsage, sha256
from eval_harness.runs import read_run, run_submission
from eval_harness.runs.plan import Plan, view_token
from eval_harness.sandbox.process import FLOOR
from eval_harness.sandbox.watch import tree
from eval_harness.scoring.gather import score_predictions
from eval_harness.submission import SubmissionRefused
from eval_harness.tasks.graphs import Graph
from eval_harness.tasks.starter import write_onnx_submission, write_submission
from eval_harness.testset import read_set

pytestmark = pytest.mark.skipif(FLOOR.available() is not None, reason=f"floor: {FLOOR.available()}")


def test_results_are_the_same_bytes_on_one_worker_and_two_and_in_every_sandbox(practice, tmp_path):
    data, model = practice
    runs = [run_submission(model, data, {}, tmp_path / f"{box}{workers}", workers=workers, sandbox=box, progress=False)
            for box, workers in (("floor", 1), ("floor", 2), ("none", 1))]
    bytes_of = {(run.path / "results.jsonl").read_bytes() for run in runs}
    assert len(bytes_of) == 1
    assert runs[0].counts == {"cases": 24, "ok": 24}
    assert {run.record["state"] for run in runs} == {"complete"}
    assert runs[2].sandbox["backend"] == "none"


def test_a_finished_run_is_given_back_and_nothing_runs_again(practice, tmp_path):
    data, model = practice
    first = run_submission(model, data, {}, tmp_path / "run", sandbox="floor", progress=False)
    log = (tmp_path / "run" / "log.jsonl").read_bytes()
    assert run_submission(model, data, {}, tmp_path / "run", sandbox="floor", progress=False).record == first.record
    assert (tmp_path / "run" / "log.jsonl").read_bytes() == log


def test_tokens_that_a_model_sees_are_opaque_and_change_with_the_submission(practice):
    held = read_set(practice[0])
    tokens = [case.token for case in held.cases]
    first, second = ({view_token(run, token) for token in tokens} for run in ("r1", "r2"))
    assert not first & second
    assert not first & set(tokens)
    assert list(Plan("r1", tokens)) != list(Plan("r2", tokens))
    assert sorted(Plan("r1", tokens)) == sorted(tokens)


def test_another_plan_is_another_run_and_a_plan_for_another_submission_is_refused(practice, tmp_path):
    data, model = practice
    first = run_submission(model, data, {"seed": 1}, tmp_path / "one", sandbox="floor", progress=False)
    second = run_submission(model, data, {"seed": 2}, tmp_path / "two", sandbox="floor", progress=False)
    assert first.record["run_id"] != second.record["run_id"]
    with pytest.raises(WrongUsage, match="RUN-009"):
        run_submission(model, data, {"submission": "0" * 64}, tmp_path / "three", sandbox="floor", progress=False)
    with pytest.raises(WrongUsage, match="RUN-009"):
        run_submission(model, data, {"dataset": {"set_id": "another"}}, tmp_path / "four", sandbox="floor", progress=False)


def looping(folder: Path) -> Path:
    """A submission that never answers, by the demo's own script."""
    from simulator.models import endless, submission

    submission(folder, endless("dr", 2), "chest-dr", "endless")
    return folder


def test_a_model_that_never_ends_is_stopped_after_three_time_outs(practice, tmp_path):
    plan, before = {"limits": {"timeout_s": 0.3}}, {one.pid for one in tree(os.getpid())}
    run = run_submission(looping(tmp_path / "endless"), practice[0], plan, tmp_path / "run", sandbox="floor", progress=False)
    assert (run.record["state"], run.record["cause"]) == ("stopped", "stopped_after_timeouts")
    assert run.counts == {"cases": 24, "timeout": 3, "refused": 21}
    assert {row.fault for row in run.telemetry} == {"vendor"}
    assert len(run.telemetry) == 3
    told = next((tmp_path / "run" / "logs").iterdir()).read_text()
    assert "timeout" in told
    assert {one.pid for one in tree(os.getpid())} <= before


def graph_submission(folder: Path, build, shape: list) -> Path:
    graph = Graph()
    model = graph.model("g", {"dr": (1, [1, 1, "h", "w"])}, {"score": (build(graph), shape)})
    write_onnx_submission(folder, model, task="chest-dr", task_version=1, sockets={"dr": "dr"},
                          pre=[{"op": "rescale/1", "socket": "dr", "low": 0, "high": 4095}, {"op": "batch/1", "socket": "dr"}],
                          post=[{"op": "score/1", "tensor": "score"}])
    return folder


def mean(graph, scale: float = 1.0):
    return graph("Mul", graph("ReduceMean", "dr", axes=[1, 2, 3], keepdims=0), graph.constant(scale))


def not_a_number(graph):
    return graph("Log", graph("Sub", mean(graph), graph.constant(5.0)))


def much_memory(graph):
    """64 GiB whose size depends on the input, so that no optimiser sees it beforehand."""
    size = graph("Cast", graph("Add", mean(graph, 0.0), graph.constant(2.0**34)), to=7)
    return graph("ReduceSum", graph("ConstantOfShape", size), keepdims=0)


def out_of_bounds(graph):
    return graph("Gather", graph.constant([1.0]), graph("Cast", graph("Add", mean(graph), graph.constant(9.0)), to=7))


@pytest.mark.parametrize("build, scale, status, cause", [
    (not_a_number, None, "invalid_output", "not_finite"), (mean, 9.0, "invalid_output", "schema"),
    (much_memory, None, "oom", None), (out_of_bounds, None, "crash", "graph_failed")],
    ids=["nan", "beyond-schema", "64-gib", "graph-fails"])
def test_a_graph_that_answers_nonsense_fails_by_its_status_and_cause(few, tmp_path, build, scale, status, cause):
    made = graph_submission(tmp_path / "sub", (lambda graph: build(graph, scale)) if scale else build, [1])
    plan = {"limits": {"memory_bytes": 700 * 2**20, "attempts": 2}}
    run = run_submission(made, few, plan, tmp_path / "run", sandbox="floor", progress=False)
    assert {(row.status, row.cause, row.attempt) for row in run.results} == {(status, cause, 2)}
    assert run.record["state"] == "complete"


def test_predictions_made_elsewhere_are_taken_and_a_missing_one_is_a_failure(practice, tmp_path):
    held = read_set(practice[0])
    folder = tmp_path / "sub"
    folder.mkdir()
    rows = [json.dumps({"token": case.token, "output": {"score": 0.25}}) for case in held.cases[1:]]
    data = ("\n".join(rows) + "\n").encode()
    write_submission(folder, "predictions", {"predictions.jsonl": data}, task="chest-dr")
    run = run_submission(folder, practice[0], {}, tmp_path / "run", progress=False)
    assert run.counts == {"cases": 24, "ok": 23, "invalid_output": 1}


@pytest.mark.parametrize("output, status, cause", [
    ('{"score": 0.123456789}', "ok", None), ('{"score": 1}', "ok", None), ('{"score": 7}', "invalid_output", "schema"),
    ('{"score": NaN}', "invalid_output", "not_finite"), ('{"score": 1e999}', "invalid_output", "not_finite"),
    ('"text"', "invalid_output", "schema"), ("null", "invalid_output", "schema"),
    ("[" * 400 + "]" * 400, "invalid_output", "not_json"), ("[" * 940 + "]" * 940, "invalid_output", "not_json"),
    ('{"score": 0.5, "note": "\\ud800"}', "invalid_output", "not_json")])
def test_a_handed_in_answer_is_judged_like_the_same_answer_as_a_file(few, tmp_path, output, status, cause):
    """A byte order mark, blanks, empty lines and line ends of Windows are no part of it."""
    tokens = [case.token for case in read_set(few).cases]
    lines = [f'  {{"token": "{token}", "output": {output}, "note": [1]}} \r\n\r\n' for token in tokens]
    data = b"\xef\xbb\xbf" + "".join(lines).encode()
    write_submission(tmp_path / "sub", "predictions", {"predictions.jsonl": data}, task="chest-dr")
    run = run_submission(tmp_path / "sub", few, {}, tmp_path / "run", progress=False)
    assert {(row.status, row.cause) for row in run.results} == {(status, cause)}
    assert len({json.dumps(row.output) for row in run.results}) == 1


def test_handed_in_answers_of_one_key_are_told_apart_by_their_tokens(few, tmp_path, monkeypatch):
    monkeypatch.setattr("eval_harness.runs.predictions_slot._key", lambda token: 1)
    tokens = [case.token for case in read_set(few).cases]
    rows = [json.dumps({"token": token, "output": {"score": place / 10}, "note": "x" * 3000}) for place, token in enumerate(tokens)]
    write_submission(tmp_path / "sub", "predictions", {"predictions.jsonl": "\n".join(rows).encode()}, task="chest-dr")
    run = run_submission(tmp_path / "sub", few, {}, tmp_path / "run", progress=False)
    assert {row.token: row.output["score"] for row in run.results} == {token: place / 10 for place, token in enumerate(tokens)}


@pytest.mark.parametrize("clash", [False, True])
def test_two_lines_of_one_case_are_refused_by_their_numbers_in_both_languages(few, tmp_path, monkeypatch, clash):
    """Also where every token has the same key; and before a case is run."""
    if clash:
        monkeypatch.setattr("eval_harness.runs.predictions_slot._key", lambda token: 1)
    tokens = [case.token for case in read_set(few).cases]
    data = "".join(json.dumps({"token": token, "output": {"score": 0.5}}) + "\n" for token in [*tokens, tokens[1], tokens[0]]).encode()
    write_submission(tmp_path / "sub", "predictions", {"predictions.jsonl": data}, task="chest-dr")
    with pytest.raises(WrongUsage) as caught:
        run_submission(tmp_path / "sub", few, {}, tmp_path / "run", progress=False)
    issue = caught.value.issue
    lines = (1, 6) if tokens[0] in issue.message_en else (2, 5)
    assert issue.code == "SUB-063"
    assert f"line {lines[0]} and another in line {lines[1]}" in issue.message_en
    assert f"第 {lines[0]} 行和第 {lines[1]} 行" in issue.message_zh
    (tmp_path / "p.jsonl").write_bytes(data)
    with pytest.raises(WrongUsage, match=r"SUB-063.*line 2 and another in line 5"):
        score_predictions(tmp_path / "p.jsonl", few, None, tmp_path / "score")


@pytest.mark.parametrize("key, line", [
    ("score", '{"token": "b", "output": {"score": 9, "score": 0.5}}'), ("token", '{"token": "b", "token": "c", "output": {"score": 1}}'),
    ("z", '{"token": "b", "output": {"score": 1}, "note": [{"x": 1, "y": {"z": 1, "z": 1}}]}')])
def test_a_key_that_stands_twice_in_a_line_is_refused_by_name_and_line(few, tmp_path, key, line):
    data = b'{"token": "a", "output": {"score": 0.5}}\n\n' + line.encode()
    write_submission(tmp_path / "sub", "predictions", {"predictions.jsonl": data}, task="chest-dr")
    with pytest.raises(WrongUsage, match=rf'SUB-064  predictions\.jsonl line 3: the key "{key}"'):
        run_submission(tmp_path / "sub", few, {}, tmp_path / "run", progress=False)
    (tmp_path / "p.jsonl").write_bytes(data.split(b"\n")[2])
    with pytest.raises(WrongUsage, match=r"SUB-064  p\.jsonl line 1"):
        score_predictions(tmp_path / "p.jsonl", few, None, tmp_path / "score")


@pytest.mark.parametrize("line", [b'{"token":', b'{"token": "b"}', b'{"token": "b", "output": ' + b"[" * 100_000, b"7", b"\xff"],
                         ids=["cut", "no-output", "deep", "number", "no-text"])
def test_a_broken_line_of_predictions_is_refused_by_its_number(few, tmp_path, line):
    (tmp_path / "sub").mkdir()
    data = b'{"token": "a", "output": {"score": 0.5}}\n' + line + b"\n"
    write_submission(tmp_path / "sub", "predictions", {"predictions.jsonl": data}, task="chest-dr")
    with pytest.raises(Terminal, match=r"predictions\.jsonl line 2"):
        run_submission(tmp_path / "sub", few, {}, tmp_path / "run", progress=False)


def smoke_case(model: Path, data: Path, folder: Path, expected: str | None) -> Path:
    shutil.copytree(model, folder)
    source = next((data / "inputs").iterdir())
    (folder / "smoke" / "1").mkdir(parents=True)
    for file in source.iterdir():
        shutil.copyfile(file, folder / "smoke" / "1" / file.name)
    held = json.loads((folder / "manifest.json").read_text())
    held["smoke"] = [{"input": "smoke/1", "expected_sha256": expected}]
    for file in sorted((folder / "smoke" / "1").iterdir()):
        held["files"].append({"path": f"smoke/1/{file.name}", "sha256": sha256(file.read_bytes()), "bytes": file.stat().st_size})
    (folder / "manifest.json").write_text(json.dumps(held))
    return folder


def test_a_smoke_case_that_differs_stops_everything_before_a_try_is_spent(practice, tmp_path):
    data, model = practice
    good = smoke_case(model, data, tmp_path / "good", None)
    assert run_submission(good, data, {}, tmp_path / "run", sandbox="floor", progress=False).record["state"] == "complete"
    bad = smoke_case(model, data, tmp_path / "bad", "0" * 64)
    with pytest.raises(SubmissionRefused, match="SUB-060"):
        run_submission(bad, data, {}, tmp_path / "other", sandbox="floor", progress=False)
    assert read_run(tmp_path / "other").results == []


def test_an_image_of_another_type_is_the_models_problem_not_ours(few, tmp_path):
    made = graph_submission(tmp_path / "sub", lambda graph: graph("ReduceMean", graph("Reshape", "dr", graph.constant(
        np.array([7, 7]), np.int64)), keepdims=0), [])
    run = run_submission(made, few, {}, tmp_path / "run", sandbox="floor", progress=False)
    assert {row.status for row in run.results} == {"crash"}
    assert {row.fault for row in run.telemetry} == {"vendor"}
