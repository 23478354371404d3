"""`Record`: the frozen pydantic base of everything people write in files."""
from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema

from eval_harness.base.issue import Catalogue, Words, WrongUsage, eval_messages
from eval_harness.base.reasons import why
from eval_harness.base.wrong_value import told
from eval_harness.base.yaml_file import read_yaml

TAKEN_AS_WRITTEN, NO_SCHEMA = ("bool", "int", "float", "str"), ("default", "metadata", "serialization")


def _as_written(part: Any) -> None:
    """Make the plain values of a schema strict. Not the whole of it: a list is what YAML has for a tuple, a text for a path."""
    if isinstance(part, dict):
        kind = part.get("type")         # of a table of fields: the field that is called so
        if isinstance(kind, str) and kind in TAKEN_AS_WRITTEN:
            part["strict"] = True
        for name, inner in part.items():
            if name not in NO_SCHEMA or not isinstance(kind, str):
                _as_written(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            _as_written(inner)


class Record(BaseModel):
    """Refuses unknown keys, cannot be changed, and takes each field's documentation from the sentence under it.

    A value has the form that it is written in: true is no number, "0.5" in quotation marks is no number, 3 is no text. A whole
    number may stand where a number is asked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        made: CoreSchema = handler(source)
        _as_written(made)
        return made

    @classmethod
    def from_file(cls, path: Path, code: str = "CFG-001", catalogue: Catalogue | None = None) -> Self:
        """Read YAML (or JSON) from `path`. Raises WrongUsage `code` at the first key that is wrong, naming the nearest right one."""
        try:
            data = read_yaml(path)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise WrongUsage((catalogue or eval_messages()).issue("CFG-002", str(path), reason=why(error))) from error
        return cls.from_data(data, str(path), code, catalogue)

    @classmethod
    def from_data(cls, data: Any, where: str, code: str = "CFG-001", catalogue: Catalogue | None = None) -> Self:
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            found = error.errors(include_url=False)
            first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])   # a misspelt key also misses its right one
            place = ".".join(str(part) for part in first["loc"]) or "(whole file)"
            known = _keys_at(cls, first["loc"][:-1])
            reason, right = told(first)
            if first["type"] in ("extra_forbidden", "missing"):
                near = difflib.get_close_matches(str(first["loc"][-1]), known, 1, 0.5) if first["type"] == "extra_forbidden" else []
                keys = near[0] if near else ", ".join(known)
                right = Words(keys, keys)
            issue = (catalogue or eval_messages()).issue(code, f"{where}, {place}", reason=reason, right=right)
            raise WrongUsage(issue) from error


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """Field names that may stand at `path` below `model`, as far as the annotations tell."""
    current: Any = model
    for part in path:
        if isinstance(part, str) and isinstance(current, type) and issubclass(current, BaseModel) and part in current.model_fields:
            current = _inner_model(current.model_fields[part].annotation)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [field.alias or name for name, field in current.model_fields.items()]
    return []


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _inner_model(inner)
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found
    return None
