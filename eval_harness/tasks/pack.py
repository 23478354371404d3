"""Find, read and check a task pack: a folder, ours or anybody's."""
from __future__ import annotations

import difflib
import importlib.util
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eval_harness.base import CaseKey, Truth, WrongUsage, digest, eval_messages, sha256
from eval_harness.tasks.spec import TaskSpec
from eval_harness.testset.layout import CaseInput

HERE = Path(__file__).parent
SPEC, OUTPUT, REFERENCE, MESSAGES, CODE, GOLDEN = (
    "task.yaml", "output.schema.json", "reference.schema.json", "messages.yaml", "task.py", "golden.json")
MOVING, PLACELESS = ("flip/1", "turn/1"), ("binary", "multilabel")
"""Variant steps that move anatomy, and the measures whose reference standard has no places."""
SyntheticCase = tuple[Sequence[CaseInput], CaseKey, Truth]


class PackRefused(WrongUsage):
    """No such pack, or its folder is not a whole one."""


@dataclass(frozen=True)
class Pack:
    """A task pack in memory. `hook(name)` gives a function of its task.py, or None where the default serves."""

    folder: Path
    spec: TaskSpec
    output_schema: Mapping[str, Any]
    reference_schema: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.spec.task

    @property
    def built_in(self) -> bool:
        return self.folder.parent == HERE

    @cached_property
    def messages(self) -> Mapping[str, Mapping[str, str]]:
        import yaml

        path = self.folder / MESSAGES
        return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical list of the pack's files and their digests; sealed sets accept approved ones only."""
        files = {file.relative_to(self.folder).as_posix(): sha256(file.read_bytes())
                 for file in sorted(self.folder.rglob("*")) if file.is_file() and "__pycache__" not in file.parts}
        return digest(files)

    @cached_property
    def golden(self) -> Mapping[str, Any]:
        """Digests of the kit's outputs for a fixed seed; empty where the pack has none."""
        path = self.folder / GOLDEN
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    @cached_property
    def _code(self) -> Any:
        path = self.folder / CODE
        spec = importlib.util.spec_from_file_location(f"touchstone_task_{self.id.replace('-', '_')}", path)
        if spec is None or spec.loader is None or not path.is_file():
            raise PackRefused(eval_messages().issue("TSK-003", self.folder.name, name=CODE))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def hook(self, name: str) -> Callable[..., Any] | None:
        """`measure(truth, output_or_none, spec)` or `variant(...)` where the pack brings its own. Estimates are always metrics of
        the registry: a verifier makes every number again without running code out of a pack."""
        return getattr(self._code, name, None)

    def synthetic(self, seed: int, n: int) -> Iterator[SyntheticCase]:
        """`n` made-up cases with their reference standard; the same seed gives the same bytes and case ids."""
        return self._required("synthetic")(seed, n)  # type: ignore[no-any-return]

    def reference_model(self, out: Path) -> None:
        """Write a working submission folder of this task to `out`."""
        self._required("reference_model")(out)

    def _required(self, name: str) -> Callable[..., Any]:
        found = self.hook(name)
        if found is None:
            raise PackRefused(eval_messages().issue("TSK-004", f"{self.folder.name}/{CODE}", name=name))
        return found


def list_packs() -> list[str]:
    """Names of the packs that ship with the harness."""
    return sorted(folder.name for folder in HERE.iterdir() if (folder / SPEC).is_file())


def load_pack(name_or_dir: str | Path) -> Pack:
    """The pack of that name, or in that folder. Raises PackRefused with the nearest name, or the key that is wrong."""
    folder = HERE / str(name_or_dir)
    if not (folder / SPEC).is_file():
        folder = Path(name_or_dir)
    if not (folder / SPEC).is_file():
        known = list_packs()
        near = difflib.get_close_matches(str(name_or_dir), known, 1, 0.3)
        raise PackRefused(eval_messages().issue("TSK-001", str(name_or_dir), near=near[0] if near else known[0],
                                                known=", ".join(known)))
    try:
        spec = TaskSpec.from_file(folder / SPEC, "TSK-002")
    except WrongUsage as wrong:
        raise PackRefused(wrong.issue) from wrong
    ids = [estimate.id for estimate in spec.estimates]
    if spec.primary not in ids:
        raise PackRefused(eval_messages().issue("TSK-005", f"{folder.name}/{SPEC}, primary", found=spec.primary,
                                                known=", ".join(ids)))
    for variant in spec.variants:
        if variant.op in MOVING and spec.measure.kind not in PLACELESS:
            raise PackRefused(eval_messages().issue("TSK-008", f"{folder.name}/{SPEC}, variants", name=variant.name))
    return Pack(folder, spec, _schema(folder / OUTPUT), _schema(folder / REFERENCE))


def _schema(path: Path) -> Mapping[str, Any]:
    import jsonschema_rs

    try:
        schema: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        jsonschema_rs.validator_for(dict(schema))
    except (OSError, ValueError) as error:
        raise PackRefused(eval_messages().issue("TSK-003", path.parent.name, name=path.name)) from error
    return schema
