"""`lake`: an embedded engine over a home of its own, with builders of released rows; `hospital`: six chest CTs to make sets of."""
from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from datasets_built import STUDIES, build, marks
from images_planted import ct_slices, release, volume
from lake_built import Lake

from governance.access import acting
from governance.audit import Audit
from governance.store import open_store
from pipelines.deid_zone import frozen
from pipelines.deid_zone.freeze import Platform, freeze
from pipelines.deid_zone.readings import import_readings
from pipelines.deid_zone.tabulate import tabulate


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    made = Lake(tmp_path / "home")
    yield made
    made.engine.close()


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A home with six chest CTs of six subjects, made once and copied; subjects s0 and s1 are one person."""
    lake = Lake(tmp_path_factory.mktemp("released") / "home")
    for number in range(STUDIES):
        release(lake, ct_slices(volume(number), f"2.25.{number}"), study=f"2.25.10{number}", series=f"2.25.20{number}",
                subject=f"s{number}")
    lake.persons(s0="p0", s1="p0", **{f"s{number}": f"p{number}" for number in range(2, STUDIES)})
    tabulate(lake.engine, "east", "run", lake.commit_id())
    lake.engine.close()
    return lake.home.root


@pytest.fixture(scope="session")
def frozen_home(released, tmp_path_factory):
    """The same home after both sets were frozen."""
    folder = tmp_path_factory.mktemp("frozen")
    lake = Lake(shutil.copytree(released, folder / "home"))
    build(lake, per_person=None)
    import_readings(lake.home, "nodules", marks(folder / "m.csv"))
    with contextlib.closing(open_store(lake.settings.store_url)) as store:
        freeze(Platform(lake.home, store, Audit(lake.home.audit), acting("tester:operator")), lake.engine, "nodules")
    lake.engine.close()
    return lake.home.root


@pytest.fixture
def hospital(request, tmp_path):
    source = request.getfixturevalue("frozen_home" if "done" in request.fixturenames else "released")
    lake = Lake(shutil.copytree(source, tmp_path / "home"))
    lake.commits = 1000
    yield lake
    lake.engine.close()


@pytest.fixture
def platform(hospital):
    with contextlib.closing(open_store(hospital.settings.store_url)) as store:
        yield Platform(hospital.home, store, Audit(hospital.home.audit), acting("tester:operator"))


@pytest.fixture
def done(hospital):
    """The sets of a home where the draft was frozen."""
    return frozen.all_sets(hospital.home)
