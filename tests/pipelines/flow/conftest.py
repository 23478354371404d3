"""One hospital's folder, small: three CT slices, one radiograph, three patients and what belongs to them; and a home to pull it into."""
from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance import registry
from governance.store import open_store
from pipelines import balance, flows, quarantine
from pipelines.engines import open_engine
from pipelines.receipt import Receipt
from pipelines.settings import Settings, open_home
from schemas.home import Home
from schemas.shapes.site import Site
from schemas.tables import Table
from simulator.story import Shelf, tell

NIGHT = dt.datetime.fromisoformat("2026-03-02T22:00:00+08:00")
MUCH_LATER = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
SITE = {"site_id": "usb", "name": {"zh": "磁盘医院", "en": "Disk hospital"}, "tier": "community", "patient_id_issuer": "usb-mpi",
        "identifiers": {"mrn": "http://xj-south.example/mrn", "resident_id": "urn:oid:2.16.156.10011.1.3"},
        "limits": {"max_quarantined_share": 1.0}}


@cache
def shelf() -> Shelf:
    """A slice of the third made-up hospital's first night."""
    whole = tell(7).nights["xj-south"][1]
    images = list(whole.instances.values())
    series = [one for one in images if one.modality == "CT"]
    slices = [one for one in series if one.series_instance_uid == series[0].series_instance_uid][:3]
    chosen = [*slices, next(one for one in images if one.modality == "DX")]
    patients = [key for key in whole.resources if key.startswith("Patient/")][:3]
    small = whole.copy()
    small.instances = {one.sop_instance_uid: one for one in chosen}
    small.resources = {key: value for key, value in whole.resources.items()
                       if key in patients or _about(value) in patients or key.startswith(("Organization/", "Practitioner/"))}
    return small


def _about(resource: dict[str, Any]) -> str:
    return str((resource.get("subject") or {}).get("reference", ""))


class Disk:
    """The folder a hospital sends. Files are named by place, so that a test can change one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "图像 1").mkdir(parents=True)

    def fill(self, resources: list[dict[str, Any]] | None = None) -> Disk:
        for number, image in enumerate(shelf().instances.values()):
            self.put(f"图像 1/IM{number}", image.data)
        self.lines(list(shelf().resources.values()) if resources is None else resources)
        return self

    def lines(self, resources: list[Any], name: str = "records.ndjson") -> None:
        written = [one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode() for one in resources]
        self.put(name, b"".join(line + b"\n" for line in written))

    def put(self, name: str, data: bytes) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_bytes(data)


class Lake:
    """A home with one hospital: `ingest`, then look."""

    def __init__(self, root: Path, site: dict[str, Any]) -> None:
        self.home = Home(root, root / "keys")
        self.settings = Settings(self.home, jobs=1)
        open_home(self.settings)
        self.add(site)

    def add(self, site: dict[str, Any]) -> None:
        store = open_store(self.settings.store_url)
        registry.add_site(store, Site.model_validate(site))
        store.close()

    def ingest(self, site_id: str = "usb", as_of: dt.datetime = NIGHT, **how: Any) -> Receipt:
        return flows.ingest(self.settings, site_id, as_of=as_of, **how)

    @contextlib.contextmanager
    def engine(self) -> Iterator[Any]:
        with contextlib.closing(open_engine(self.settings)) as opened:
            yield opened

    def rows(self, table: Table) -> list[dict[str, Any]]:
        with self.engine() as engine:
            return engine.table(engine.read(table)).to_pylist()  # type: ignore[no-any-return]

    def days(self) -> list[balance.DayRow]:
        with self.engine() as engine:
            return balance.days(engine, self.home, {}, MUCH_LATER)

    def quarantined(self) -> list[dict[str, Any]]:
        with self.engine() as engine:
            return quarantine.rows(engine, states=quarantine.OPEN_STATES)

    def versions(self) -> dict[str, str]:
        """Newest log entry of every table outside the ledger's audit side, and every object: what must not change for nothing."""
        logs = sorted(self.home.root.glob("*/tables/**/_delta_log/*.json"))
        newest = {str(file.parent.relative_to(self.home.root)): file.name for file in logs}
        return newest | {str(file.relative_to(self.home.root)): "object" for file in self.home.objects.rglob("*.tar")}

    def bytes_outside_phi(self) -> Iterator[tuple[Path, bytes]]:
        for file in self.home.root.rglob("*"):
            if file.is_file() and self.home.phi not in file.parents and self.home.keys not in file.parents:
                yield file, file.read_bytes()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "usb")


@pytest.fixture
def lake(tmp_path: Path, disk: Disk) -> Lake:
    return Lake(tmp_path / "湖 home, 1#" / "home", SITE | {"folder": {"path": str(disk.path)}})


def site_file(folder: Path, disk: Disk) -> Path:
    path = folder / "usb.yaml"
    path.write_text(yaml.safe_dump(SITE | {"folder": {"path": str(disk.path)}}, allow_unicode=True), encoding="utf-8")
    return path
