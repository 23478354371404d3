"""The table from a metric's name, as task packs write it, to its function. A new metric is one file and one line of
`registry.toml`; a task pack outside the package adds its own lines with `register`.
"""
from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval_harness.metrics.rows import KINDS, FloatArray, Weights

BETTER = ("higher", "lower", "none")
_added: dict[str, MetricSpec] = {}


@dataclass(frozen=True)
class MetricSpec:
    """One line of the table. Calling it is calling the function, with its parameters checked by name."""

    name: str
    kind: str
    """Unit rows it takes: a key of `rows.KINDS`."""
    function: str
    """`module:function`. In registry.toml the module lies in eval_harness.metrics; in `register` it is a full name."""
    better: str
    params: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    interval: str = "bootstrap"
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    primary: bool = True
    """False where a failure, or an empty mask, can improve it: shown, never a primary end point."""
    fixed: Mapping[str, Any] | None = None
    """Parameters this name settles (cpm_step: rule = step)."""

    def __call__(self, rows: Any, weights: Weights, **params: Any) -> FloatArray:
        missing = [name for name in self.params if name not in params]
        unknown = sorted(set(params) - set(self.params) - set(self.optional))
        if missing or unknown:
            raise TypeError(f"metric {self.name}: missing {missing}, unknown {unknown}; "
                            f"it takes {list(self.params)} and may take {list(self.optional)}")
        if not isinstance(rows, KINDS[self.kind]):
            raise TypeError(f"metric {self.name} takes {self.kind} rows, not {type(rows).__name__}")
        out: NDArray[np.float64] = resolve(self.function)(rows, weights, **{**(self.fixed or {}), **params})
        return out


@cache
def resolve(function: str) -> Callable[..., Any]:
    """Import `module:function` the first time it is called, so that listing metrics imports none."""
    module, _, name = function.partition(":")
    return getattr(import_module(module), name)  # type: ignore[no-any-return]


@cache
def _shipped() -> dict[str, MetricSpec]:
    lines = tomllib.loads((Path(__file__).parent / "registry.toml").read_text(encoding="utf-8"))
    return {name: _spec(name, {**line, "function": f"eval_harness.metrics.{line['function']}"}) for name, line in lines.items()}


def _spec(name: str, line: Mapping[str, Any]) -> MetricSpec:
    fields = dict(line)
    for key in ("params", "optional"):
        fields[key] = tuple(fields.get(key, ()))
    spec = MetricSpec(name=name, **fields)
    if spec.kind not in KINDS or spec.better not in BETTER:
        raise ValueError(f"metric {name}: kind {spec.kind!r} is one of {sorted(KINDS)}, better {spec.better!r} of {BETTER}")
    return spec


def metric(name: str) -> MetricSpec:
    """The metric of this name. Raises KeyError that lists the nearest names."""
    found = _added.get(name) or _shipped().get(name)
    if found is None:
        from difflib import get_close_matches

        raise KeyError(f"no metric {name!r}; nearest: {', '.join(get_close_matches(name, list(names()), 3, 0.3)) or 'none'}")
    return found


def register(name: str, **line: Any) -> MetricSpec:
    """Add a task pack's own metric for this process. Raises ValueError when the name is taken by another function."""
    spec = _spec(name, line)
    taken = _added.get(name) or _shipped().get(name)
    if taken is not None and taken != spec:
        raise ValueError(f"metric {name!r} exists: {taken.function}")
    _added[name] = spec
    return spec


def names(kind: str | None = None) -> Iterator[str]:
    """All names, or those of one kind of rows."""
    for name, spec in {**_shipped(), **_added}.items():
        if kind is None or spec.kind == kind:
            yield name
