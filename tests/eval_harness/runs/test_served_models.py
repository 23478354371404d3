"""Served models: one server for all cases, a strict caller, a fresh server after every failure, and the re-run test at the end."""
from __future__ import annotations

import io
import json
import os
import socket

import numpy as np
import pytest

from eval_harness.base import Retryable, eval_messages
from eval_harness.base.console import language
from eval_harness.cli.told import run_words
from eval_harness.runs import oip, run_submission
from eval_harness.runs.unix_http import BadReply, read_head
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.watch import tree
from eval_harness.tasks.output import AnswerRefused
from tests.eval_harness.runs.served import change_bundle, replying, served

needs_bwrap = pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}")
LIMITS = {"limits": {"timeout_s": 1.0, "attempts": 1, "memory_bytes": 300 * 2**20, "processes": 24, "scratch_bytes": 2**22,
                     "output_bytes": 2**14, "log_bytes": 4096, "wall_factor": 2.0}}
UNHURRIED_S = 10.0
"""Time limit of what another limit or check must end: on a busy machine the clock must not be faster than that."""
BY_IMAGE = "pixels = told['inputs'][1]['data']\nscore = sum(pixels) % 97 / 97\n"
"""An honest answer, from the case alone."""


@pytest.fixture
def left_behind():
    """Asked at the end: processes that were not below this one when the test began (other tests keep a JVM)."""
    before = {one.pid for one in tree(os.getpid())}
    return lambda: {one.pid for one in tree(os.getpid())} - before


def ended(run):
    return {(result.status, result.cause) for result in run.results}


@pytest.mark.parametrize("sandbox", [pytest.param("bwrap", marks=needs_bwrap), "none"])
def test_an_honest_server_is_started_once_and_answers_every_case(sandbox, practice, tmp_path, left_behind):
    code = BY_IMAGE + "print('started' if seen == 1 else 'again', flush=True)\nsay(told, score=score)"
    run = run_submission(replying(tmp_path / "sub", code), practice[0], LIMITS, tmp_path / "run", sandbox=sandbox, progress=False)
    assert (run.record["state"], run.record["runner"], run.counts) == ("complete", "oip/1", {"cases": 24, "ok": 24})
    assert run.rerun == {"cases": 2, "differing": 0}
    assert len({result.output["score"] for result in run.results}) > 5
    logs = [path.read_text() for path in (tmp_path / "run" / "logs").iterdir()]
    assert sum("started" in text for text in logs) == 1
    assert [event["kind"] for event in map(json.loads, (tmp_path / "run" / "log.jsonl").read_text().splitlines())][-2:] == [
        "rerun", "finished"]
    assert left_behind() == set()


@needs_bwrap
def test_a_run_that_ended_before_its_re_run_test_goes_on_with_it_alone(few, tmp_path, monkeypatch):
    def lost(*_):
        raise Retryable(eval_messages().issue("RUN-012", "re-run"))

    monkeypatch.setattr("eval_harness.runs.driver.rerun_test", lost)
    with pytest.raises(Retryable):
        run_submission(served(tmp_path / "sub"), few, LIMITS, tmp_path / "run", progress=False)
    monkeypatch.undo()
    log = tmp_path / "run" / "log.jsonl"
    before = log.read_bytes().count(b'"kind":"result"')
    run = run_submission(served(tmp_path / "sub"), few, LIMITS, tmp_path / "run", progress=False)
    assert (run.record["state"], run.rerun) == ("complete", {"cases": 1, "differing": 0})
    assert log.read_bytes().count(b'"kind":"result"') == before == 4


@needs_bwrap
def test_the_kits_program_gives_the_same_table_with_one_worker_and_with_three(few, tmp_path):
    tables = []
    for workers in (1, 3):
        run_submission(served(tmp_path / "sub"), few, LIMITS, tmp_path / f"run{workers}", workers=workers, progress=False)
        tables.append((tmp_path / f"run{workers}" / "results.jsonl").read_bytes())
    assert tables[0] == tables[1]


@needs_bwrap
@pytest.mark.parametrize("code", ["say(told, score=seen / 64)", "say(told, score=0.25 if seen == 1 else 0.75)",
                                  "say(told, score=int.from_bytes(os.urandom(2)) / 65536)"])
