"""Reading a FHIR policy by name or path, with what it includes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

import governance
from eval_harness.base import WrongUsage
from schemas.messages import messages
from schemas.shapes.fhir_policy import FhirPolicy

FOLDER = Path(governance.__file__).parent / "policies" / "fhir"


def load_fhir_policy(name_or_path: str | Path) -> FhirPolicy:
    """The policy of that name, or in that file, with its `include` merged in. Raises WrongUsage FHR-020 and FHR-021."""
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml", ".json"):
        path = FOLDER / f"{name_or_path}.yaml"
    data = _read(path)
    if isinstance(data, dict) and isinstance(data.get("include"), str):
        data = _merged(_read(FOLDER / f"{data['include']}.yaml"), data)
    return FhirPolicy.from_data(data, str(path), "FHR-020", messages())


def _read(path: Path) -> Any:
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.yaml")))
        raise WrongUsage(messages().issue("FHR-021", path.name, found=path.stem, known=known))
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise WrongUsage(messages().issue("FHR-020", str(path), reason=" ".join(str(error).split())[:200], right="YAML")) from error


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The including policy wins key by key; lists are joined."""
    out = {**base, **own}
    for key in ("types", "resources", "parameters"):
        out[key] = {**base.get(key, {}), **own.get(key, {})}
    for key in ("public_systems", "extensions", "modifier_extensions"):
        out[key] = [*base.get(key, []), *own.get(key, [])]
    return out
