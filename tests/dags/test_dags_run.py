"""The DAGs really run: Airflow's own `dag.test()` over a real home, with real flows inside the tasks."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eval_harness.tasks import load_pack
from eval_harness.testset import write_set
from governance import evaluations, registry
from governance.desk import open_desk
from pipelines.settings import settings
from schemas.shapes.site import Site

pytest.importorskip("airflow", reason="Apache Airflow is not installed")
pytestmark = [pytest.mark.airflow, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980-03-02",
           "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "M000123"}]}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(ROOT / "dags"))
    return settings()


def run_dag(module: str, conf: dict[str, str] | None = None) -> dict[str, Any]:
    done = subprocess.run([sys.executable, str(Path(__file__).parent / "airflow_run.py"), module, json.dumps(conf or {})], cwd=ROOT,
                          env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def folder_site(site_id: str, path: Path) -> Site:
    return Site.model_validate({"site_id": site_id, "name": {"zh": "院", "en": site_id}, "tier": "community", "patient_id_issuer": site_id,
                                "folder": {"path": str(path)}})


def one_hospital(home: Any, folder: Path) -> None:
    """A hospital h-one whose folder holds one patient."""
    folder.mkdir()
    (folder / "Patient.ndjson").write_text(json.dumps(PATIENT) + "\n", encoding="utf-8")
    with open_desk(home) as desk:
        registry.add_site(desk.store, folder_site("h-one", folder))


def test_a_night_is_ingested_by_its_own_tasks_in_its_own_pool(home, tmp_path):
    one_hospital(home, tmp_path / "usb")
    done = run_dag("dags.nightly_ingest")
    states = {task["task"]: task["state"] for task in done["tasks"]}
    assert states == {"h-one.hours": "success", "h-one.probe": "success", "h-one.ingest": "success", "announce": "success"}
    assert {task["pool"] for task in done["tasks"] if task["task"].startswith("h-one")} == {"hospital_h_one"}
    with open_desk(home) as desk:
        receipts = registry.receipts(desk.store, "h-one")
    assert [receipt["state"] for receipt in receipts] == ["closed"]


def test_a_census_finds_what_a_night_cannot_see_and_the_tables_are_kept_in_order(home, tmp_path):
    one_hospital(home, tmp_path / "usb")
    done = run_dag("dags.weekly_census")
    assert {task["task"]: task["state"] for task in done["tasks"]} == {
        "h-one.hours": "success", "h-one.probe": "success", "h-one.ingest": "success"}
    with open_desk(home) as desk:
        (receipt,) = registry.receipts(desk.store, "h-one")
    assert (receipt["state"], receipt["facts"]["full"]) == ("closed", True)
    done = run_dag("dags.nightly_upkeep")
    assert {task["state"] for task in done["tasks"]} == {"success"}
    assert sum(task["task"] == "compact" for task in done["tasks"]) > 10


def test_nights_begin_in_the_evening_of_the_hospitals():
    code = ("import dags.nightly_ingest as n, dags.nightly_upkeep as u, dags.weekly_census as c; "
            "print(*[str(one.DAG.timezone) for one in (n, u, c)])")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"})
    assert done.stdout.split() == ["Asia/Shanghai"] * 3


def test_an_evaluation_runs_from_submission_to_signed_report(home, tmp_path):
    pack = load_pack("chest-dr")
    with open_desk(home) as desk:
        folder = desk.home.frozen / "dr" / "1"
        folder.parent.mkdir(parents=True)
        write_set(folder, desk.home.sealed / "dr" / "1", set_id="dr", version="1", task="chest-dr", cases=pack.synthetic(3, 12),
                  visibility="sealed", card={}, provenance={}, signing_key=desk.signing_key.private)
        registry.add_dataset(desk.store, dataset_id="dr", version="1", task="chest-dr", visibility="sealed", state="frozen",
                             manifest_sha256="0" * 64, facts={})
        pack.reference_model(tmp_path / "parcel")
        row = evaluations.submit(desk, tmp_path / "parcel", "chest-dr", "Acme", "DR", "1.0")
    done = run_dag("dags.evaluation_run", {"submission_id": row["submission_id"], "dataset": "dr@1"})
    assert [task["state"] for task in done["tasks"]] == ["success"] * 3
    with open_desk(home) as desk:
        assert [one["state"] for one in registry.evaluations(desk.store)] == ["reported"]


def test_a_wrong_submission_fails_for_good_on_the_first_try(home):
    with open_desk(home):
        pass
    done = run_dag("dags.evaluation_run", {"submission_id": "s-none", "dataset": "dr@1"})
    predict = next(task for task in done["tasks"] if task["task"] == "predict")
    assert (predict["state"], predict["tries"]) == ("failed", 1)
