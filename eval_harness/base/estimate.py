"""A number carries its doubt: a value, an interval and an n, or a stated reason why there is none."""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Absent:
    """Why there is no number. `code` is a token of the degenerate-input policy (eval_harness/stats), never a sentence."""

    code: str

    def to_dict(self) -> dict[str, str]:
        return {"absent": self.code}


@dataclass(frozen=True)
class Interval:
    lower: float
    upper: float
    level: float = 0.95
    sided: str = "two"
    """two | lower | upper: which bounds carry the level."""
    method: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lower) and math.isfinite(self.upper)):
            raise ValueError(f"an interval has finite bounds, not [{self.lower}, {self.upper}]; give Absent instead")


@dataclass(frozen=True)
class Estimate:
    """One reported number (design/evaluation: Estimate). The interval can be absent where the value is not."""

    id: str
    value: float | Absent
    interval: Interval | Absent
    unit: str = "1"
    unit_of_analysis: str = "case"
    n: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    cluster: str = "person"
    n_clusters: int = 0
    stratum: str = "all"
    operating_point: str | None = None
    n_imputed: int = 0
    n_undefined: int = 0
    resamples: Mapping[str, int] | None = None
    """{"B", "kept", "seed"} of the bootstrap, if there was one."""
    role: str = "secondary"
    source: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.value, float) and not math.isfinite(self.value):
            raise ValueError(f"{self.id}: {self.value} is not a result; give Absent with its reason")

    @classmethod
    def absent(cls, id: str, code: str, **fields: Any) -> Estimate:
        """An estimate that has no value, and therefore no interval, for the reason `code`."""
        return cls(id=id, value=Absent(code), interval=Absent(code), **fields)

    def to_dict(self) -> dict[str, Any]:
        out = asdict(self)
        for name in ("value", "interval"):
            part = getattr(self, name)
            out[name] = part.to_dict() if isinstance(part, Absent) else out[name]
        out["counts"] = dict(self.counts)
        out["resamples"] = dict(self.resamples) if self.resamples else None
        return out

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Estimate:
        fields = dict(data)
        value, interval = fields["value"], fields["interval"]
        fields["value"] = Absent(value["absent"]) if isinstance(value, Mapping) else value
        fields["interval"] = Absent(interval["absent"]) if "absent" in interval else Interval(**interval)
        return cls(**fields)
