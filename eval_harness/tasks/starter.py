"""Write a submission folder from ONNX bytes: what reference models and vendors' build scripts end with."""
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
