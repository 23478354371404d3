"""`kill -9` at random moments, at least once in every step; then run again: nothing lost, nothing doubled, no orphan.

$TOUCHSTONE_KILLS (default: once a step) says how often; $TOUCHSTONE_SEED fixes the moments, and is printed.
"""
from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from governance.audit import Actor
from pipelines.phi_zone.opening import opened
from pipelines.phi_zone.tidy import tidy
from schemas.tables import INSTANCE, LANDING_INDEX, fhir_table
from simulator.story import tell
from tests.pipelines.flow.conftest import NIGHT, Disk, Lake, shelf

STEPS = ("pull", "subjects", "deidentify", "check", "release", "withdraw", "tabulate", "link")
KILLS = max(len(STEPS), int(os.environ.get("TOUCHSTONE_KILLS", len(STEPS))))
pytestmark = pytest.mark.slow


class Hospital:
    """A disk that brings, every time, one new image, one new record and the deletion of the record before."""

    def __init__(self, disk: Disk) -> None:
        self.disk, self.records, self.gone, self.turn = disk, list[dict[str, Any]](), list[str](), 0
        self.patient = next(one for key, one in shelf().resources.items() if key.startswith("Patient/"))
        self.images = [one.data for one in tell(7).nights["xj-south"][1].instances.values() if one.modality == "CT"]

    def turn_over(self) -> None:
        self.turn += 1
        self.disk.put(f"CT/{self.turn:03d}", self.images[self.turn])
        self.records.append({"resourceType": "Observation", "id": f"o{self.turn}", "status": "final", "code": {"text": "FEV1"},
                             "subject": {"reference": f"Patient/{self.patient['id']}"}, "valueInteger": self.turn})
        if self.turn > 1:
            self.gone.append(f"Observation/o{self.turn - 1}")
        self.disk.lines([self.patient, *self.records[-1:]], f"new-{self.turn}.ndjson")
        entries = [{"request": {"method": "DELETE", "url": key}} for key in self.gone]
        if entries:
            self.disk.lines([{"resourceType": "Bundle", "type": "transaction", "entry": entries}], "deleted.json")
        for old in self.disk.path.glob("new-*.ndjson"):
            if old.name != f"new-{self.turn}.ndjson":
                old.unlink()


def killed_in(lake: Lake, step: str, delay_s: float, log: Path, *more: str) -> bool:
    """Run ingest and kill it `delay_s` after `step` began; False when it had ended before."""
    log.write_text("", encoding="ascii")
    as_of = (NIGHT + dt.timedelta(days=1)).isoformat()
    command = [sys.executable, "-c", "from pipelines.cli.main import run; run()", "ingest", "usb", "--as-of", as_of, *more]
    process = subprocess.Popen(
        [*command, "--home", str(lake.home.root)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "TOUCHSTONE_STEP_LOG": str(log), "TOUCHSTONE_JOBS": "1"})
    while process.poll() is None:
        if f"{process.pid} {step}\n" in log.read_text(encoding="ascii"):
            time.sleep(delay_s)
            break
        time.sleep(0.02)
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return alive


def test_killed_at_any_moment_and_run_again_nothing_is_lost_or_doubled(lake: Lake, disk: Disk, tmp_path: Path) -> None:
    seed = int(os.environ.get("TOUCHSTONE_SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed {seed}, {KILLS} kills")
    rng = random.Random(seed)
    targets = [*STEPS, *(rng.choice(STEPS) for _ in range(KILLS - len(STEPS)))]
    rng.shuffle(targets)
    hospital = Hospital(disk)
    struck = []
    for step in targets:
        for _ in range(3):   # a moment that came too late is tried again on a new turn
            hospital.turn_over()
            if killed_in(lake, step, rng.random() * 0.7, tmp_path / "steps"):
                struck.append(step)
                break
    assert set(struck) == set(STEPS), f"seed {seed}"
    lake.ingest(as_of=NIGHT + dt.timedelta(days=2))
    left = [line for line in lake.days() if line.difference or line.in_flight]
    assert not left, f"seed {seed}, killed in {struck}"
    images = lake.rows(INSTANCE)
    assert len({row["sop_instance_uid"] for row in images}) == len(images) == hospital.turn, f"seed {seed}"
    observations = lake.rows(fhir_table("Observation"))
    assert [json.loads(row["resource"])["valueInteger"] for row in observations] == [hospital.turn], f"seed {seed}"
    no_orphan(lake, {row["part"]["digest"] for row in images})


def no_orphan(lake: Lake, parts: set[str]) -> None:
    """After the clean-up every segment, part and staged file is one that a row names."""
    with opened(lake.settings, "usb") as at:
        tidy(at.run("r-tidy", NIGHT.date(), Actor("test", "steward")), older_than_s=0)
    named = {row["object"]["digest"].rpartition("/")[2] for row in lake.rows(LANDING_INDEX) if row["object"]["digest"]}
    assert {file.stem for file in lake.home.landing.rglob("seg-*.enc")} <= named
    assert {file.stem for file in lake.home.objects.rglob("*.tar")} == parts
    assert not list(lake.home.staging("phi").rglob("*.dcm"))
