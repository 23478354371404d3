"""The reference records (Synthea with notes, Synthea patients, the Chinese set) through both doors: nothing of anyone comes out.

Skipped by name without $TOUCHSTONE_DATA (docs/deid-proof.md gives the figures).
"""
from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.tables import fhir_table
from simulator.needles import Needles, layers
from tests.pipelines.flow.conftest import Lake

pytestmark = [pytest.mark.data, pytest.mark.slow]
SETS = {"us-reference": ("synthea-notes", "synthea-patients-only"), "zh-reference": ("zh-dev",)}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@pytest.fixture(scope="module")
def records() -> Path:
    folder = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[3] / "shared" / "data")) / "fhir"
    if not folder.is_dir():
        pytest.skip("TOUCHSTONE_DATA/fhir is not here")
    return folder


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Always the same key: with one key of some sixty, somebody's moved birthday falls on somebody else's and looks like a leak."""
    path = tmp_path_factory.mktemp("key") / "project.key"
    path.write_text(json.dumps({"schema": "touchstone-key/1", "key_id": "53a83e77ba1c", "secret": b64encode(bytes(range(32))).decode()}))
    path.chmod(0o600)
    return path


def files(records: Path, site: str) -> list[Path]:
    return [file for name in SETS[site] for file in sorted((records / name).glob("*.ndjson"))]


def lines(paths: list[Path]) -> int:
    return sum(bool(line.strip()) for path in paths for line in path.read_bytes().split(b"\n"))


def planted(records: Path) -> tuple[Needles, set[str]]:
    """Everything that identifies somebody, and apart from it the days of the Chinese answer key: another's day may fall on one."""
    values: dict[str, list[str]] = {kind: list(_of_synthea(records, kind)) for kind in ("identifier", "telecom", "name", "address", "id")}
    key = [value for line in (records / "zh-dev" / "phi_key.jsonl").open(encoding="utf-8") for value in json.loads(line)["values"]]
    values["key"] = [value for value in key if not DAY.fullmatch(value)]
    return Needles({kind: sorted(set(found)) for kind, found in values.items()}), {value for value in key if DAY.fullmatch(value)}


def _of_synthea(records: Path, kind: str) -> Iterator[str]:
    for name in SETS["us-reference"]:
        for line in (records / name / "Patient.ndjson").open(encoding="utf-8"):
            patient = json.loads(line)
            if kind == "id":
                yield patient["id"]
                yield from (one["valueString"] for one in patient["extension"] if one["url"].endswith("mothersMaidenName"))
            elif kind in ("identifier", "telecom"):
                yield from (one["value"] for one in patient[kind])
            elif kind == "name":
                yield from (part for one in patient["name"] for part in (*one["given"], one["family"]))
            else:
                yield from (line for one in patient["address"] for line in one["line"])


def hits(folder: Path, needles: Needles, leave_out: list[Path]) -> list[tuple[str, str]]:
    return [(found.file, found.kind) for found in needles.in_folder(folder, leave_out)]


def test_the_standalone_door(records: Path, key_file: Path, tmp_path: Path) -> None:
    needles, days = planted(records)
    assert needles.count > 2500
    for site, sources in ((site, files(records, site)) for site in SETS):
        for run in ("one", "two"):
            out = tmp_path / site / run
            done = touchstone("deid", "fhir", *map(str, sources), "--out", str(out), "--site", site, "--key-file", str(key_file), "--json")
            assert done.returncode in (0, 1), done.stderr[-2000:]
            (tmp_path / site / f"{run}.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        manifest = [json.loads(line) for line in (tmp_path / site / "one" / "manifest.jsonl").open(encoding="utf-8")]
        status = json.loads((tmp_path / site / "one" / "summary.json").read_text(encoding="utf-8"))["status"]
        assert len(manifest) == sum(status.values()) == lines(sources)
        written = {file.relative_to(tmp_path / site / "one"): file.read_bytes() for file in walked(tmp_path / site / "one")}
        assert written == {file.relative_to(tmp_path / site / "two"): file.read_bytes() for file in walked(tmp_path / site / "two")}
    assert hits(tmp_path, needles, []) == []
    said = b"".join(layer for file in walked(tmp_path / "zh-reference" / "one") for layer in layers(file.read_bytes()))
    assert [day for day in days if day.encode() in said] == []


def test_the_data_line(records: Path, key_file: Path, tmp_path: Path) -> None:
    needles, days = planted(records)
    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True, mode=0o700)
    shutil.copy2(key_file, home / "keys" / "project.key")
    lake: Lake | None = None
    for site in SETS:
        disk = tmp_path / "usb" / site
        for file in files(records, site):
            (disk / file.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, disk / file.parent.name)
        described: dict[str, Any] = {"site_id": site, "name": {"zh": site, "en": site}, "tier": "tertiary", "patient_id_issuer": site,
                                     "folder": {"path": str(disk)}, "limits": {"max_quarantined_share": 1.0}}
        if lake is None:
            lake = Lake(home, described)
        else:
            lake.add(described)
        counts = lake.ingest(site).counts
        came = lines(files(records, site))
        assert counts["released"] + counts["quarantined"] + counts["rejected"] == came - counts["duplicate"]
        assert counts["in_flight"] == 0
    assert lake is not None
    assert all(line.difference == 0 and line.in_flight == 0 and line.unlisted == 0 for line in lake.days())
    before = lake.versions()
    for site in SETS:
        lake.ingest(site)
    assert lake.versions() == before
    assert hits(home, needles, [home / "phi", home / "keys"]) == []
    kinds = [fhir_table(folder.name.removeprefix("fhir_")) for folder in (home / "deid" / "tables" / "deid").glob("fhir_*")]
    said = b"".join(layer for kind in kinds for row in lake.rows(kind) if row["site_id"] == "zh-reference"
                    for layer in layers(row["resource"].encode()))
    assert [day for day in days if day.encode() in said] == []


def touchstone(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", "from pipelines.cli.main import run; run()", *words], capture_output=True, text=True,
                          check=False)


def walked(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
