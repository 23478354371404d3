"""The Worker of PHI steps: fetches the project key, reads landing, staged and released objects, keeps staged ones.

Made once per process from a `WorkerSpec`, which carries places and a key id but no secret.
"""
from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from eval_harness.base import Retryable
from pipelines.engines.base import ObjectRef, WorkerSpec
from pipelines.engines.objects import ObjectStore
from pipelines.phi_zone.keys import KeyRef, ProjectKey, fetch
from pipelines.phi_zone.landing import LandingReader
from schemas.home import Home
from schemas.messages import messages

FACTORY = "pipelines.phi_zone.worker:phi_worker"


def worker_spec(home: Home, key_id: str) -> WorkerSpec:
    """How to make this home's PHI worker in another process."""
    return WorkerSpec(FACTORY, (("home", str(home.root)), ("keys", str(home.keys)), ("key_id", key_id)))


def phi_worker(home: str, keys: str, key_id: str) -> PhiWorker:
    place = Home(Path(home), Path(keys))
    return PhiWorker(place, KeyRef(key_id, "file", str(place.project_key)))


class PhiWorker:
    """Capabilities of a PHI step (engines.base.Worker)."""

    def __init__(self, home: Home, key: KeyRef) -> None:
        self.home, self._ref = home, key
        self.tmp = home.tmp("phi")
        self.staged, self.parts = staged_objects(home), released_objects(home)
        self._key: ProjectKey | None = None
        self._landing: LandingReader | None = None

    def key(self) -> ProjectKey:
        if self._key is None:
            self._key = fetch(self._ref)
        return self._key

    def read(self, ref: ObjectRef) -> BinaryIO:
        """Bytes of an object; zone landing | staged | parts. Raises Terminal LND-002 for a shredded receipt."""
        if ref.zone == "landing":
            if self._landing is None:
                self._landing = LandingReader(self.home, self.key())
            return self._landing.open(ref)
        return (self.staged if ref.zone == "staged" else self.parts).open(ref)

    def put(self, zone: str, chunks: Iterable[bytes | memoryview]) -> ObjectRef:
        """Keep de-identified bytes until `release` moves them. Only zone "staged" is a step's to write.

        Raises Retryable STG-001 when the disk refuses; nothing half-written stays under a final name.
        """
        if zone != "staged":
            raise ValueError(f"a step writes to the zone staged, not {zone}")
        try:
            return self.staged.put(chunks)
        except OSError as error:
            raise Retryable(messages().issue("STG-001", "phi/staging", reason=error.strerror or "I/O error")) from error


def staged_objects(home: Home) -> ObjectStore:
    """Where de-identified files wait for their release."""
    return ObjectStore(home.staging("phi") / "objects", "staged", ".dcm")


def released_objects(home: Home) -> ObjectStore:
    """Where released parts lie."""
    return ObjectStore(home.objects, "parts")
