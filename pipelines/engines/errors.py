"""What an engine refuses and what it reports as a failed environment. Messages name tables and steps, never a value."""
from __future__ import annotations

from eval_harness.base import Retryable, Terminal
from schemas.messages import messages


class EngineRefused(Terminal):
    """Rows or SQL that break the contract: a defect in the caller or in a step."""


class StepFailed(Terminal):
    """The logic of a step raised something other than an issue on a row: a defect or a broken environment."""


class TableBusy(Retryable):
    """Another process holds the lease of a table."""


class TableDamaged(Terminal):
    """A file of a table is missing or not what it was: somebody has to put it back."""


class DiskRefuses(Retryable):
    """The disk under a table is full, read-only or not ours to write."""


def refused(code: str, where: str, **params: object) -> EngineRefused:
    return EngineRefused(messages().issue(code, where, **params))