def test_a_server_that_remembers_or_draws_lots_is_found_and_no_answer_of_it_counts(code, practice, tmp_path):
    run = run_submission(replying(tmp_path / "sub", code), practice[0], LIMITS, tmp_path / "run", progress=False)
    assert (run.record["state"], run.record["cause"]) == ("stopped", "served_not_repeatable")
    assert ended(run) == {("refused", "served_not_repeatable")}
    assert run.counts == {"cases": 24, "refused": 24}
    assert run.rerun["differing"] == 1
    assert "per_case" in run_words(run, language("zh"))
    assert "No answer of this run counts" in run_words(run, "en")


HOSTILE = {
    "an endless head": ("line.sendall(b'HTTP/1.1 200 OK\\r\\n')\nwhile True:\n    line.sendall(b'X: ' + b'a' * 1000 + b'\\r\\n')",
                        "invalid_output", "oip_http"),
    "an endless trickle": ("line.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 9999\\r\\n\\r\\n')\n"
                           "while True:\n    line.sendall(b' ')\n    time.sleep(0.01)", "timeout", "time_limit"),
    "a reply too large": ("line.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 9999999999\\r\\n\\r\\n' + b' ' * 4096)",
                          "invalid_output", "too_large"),
    "an answer too large": ("say(told, data=[json.dumps({'score': 0.5}) + ' ' * 20000])", "invalid_output", "too_large"),
    "chunks": ("line.sendall(b'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nhello\\r\\n0\\r\\n\\r\\n')",
               "invalid_output", "oip_http"),
    "two replies on one line": ("reply = whole(json.dumps(good(told)).encode())\nline.sendall(reply + reply)",
                                "invalid_output", "oip_http"),
    "an interim reply": ("line.sendall(b'HTTP/1.1 100 Continue\\r\\n\\r\\n')\nsay(told)", "invalid_output", "oip_http"),
    "a way elsewhere": ("line.sendall(b'HTTP/1.1 307 X\\r\\nLocation: http://127.0.0.1/\\r\\nContent-Length: 0\\r\\n\\r\\n')",
                        "crash", "oip_error"),
    "an error": ("line.sendall(whole(b'{\"error\": \"no\"}', b'500 X'))", "crash", "oip_error"),
    "another shape": ("say(told, shape=[2], data=['a', 'b'])", "invalid_output", "oip_shape"),
    "a shape of truth": ("say(told, shape=[True])", "invalid_output", "oip_shape"),
    "another datatype": ("say(told, datatype='FP32', data=[0.5])", "invalid_output", "oip_datatype"),
    "another name": ("say(told, name='scores')", "invalid_output", "oip_name"),
    "another case's name": ("told['id'] = 'f' * 32\nsay(told)", "invalid_output", "oip_id"),
    "no JSON": ("line.sendall(whole(b'{'))", "invalid_output", "not_json"),
    "deep JSON": ("line.sendall(whole(b'[' * 100000))", "invalid_output", "not_json"),
    "no number": ("line.sendall(whole(b'{\"id\": NaN}'))", "invalid_output", "not_finite"),
    "no answer to the task": ("say(told, data=['{\"score\": 7}'])", "invalid_output", "schema"),
    "a closed line": ("pass", "crash", "oip_closed"),
    "silence": ("time.sleep(60)", "timeout", "time_limit"),
    "a loop": ("while True: pass", "timeout", "time_limit"),
    "an exit": ("os._exit(3)", "crash", "exit:3"),
    "memory": ("held = bytearray(2**30)\nheld[::4096] = b'x' * len(held[::4096])", "oom", None),
    "a full folder": ("open('full', 'wb').write(os.urandom(2**23))\ntime.sleep(1)", "crash", "scratch"),
}


