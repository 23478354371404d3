"""`engine`: the contract suite runs once per engine, each over a home of its own."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines import open_engine
from pipelines.settings import Settings
from schemas.home import Home


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    home = Home(tmp_path / "home", tmp_path / "home" / "keys")
    for folder, mode in home.folders():
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
    return Settings(home, "embedded", jobs=2)


@pytest.fixture(params=["embedded"])
def engine(request: pytest.FixtureRequest, config: Settings) -> Iterator[Any]:
    opened = open_engine(replace(config, engine=request.param))
    yield opened
    opened.close()
