"""A lake to test with: an embedded engine over a home, and builders of released rows."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.engines import open_engine
from pipelines.settings import Settings, open_home
from schemas.home import Home
from schemas.tables import INSTANCE, PERSON_LINK, fhir_table

Row = dict[str, Any]


class Lake:
    def __init__(self, root: Path) -> None:
        home = Home(root, root / "keys")
        self.home, self.settings = home, Settings(home, "embedded", jobs=1)
        open_home(self.settings)
        self.engine = open_engine(self.settings)
        self.commits = 0

    def commit_id(self) -> str:
        self.commits += 1
        return f"test-{self.commits}"

    def instances(self, *rows: Row) -> None:
        self.engine.upsert(INSTANCE, pa.Table.from_pylist([instance() | row for row in rows], schema=INSTANCE.columns),
                           commit_id=self.commit_id())

    def resources(self, *bodies: Row, site_id: str = "east", subject: str = "s1") -> None:
        for body in bodies:
            table = fhir_table(body["resourceType"])
            row = {"site_id": site_id, "id": body["id"], "subject": subject, "m": "2026-11", "unit_token": body["id"], "seq": 1,
                   "policy": "cn-gold@1", "resource": json.dumps(body)}
            self.engine.upsert(table, pa.Table.from_pylist([row], schema=table.columns), commit_id=self.commit_id())

    def persons(self, **persons: str) -> None:
        rows = [{"subject": subject, "site_id": "east", "person": person, "day_offset": 0, "revision": 1}
                for subject, person in persons.items()]
        self.engine.upsert(PERSON_LINK, pa.Table.from_pylist(rows, schema=PERSON_LINK.columns), commit_id=self.commit_id())

    def rows(self, table: Any) -> list[Row]:
        return self.engine.table(self.engine.read(table)).to_pylist()


def instance(**differs: Any) -> Row:
    return dict.fromkeys(INSTANCE.columns.names) | {
        "site_id": "east", "sop_instance_uid": "2.25.1", "series_instance_uid": "2.25.11", "study_instance_uid": "2.25.21",
        "subject": "s1", "m": "2026-11", "unit_token": "u1", "seq": 1, "policy": "cn-gold@1", "modality": "CT",
        "part": {"zone": "parts", "digest": "0" * 64, "offset": 512, "length": 100}, "study_date": "20240229"} | differs
