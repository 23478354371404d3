"""Write a submission folder: from ONNX bytes, what reference models and vendors' build scripts end with; or one that is served."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval_harness.base import canonical, sha256


def write_onnx_submission(out: Path, model: bytes, *, task: str, task_version: int, sockets: Mapping[str, str],
                          pre: Sequence[Mapping[str, Any]], post: Sequence[Mapping[str, Any]],
                          operating_points: Mapping[str, float] | None = None, version: str = "1.0",
                          family: str = "reference") -> None:
    """model.onnx and manifest.json in `out`. sockets: socket of the task → input tensor of the graph."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(model)
    manifest = {
        "schema": "touchstone.submission/1", "kind": "onnx", "lifecycle": "serve", "protocol": "files",
        "task": {"id": task, "version": task_version},
        "device": {"vendor": "touchstone", "family": family, "version": version},
        "files": [{"path": "model.onnx", "sha256": sha256(model), "bytes": len(model)}],
        "sockets": [{"name": name, "tensor": tensor} for name, tensor in sorted(sockets.items())],
        "pre": [dict(step) for step in pre], "post": [dict(step) for step in post],
        "operating_points": dict(operating_points or {}), "seed": 0, "licence": "Apache-2.0", "contact": "",
    }
    (out / "manifest.json").write_bytes(canonical(manifest))


def write_served_submission(out: Path, answer: Any, *, task: str, task_version: int) -> None:
    """bundle/ and manifest.json in `out`: a program that speaks the Open Inference Protocol and always replies `answer`."""
    bundle = out / "bundle"
    bundle.mkdir(parents=True, exist_ok=True)
    files = {"serve.py": Path(__file__).with_name("oip_starter.py").read_bytes(), "answer.json": canonical(answer)}
    for name, data in files.items():
        (bundle / name).write_bytes(data)
    manifest = {
        "schema": "touchstone.submission/1", "kind": "python", "lifecycle": "serve", "protocol": "oip-v2", "entry": "serve.py",
        "task": {"id": task, "version": task_version},
        "device": {"vendor": "touchstone", "family": "served-starter", "version": "1.0"},
        "files": [{"path": f"bundle/{name}", "sha256": sha256(data), "bytes": len(data)} for name, data in sorted(files.items())],
        "seed": 0, "licence": "Apache-2.0", "contact": "",
    }
    (out / "manifest.json").write_bytes(canonical(manifest))
