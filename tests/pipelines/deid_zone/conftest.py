"""`lake`: an embedded engine over a home of its own, with builders of released rows."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lake_built import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    made = Lake(tmp_path / "home")
    yield made
    made.engine.close()
