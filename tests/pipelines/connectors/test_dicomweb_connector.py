"""A DICOMweb pull is whole or says so: cut bodies, lying lists, failing servers."""
from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.phi_zone.connectors import Connector, SourceRefused, SourceUnavailable, TransferCut
from simulator.faults import Fault
from simulator.hospitals import Hospitals
from simulator.story import CLOSE

from .conftest import pull

Connect = Callable[..., Connector]


def held(hospitals: Hospitals, site_id: str = "sh-east") -> dict[str, bytes]:
    return {uid: each.data for uid, each in hospitals.sites[site_id].shelf.instances.items()}


def ct_study(hospitals: Hospitals) -> str:
    return next(each.study_instance_uid for each in hospitals.sites["sh-east"].shelf.instances.values() if each.modality == "CT")


def test_every_instance_comes_once_byte_for_byte(hospitals: Hospitals, connect: Connect) -> None:
    came = pull(connect("sh-east", "dicomweb:main"))
    assert came.data == held(hospitals)
    assert came.promised == set(came.data)
    assert set(came.times.values()) == {1}


@pytest.mark.parametrize("at", [0.1, 0.5, 0.99, 200, 1])
def test_a_cut_body_is_noticed_retried_and_complete(hospitals: Hospitals, connect: Connect, pauses: list[float], at: float) -> None:
    hospitals.misbehave("sh-east", Fault("cut", r"GET /dicom-web/studies/[\d.]+$", at=at, times=3))
    came = pull(connect("sh-east", "dicomweb:main"))
    assert hospitals.sites["sh-east"].faults.struck == ["cut"] * 3
    assert pauses
    assert came.data == held(hospitals)
    assert set(came.times.values()) == {1}


def test_a_gateway_that_always_cuts_is_got_round_instance_by_instance(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("cut", f"/studies/{ct_study(hospitals)}$", at=100_000, times=None))
    came = pull(connect("sh-east", "dicomweb:main"))
    assert came.data == held(hospitals)


def test_one_connection_is_enough_even_after_a_cut(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("cut", f"/studies/{ct_study(hospitals)}$", at=0.33, times=2))
    assert pull(connect("sh-east", "dicomweb:main", limits={"max_connections": 1})).data == held(hospitals)


def test_what_stays_cut_is_an_error_that_says_so_without_an_identity(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("cut", "/studies/[0-9.]+(/series/.*)?$", at=2000, times=None))
    with pytest.raises(TransferCut) as caught:
        pull(connect("sh-east", "dicomweb:main"))
    assert caught.value.issue.code == "CON-010"
    assert "1.2.826" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


def test_a_body_shortened_upstream_inside_an_instance_is_retried(hospitals: Hospitals, connect: Connect) -> None:
    """The boundary is missing although HTTP is content: an upstream cut it."""
    hospitals.misbehave("sh-east", Fault("truncate", f"/studies/{ct_study(hospitals)}$", at=0.7))
    assert pull(connect("sh-east", "dicomweb:main")).data == held(hospitals)


def test_a_file_that_is_truncated_at_the_source_is_delivered_as_it_is(hospitals: Hospitals, connect: Connect) -> None:
    from dataclasses import replace

    shelf = hospitals.sites["sh-east"].shelf
    uid, whole = next((uid, each) for uid, each in shelf.instances.items() if each.modality == "CT")
    shelf.instances[uid] = replace(whole, data=whole.data[:-5000])
    came = pull(connect("sh-east", "dicomweb:main", limits={"max_connections": 1}))
    assert came.data[uid] == whole.data[:-5000]
    assert came.data == held(hospitals)


def test_listing_too_many_leaves_the_missing_promised_and_undelivered(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("list_more", "/instances", count=2))
    connector = connect("sh-east", "dicomweb:main")
    came = pull(connector)
    assert came.data == held(hospitals)
    assert len(came.promised - set(came.data)) == 2
    assert not came.gone
    assert [issue.code for issue in connector.issues] == ["CON-011"]


def test_listing_too_few_delivers_what_was_not_promised(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("list_fewer", f"{ct_study(hospitals)}/instances", count=3))
    connector = connect("sh-east", "dicomweb:main")
    came = pull(connector)
    assert came.data == held(hospitals)
    assert len(set(came.data) - came.promised) == 3
    assert [issue.code for issue in connector.issues] == ["CON-011"]


def test_a_duplicate_is_delivered_twice_for_the_ledger_to_see(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("duplicate", f"/studies/{ct_study(hospitals)}$"))
    came = pull(connect("sh-east", "dicomweb:main"))
    assert sorted(came.times.values())[-2:] == [1, 2]
    assert came.data == held(hospitals)


def test_other_bytes_under_one_uid_arrive_as_they_are(hospitals: Hospitals, connect: Connect) -> None:
    uid = next(uid for uid, each in hospitals.sites["sh-east"].shelf.instances.items() if each.modality == "CT")
    hospitals.misbehave("sh-east", Fault("other_bytes", f"/studies/{ct_study(hospitals)}$", unit=uid))
    came = pull(connect("sh-east", "dicomweb:main"))
    assert [name for name, data in held(hospitals).items() if came.data[name] != data] == [uid]


