"""Libraries that report to their makers are told not to: nothing of a hospital's machine calls home."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOADS = {
    "the reader of burned-in text": "from pipelines.phi_zone.pixels.ocr import Reader\nReader()",
    "the engine of vendors' graphs": "from eval_harness.inference.engine import Engine\ntry:\n    Engine(b'no graph', {'sockets': []})\n"
                                     "except Exception as error:\n    assert 'onnx' in type(error).__module__, error",
}
SESSION = ".ses"
"""The file in which the telemetry of the onnxruntime wheel keeps its session, in the temporary folder, from the import on."""


def files_of(code: str, folder: Path) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | {"TMPDIR": str(folder)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=300)
    return [file.name for file in folder.iterdir()]


@pytest.mark.parametrize("loads", LOADS)
def test_onnxruntime_keeps_no_session_of_its_telemetry(tmp_path: Path, loads: str) -> None:
    pytest.importorskip("onnxruntime")
    assert SESSION not in files_of(LOADS[loads], tmp_path)
