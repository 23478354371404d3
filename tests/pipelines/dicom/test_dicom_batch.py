"""`touchstone deid dicom` over folders: manifest, duplicates, resuming, poison, and nothing left of what was not released."""
from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dicom_build import ct, part10
from dicom_door import holds

from eval_harness.base import WrongUsage
from pipelines.phi_zone.dicom.batch import BatchJob, run_batch
from pipelines.phi_zone.dicom.batch.pool import ChildPool, Lost
from pipelines.phi_zone.dicom.batch.worker import Listed, Task, Unit, Worker
from pipelines.phi_zone.keys import KeyRef, load_key_file, new_key_file
from schemas.shapes.site import Site


def job(tmp_path: Path, inputs: list[Path], **options: Any) -> BatchJob:
    key = tmp_path / "project.key"
    if not key.exists():
        new_key_file(key)
    return BatchJob(inputs, tmp_path / "out", Site.bare("sh-east"), key, "cn-gold", None, **{"pixels": False, **options})


def manifest(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "王建国 CT"
    folder.mkdir()
    (folder / "01").write_bytes(part10(ct()))
    (folder / "02.dcm").write_bytes(part10(ct(SOPInstanceUID="1.2.3.4.5.7", InstanceNumber="8")))
    (folder / "03 notes.txt").write_bytes("患者 王建国 ZY20240188".encode() * 9)
    (folder / "04").write_bytes(part10(ct())[:900])
    return folder


def test_every_input_has_its_line_in_order_and_only_released_files_exist(tmp_path: Path, source: Path) -> None:
    summary = run_batch(job(tmp_path, [source]))
    lines = manifest(tmp_path)
    assert [line["status"] for line in lines] == ["released", "released", "quarantined", "quarantined"]
    assert [line["issues"][0]["code"] for line in lines[2:]] == ["DCM-101", "DCM-104"]
    assert [line["source_sha256"] for line in lines] == [hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(source.iterdir())]
    for line in lines[:2]:
        _, subject, study, series, name = line["output"].split("/")
        assert subject == line["subject"]
        assert (tmp_path / "out" / line["output"]).is_file()
        assert study.startswith("2.25.")
        assert series.startswith("2.25.")
        assert name.endswith(".dcm")
    assert summary["status"] == {"released": 2, "quarantined": 2, "rejected": 0}
    assert summary["policy"]["policy_id"] == "cn-gold"
    assert summary["steps"]["pseudonymised"] > 0
    assert len([file for file in (tmp_path / "out" / "released").rglob("*") if file.is_file()]) == 2


def test_no_planted_value_is_anywhere_in_the_output_folder(tmp_path: Path, source: Path) -> None:
    run_batch(job(tmp_path, [source]))
    for file in (tmp_path / "out").rglob("*"):
        for needle in ("王建国", "JIANGUO", "ZY20240188", "ACC778812", "LI^NA", "notes"):
            assert not holds(os.fsencode(str(file.relative_to(tmp_path / "out"))), needle)
            assert not file.is_file() or not holds(file.read_bytes(), needle), (file.name, needle)


def test_running_again_changes_nothing_that_is_done(tmp_path: Path, source: Path) -> None:
    run_batch(job(tmp_path, [source]))
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in (tmp_path / "out" / "released").rglob("*.dcm")}
    text = (tmp_path / "out" / "manifest.jsonl").read_bytes()
    run_batch(job(tmp_path, [source]))
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in (tmp_path / "out" / "released").rglob("*.dcm")} == before
    assert (tmp_path / "out" / "manifest.jsonl").read_bytes() == text


def test_an_output_that_was_lost_is_made_again(tmp_path: Path, source: Path) -> None:
    run_batch(job(tmp_path, [source]))
    gone = tmp_path / "out" / manifest(tmp_path)[0]["output"]
    content = gone.read_bytes()
    gone.unlink()
    run_batch(job(tmp_path, [source]))
    assert gone.read_bytes() == content