def test_a_study_withdrawn_between_list_and_fetch_is_gone_by_name(hospitals: Hospitals, connect: Connect) -> None:
    connector = connect("sh-east", "dicomweb:main")
    group = next(group for group in connector.list(None, None) if group.group_id == ct_study(hospitals))
    for unit in group.units:
        hospitals.misbehave("sh-east", Fault("delete", unit=unit.unit_id))
    from pipelines.phi_zone.connectors import Gone

    answers = list(connector.fetch(group))
    assert all(isinstance(answer, Gone) for answer in answers)
    assert {answer.unit_id for answer in answers} == {unit.unit_id for unit in group.units}


def test_an_instance_withdrawn_during_a_cut_transfer_is_gone_by_name(hospitals: Hospitals, connect: Connect) -> None:
    study = ct_study(hospitals)
    connector = connect("sh-east", "dicomweb:main")
    group = next(group for group in connector.list(None, None) if group.group_id == study)
    hospitals.misbehave("sh-east", Fault("cut", f"/studies/{study}$", at=100, times=None))
    hospitals.misbehave("sh-east", Fault("delete", unit=group.units[-1].unit_id))
    from .conftest import Pulled, take

    came = Pulled()
    for item in connector.fetch(group):
        take(came, item)
    assert came.gone == {group.units[-1].unit_id}
    assert len(came.data) == len(group.units) - 1


def test_429_and_500_are_waited_out_and_retry_after_is_honoured(hospitals: Hospitals, connect: Connect, pauses: list[float]) -> None:
    hospitals.misbehave("sh-east", Fault("status", "/dicom-web/studies", status=429, retry_after=17))
    hospitals.misbehave("sh-east", Fault("status", "/dicom-web/studies", status=500, times=2, skip=3))
    assert pull(connect("sh-east", "dicomweb:main")).data == held(hospitals)
    assert pauses[0] == 17
    assert pauses[1:] == [0.5, 1.0]


def test_a_server_that_stays_down_is_an_error_worth_trying_again(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("status", "/dicom-web", status=503, times=None))
    with pytest.raises(SourceUnavailable) as caught:
        pull(connect("sh-east", "dicomweb:main"))
    assert caught.value.issue.code == "CON-004"


def test_a_wrong_password_is_an_error_not_worth_trying_again(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.env["SH_EAST_PACS_TOKEN"] = "outdated"
    with pytest.raises(SourceRefused) as caught:
        connect("sh-east", "dicomweb:main").test()
    assert caught.value.issue.code == "CON-002"


def test_a_hospital_that_is_not_there_is_unavailable(hospitals: Hospitals, connect: Connect) -> None:
    connector = connect("sh-east", "dicomweb:main")
    hospitals.sites["sh-east"].stop()
    with pytest.raises(SourceUnavailable) as caught:
        connector.test()
    assert caught.value.issue.code == "CON-001"


def test_the_second_night_goes_back_for_what_was_late(hospitals: Hospitals, connect: Connect) -> None:
    first = held(hospitals)
    hospitals.advance(2)
    connector = connect("sh-east", "dicomweb:main")
    came = pull(connector, CLOSE[1], CLOSE[2])
    new = {uid for uid, data in held(hospitals).items() if first.get(uid) != data}
    assert new <= set(came.data)
    assert len(came.data) < len(held(hospitals)) / 2
    assert connector.watermark() == "2026-03-03T14:00:00.000Z"


def test_selected_modalities_are_all_that_is_promised_and_all_that_comes(hospitals: Hospitals, connect: Connect) -> None:
    came = pull(connect("cd-west", "dicomweb:main", select={"modalities": ["DX", "US"]}))
    wanted = {uid for uid, each in hospitals.sites["cd-west"].shelf.instances.items() if each.modality in ("DX", "US")}
    assert came.promised == set(came.data) == wanted


def test_a_select_since_narrows_the_studies(hospitals: Hospitals, connect: Connect) -> None:
    came = pull(connect("cd-west", "dicomweb:main", select={"since": "2026-02-01"}))
    wanted = {uid for uid, each in hospitals.sites["cd-west"].shelf.instances.items() if each.query["StudyDate"] >= "20260201"}
    assert came.promised == set(came.data) == wanted


def test_test_counts_and_pulls_nothing(hospitals: Hospitals, connect: Connect) -> None:
    report = connect("sh-east", "dicomweb:main").test()
    assert report.counts["studies"] >= 1
    assert not any("/instances" in line or "series" in line for line in hospitals.sites["sh-east"].requests)


def test_unread_chunks_do_not_spoil_the_next_delivery(hospitals: Hospitals, connect: Connect) -> None:
    connector = connect("sh-east", "dicomweb:main")
    group = next(group for group in connector.list(None, None) if len(group.units) == 24)
    uids = [item.unit_id for item in connector.fetch(group)]
    assert sorted(uids) == sorted(unit.unit_id for unit in group.units)


def test_a_body_that_stalls_is_left_and_asked_for_again(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("stall", f"/studies/{ct_study(hospitals)}$", at=0.5, seconds=1.5))
    assert pull(connect("sh-east", "dicomweb:main", read_s=0.5)).data == held(hospitals)
