"""Engines run steps on rows and commit rows to Delta tables; both read and write the same tables."""
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.engines.base import Engine, WorkerSpec
    from pipelines.settings import Settings


def open_engine(settings: Settings, worker: WorkerSpec | None = None) -> Engine:
    """The engine the settings name: embedded (DuckDB + delta-rs, the default) or spark (local or cluster).

    worker: how a process makes the Worker a step borrows keys and objects from; None = de-identified objects only.
    Close it when done (`with contextlib.closing(...)`). Raises Terminal ENG-011 when Spark or its jars are missing.
    """
    if settings.engine == "spark":
        from pipelines.engines.spark import SparkEngine

        return SparkEngine(settings, worker)
    from pipelines.engines.embedded import EmbeddedEngine

    return EmbeddedEngine(settings, worker)
