"""A policy changes after rows were released: that is told, nothing happens by itself, and on a steward's word they are decided again."""
from __future__ import annotations

import datetime as dt
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance import registry
from governance.audit import Audit
from governance.store import open_store
from pipelines.outdated import outdated
from pipelines.phi_zone import decide, reclean
from pipelines.phi_zone.dicom.policy import FOLDER
from pipelines.phi_zone.gate import Gate
from pipelines.phi_zone.landing import PIXELS, shred
from schemas.messages import messages
from schemas.tables import CLAIM, EVENT, INSTANCE, STUDY, TOMBSTONE, fhir_table
from tests.pipelines.flow.conftest import NIGHT, SITE, Disk, Lake, shelf
from tests.pipelines.flow.test_kill import killed_in, no_orphan
from tests.pipelines.flow.test_steward import touchstone

pytestmark = pytest.mark.slow
NEXT = NIGHT + dt.timedelta(days=1)
OBSERVATION = fhir_table("Observation")


def observation(number: int = 1) -> dict[str, Any]:
    owner = next(key for key in shelf().resources if key.startswith("Patient/"))
    return {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"text": "FEV1"}, "valueInteger": number,
            "effectiveDateTime": "2026-02-11", "subject": {"reference": owner}}


def first_night(lake: Lake, disk: Disk, *, image: bool = True) -> None:
    patients = [value for key, value in shelf().resources.items() if key.startswith("Patient/")]
    disk.lines([*patients, observation(1), observation(2)])
    if image:
        disk.put("ct", next(one.data for one in shelf().instances.values() if one.modality == "CT"))
    lake.ingest()
    assert [value(row) for row in rows(lake)] == [1, 2]


