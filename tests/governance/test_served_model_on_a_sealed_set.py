"""A served model as an image, from the desk's door to the report of a sealed set; found out when it remembers; unharmed by kill -9."""
from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eval_harness.sandbox.podman import PODMAN
from eval_harness.tasks import load_pack
from eval_harness.testset import write_set
from governance import evaluations, registry
from governance.desk import Desk, open_desk
from pipelines.settings import settings
from tests.eval_harness.runs.test_served_images import image

pytestmark = [pytest.mark.skipif(bool(PODMAN.available()), reason=f"podman: {PODMAN.available()}"), pytest.mark.slow]
CASES, TASK, SET = 8, "chest-dr", "served-dr"
BY_IMAGE = "score = sum(told['inputs'][1]['data']) % 97 / 97\n"
PREDICT = ("import sys; from pathlib import Path; from governance import evaluations; from governance.desk import open_desk; "
           "from pipelines.settings import settings\n"
           "with open_desk(settings(Path(sys.argv[1]))) as desk: evaluations.predict(desk, sys.argv[2])")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with open_desk(settings(tmp_path_factory.mktemp("served") / "home")) as desk:
        folder = desk.home.frozen / SET / "1"
        folder.parent.mkdir(parents=True)
        made = write_set(folder, desk.home.sealed / SET / "1", set_id=SET, version="1", task=TASK, visibility="sealed", provenance={},
                         cases=load_pack(TASK).synthetic(11, CASES), card={"title": {"zh": "封存集", "en": "sealed"}},
                         signing_key=desk.signing_key.private)
        registry.add_dataset(desk.store, dataset_id=SET, version="1", task=TASK, visibility="sealed", state="frozen",
                             manifest_sha256="0" * 64, facts={"root": made.merkle_root})
        yield desk


def submitted(desk: Desk, folder: Path, code: str, vendor: str) -> str:
    folder.mkdir(exist_ok=True)
    row = evaluations.submit(desk, image(folder, code), TASK, vendor, "served", "1.0")
    assert row["facts"]["issues"] == []
    return row["submission_id"]


def events(desk: Desk, evaluation_id: str) -> list[dict]:
    path = desk.run_folder(evaluation_id) / "log.jsonl"
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []


def test_a_served_image_goes_from_submission_to_a_signed_report_of_a_sealed_set(desk, tmp_path):
    submission = submitted(desk, tmp_path / "image", f"{BY_IMAGE}print('seen', told['id'], flush=True)\nsay(told, score=score)", "甲")
    row = evaluations.evaluate(desk, submission, SET)
    assert (row["state"], row["end_state"], row["charged"]) == ("reported", "complete", True)
    run = json.loads((desk.run_folder(row["evaluation_id"]) / "run.json").read_bytes())
    assert (run["run"]["runner"], run["sandbox"]["backend"], run["sandbox"]["tight"]) == ("oip/1", "podman", True)
    assert run["rerun"]["differing"] == 0
    assert run["rerun"]["cases"] >= 1
    actions = [record["action"] for record in desk.audit.records() if record["object"] == row["evaluation_id"]]
    assert [one for one in actions if one in ("lock", "predicted", "unseal", "scored", "sign")] == [
        "lock", "predicted", "unseal", "scored", "sign"]
    assert not (desk.run_folder(row["evaluation_id"]) / "logs").exists()
    assert Path(row["facts"]["files"]["vendor"]).is_file()


def test_a_served_image_that_remembers_has_no_answer_counted_on_a_sealed_set(desk, tmp_path):
    evaluation = evaluations.start(desk, submitted(desk, tmp_path / "image", "say(told, score=seen / 64)", "乙"), SET)
    row = evaluations.predict(desk, evaluation)
    assert (row["state"], row["end_state"], row["cause"]) == ("predicted", "stopped", "served_not_repeatable")
    results = [json.loads(line) for line in (desk.run_folder(evaluation) / "results.jsonl").read_bytes().splitlines()]
    assert {(one["status"], one["cause"], one["output"]) for one in results} == {("refused", "served_not_repeatable", None)}


def test_a_driver_killed_over_a_served_image_charges_nothing_and_goes_on_where_it_was(desk, tmp_path):
    submission = submitted(desk, tmp_path / "image", f"{BY_IMAGE}time.sleep(0.3)\nsay(told, score=score)", "丙")
    evaluation = evaluations.start(desk, submission, SET)
    driver = subprocess.Popen([sys.executable, "-c", PREDICT, str(desk.home.root), evaluation])
    while sum(event["kind"] == "result" for event in events(desk, evaluation)) < 3:
        assert driver.poll() is None
        time.sleep(0.02)
    driver.kill()
    driver.wait()
    committed = {event["result"]["token"] for event in events(desk, evaluation) if event["kind"] == "result"}
    row = registry.evaluation(desk.store, evaluation)
    assert (row["state"], row["charged"]) == ("predicting", False)
    row = evaluations.predict(desk, evaluation)
    assert (row["state"], row["end_state"], row["charged"]) == ("predicted", "complete", True)
    told = events(desk, evaluation)
    again = [place for place, event in enumerate(told) if event["kind"] == "planned"][1]
    lost = [(event["fault"], event["cause"]) for event in told if event["kind"] == "requeued"]
    assert lost == [("platform", "driver_lost")]
    assert not committed & {token for event in told[again:] if event["kind"] == "given" for token in event["tokens"]}
    results = [event["result"] for event in told if event["kind"] == "result"]
    assert len({one["token"] for one in results}) == len(results) == CASES
    assert {(one["status"], one["attempt"]) for one in results} == {("ok", 1)}
