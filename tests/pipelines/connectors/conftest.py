"""Hospitals that run, and connectors to them."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipelines.phi_zone.connectors import Connector, Delivery, Gone, Patience, open_connectors
from schemas.shapes.site import Site
from simulator.hospitals import Hospitals
from simulator.story import Story, told


@pytest.fixture(scope="session")
def story() -> Story:
    return told(7)


@pytest.fixture
def hospitals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospitals]:
    with Hospitals(tmp_path_factory.mktemp("hospitals"), retry_after_s=0) as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    """How long connectors wanted to wait; nobody waits in a test."""
    return []


@pytest.fixture
def connect(hospitals: Hospitals, pauses: list[float]) -> Iterator[Callable[..., Connector]]:
    """connect("sh-east", "fhir-bulk", limits={...}): the connector of one source, with settings changed in the site file's data."""
    opened: list[Connector] = []

    def to(site_id: str, source: str, read_s: float = 30.0, **changes: Any) -> Connector:
        site = Site.from_file(hospitals.site_file(site_id))
        site = Site.model_validate(site.model_dump() | changes)
        found = open_connectors(site, hospitals.env, Patience(sleep=pauses.append, read_s=read_s))
        opened.extend(found)
        return next(connector for connector in found if connector.source == source)

    yield to
    for connector in opened:
        connector.close()


@dataclass
class Pulled:
    """What a pull promised and what came."""

    promised: set[str] = field(default_factory=set)
    expected: int = 0
    data: dict[str, bytes] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)


def pull(connector: Connector, since: Any = None, until: Any = None) -> Pulled:
    """List everything, then fetch everything."""
    result = Pulled()
    for group in list(connector.list(since, until)):
        result.promised.update(unit.unit_id for unit in group.units)
        result.expected += group.expected or 0
        for item in connector.fetch(group):
            take(result, item)
    return result


def take(result: Pulled, item: Delivery | Gone) -> None:
    if isinstance(item, Gone):
        result.gone.add(item.unit_id)
    elif item.op == "delete":
        result.deleted.add(item.unit_id)
    else:
        data = b"".join(item.chunks)
        (result.files if item.kind == "file" else result.data)[item.unit_id] = data
        result.times[item.unit_id] = result.times.get(item.unit_id, 0) + 1
