"""Hospitals on loopback that misbehave: what is cut is noticed and comes whole, what is missing or extra is said by name."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from eval_harness.base import WrongUsage
from pipelines import flows
from pipelines.phi_zone.connectors import Patience, open_connectors
from schemas.tables import INSTANCE
from simulator.faults import Fault
from simulator.hospitals import Hospitals
from simulator.story import Shelf
from tests.pipelines.flow.conftest import Lake

pytestmark = pytest.mark.slow


def trimmed(shelf: Shelf) -> Shelf:
    """One short CT study, one radiograph, and the records of two patients."""
    images = list(shelf.instances.values())
    study = next(one.study_instance_uid for one in images if one.modality == "CT")
    chosen = [one for one in images if one.study_instance_uid == study][:4] + [one for one in images if one.modality == "DX"][:1]
    patients = [key for key in shelf.resources if key.startswith("Patient/")][:2]
    small = shelf.copy()
    small.instances = {one.sop_instance_uid: one for one in chosen}
    small.resources = {key: value for key, value in shelf.resources.items()
                       if key in patients or (value.get("subject") or {}).get("reference") in patients}
    return small


class Alliance:
    """Hospitals, and a lake that pulls them."""

    def __init__(self, root: Path, hospitals: Hospitals) -> None:
        self.hospitals, self.root = hospitals, root
        self.lake: Lake | None = None

    def join(self, site_id: str) -> Lake:
        site = yaml.safe_load(self.hospitals.site_file(site_id).read_text(encoding="utf-8"))
        if self.lake is None:
            self.lake = Lake(self.root / "home", site)
        else:
            self.lake.add(site)
        return self.lake


@pytest.fixture
def alliance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alliance]:
    hospitals = Hospitals(tmp_path / "hospitals")
    for hospital in hospitals.sites.values():
        hospital.nights = {night: trimmed(shelf) for night, shelf in hospital.nights.items()}
        hospital.advance(1)
    monkeypatch.setattr(flows, "open_connectors", lambda site, secrets: open_connectors(
        site, secrets, Patience(attempts=3, first_s=0.01)))
    with hospitals:
        for name, value in hospitals.env.items():
            monkeypatch.setenv(name, value)
        yield Alliance(tmp_path, hospitals)


def expected(alliance: Alliance, site_id: str) -> int:
    shelf = alliance.hospitals.sites[site_id].shelf
    return len(shelf.instances) + len(shelf.resources)


def balanced(lake: Lake) -> bool:
    return all(line.difference == 0 and line.in_flight == 0 and line.unlisted == 0 for line in lake.days())


def test_cut_bodies_are_noticed_and_come_whole(alliance: Alliance) -> None:
    lake = alliance.join("sh-east")
    for at in (0.1, 0.5):
        alliance.hospitals.misbehave("sh-east", Fault("cut", match="/dicom-web/studies/", at=at, skip=0))
    alliance.hospitals.misbehave("sh-east", Fault("cut", match="ndjson", at=0.5))
    receipt = lake.ingest("sh-east")
    assert receipt.state == "closed"
    assert receipt.counts["released"] + receipt.counts["quarantined"] + receipt.counts["rejected"] == expected(alliance, "sh-east")
    assert balanced(lake)


def test_a_listing_that_names_too_many_leaves_them_in_flight_and_needs_a_person(alliance: Alliance) -> None:
    lake = alliance.join("cd-west")
    alliance.hospitals.misbehave("cd-west", Fault("list_more", match="/instances", count=2))
    receipt = lake.ingest("cd-west")
    assert receipt.counts["in_flight"] == 2
    assert "LED-001" in {issue.code for issue in receipt.issues}
    assert receipt.exit_code == 1
    assert sum(line.difference for line in lake.days()) == 2


def test_a_listing_that_names_too_few_shows_the_rest_as_unlisted(alliance: Alliance) -> None:
    lake = alliance.join("cd-west")
    alliance.hospitals.misbehave("cd-west", Fault("list_fewer", match="/instances", count=1))
    receipt = lake.ingest("cd-west")
    assert "LED-002" in {issue.code for issue in receipt.issues}
    assert (receipt.exit_code, sum(line.unlisted for line in lake.days()), sum(line.difference for line in lake.days())) == (1, 1, 0)
    assert len(lake.rows(INSTANCE)) == len(alliance.hospitals.sites["cd-west"].shelf.instances)


def test_one_hospital_out_of_reach_does_not_hold_up_the_others_and_is_continued_when_it_is_back(alliance: Alliance) -> None:
    lake = alliance.join("cd-west")
    alliance.join("sh-east")
    alliance.hospitals.misbehave("cd-west", Fault("status", status=503, times=None))
    away = lake.ingest("cd-west")
    assert (away.state, away.exit_code, away.retryable) == ("open", 3, True)
    assert lake.ingest("sh-east").state == "closed"
    alliance.hospitals.sites["cd-west"].faults.clear()
    back = lake.ingest("cd-west")
    assert (back.receipt_id, back.state) == (away.receipt_id, "closed")
    assert balanced(lake)


def test_a_wrong_client_key_is_said_by_name_and_changes_nothing(alliance: Alliance, tmp_path: Path) -> None:
    lake = alliance.join("sh-east")
    site = yaml.safe_load(alliance.hospitals.site_file("sh-east").read_text(encoding="utf-8"))
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("-----BEGIN NOTHING-----\n", encoding="ascii")
    site["fhir"]["auth"]["private_key_file"] = str(wrong)
    lake.add(site)
    with pytest.raises(WrongUsage, match="CON-009"):
        lake.ingest("sh-east")
    assert lake.days() == []