def stricter(lake: Lake, disk: Disk, folder: Path, **fhir: Any) -> None:
    """The hospital's next policies: no value of an Observation, no name of a study."""
    names = {}
    for kind, change in (("fhir", lambda data: data["resources"]["Observation"].pop("++")),
                         ("dicom", lambda data: data["drop"].append("StudyDescription"))):
        data = yaml.safe_load((FOLDER.parent / kind / "cn-gold.yaml").read_text(encoding="utf-8"))
        change(data)
        data |= {"version": data["version"] + 1} | (fhir if kind == "fhir" else {})
        (folder / f"{kind}.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        names[kind] = str(folder / f"{kind}.yaml")
    lake.add(SITE | {"folder": {"path": str(disk.path)}, "policies": names})


def rows(lake: Lake) -> list[dict[str, Any]]:
    return sorted(lake.rows(OBSERVATION), key=lambda row: (value(row) or 0, row["id"]))


def value(row: dict[str, Any]) -> int | None:
    found: int | None = json.loads(row["resource"]).get("valueInteger")
    return found


def told(lake: Lake) -> tuple[int | None, list[str]]:
    store = open_store(lake.settings.store_url)
    with lake.engine() as engine:
        count, issues = outdated(engine, lake.home, registry.sites(store))["usb"]
    store.close()
    return count, [issue.code for issue in issues]


def balanced(lake: Lake) -> bool:
    return all(line.difference == 0 and line.in_flight == 0 and not line.unlisted for line in lake.days())


def same_people(row: dict[str, Any]) -> tuple[Any, ...]:
    """What must not change: who, under which id, on which day."""
    return row["id"], row["subject"], json.loads(row["resource"])["effectiveDateTime"], json.loads(row["resource"])["subject"]


def test_a_changed_policy_is_told_changes_nothing_by_itself_and_is_applied_on_a_word(lake: Lake, disk: Disk, tmp_path: Path) -> None:
    first_night(lake, disk)
    assert told(lake) == (0, [])
    before, image, study = rows(lake), lake.rows(INSTANCE)[0], lake.rows(STUDY)[0]
    assert study["study_description"]
    stricter(lake, disk, tmp_path)
    everything = len(lake.rows(INSTANCE)) + len(before) + len(lake.rows(fhir_table("Patient")))
    assert told(lake) == (everything, ["FLW-012"])
    code, status, said = touchstone("status", "usb", home=lake.home.root)
    assert (code, status["sites"][0]["other_policy"], "FLW-012" in said, "--reclean" in said) == (0, everything, True, True)
    assert lake.ingest(as_of=NEXT, full=True).counts["recleaned"] == 0
    assert rows(lake) == before
    days = lake.days()
    receipt = lake.ingest(as_of=NEXT + dt.timedelta(days=1), recleaned=True)
    assert (receipt.counts["recleaned"], receipt.issues, receipt.exit_code) == (everything, [], 0)
    after = rows(lake)
    assert [value(row) for row in after] == [None, None]
    assert sorted(map(same_people, after)) == sorted(map(same_people, before))
    cleaned = lake.rows(INSTANCE)[0]
    assert [cleaned[name] for name in ("sop_instance_uid", "subject", "pixel_token", "seq")] == [
        image[name] for name in ("sop_instance_uid", "subject", "pixel_token", "seq")]
    assert (lake.rows(STUDY)[0]["study_description"], lake.rows(STUDY)[0]["study_date"]) == (None, study["study_date"])
    assert {file.stem for file in lake.home.objects.rglob("*.tar")} == {cleaned["part"]["digest"]} != {image["part"]["digest"]}
    assert b"valueInteger" not in b"".join(file.read_bytes() for file in lake.home.table("deid", OBSERVATION.folder).rglob("*.parquet"))
    history = sorted((row["at"], row["state"], row["reason"]) for row in lake.rows(EVENT)
                     if row["unit_token"] == after[0]["unit_token"] and row["state"] != "duplicate")
    assert [(state, reason) for _, state, reason in history] == [("landed", ""), ("released", ""), ("retry", "policy"), ("released", "")]
    assert lake.days() == days
    assert balanced(lake)
    assert told(lake) == (0, [])
    assert [record["facts"]["units"] for record in Audit(lake.home.audit).records() if record["action"] == "release.reclean"]
    tables = lake.versions()
    assert lake.ingest(as_of=NEXT + dt.timedelta(days=2), recleaned=True).counts["recleaned"] == 0
    assert {name: kind for name, kind in lake.versions().items() if "/deid/deid" in name} == {
        name: kind for name, kind in tables.items() if "/deid/deid" in name}


@pytest.mark.parametrize("place", ["release_resources", "settle"])
def test_killed_in_between_the_next_night_finishes_it(lake: Lake, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                      place: str) -> None:
    first_night(lake, disk, image=False)
    stricter(lake, disk, tmp_path)
    monkeypatch.setattr(reclean, "EVENTS_AT_ONCE", 2)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(decide, place, killed)
        with pytest.raises(KeyboardInterrupt):
            lake.ingest(as_of=NEXT, recleaned=True)
    assert len(rows(lake)) == 2
    lake.ingest(as_of=NEXT)          # as the nightly DAG types it
    assert [value(row) for row in rows(lake)] == [None, None]
    assert balanced(lake)
    assert told(lake) == (0, [])


def test_killed_for_good_in_every_step_of_it_nothing_is_lost_or_doubled(lake: Lake, disk: Disk, tmp_path: Path) -> None:
    seed = int(os.environ.get("TOUCHSTONE_SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed {seed}")
    rng = random.Random(seed)
    first_night(lake, disk)
    for receipt in (lake.home.landing / "usb").iterdir():
        shred(lake.home, "usb", receipt.name)      # so that it must come again, too
    people = len(lake.rows(fhir_table("Patient")))
    for number, step in enumerate(("pull", "deidentify", "release", "tabulate")):
        stricter(lake, disk, tmp_path, extensions=[f"http://rules.example/{number}"])
        killed_in(lake, step, rng.random() * 0.7, tmp_path / "steps", "--reclean")
    lake.ingest(as_of=NEXT, recleaned=True)
    receipt = lake.ingest(as_of=NEXT + dt.timedelta(days=1), recleaned=True)      # the last policy came while a receipt was open
    assert (receipt.issues, told(lake)) == ([], (0, [])), f"seed {seed}"
    assert [len(lake.rows(table)) for table in (OBSERVATION, INSTANCE, fhir_table("Patient"))] == [2, 1, people], f"seed {seed}"
    assert [value(row) for row in rows(lake)] == [None, None]
    assert balanced(lake), f"seed {seed}"
    no_orphan(lake, {row["part"]["digest"] for row in lake.rows(INSTANCE)})


def test_what_has_expired_is_asked_for_again_and_what_does_not_come_stays_and_is_told(lake: Lake, disk: Disk, tmp_path: Path) -> None:
    first_night(lake, disk)
    before = {row["id"]: row for row in rows(lake)}
    image, people = lake.rows(INSTANCE)[0], [value for key, value in shelf().resources.items() if key.startswith("Patient/")]
    for receipt in (lake.home.landing / "usb").iterdir():
        shred(lake.home, "usb", receipt.name)
    disk.lines([*people, observation(1)])
    stricter(lake, disk, tmp_path)
    receipt = lake.ingest(as_of=NEXT, recleaned=True)
    assert [issue.code for issue in receipt.issues] == ["FLW-012"]
    assert told(lake) == (1, ["FLW-012"])
    after = {row["id"]: row for row in rows(lake)}
    assert sorted(value(row) or 0 for row in after.values()) == [0, 2]
    assert {key: same_people(row) for key, row in after.items()} == {key: same_people(row) for key, row in before.items()}
    cleaned = lake.rows(INSTANCE)[0]
    assert (cleaned["sop_instance_uid"], cleaned["subject"], cleaned["seq"]) == (image["sop_instance_uid"], image["subject"], 2)
    again = [row for row in lake.rows(CLAIM) if row["seq"] == 2]
    assert {(row["basis"], row["expected_on"]) for row in again} == {("inventory", dt.date(2026, 3, 3))}
    assert len(again) == receipt.counts["recleaned"] == 1 + len(people) + 1
    assert balanced(lake)
    claims = len(lake.rows(CLAIM))
    disk.lines([*people, observation(1), observation(2)])
    assert lake.ingest(as_of=NEXT + dt.timedelta(days=1), recleaned=True).counts["recleaned"] == 1
    assert (told(lake), len(lake.rows(CLAIM)) - claims) == ((0, []), 1)
    assert balanced(lake)


def test_images_that_have_expired_come_again_while_records_are_cleaned_from_their_originals(lake: Lake, disk: Disk, tmp_path: Path) -> None:
    first_night(lake, disk)
    pixels = next(folder.name for folder in (lake.home.landing / "usb").iterdir() if folder.name.endswith(PIXELS))
    shred(lake.home, "usb", pixels)
    stricter(lake, disk, tmp_path)
    assert lake.ingest(as_of=NEXT, recleaned=True).issues == []
    assert [row["seq"] for row in (*lake.rows(INSTANCE), *rows(lake))] == [2, 1, 1]
    assert balanced(lake)


def test_what_the_new_policy_takes_no_more_is_taken_out(lake: Lake, disk: Disk, tmp_path: Path) -> None:
    first_night(lake, disk)
    ct = lake.rows(INSTANCE)[0]["sop_class_uid"]
    stricter(lake, disk, tmp_path)
    policy = yaml.safe_load((tmp_path / "dicom.yaml").read_text(encoding="utf-8"))
    (tmp_path / "no-ct.yaml").write_text(yaml.safe_dump(policy | {"refuse_sop_classes": [ct]}, allow_unicode=True), encoding="utf-8")
    lake.add(SITE | {"folder": {"path": str(disk.path)}, "policies": {"dicom": str(tmp_path / "no-ct.yaml")}})
    receipt = lake.ingest(as_of=NEXT, recleaned=True)
    assert (receipt.counts["rejected"], lake.rows(INSTANCE), [row["reason"] for row in lake.rows(TOMBSTONE)]) == (1, [], ["RECALLED"])
    assert not list(lake.home.objects.rglob("*.tar"))
    assert balanced(lake)


def test_while_something_stands_against_every_release_nothing_that_is_released_is_taken_out(
        lake: Lake, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_night(lake, disk, image=False)
    stricter(lake, disk, tmp_path)
    monkeypatch.setattr(Gate, "standing", [messages().issue("PRF-006", "policy", planted=5, leaked=1)])
    before = rows(lake)
    receipt = lake.ingest(as_of=NEXT, recleaned=True)
    assert sorted(issue.code for issue in receipt.issues) == ["FLW-012", "PRF-006"]
    assert rows(lake) == before
    assert balanced(lake)
