"""A served model as an image, by a real podman without a network: one container for all cases, a fresh one after a failure."""
from __future__ import annotations

import io
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import pytest

from eval_harness.runs import run_submission
from eval_harness.sandbox.podman import PODMAN, pulled
from eval_harness.tasks.starter import write_submission
from tests.eval_harness.runs.served import replying
from tests.eval_harness.submission import archives

pytestmark = [pytest.mark.skipif(bool(PODMAN.available()), reason=f"podman: {PODMAN.available()}"), pytest.mark.slow]
LEFT_OUT = ("test", "site-packages", "dist-packages", "idlelib", "lib2to3", "tkinter", "ensurepip", "__pycache__", "config-*", "*.a")
PLAN = {"limits": {"timeout_s": 2.0, "attempts": 1, "memory_bytes": 200 * 2**20, "processes": 24, "wall_factor": 3.0}}


PROGRAM = str(Path(sys.executable).resolve())


@cache
def interpreter() -> bytes:
    """This interpreter, its library and what they are linked with, as a layer; made once."""
    with tempfile.TemporaryDirectory() as folder:
        root, library = Path(folder), Path(sysconfig.get_path("stdlib"))
        shutil.copytree(library, root / library.relative_to("/"), ignore=shutil.ignore_patterns(*LEFT_OUT))
        linked = [PROGRAM, *library.glob("lib-dynload/_socket*.so"), *library.glob("lib-dynload/_json*.so")]
        told = subprocess.run(["ldd", *map(str, linked)], capture_output=True, text=True, check=True).stdout
        for path in {PROGRAM, *(word for word in told.split() if word.startswith("/") and not word.endswith(":"))}:
            (root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, root / path.lstrip("/"))
        return layer(root)


def layer(root: Path) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as out:
        out.add(root, ".")
    return held.getvalue()


def image(folder: Path, code: str) -> Path:
    """An image that replies by `code`, as the test's servers do."""
    (folder / "layer").mkdir()
    (replying(folder / "program", code) / "bundle").rename(folder / "layer" / "bundle")
    config = {"config": {"Entrypoint": [PROGRAM, "-I", "/bundle/serve.py"]}}
    data = archives.image([interpreter(), layer(folder / "layer")], config=config)
    return write_submission(folder / "sub", "oci", {"image.oci.tar": data}, task="chest-dr", lifecycle="serve", protocol="oip-v2")


@pytest.mark.parametrize(("code", "counts", "state"), [
    ("say(told, score=sum(told['inputs'][1]['data']) % 97 / 97)", {"cases": 4, "ok": 4}, "complete"),
    ("say(told, score=seen / 64)", {"cases": 4, "refused": 4}, "stopped"),
    ("if seen == 2:\n    os._exit(3)\nsay(told)", {"cases": 4, "ok": 2, "crash": 2}, "complete"),
    ("if seen == 2:\n    while True: line.sendall(b'')\nsay(told)", {"cases": 4, "ok": 2, "timeout": 2}, "complete"),
    ("if seen == 2:\n    held = os.urandom(2**29)\nsay(told)", {"cases": 4, "ok": 2, "oom": 2}, "complete"),
])
def test_a_served_image_answers_and_ends_as_a_served_bundle_does(code, counts, state, few, tmp_path):
    model = image(tmp_path, code)
    run = run_submission(model, few, PLAN, tmp_path / "run", sandbox="podman", progress=False)
    assert (run.record["state"], run.counts, run.sandbox["backend"]) == (state, counts, "podman")
    assert run.rerun["cases"] == 1
    archive = model / "image.oci.tar"
    words = ["podman", "ps", "--all", "--quiet", "--filter", f"ancestor={pulled(archive, archive.stat().st_mtime_ns)}"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == ""
