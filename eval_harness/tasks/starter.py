"""Write a submission folder: what reference models and vendors' build scripts end with."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval_harness.base import canonical, sha256

DEVICE = {"vendor": "touchstone", "family": "reference", "version": "1.0"}


def write_submission(out: Path, kind: str, files: Mapping[str, bytes], *, task: str, task_version: int = 1,
                     device: Mapping[str, str] = DEVICE, **more: Any) -> Path:
    """Those files and their manifest.json in `out`, which is given back. more: further keys of the manifest.

    The manifest is laid out for a person who edits it; its digest is over its content, not its spaces.
    """
    for name, data in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)
    manifest = {
        "schema": "touchstone.submission/1", "kind": kind, "task": {"id": task, "version": task_version}, "device": dict(device),
        "files": [{"path": name, "sha256": sha256(data), "bytes": len(data)} for name, data in sorted(files.items())], **more,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return out


def write_onnx_submission(out: Path, model: bytes, *, task: str, task_version: int, sockets: Mapping[str, str],
                          pre: Sequence[Mapping[str, Any]], post: Sequence[Mapping[str, Any]],
                          operating_points: Mapping[str, float] | None = None, version: str = "1.0",
                          family: str = "reference") -> None:
    """model.onnx and manifest.json in `out`. sockets: socket of the task → input tensor of the graph."""
    write_submission(
        out, "onnx", {"model.onnx": model}, task=task, task_version=task_version, device=DEVICE | {"family": family, "version": version},
        lifecycle="serve", protocol="files", sockets=[{"name": name, "tensor": tensor} for name, tensor in sorted(sockets.items())],
        pre=[dict(step) for step in pre], post=[dict(step) for step in post], operating_points=dict(operating_points or {}), seed=0,
        licence="Apache-2.0", contact="")


def write_served_submission(out: Path, answer: Any, *, task: str, task_version: int) -> None:
    """bundle/ and manifest.json in `out`: a program that speaks the Open Inference Protocol and always replies `answer`."""
    program = Path(__file__).with_name("oip_starter.py").read_bytes()
    write_submission(out, "python", {"bundle/serve.py": program, "bundle/answer.json": canonical(answer)}, task=task,
                     task_version=task_version, device=DEVICE | {"family": "served-starter"}, lifecycle="serve", protocol="oip-v2",
                     entry="serve.py", seed=0, licence="Apache-2.0", contact="")