def test_the_same_uid_again_is_a_duplicate_or_another_image(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a").write_bytes(part10(ct()))
    (folder / "b").write_bytes(part10(ct()))
    (folder / "c").write_bytes(part10(ct() | {("PixelData", "OW"): bytes(128)}))
    (folder / "d").write_bytes(part10(ct(SeriesInstanceUID="1.2.3.4.5.99") | {("PixelData", "OW"): bytes(128)}))
    run_batch(job(tmp_path, [folder]))
    lines = manifest(tmp_path)
    assert [line["status"] for line in lines] == ["released", "released", "quarantined", "quarantined"]
    assert lines[1]["output"] == lines[0]["output"]
    assert "DCM-309" in [issue["code"] for issue in lines[1]["issues"]]
    assert [line["issues"][0]["code"] for line in lines[2:]] == ["DCM-160", "DCM-160"]


def test_an_identity_of_one_file_is_found_in_the_other_files_of_the_patient(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a").write_bytes(part10(ct(PatientName="", SequenceName="OUYANG NANA")))
    (folder / "b").write_bytes(part10(ct(SOPInstanceUID="1.2.3.4.5.7", SeriesInstanceUID="1.2.3.7", PatientName="OUYANG^NANA")))
    run_batch(job(tmp_path, [folder]))
    for line in manifest(tmp_path):
        assert not holds((tmp_path / "out" / line["output"]).read_bytes(), "OUYANG")


def test_the_source_map_is_the_hospitals_own(tmp_path: Path, source: Path) -> None:
    inside = job(tmp_path, [source], source_map=tmp_path / "out" / "map.jsonl")
    with pytest.raises(WrongUsage):
        run_batch(inside)
    run_batch(job(tmp_path, [source], source_map=tmp_path / "map.jsonl"))
    assert stat.S_IMODE((tmp_path / "map.jsonl").stat().st_mode) == 0o600
    rows = [json.loads(line) for line in (tmp_path / "map.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["source_sha256"] for row in rows] == [line["source_sha256"] for line in manifest(tmp_path)]
    assert rows[0]["path"].endswith("王建国 CT/01")


@pytest.mark.parametrize("noun, code", [("dicom", "DCM-178"), ("fhir", "FHR-024")])
def test_a_folder_without_a_file_is_wrong_usage_and_nothing_is_written(tmp_path: Path, noun: str, code: str) -> None:
    new_key_file(tmp_path / "project.key")
    (tmp_path / "share" / "not mounted").mkdir(parents=True)
    words = ["deid", noun, str(tmp_path / "share"), "--out", str(tmp_path / "share" / "out"), "--site", "sh-east", "--key-file",
             str(tmp_path / "project.key")]
    done = subprocess.run([sys.executable, "-c", "from pipelines.cli.main import run; run()", *words], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout, code in done.stderr) == (2, "", True)
    assert not (tmp_path / "share" / "out").exists()


def test_an_output_folder_inside_the_input_is_no_input(tmp_path: Path, source: Path) -> None:
    inside = BatchJob([source], source / "out", Site.bare("sh-east"), job(tmp_path, []).key_file, "cn-gold", None, pixels=False)
    assert run_batch(inside)["status"] == run_batch(inside)["status"]
    for file in source.iterdir():
        if file.is_file():
            file.unlink()
    with pytest.raises(WrongUsage, match="DCM-178"):
        run_batch(inside)


def test_another_policy_or_key_needs_another_folder(tmp_path: Path, source: Path) -> None:
    run_batch(job(tmp_path, [source]))
    other = job(tmp_path, [source])
    with pytest.raises(WrongUsage) as caught:
        run_batch(BatchJob(other.inputs, other.out, other.site, other.key_file, "us-safe-harbor", None, pixels=False))
    assert caught.value.issue.code == "DCM-170"


def test_a_missing_input_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage):
        run_batch(job(tmp_path, [tmp_path / "nowhere"]))
    assert not (tmp_path / "out").exists()


def test_a_file_that_changes_between_the_two_passes_has_the_digest_of_what_was_read(tmp_path: Path, source: Path,
                                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.phi_zone.dicom.batch.worker._limit_memory", lambda: None)     # a child's, not this process's
    path = source / "01"
    (tmp_path / "out" / ".work").mkdir(parents=True)
    new_key_file(tmp_path / "project.key")
    key = load_key_file(tmp_path / "project.key")
    worker = Worker(Task(KeyRef(key.key_id, "file", str(tmp_path / "project.key")), Site.bare("sh-east"), "cn-gold", None, False,
                         str(tmp_path / "out")))
    listed = Listed(0, key.seal("path", os.fsencode(path)))
    (seen,) = worker.work(Unit([listed], [], survey=True))
    again = listed._replace(sha256=seen.sha256, stamp=seen.stamp)
    assert [line["source_sha256"] for _, line, _ in worker.work(Unit([again], []))] == [seen.sha256]
    changed = part10(ct(InstanceNumber="8"))
    assert len(changed) == path.stat().st_size
    path.write_bytes(changed)
    assert [line["source_sha256"] for _, line, _ in worker.work(Unit([again], []))] == [hashlib.sha256(changed).hexdigest()]


def test_a_series_of_any_length_is_worked_on_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.phi_zone.dicom.batch.state.UNIT_FILES", 3)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}").write_bytes(part10(ct(SOPInstanceUID=f"1.2.3.{number}", InstanceNumber=str(number))))
    summary = run_batch(job(tmp_path, [folder]))
    assert (summary["status"]["released"], summary["subjects"]) == (8, 1)
    assert len({line["output"] for line in manifest(tmp_path)}) == 8


class Poisoned:
    """A worker that a certain file kills, as a codec would."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def work(self, unit: Unit) -> Any:
        for one in unit.files:
            if one.number == 2:
                os.abort()
            yield one.number


def test_a_file_that_kills_its_process_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    task = Task(KeyRef("x", "file", "x"), Site.bare("sh-east"), "cn-gold", None, False, str(tmp_path))
    pool = ChildPool(task, 1, make_worker=Poisoned)
    results = list(pool.results(iter([Unit([Listed(number, b"") for number in range(5)], [])])))
    pool.close()
    assert [one for one in results if isinstance(one, Lost)] == [Lost(2, False, "DCM-142")]
    assert sorted(one for one in results if not isinstance(one, Lost)) == [0, 1, 3, 4]
