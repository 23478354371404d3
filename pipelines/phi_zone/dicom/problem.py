"""What stops a file: a code of schemas/messages/dicom.toml and a place in the data set, never a value."""
from __future__ import annotations

from eval_harness.base import Issue
from schemas.messages import messages


class DicomProblem(Exception):
    """The instance cannot be released. Becomes the one issue of a quarantined or rejected outcome."""

    def __init__(self, code: str, where: str = "file", status: str = "quarantined", **params: object) -> None:
        super().__init__(code, where)
        self.code, self.where, self.status, self.params = code, where, status, params

    def issue(self) -> Issue:
        return messages().issue(self.code, self.where, **self.params)


def note(code: str, where: str = "file", **params: object) -> Issue:
    """An issue that does not stop the release."""
    return messages().issue(code, where, **params)
