"""The Worker of PHI steps: fetches the project key, reads landing, staged and released objects, keeps staged ones.

Made once per process from a `WorkerSpec`, which carries places and a key id but no secret.
"""
from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from eval_harness.base import Retryable
from pipelines.engines.base import ObjectRef, WorkerSpec
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
        path = staged_path(self.home, ref.digest) if ref.zone == "staged" else self.home.objects / ref.digest[:2] / f"{ref.digest}.tar"
        with path.open("rb") as source:
            source.seek(ref.offset)
            return io.BytesIO(source.read(ref.length))

    def put(self, zone: str, chunks: Iterable[bytes]) -> ObjectRef:
        """Keep de-identified bytes until `release` moves them. Only zone "staged" is a step's to write.

        Raises Retryable STG-001 when the disk refuses; nothing half-written stays under a final name.
        """
        if zone != "staged":
            raise ValueError(f"a step writes to the zone staged, not {zone}")
        digest, size = hashlib.sha256(), 0
        self.tmp.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle, name = tempfile.mkstemp(dir=self.tmp, prefix="put-")
            try:
                with os.fdopen(handle, "wb") as out:
                    for chunk in chunks:
                        out.write(chunk)
                        digest.update(chunk)
                        size += len(chunk)
                target = staged_path(self.home, digest.hexdigest())
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.replace(name, target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise Retryable(messages().issue("STG-001", "phi/staging", reason=error.strerror or "I/O error")) from error
        return ObjectRef("staged", digest.hexdigest(), 0, size)


def staged_path(home: Home, digest: str) -> Path:
    """Where a staged object lies until it is released."""
    return home.staging("phi") / "objects" / digest[:2] / digest
