"""Reads a DICOM policy file. What is wrong with its form is said in the reader's language, with the place and what would be right."""
from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from eval_harness.base import Issue, WrongUsage
from schemas.messages import messages
from schemas.shapes.dicom_policy import DicomPolicy

_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern", "expected")
_SIGNS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "min_length": "length ≥ {}", "max_length": "length ≤ {}",
          "pattern": "/{}/", "expected": "{}"}
_KINDS = {"int": "1, 2, 3 …", "float": "1.5", "bool": "true | false", "string": "\"…\"", "tuple": "[…, …]", "list": "[…, …]",
          "model": "key: value", "dict": "key: value"}
"""What a YAML value of each kind looks like, by the first word of pydantic's error type."""


def read_policy(path: Path) -> DicomPolicy:
    """Raises WrongUsage POL-001 (no such key), POL-012 (a key is missing), POL-013 (a value of another form), POL-014 (no YAML)."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(messages().issue("POL-014", path.name)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = path.name if mark is None else f"{path.name}:{mark.line + 1}:{mark.column + 1}"
        raise WrongUsage(messages().issue("POL-014", where)) from error
    try:
        return DicomPolicy.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])   # a misspelt key also misses its right one
        raise WrongUsage(_issue(first, path.name)) from error


def _issue(error: Mapping[str, Any], name: str) -> Issue:
    place: tuple[int | str, ...] = error["loc"]
    where = f"{name}, {'.'.join(map(str, place))}" if place else name
    key = str(place[-1]) if place else ""
    if error["type"] == "extra_forbidden":
        known = _keys_at(place[:-1])
        near = difflib.get_close_matches(key, known, 1, 0.5)
        return messages().issue("POL-001", where, found=key, right=near[0] if near else ", ".join(known))
    if error["type"] == "missing":
        return messages().issue("POL-012", where, found=key)
    return messages().issue("POL-013", where, right=_right(error))


def _right(error: Mapping[str, Any]) -> str:
    """What would be right, in signs rather than in sentences."""
    given = error.get("ctx", {})
    limits = [_SIGNS[name].format(given[name]) for name in _LIMITS if name in given]
    return ", ".join(limits).replace("' or '", "', '") or _KINDS.get(error["type"].partition("_")[0], "…")


def _keys_at(place: tuple[int | str, ...]) -> list[str]:
    """Keys that may stand below `place`."""
    model: Any = DicomPolicy
    for part in place:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            model = _model_in(model.model_fields[part].annotation)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    if get_origin(annotation) is None:
        return annotation
    found = [_model_in(inner) for inner in get_args(annotation)]
    return next((one for one in found if isinstance(one, type) and issubclass(one, BaseModel)), None)
