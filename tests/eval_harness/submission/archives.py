"""OCI image archives written by hand: a sound one of a few bytes, and any part of it changed."""
from __future__ import annotations

import gzip
import io
import json
import platform
import tarfile
from collections.abc import Callable, Sequence
from typing import Any

from eval_harness.base import sha256

Entry = tuple[str, bytes, dict[str, Any]]
"""Name, content, and fields of the tar header that differ from a plain file's."""
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
TAR, GZIP = "application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip"
PROGRAM: Entry = ("bin/predict", b"#!/bin/sh\n", {"mode": 0o755})


def packed(entries: Sequence[Entry]) -> bytes:
    """A tar of those entries, in that order."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as out:
        for name, data, fields in entries:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            for field, value in fields.items():
                setattr(member, field, value)
            out.addfile(member, io.BytesIO(data))
    return held.getvalue()


def image(layers: Sequence[bytes] = (packed([PROGRAM]),), *, zipped: bool = False, config: dict[str, Any] | None = None,
          media_type: str | None = None, change: Callable[[dict[str, bytes]], None] = lambda files: None) -> bytes:
    """An archive of one image. config: keys of its configuration that differ; change: a last word on the archive's files."""
    files: dict[str, bytes] = {}

    def put(data: bytes, kind: str) -> dict[str, Any]:
        files[f"blobs/sha256/{sha256(data)}"] = data
        return {"mediaType": kind, "digest": f"sha256:{sha256(data)}", "size": len(data)}

    told = {"architecture": MACHINE, "os": "linux", "config": {"Entrypoint": ["/bin/predict"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(layer)}" for layer in layers]}, **(config or {})}
    held = [put(gzip.compress(layer) if zipped else layer, media_type or (GZIP if zipped else TAR)) for layer in layers]
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": put(json.dumps(told).encode(), "application/vnd.oci.image.config.v1+json"), "layers": held}
    index = put(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
    files |= {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
              "index.json": json.dumps({"schemaVersion": 2, "manifests": [index]}).encode()}
    change(files)
    return packed([(name, data, {}) for name, data in files.items()])
