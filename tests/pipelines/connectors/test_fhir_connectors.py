"""Bulk and search pulls are whole or say so: cut files, expired tokens, lost exports, counts that disagree, deletions."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from eval_harness.base import WrongUsage
from pipelines.phi_zone.connectors import Connector, SourceRefused, SourceStrange, SourceUnavailable, TransferCut
from simulator.faults import Fault
from simulator.hospitals import Hospitals
from simulator.story import CLOSE

from .conftest import Pulled, pull, take

Connect = Callable[..., Connector]
FILES = r"\$export-files"
SOURCES = [("sh-east", "fhir-bulk"), ("cd-west", "fhir-search")]


def held(hospitals: Hospitals, site_id: str) -> dict[str, Any]:
    return dict(hospitals.sites[site_id].shelf.resources)


def parsed(came: Pulled) -> dict[str, object]:
    return {unit_id: json.loads(data) for unit_id, data in came.data.items()}


@pytest.mark.parametrize("site_id, source", SOURCES)
def test_every_resource_comes_once_as_it_is(hospitals: Hospitals, connect: Connect, site_id: str, source: str) -> None:
    connector = connect(site_id, source)
    came = pull(connector)
    assert parsed(came) == held(hospitals, site_id)
    assert set(came.times.values()) == {1}
    assert came.expected == len(came.data)
    assert not connector.issues


@pytest.mark.parametrize("site_id, source", SOURCES)
def test_the_second_night_brings_changes_and_deletions_only(hospitals: Hospitals, connect: Connect, site_id: str, source: str) -> None:
    before = held(hospitals, site_id)
    hospitals.advance(2)
    connector = connect(site_id, source)
    came = pull(connector, CLOSE[1], CLOSE[2])
    after = held(hospitals, site_id)
    assert set(came.data) == {key for key in after if after[key] != before.get(key)}
    assert came.deleted == set(before) - set(after)
    assert (connector.watermark() or "").startswith(("2026-03-03T22:00", "2026-03-03T14:00"))


@pytest.mark.parametrize("at", [0.1, 0.5, 0.99, 1])
def test_a_cut_ndjson_file_is_noticed_retried_and_complete(hospitals: Hospitals, connect: Connect, pauses: list[float], at: float) -> None:
    hospitals.misbehave("sh-east", Fault("cut", FILES, at=at, times=3, skip=2))
    came = pull(connect("sh-east", "fhir-bulk"))
    assert hospitals.sites["sh-east"].faults.struck == ["cut"] * 3
    assert parsed(came) == held(hospitals, "sh-east")
    assert set(came.times.values()) == {1}
    assert len(pauses) >= 3


def test_a_file_that_stays_cut_is_an_error_that_names_nobody(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("cut", FILES + ".*Patient", at=0.5, times=None))
    with pytest.raises(TransferCut) as caught:
        pull(connect("sh-east", "fhir-bulk"))
    assert caught.value.issue.code == "CON-010"
    assert "127.0.0.1" not in str(caught.value)


def test_a_token_that_ends_in_mid_download_is_renewed_and_the_file_completed(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("expire_token", FILES + ".*Observation", at=0.4))
    came = pull(connect("sh-east", "fhir-bulk"))
    assert hospitals.sites["sh-east"].faults.struck == ["expire_token"]
    assert parsed(came) == held(hospitals, "sh-east")
    assert sum("/auth/token" in line for line in hospitals.sites["sh-east"].requests) == 2


@pytest.mark.parametrize("algorithm", ["es384", "rs384"])
def test_both_kinds_of_client_key_are_accepted(hospitals: Hospitals, connect: Connect, algorithm: str) -> None:
    path = hospitals.site_file("sh-east")
    path.write_text(path.read_text().replace("es384", algorithm))
    assert connect("sh-east", "fhir-bulk").test().counts


def test_a_wrong_client_key_is_refused_with_what_to_do(hospitals: Hospitals, connect: Connect) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    wrong = ec.generate_private_key(ec.SECP384R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (hospitals.folder / "sh-east-es384.pem").write_bytes(wrong)
    with pytest.raises(SourceRefused) as caught:
        pull(connect("sh-east", "fhir-bulk"))
    assert caught.value.issue.code == "CON-003"
    assert "private_key_file" in caught.value.issue.hint_en


@pytest.mark.parametrize("content", [b"no key", b""])
def test_a_key_file_that_is_none_is_wrong_usage(hospitals: Hospitals, connect: Connect, content: bytes) -> None:
    (hospitals.folder / "sh-east-es384.pem").write_bytes(content)
    with pytest.raises(WrongUsage) as caught:
        connect("sh-east", "fhir-bulk")
    assert caught.value.issue.code == "CON-009"


def test_a_missing_secret_is_wrong_usage_that_names_the_variable(hospitals: Hospitals, connect: Connect) -> None:
    del hospitals.env["CD_WEST_FHIR_PASSWORD"]
    with pytest.raises(WrongUsage) as caught:
        connect("cd-west", "fhir-search")
    assert caught.value.issue.code == "CON-008"
    assert "CD_WEST_FHIR_PASSWORD" in caught.value.issue.message_en


@pytest.mark.parametrize("kind, sign", [("list_more", 1), ("list_fewer", -1)])
def test_a_manifest_that_counts_wrongly_is_visible_to_the_caller(hospitals: Hospitals, connect: Connect, kind: str, sign: int) -> None:
    hospitals.misbehave("sh-east", Fault(kind, r"\$export", count=1))
    came = pull(connect("sh-east", "fhir-bulk"))
    assert parsed(came) == held(hospitals, "sh-east")
    assert came.expected == len(came.data) + sign


def test_a_server_that_counts_more_than_it_lists_owes_the_rest(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("cd-west", Fault("list_fewer", "/fhir/Condition", count=2))
    connector = connect("cd-west", "fhir-search")
    groups = list(connector.list(None, None))
    owed = [group for group in groups if group.basis == "count"]
    assert [(group.expected, group.units) for group in owed] == [(2, ())]
    assert [issue.code for issue in connector.issues] == ["CON-011"]
    assert list(connector.fetch(owed[0])) == []


def test_a_listed_resource_that_does_not_exist_is_gone_by_name(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("cd-west", Fault("list_more", "/fhir/Condition", count=2))
    came = pull(connect("cd-west", "fhir-search"))
    assert came.gone == {"Condition/ghost-0", "Condition/ghost-1"}
    assert parsed(came) == held(hospitals, "cd-west")


def test_a_resource_deleted_between_list_and_fetch_is_gone_by_name(hospitals: Hospitals, connect: Connect) -> None:
    connector = connect("cd-west", "fhir-search")
    group = next(group for group in connector.list(None, None) if group.group_id.startswith("Observation"))
    hospitals.misbehave("cd-west", Fault("delete", unit=group.units[0].unit_id))
    came = Pulled()
    for item in connector.fetch(group):
        take(came, item)
    assert came.gone == {group.units[0].unit_id}
    assert len(came.data) == len(group.units) - 1


def test_a_duplicate_on_a_page_is_promised_once(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("cd-west", Fault("duplicate", "/fhir/Observation", count=3))
    connector = connect("cd-west", "fhir-search")
    units = [unit.unit_id for group in connector.list(None, None) for unit in group.units]
    assert len(units) == len(set(units)) == len(held(hospitals, "cd-west"))


def test_a_duplicate_line_of_an_export_is_delivered_twice(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("duplicate", r"\$export", count=1))
    came = pull(connect("sh-east", "fhir-bulk"))
    assert sorted(came.times.values())[-2:] == [1, 2]


def test_a_silent_change_is_found_by_a_full_pull_and_by_no_other(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.advance(2)
    key = next(key for key, resource in hospitals.sites["cd-west"].shelf.resources.items()
               if key.startswith("Observation/") and resource["meta"]["lastUpdated"] < "2026-03-01")
    hospitals.misbehave("cd-west", Fault("silent_change", unit=key))
    assert key not in pull(connect("cd-west", "fhir-search"), CLOSE[1], CLOSE[2]).data
    assert json.loads(pull(connect("cd-west", "fhir-search")).data[key]) == hospitals.sites["cd-west"].shelf.resources[key]


@pytest.mark.parametrize("site_id, source, match", [("sh-east", "fhir-bulk", r"\$export|/fhir"), ("cd-west", "fhir-search", "/fhir")])
def test_busy_fhir_servers_are_waited_out(hospitals: Hospitals, connect: Connect, pauses: list[float], site_id: str, source: str,
                                          match: str) -> None:
    hospitals.misbehave(site_id, Fault("status", match, status=500, times=2))
    hospitals.misbehave(site_id, Fault("status", match, status=429, retry_after=33))
    assert parsed(pull(connect(site_id, source))) == held(hospitals, site_id)
    assert 33 in pauses


def test_a_lost_export_is_started_again(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("status", "export-status", status=410))
    assert parsed(pull(connect("sh-east", "fhir-bulk"))) == held(hospitals, "sh-east")
    assert sum(line.startswith("GET /fhir/$export?") for line in hospitals.sites["sh-east"].requests) == 2


def test_an_expired_file_is_worth_trying_again_later(hospitals: Hospitals, connect: Connect) -> None:
    hospitals.misbehave("sh-east", Fault("status", FILES + ".*Patient", status=410, times=None))
    with pytest.raises(SourceUnavailable) as caught:
        pull(connect("sh-east", "fhir-bulk"))
    assert caught.value.issue.code == "CON-013"


def test_an_export_that_reports_errors_does_not_move_the_watermark(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen in the wild: status 200, no output, two error files."""
    from simulator.bulk import BulkServer

    honest = BulkServer._run

    def failing(self: BulkServer, *arguments: Any, **named: Any) -> Any:
        job = honest(self, *arguments, **named)
        job.manifest |= {"output": [], "error": [{"type": "OperationOutcome", "url": job.manifest["request"], "count": 2}]}
        return job

    monkeypatch.setattr(BulkServer, "_run", failing)
    connector = connect("sh-east", "fhir-bulk")
    assert list(connector.list(None, None)) == []
    assert connector.watermark() is None
    assert [issue.code for issue in connector.issues] == ["CON-012"]


