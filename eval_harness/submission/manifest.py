"""`manifest.json` of a submission as a record. Unknown keys are refused with the nearest right one."""
from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from eval_harness.base.record import Record

SCHEMA = "touchstone.submission/1"
KINDS = ("onnx", "oci", "python", "predictions")
SEALED_KINDS = ("onnx", "oci")
SERVED_KINDS = ("oci", "python")
"""Kinds whose program may be started once and asked case after case (lifecycle serve, protocol oip-v2)."""


class TaskName(Record):
    """The task this submission answers."""

    id: str
    version: int


class Device(Record):
    """Who made what: goes into the report as written."""

    vendor: str
    family: str
    version: str


class FileEntry(Record):
    """One file of the folder; files that are not listed are refused."""

    path: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class SocketUse(Record):
    """Which input of the task goes where."""

    name: str
    tensor: str | None = None
    """onnx: the graph's input."""


class Smoke(Record):
    """One small case that proves the submission works before a sealed try is spent."""

    input: str
    """Folder with case.json and its files."""
    expected_sha256: str | None = None
    """Digest of the canonical, rounded answer; absent: any valid answer will do."""


class Resources(Record):
    """What the submission asks for; never more than the task grants."""

    cpu: int = 1
    memory_bytes: int | None = None
    gpu: int = 0
    timeout_s: float | None = None


class Manifest(Record):
    """A submission's contract with us."""

    schema_: Literal["touchstone.submission/1"] = Field(alias="schema")
    kind: Literal["onnx", "oci", "python", "predictions"]
    """onnx: a graph run by our runner · oci: an image archive · python: a bundle (practice) · predictions: answers (practice)"""
    lifecycle: Literal["per_case", "serve"] = "per_case"
    protocol: Literal["files", "oip-v2"] = "files"
    task: TaskName
    device: Device
    files: tuple[FileEntry, ...]
    sockets: tuple[SocketUse, ...] = ()
    pre: tuple[dict[str, Any], ...] = ()
    """onnx: steps from the closed list, in order."""
    post: tuple[dict[str, Any], ...] = ()
    operating_points: dict[str, float] = Field(default_factory=dict)
    resources: Resources = Resources()
    seed: int = 0
    smoke: tuple[Smoke, ...] = ()
    licence: str = ""
    contact: str = ""
    training_data: tuple[str, ...] = ()
    entry: str | None = None
    """python: the program inside bundle/, run once a case, or once a slot where it is served."""
