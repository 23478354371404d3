"""`task.yaml` as a record. Every field's sentence is its documentation in the kit."""
from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from eval_harness.base.record import Record


class Words(Record):
    """One text in both languages."""

    zh: str
    en: str


class SocketSpec(Record):
    """One input that every case of this task has."""

    name: str
    kind: Literal["volume", "image", "vector", "text", "frames"]
    """volume (z, y, x) · image (y, x) · vector (features) · text (UTF-8) · frames (t, y, x)"""
    media_type: str = "application/x-npy"
    dtype: str | None = None
    values: Words
    """What the numbers mean: Hounsfield units, detector counts, a feature list."""
    names: tuple[str, ...] = ()
    """vector: the features in order."""


class OutputSpec(Record):
    """What the model's output.json may hold beyond its schema."""

    decimals: dict[str, int] = Field(default_factory=dict)
    """Decimal places kept, by key; other numbers keep `default_decimals`. Finer differences are rounded away and hashed so."""
    default_decimals: int = 6
    mark_cap: int | None = None
    """Most marks a case may have; a longer list is refused as invalid output, never cut."""


class MeasureSpec(Record):
    """How one case is held against its reference."""

    kind: Literal["froc.points", "froc.masks", "froc.clips", "binary", "multilabel", "mask", "boxes", "tags"]
    params: dict[str, Any] = Field(default_factory=dict)


class EstimateSpec(Record):
    """One number of the report."""

    id: str
    metric: str
    params: dict[str, Any] = Field(default_factory=dict)
    role: Literal["primary", "secondary", "exploratory"] = "secondary"
    unit: str = "1"
    unit_of_analysis: str = "case"
    operating_point: str | None = None
    title: Words


class OperatingPointSpec(Record):
    """A threshold with a name; its value is locked in the plan before the run, from practice data or by the vendor."""

    name: str
    rule: str
    """How it is found on practice data: youden, specificity_at_least:0.9, fp_per_scan:1, declared"""
    default: float | None = None


class StratumSpec(Record):
    """A split of the cases that the report shows."""

    name: str
    title: Words
    values: tuple[str, ...] = ()
    minimum_n: int = 10
    pool: bool = True
    """False: these strata are never pooled into one number (children's age bands)."""


class VariantSpec(Record):
    """A robustness or repeatability run that makes sense for this task; the default plan declares it."""

    name: str
    op: str
    """A step of eval_harness/tasks/variants.py, or one of the pack's own."""
    params: dict[str, float] = Field(default_factory=dict)
    cases: int = Field(20, ge=1)
    """Cases copied; which ones follows from the plan."""
    title: Words


class Limits(Record):
    """What one case may use. CPU time is the limit; wall time is cut at three times it."""

    timeout_s: float = 60.0
    """CPU seconds of all processes of a case together."""
    start_timeout_s: float = 60.0
    """CPU seconds until the model is ready for its first case."""
    memory_bytes: int = 4 * 1024**3
    output_bytes: int = 1024**2
    """Size of output.json."""
    file_bytes: int = 256 * 1024**2
    """Largest declared output file."""
    scratch_bytes: int = 256 * 1024**2
    log_bytes: int = 64 * 1024
    processes: int = 32
    open_files: int = 256
    wall_factor: float = 3.0
    attempts: int = 2


class TaskSpec(Record):
    """A task pack's contract."""

    task: str
    version: int
    title: Words
    summary: Words
    unit: str
    """Unit of analysis: patient, study, scan, lesion, frame, report."""
    cluster: str = "person"
    sockets: tuple[SocketSpec, ...]
    output: OutputSpec = OutputSpec()
    output_files: dict[str, str] = Field(default_factory=dict)
    """Files beside output.json that a case may have: name → media type."""
    measure: MeasureSpec
    estimates: tuple[EstimateSpec, ...]
    primary: str
    operating_points: tuple[OperatingPointSpec, ...] = ()
    failure_rules: dict[str, str]
    """What a failed case counts as, by measure side; see docs/submission.md."""
    strata: tuple[StratumSpec, ...] = ()
    variants: tuple[VariantSpec, ...] = ()
    limits: Limits = Limits()
    references: tuple[str, ...] = ()
    protocol: dict[str, Any] = Field(default_factory=dict)
    """Default protocol: alpha, sided, B, seed, comparator, multiplicity, minimum n."""
    population: dict[str, Any] = Field(default_factory=dict)
    """Age and other bounds of intended use that the pack itself knows."""