@needs_bwrap
@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_reply_is_recorded_and_the_next_case_gets_a_fresh_server(name, few, tmp_path, left_behind):
    """The first request of a server that has seen none is honest; the second is not: so every server answers once."""
    code, status, cause = HOSTILE[name]
    attack = "\n".join(f"    {row}" for row in code.splitlines())
    honest = f"if seen == 1:\n    say(told)\nelse:\n{attack}"
    limits = LIMITS if status == "timeout" else {"limits": LIMITS["limits"] | {"timeout_s": UNHURRIED_S}}
    run = run_submission(replying(tmp_path / "sub", honest), few, limits, tmp_path / "run", progress=False)
    assert run.record["state"] == "complete"
    assert ended(run) == {("ok", None), (status, cause)}
    assert run.counts == {"cases": 4, "ok": 2, status: 2}
    assert all((tmp_path / "run" / "logs" / f"{result.token}.txt").read_bytes() for result in run.results if result.status != "ok")
    assert left_behind() == set()


@needs_bwrap
@pytest.mark.parametrize(("program", "status", "cause"), [
    ("raise SystemExit(4)", "crash", "load:exit:4"), ("import time\ntime.sleep(60)", "timeout", "time_limit"),
    ("import time\nopen('/output/oip.sock', 'w').write('x')\ntime.sleep(60)", "invalid_output", "oip_socket")])
def test_a_server_that_never_is_ready_ends_with_its_cause(program, status, cause, few, tmp_path):
    limits = {"limits": LIMITS["limits"] | {"start_timeout_s": 0.5 if status == "timeout" else UNHURRIED_S}}
    run = run_submission(change_bundle(served(tmp_path / "sub"), program), few, limits, tmp_path / "run", progress=False)
    assert ended(run) - {("refused", "stopped_after_timeouts")} == {(status, cause)}


@pytest.mark.parametrize("sandbox", [pytest.param("bwrap", marks=needs_bwrap), "none"])
def test_a_link_to_a_socket_of_this_machine_leads_nowhere(sandbox, few, tmp_path):
    program = (f"import os, time\nos.symlink({str(tmp_path / 'ours')!r}, os.environ.get('TOUCHSTONE_OUTPUT', '/output') + '/oip.sock')\n"
               "time.sleep(60)")
    with socket.socket(socket.AF_UNIX) as ours:
        ours.bind(str(tmp_path / "ours"))
        ours.listen()
        ours.setblocking(False)
        run = run_submission(change_bundle(served(tmp_path / "sub"), program), few, LIMITS, tmp_path / "run", sandbox=sandbox,
                             progress=False)
        assert ended(run) == {("invalid_output", "oip_socket")}
        with pytest.raises(BlockingIOError):
            ours.accept()


def test_a_request_holds_the_case_its_arrays_in_c_order_and_null_for_what_is_missing(tmp_path):
    held = io.BytesIO()
    np.save(held, np.asfortranarray(np.array([[1.5, np.nan], [-2.0, np.inf]], np.float32)))
    sockets = {"features": {"path": "f.npy", "media_type": "application/x-npy"}, "report": {"path": "r.txt", "media_type": "text/plain"}}
    case = {"schema": "s", "token": "ab", "sockets": sockets}
    told = json.loads(b"".join(oip.request(case, {"features": held.getvalue(), "report": "肺 ok".encode()})))
    assert told["id"] == "ab"
    assert told["outputs"] == [{"name": "output"}]
    assert json.loads(told["inputs"][0]["data"][0]) == case
    assert told["inputs"][1:] == [{"name": "features", "shape": [2, 2], "datatype": "FP32", "data": [1.5, None, -2.0, None]},
                                  {"name": "report", "shape": [1], "datatype": "BYTES", "data": ["肺 ok"]}]


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK", b"HTTP/2 200 OK\r\nContent-Length: 1", b"HTTP/1.1 200 OK\r\nContent-Length: -1",
                                  b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1", b"HTTP/1.1 200 OK\r\nContent-Length: 1_0",
                                  b"HTTP/1.1 200 OK\r\n Content-Length: 1", b"HTTP/1.1 200 OK\nContent-Length: 1", b"ICY 200 OK"])
def test_a_head_that_can_be_read_two_ways_is_refused(head):
    with pytest.raises(BadReply):
        read_head(head)


def test_a_lone_surrogate_is_no_answer():
    reply = {"model_name": "model", "id": "a", "outputs": [{"name": "output", "shape": [1], "datatype": "BYTES", "data": ["\ud800"]}]}
    with pytest.raises(AnswerRefused, match="not_json"):
        oip.read_reply(json.dumps(reply).encode(), "a")
