"""Fixtures of every room: a home of its own, the reference data (or a skip by name)."""
from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def reference_data() -> Path:
    """The folder of reference cases ($TOUCHSTONE_DATA, default ../shared/data); the test is skipped by name without it."""
    folder = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.exists():
        pytest.skip("the reference data of TOUCHSTONE_DATA is not here")
    return folder
