"""A served model as an image, by a real podman without a network: one container for all cases, a fresh one after a failure."""
from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from eval_harness.runs import run_submission
from eval_harness.sandbox.podman import PODMAN
from tests.eval_harness.runs.served import replying
from tests.eval_harness.sandbox.test_podman import archived

pytestmark = [pytest.mark.skipif(bool(PODMAN.available()), reason=f"podman: {PODMAN.available()}"), pytest.mark.slow]
LEFT_OUT = ("test", "site-packages", "dist-packages", "idlelib", "lib2to3", "tkinter", "ensurepip", "__pycache__", "config-*", "*.a")
PLAN = {"limits": {"timeout_s": 2.0, "attempts": 1, "memory_bytes": 200 * 2**20, "processes": 24, "wall_factor": 3.0}}


def interpreter(root: Path) -> str:
    """This interpreter, its library and what they are linked with, below `root`; the program's path inside."""
    program, library = Path(sys.executable).resolve(), Path(sysconfig.get_path("stdlib"))
    shutil.copytree(library, root / library.relative_to("/"), ignore=shutil.ignore_patterns(*LEFT_OUT))
    linked = [program, *library.glob("lib-dynload/_socket*.so"), *library.glob("lib-dynload/_json*.so")]
    told = subprocess.run(["ldd", *map(str, linked)], capture_output=True, text=True, check=True).stdout
    for path in {str(program), *(word for word in told.split() if word.startswith("/") and not word.endswith(":"))}:
        (root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, root / path.lstrip("/"))
    return str(program)


def image(folder: Path, code: str) -> Path:
    """An image that replies by `code`, as the test's servers do."""
    replying(folder / "program", code)
    root = folder / "root"
    program = interpreter(root)
    shutil.copytree(folder / "program" / "bundle", root / "bundle")
    return archived(folder, root, [program, "-I", "/bundle/serve.py"], lifecycle="serve", protocol="oip-v2")


@pytest.mark.parametrize(("code", "counts", "state"), [
    ("say(told, score=sum(told['inputs'][1]['data']) % 97 / 97)", {"cases": 4, "ok": 4}, "complete"),
    ("say(told, score=seen / 64)", {"cases": 4, "refused": 4}, "stopped"),
    ("if seen == 2:\n    os._exit(3)\nsay(told)", {"cases": 4, "ok": 2, "crash": 2}, "complete"),
    ("if seen == 2:\n    while True: line.sendall(b'')\nsay(told)", {"cases": 4, "ok": 2, "timeout": 2}, "complete"),
    ("if seen == 2:\n    held = os.urandom(2**29)\nsay(told)", {"cases": 4, "ok": 2, "oom": 2}, "complete"),
])
def test_a_served_image_answers_and_ends_as_a_served_bundle_does(code, counts, state, few, tmp_path):
    run = run_submission(image(tmp_path, code), few, PLAN, tmp_path / "run", sandbox="podman", progress=False)
    assert (run.record["state"], run.counts, run.sandbox["backend"]) == (state, counts, "podman")
    assert run.rerun["cases"] == 1
    left = subprocess.run(["podman", "ps", "--all", "--quiet", "--filter", f"ancestor=localhost/touchstone-test-{tmp_path.name.lower()}:1"],
                          capture_output=True, text=True, check=True)
    assert left.stdout.strip() == ""
