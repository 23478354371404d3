"""Hostile programs, one a run: nothing outside changes, nothing gets out, nothing is left, and the next case is unharmed."""
from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from eval_harness.base import CaseKey, Truth
from eval_harness.runs import run_submission
from eval_harness.sandbox.bwrap import BWRAP
from eval_harness.sandbox.watch import tree
from eval_harness.tasks.starter import write_submission
from eval_harness.testset import image_input, write_set
from tests.eval_harness.sandbox.hostile import ATTACKS, PROGRAM, ROUNDED

pytestmark = [pytest.mark.skipif(BWRAP.available() is not None, reason=f"bwrap: {BWRAP.available()}"), pytest.mark.slow]
LIMITS = {"limits": {"timeout_s": 0.8, "attempts": 1, "memory_bytes": 300 * 2**20, "processes": 24, "scratch_bytes": 2**24,
                     "output_bytes": 2**16, "file_bytes": 2**25, "log_bytes": 4096}}
UNHURRIED_S = 8.0
"""Time limit of an attack that another limit must end: on a busy machine the clock must not be faster than that limit."""
HOSTILE, HARMLESS = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A set of two cases (the last but one byte says which is attacked), a canary, a listener that should hear nothing."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "canary").write_bytes(b"unchanged")
    cases = []
    for token, mark, level in ((HOSTILE, 1, 40), (HARMLESS, 0, 90)):
        image = np.zeros((4, 4), np.uint16)
        image[-1, -1] = mark + 256 * level
        cases.append(([image_input("dr", image, spacing_mm=[1, 1])], CaseKey(token, token, token, token, "x"), Truth(token, {"label": 0})))
    write_set(root / "set", root / "sealed", set_id="h", version="1", task="chest-dr", cases=cases, visibility="practice", card={},
              provenance={})
    heard: list[object] = []
    listeners = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
    port = listeners[0].getsockname()[1]
    listeners[1].bind(str(root / "s"))
    listeners[2].bind(f"\0touchstone-test-{port}")
    for held in listeners:
        held.listen()
        threading.Thread(target=_accept, args=(held, heard), daemon=True).start()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", port))
    udp.setblocking(False)
    os.environ["TOUCHSTONE_TEST_SECRET"] = "secret"
    facts = {"port": port, "unix": str(root / "s"), "pid": os.getpid(), "canary": str(root / "canary"),
             "other": str(root / "set" / "inputs" / HARMLESS / "dr.npy")}
    yield root, facts, heard, udp
    del os.environ["TOUCHSTONE_TEST_SECRET"]
    for held in (*listeners, udp):
        held.close()


def _accept(held, heard):
    while True:
        try:
            heard.append(held.accept())
        except OSError:
            return


def bundle(folder: Path, facts: dict, code: str) -> Path:
    program = PROGRAM.format(facts=repr(facts), code="    " + code).encode()
    return write_submission(folder, "python", {"bundle/predict.py": program}, task="chest-dr", entry="predict.py")


@pytest.fixture(scope="module")
def control(world, tmp_path_factory):
    """What the same program answers when it attacks nothing: the outputs of both cases, by token."""
    root, facts, _, _ = world
    folder = tmp_path_factory.mktemp("control")
    run = run_submission(bundle(folder / "sub", facts, "pass"), root / "set", LIMITS, folder / "run", sandbox="bwrap", progress=False)
    assert run.counts == {"cases": 2, "ok": 2}
    return {result.token: result.output for result in run.results}


def test_the_list_of_attacks_is_long_enough():
    assert len(ATTACKS) >= 45


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_stays_inside_its_sandbox(world, control, tmp_path, name):
    root, facts, heard, udp = world
    code, status, cause = ATTACKS[name]
    before = {one.pid for one in tree(os.getpid())}
    limits = LIMITS if status == "timeout" else {"limits": LIMITS["limits"] | {"timeout_s": UNHURRIED_S}}
    run = run_submission(bundle(tmp_path / "sub", facts, code), root / "set", limits, tmp_path / "run", sandbox="bwrap", progress=False)
    results = {result.token: result for result in run.results}
    told = (tmp_path / "run" / "logs" / f"{HOSTILE}.txt")
    assert (results[HOSTILE].status, results[HOSTILE].cause) == (status, cause), told.read_text()[-300:] if told.exists() else ""
    if status == "ok":
        assert results[HOSTILE].output == ({"score": ROUNDED[name]} if name in ROUNDED else control[HOSTILE])
    assert results[HARMLESS].output == control[HARMLESS]
    assert (root / "canary").read_bytes() == b"unchanged"
    assert heard == []
    with pytest.raises(BlockingIOError):
        udp.recv(1)
    assert not told.exists() or told.stat().st_size < 6000
    assert _none_left(before)


def _none_left(before: set[int]) -> bool:
    """No process that the run started is left (a killed group may need a moment to be reaped)."""
    for _ in range(100):
        if {one.pid for one in tree(os.getpid())} <= before:
            return True
        time.sleep(0.02)
    return False
