"""A small practice set and the reference submission of chest-dr, made once."""
from __future__ import annotations

from pathlib import Path

import pytest

from eval_harness.tasks import load_pack
from eval_harness.tasks.practice import write_practice_set


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(set of 24 cases, submission)."""
    root, pack = tmp_path_factory.mktemp("practice"), load_pack("chest-dr")
    pack.reference_model(root / "submission")
    write_practice_set(pack, root / "set", n=24, seed=4)
    return root / "set", root / "submission"


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of four cases."""
    folder = tmp_path_factory.mktemp("few") / "set"
    write_practice_set(load_pack("chest-dr"), folder, n=4, seed=4)
    return folder
