"""The first story: a hospital's USB disk becomes released rows, then a frozen test set; told by the commands a steward types."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator import readers
from simulator.answer_key import answer_key
from simulator.drop import write_drop
from simulator.needles import Needles
from simulator.story import Shelf, told

STORY = told(7)
STUDIES = 4


def small_shelf() -> Shelf:
    """Four radiographs of the third hospital, with their patients' records."""
    whole = STORY.nights["xj-south"][1]
    images = [image for image in whole.instances.values() if image.modality == "DX"][:STUDIES]
    studies = {image.study_instance_uid for image in images}
    imaging = [value for value in whole.resources.values() if value["resourceType"] == "ImagingStudy"
               and any(study in json.dumps(value) for study in studies)]
    patients = {value["subject"]["reference"] for value in imaging}
    small = whole.copy()
    small.instances = {image.sop_instance_uid: image for image in images}
    small.resources = {key: value for key, value in whole.resources.items()
                       if key in patients or (value.get("subject") or {}).get("reference") in patients}
    return small


class Steward:
    """Types commands; gives what they print as JSON."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"

    def types(self, *words: str, ends: tuple[int, ...] = (0,)) -> dict[str, Any]:
        command = Path(sys.executable).parent / "touchstone"
        done = subprocess.run([str(command), *words, "--home", str(self.home), "--json"], capture_output=True, text=True, check=False)
        assert done.returncode in ends, (words, done.returncode, done.stderr[-2000:])
        result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return result


@pytest.fixture(scope="module")
def steward(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk-a")
    write_drop(folder / "usb", small_shelf())
    site = {"site_id": "xj-south", "name": {"zh": "南院", "en": "South"}, "tier": "secondary", "patient_id_issuer": "xj-south-mpi",
            "identifiers": {"mrn": "http://xj-south.example/mrn", "resident_id": "urn:oid:2.16.156.10011.1.3"},
            "folder": {"path": str(folder / "usb")}, "limits": {"max_quarantined_share": 1.0}}
    (folder / "site.yaml").write_text(yaml.safe_dump(site, allow_unicode=True), encoding="utf-8")
    (folder / "set.yaml").write_text("title: {zh: 走查, en: walk}\ntask: chest-dr\nselect: {modalities: [DX]}\nstrata: [site, sex]\n",
                                     encoding="utf-8")
    (folder / "readings.csv").write_text(readers.as_csv(readers.marks(STORY, 7)), encoding="utf-8")
    steward = Steward(folder)
    steward.types("site", "add", str(folder / "site.yaml"))
    steward.types("ingest", "xj-south", "--as-of", "2026-03-02T22:00:00+08:00", ends=(0, 1))
    return steward


@pytest.fixture(scope="module")
def frozen(steward):
    steward.types("dataset", "build", str(steward.folder / "set.yaml"), "--out", "walk")
    steward.types("readings", "import", "walk", str(steward.folder / "readings.csv"), ends=(0, 1))
    return steward.types("dataset", "freeze", "walk", "--leave-out", ends=(0, 1))


def test_every_unit_of_the_disk_is_answered_for(steward):
    rows = steward.types("ledger", ends=(0, 1))["rows"]
    assert rows
    for row in rows:
        assert row["expected"] == row["released"] + row["quarantined"] + row["rejected"]
        assert (row["difference"], row["in_flight"], row["unlisted"]) == (0, 0, 0)


def test_the_released_rows_answer_to_sql(steward):
    query = "SELECT count(*) AS images, count(DISTINCT subject) AS subjects FROM instance WHERE modality = 'DX'"
    rows = steward.types("sql", query)["rows"]
    assert rows[0]["images"] == STUDIES
    assert 1 <= rows[0]["subjects"] <= STUDIES


def test_the_same_night_again_changes_no_table(steward):
    before = versions(steward.home)
    steward.types("ingest", "xj-south", "--as-of", "2026-03-02T22:00:00+08:00", ends=(0, 1))
    assert versions(steward.home) == before


def versions(home: Path) -> dict[str, int]:
    return {str(log.relative_to(home)): len(list(log.glob("*.json"))) for log in sorted(home.rglob("_delta_log"))}


def test_the_frozen_set_is_whole_and_its_reference_is_sealed_apart(steward, frozen):
    assert frozen["cases"] >= 2
    folder = steward.home / "frozen" / frozen["dataset_id"] / frozen["version"]
    assert steward.types("dataset", "verify", frozen["dataset_id"])["ok"]
    assert not list(folder.rglob("reference.jsonl"))
    assert (steward.home / "sealed" / frozen["dataset_id"] / frozen["version"] / "reference.enc").exists()


def test_a_set_without_a_human_sample_says_so(steward, frozen):
    assert [remark["code"] for remark in frozen["remarks"]] == ["PRF-007"]
    reports = list((steward.home / "evidence" / "deid" / "xj-south").glob("*/deid_report.*.md"))
    assert {report.name for report in reports} == {"deid_report.zh.md", "deid_report.en.md"}
    assert all("no human sample recorded" in report.read_text(encoding="utf-8") for report in reports if report.name.endswith("en.md"))


def test_one_changed_byte_of_the_frozen_set_is_found(steward, frozen):
    folder = steward.home / "frozen" / frozen["dataset_id"] / frozen["version"]
    victim = next(path for path in sorted((folder / "inputs").rglob("*")) if path.is_file() and path.suffix != ".json")
    whole = victim.read_bytes()
    victim.chmod(0o600)
    victim.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        assert not steward.types("dataset", "verify", frozen["dataset_id"], ends=(1,))["ok"]
    finally:
        victim.write_bytes(whole)


def test_nothing_planted_is_found_outside_the_phi_zone(steward, frozen):
    needles = Needles(answer_key(STORY, 7)["values"])
    assert needles.count > 500
    found = list(needles.in_folder(steward.home, [steward.home / "phi", steward.home / "keys"]))
    assert found == []
