"""Imports run downhill. A planted uphill import is refused by name; a module the contracts do not list is noticed."""
from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("dags", "pipelines", "schemas", "governance", "eval_harness", "simulator")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([str(command), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "COLUMNS": "200"})


@pytest.fixture
def house(tmp_path):
    """A copy of our source alone, so that a planted import touches nobody."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=lambda _, names: [n for n in names if n == "__pycache__"])
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_house_as_it_stands_breaks_no_contract(house):
    done = lint(house)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("file", "line", "contract"), [
    ("schemas/home.py", "import governance.registry", "Imports run downhill only"),
    ("eval_harness/base/merkle.py", "import schemas.home", "Imports run downhill only"),
    ("pipelines/deid_zone/link.py", "import pipelines.phi_zone.keys", "Only flow A"),
    ("simulator/people.py", "import eval_harness.base", "The simulator is nobody's relative"),
    ("eval_harness/inference/__init__.py", "import eval_harness.testset.reference", "What runs a model"),
    ("governance/portal/__init__.py", "import pipelines.flows", "The portal never loads PHI code"),
])
def test_a_planted_uphill_import_is_refused_by_name(house, file, line, contract):
    path = house / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = lint(house)
    assert done.returncode != 0
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(contract in text for text in broken), broken


def unlisted(root: Path) -> list[str]:
    config = configparser.ConfigParser()
    config.read(root / ".importlinter", encoding="utf-8")
    listed = config["importlinter:contract:downhill"]["layers"].replace("|", " ").replace(":", " ").split()
    modules = [f"{room}.{path.stem}" for room in ("pipelines", "governance") for path in sorted((root / room).iterdir())
               if path.name not in ("__init__.py", "__pycache__") and (path.suffix == ".py" or (path / "__init__.py").exists())]
    return [module for module in modules if module not in listed]


def test_every_module_of_the_layered_rooms_is_listed_by_name():
    assert unlisted(ROOT) == []


def test_an_unlisted_module_is_noticed(house):
    (house / "governance" / "backdoor.py").write_text("", encoding="utf-8")
    assert unlisted(house) == ["governance.backdoor"]