def test_an_address_on_another_server_is_not_visited(hospitals: Hospitals, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.bulk import BulkServer

    honest = BulkServer._run

    def luring(self: BulkServer, *arguments: Any, **named: Any) -> Any:
        job = honest(self, *arguments, **named)
        output: Any = job.manifest["output"]
        output[0]["url"] = hospitals.sites["cd-west"].url + "/fhir/metadata"
        return job

    monkeypatch.setattr(BulkServer, "_run", luring)
    with pytest.raises(SourceStrange) as caught:
        list(connect("sh-east", "fhir-bulk").list(None, None))
    assert caught.value.issue.code == "CON-006"
    assert hospitals.sites["cd-west"].requests == []


def test_a_broken_line_is_delivered_as_a_file_and_the_next_lines_go_on(hospitals: Hospitals, connect: Connect,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    from simulator.bulk import BulkServer

    honest = BulkServer._run

    def breaking(self: BulkServer, *arguments: Any, **named: Any) -> Any:
        job = honest(self, *arguments, **named)
        name = next(name for name in job.files if name.startswith("Patient"))
        job.files[name][1] = b'{"resourceType": "Patient", "id": '
        return job

    monkeypatch.setattr(BulkServer, "_run", breaking)
    came = pull(connect("sh-east", "fhir-bulk"))
    assert list(came.files.values()) == [b'{"resourceType": "Patient", "id": ']
    assert len(came.data) == len(held(hospitals, "sh-east")) - 1


def test_the_export_is_deleted_at_the_server_when_all_is_done(hospitals: Hospitals, connect: Connect) -> None:
    connector = connect("sh-east", "fhir-bulk")
    pull(connector)
    connector.close()
    assert any(line.startswith("DELETE /fhir/$export-status/") for line in hospitals.sites["sh-east"].requests)


def test_no_resource_id_travels_in_an_address_during_a_usual_pull(hospitals: Hospitals, connect: Connect) -> None:
    came = pull(connect("cd-west", "fhir-search"))
    ids = [unit_id.split("/")[1] for unit_id in came.data]
    assert not any(each in line for line in hospitals.sites["cd-west"].requests for each in ids)


def test_the_hospital_s_bandwidth_is_respected(hospitals: Hospitals, connect: Connect, pauses: list[float]) -> None:
    came = pull(connect("cd-west", "fhir-search", limits={"max_bytes_per_s": 20_000}))
    size = sum(map(len, came.data.values()))
    assert sum(pauses) > size / 20_000 / 2          # nobody really slept, so the debt shows in what was asked for


@pytest.mark.parametrize("site_id, source", SOURCES)
def test_a_test_counts_without_pulling(connect: Connect, hospitals: Hospitals, site_id: str, source: str) -> None:
    report = connect(site_id, source).test()
    assert sum(report.counts.values()) == len(held(hospitals, site_id))
    assert not any("$export" in line or "_search" in line for line in hospitals.sites[site_id].requests)


def test_prose_beside_a_status_is_not_read_as_json(hospitals: Hospitals, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference server answers 404 with HTML and 202 with a sentence."""
    from simulator.bulk import BulkServer
    from simulator.server import Response

    honest = BulkServer.respond

    def chatty(self: BulkServer, request: Any) -> Response:
        answer = honest(self, request)
        if answer.status == 202 and request.method == "GET":
            answer.chunks = [b"in progress"]
        return Response(404, [b"<html>Cannot GET</html>"], "text/html") if request.one("_summary") else answer

    monkeypatch.setattr(BulkServer, "respond", chatty)
    assert len(connect("sh-east", "fhir-bulk").test().notes) == 10
    assert parsed(pull(connect("sh-east", "fhir-bulk"))) == held(hospitals, "sh-east")


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_that_does_not_search_by_post_is_read_one_by_one(hospitals: Hospitals, connect: Connect, status: int) -> None:
    hospitals.misbehave("cd-west", Fault("status", "POST .*Condition/_search", status=status, times=None))
    assert parsed(pull(connect("cd-west", "fhir-search"))) == held(hospitals, "cd-west")


def test_a_server_that_ignores_ids_delivers_no_stranger(hospitals: Hospitals, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from simulator.search import SearchServer

    honest = SearchServer._search
    monkeypatch.setattr(SearchServer, "_search", lambda self, request, kind: honest(
        self, replace(request, query=tuple(pair for pair in request.query if pair[0] != "_id")), kind))
    hospitals.advance(2)
    came = pull(connect("cd-west", "fhir-search"), CLOSE[1], CLOSE[2])
    assert set(came.data) <= came.promised
