"""Workers: what a process lends to a step. The factory named by a WorkerSpec makes one, once per process."""
from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from pipelines.engines.base import ObjectRef, Worker, WorkerSpec
from pipelines.engines.errors import refused
from pipelines.engines.objects import ObjectStore

_MADE: dict[WorkerSpec, Worker] = {}


def worker_of(spec: WorkerSpec) -> Worker:
    """This process's Worker for `spec`, made on first use."""
    if spec not in _MADE:
        module, _, name = spec.factory.partition(":")
        _MADE[spec] = getattr(importlib.import_module(module), name)(**dict(spec.params))
    return _MADE[spec]


def deid_spec(objects: Path, tmp: Path) -> WorkerSpec:
    """A worker that reads and writes packed, de-identified objects and has no key."""
    return WorkerSpec("pipelines.engines.worker:deid_worker", (("objects", str(objects)), ("tmp", str(tmp))))


def deid_worker(objects: str, tmp: str) -> DeidWorker:
    return DeidWorker(Path(objects), Path(tmp))


class DeidWorker:
    def __init__(self, objects: Path, tmp: Path) -> None:
        self.store = ObjectStore(objects, "parts")
        tmp.mkdir(parents=True, exist_ok=True)
        self.tmp = Path(tempfile.mkdtemp(prefix="worker-", dir=tmp))

    def key(self) -> Any:
        raise refused("ENG-001", "worker", reason="a step of the de-identified side has no key")

    def read(self, ref: ObjectRef) -> BinaryIO:
        return self.store.open(ref)

    def put(self, zone: str, chunks: Iterable[bytes]) -> ObjectRef:
        if zone != self.store.zone:
            raise refused("ENG-001", "worker", reason=f"zone {zone} cannot be written from here")
        return self.store.put(chunks)
