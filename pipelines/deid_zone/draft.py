"""The draft of a data set: chosen cases, readings and decisions, as files that a person can read and a kill cannot halve.

    deid/datasets/<id>/draft.json       the spec, the Delta versions it was chosen from, one entry per case
                       readings.jsonl   one line per mark or answer of a reader, by case
                       decisions.jsonl  one line per case an adjudicator settled
"""
from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage, canonical, sha256
from schemas.home import Home
from schemas.messages import messages
from schemas.shapes.dataset import DatasetSpec

SCHEMA = "touchstone.draft/1"
FOLDS = ("practice", "validation", "sealed")


@dataclass(frozen=True)
class DraftCase:
    case_id: str
    site_id: str
    person: str
    subject: str
    study_instance_uid: str
    series_instance_uid: str
    fold: str
    """practice | validation | sealed"""
    strata: dict[str, str]


@dataclass(frozen=True)
class Draft:
    dataset_id: str
    spec: DatasetSpec
    table_versions: dict[str, int]
    cases: tuple[DraftCase, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    """How many candidate series were not chosen, by reason."""

    def to_bytes(self) -> bytes:
        return canonical({"schema": SCHEMA, "dataset_id": self.dataset_id, "spec": self.spec.model_dump(mode="json"),
                          "table_versions": self.table_versions, "cases": [asdict(case) for case in self.cases],
                          "left_out": self.left_out})


class DraftFolder:
    def __init__(self, home: Home, dataset_id: str) -> None:
        self.dataset_id, self.path = dataset_id, home.datasets / dataset_id

    def read(self) -> Draft:
        """Raises WrongUsage DST-001 when there is none."""
        try:
            data = json.loads((self.path / "draft.json").read_bytes())
        except FileNotFoundError:
            raise WrongUsage(messages().issue("DST-001", self.dataset_id, name=self.dataset_id)) from None
        return Draft(data["dataset_id"], DatasetSpec.from_data(data["spec"], "draft.json"), data["table_versions"],
                     tuple(DraftCase(**case) for case in data["cases"]), data["left_out"])

    def write(self, draft: Draft) -> bool:
        """False when the same draft is there already."""
        return self._put("draft.json", draft.to_bytes())

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        file = self.path / name
        if file.exists():
            with file.open(encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines)

    def write_lines(self, name: str, rows: Iterable[dict[str, Any]]) -> bool:
        return self._put(name, b"".join(canonical(row) + b"\n" for row in rows))

    def digest(self) -> str:
        """What a frozen version is made from: draft, readings and decisions together."""
        parts = [(name, self.path / name) for name in ("draft.json", "readings.jsonl", "decisions.jsonl")]
        return sha256(canonical([[name, sha256(file.read_bytes()) if file.exists() else ""] for name, file in parts]))

    def _put(self, name: str, data: bytes) -> bool:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        final = self.path / name
        if final.exists() and final.read_bytes() == data:
            return False
        half = self.path / f".{name}.half"
        with half.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        half.rename(final)
        return True


def drafts(home: Home) -> list[str]:
    return sorted(path.parent.name for path in Path(home.datasets).glob("*/draft.json"))
