"""The simulated servers speak their protocols, refuse what they must, and misbehave exactly when told."""
from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import yaml

from simulator.faults import Fault
from simulator.hospitals import Hospitals


@pytest.fixture
def hospitals(tmp_path: Path) -> Iterator[Hospitals]:
    with Hospitals(tmp_path, retry_after_s=0) as running:
        yield running


def site(hospitals: Hospitals, site_id: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(hospitals.site_file(site_id).read_text(encoding="utf-8"))
    return loaded


def pacs(hospitals: Hospitals) -> tuple[str, dict[str, str]]:
    token = hospitals.env["SH_EAST_PACS_TOKEN"]
    return site(hospitals, "sh-east")["imaging"][0]["dicomweb"]["url"], {"Authorization": f"Bearer {token}"}


def ask_token(hospitals: Hospitals, key: str = "", algorithm: str = "ES384", **changes: Any) -> httpx.Response:
    auth = site(hospitals, "sh-east")["fhir"]["auth"]
    claims = {"iss": auth["client_id"], "sub": auth["client_id"], "aud": auth["token_url"], "exp": int(time.time()) + 200,
              "jti": str(uuid.uuid4()), **changes}
    pem = key or (hospitals.folder / f"sh-east-{algorithm.lower()}.pem").read_text()
    form = {"grant_type": "client_credentials", "scope": "system/*.read", "client_assertion": jwt.encode(claims, pem, algorithm),
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    return httpx.post(auth["token_url"], data=form)


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_registered_key_gets_a_token(hospitals: Hospitals, algorithm: str) -> None:
    answer = ask_token(hospitals, algorithm=algorithm)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 300


@pytest.mark.parametrize("changes", [{"aud": "http://elsewhere.example/token"}, {"exp": 1}, {"exp": int(time.time()) + 9000},
                                     {"iss": "somebody"}, {"sub": "somebody"}])
def test_an_assertion_that_is_not_right_gets_none(hospitals: Hospitals, changes: dict[str, Any]) -> None:
    answer = ask_token(hospitals, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_the_same_jti_is_refused_the_second_time(hospitals: Hospitals) -> None:
    assert ask_token(hospitals, jti="once").status_code == 200
    assert ask_token(hospitals, jti="once").status_code == 400


def test_a_stranger_s_key_is_refused(hospitals: Hospitals) -> None:
    other = (hospitals.folder / "sh-east-rs384.pem").read_text()
    assert ask_token(hospitals, key=other, algorithm="RS384").status_code == 200
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    strange = ec.generate_private_key(ec.SECP384R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert ask_token(hospitals, key=strange).status_code == 400


def bulk_headers(hospitals: Hospitals) -> dict[str, str]:
    token = ask_token(hospitals).json()["access_token"]
    return {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json", "Prefer": "respond-async"}


def test_an_export_runs_asynchronously_and_is_gone_after_delete(hospitals: Hospitals) -> None:
    url, headers = site(hospitals, "sh-east")["fhir"]["bulk"]["url"], bulk_headers(hospitals)
    assert httpx.get(f"{url}/$export").status_code == 401
    assert httpx.get(f"{url}/$export", headers={**headers, "Prefer": ""}).status_code == 400
    started = httpx.get(f"{url}/$export", headers=headers, params={"_type": "Patient,Observation"})
    assert started.status_code == 202
    job = started.headers["content-location"]
    waiting = httpx.get(job, headers=headers)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "0")
    manifest = httpx.get(job, headers=headers).json()
    assert {entry["type"] for entry in manifest["output"]} == {"Patient", "Observation"}
    for entry in manifest["output"]:
        assert len(httpx.get(entry["url"], headers=headers).text.splitlines()) == entry["count"]
    assert httpx.request("DELETE", job, headers=headers).status_code == 202
    assert httpx.get(job, headers=headers).status_code == 404


def test_since_narrows_an_export_and_names_deletions(hospitals: Hospitals) -> None:
    url = site(hospitals, "sh-east")["fhir"]["bulk"]["url"]
    hospitals.advance(2)
    headers = bulk_headers(hospitals)
    job = httpx.get(f"{url}/$export", headers=headers, params={"_since": "2026-03-02T22:00:00+08:00"}).headers["content-location"]
    httpx.get(job, headers=headers)
    manifest = httpx.get(job, headers=headers).json()
    assert sum(entry["count"] for entry in manifest["output"]) < 100
    assert manifest["deleted"][0]["count"] == 3
    assert '"method":"DELETE"' in httpx.get(manifest["deleted"][0]["url"], headers=headers).text


def test_search_pages_by_links_and_says_how_many(hospitals: Hospitals) -> None:
    url, auth = site(hospitals, "cd-west")["fhir"]["search"]["url"], ("reader", hospitals.env["CD_WEST_FHIR_PASSWORD"])
    assert httpx.get(f"{url}/Observation").status_code == 401
    page = httpx.get(f"{url}/Observation", params={"_count": 20}, auth=auth).json()
    total, seen = page["total"], [entry["resource"]["id"] for entry in page["entry"]]
    while page["link"]:
        page = httpx.get(page["link"][0]["url"], auth=auth).json()
        seen += [entry["resource"]["id"] for entry in page["entry"]]
    assert len(seen) == len(set(seen)) == total > 20


def test_qido_pages_and_wado_streams_without_telling_its_length(hospitals: Hospitals) -> None:
    url, headers = pacs(hospitals)
    first = httpx.get(f"{url}/studies", headers=headers)
    assert len(first.json()) == 20
    assert "additional results" in first.headers["warning"]
    study = next(entry for entry in first.json() if entry["00080061"]["Value"] == ["CT"])["0020000D"]["Value"][0]
    whole = httpx.get(f"{url}/studies/{study}", headers=headers)
    assert "content-length" not in whole.headers
    assert "transfer-encoding" not in whole.headers
    assert whole.content.count(b"DICM") == 24
    metadata = httpx.get(f"{url}/studies/{study}/metadata", headers=headers).json()
    assert len(metadata) == 24
    assert "BulkDataURI" in metadata[0]["7FE00010"]


def test_a_cut_happens_as_often_as_ordered_and_httpx_does_not_notice_it_on_dicomweb(hospitals: Hospitals) -> None:
    url, headers = pacs(hospitals)
    study = httpx.get(f"{url}/studies", headers=headers).json()[0]["0020000D"]["Value"][0]
    hospitals.misbehave("sh-east", Fault("cut", f"/studies/{study}", at=0.5))
    cut, whole = (httpx.get(f"{url}/studies/{study}", headers=headers) for _ in range(2))
    assert cut.status_code == whole.status_code == 200
    assert 0.45 < len(cut.content) / len(whole.content) < 0.55


def test_status_and_other_bytes_strike_where_matched(hospitals: Hospitals) -> None:
    url, headers = pacs(hospitals)
    study = httpx.get(f"{url}/studies", headers=headers).json()[0]["0020000D"]["Value"][0]
    hospitals.misbehave("sh-east", Fault("status", f"/studies/{study}", status=429, retry_after=7))
    hospitals.misbehave("sh-east", Fault("other_bytes", f"/studies/{study}"))
    assert httpx.get(f"{url}/studies", headers=headers).status_code == 200
    refused = httpx.get(f"{url}/studies/{study}", headers=headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    other, usual = (without_boundary(httpx.get(f"{url}/studies/{study}", headers=headers)) for _ in range(2))
    assert sum(a != b for a, b in zip(other, usual, strict=True)) == 1


def without_boundary(answer: httpx.Response) -> bytes:
    return answer.content.replace(answer.headers["content-type"].split("boundary=")[1].encode(), b"")


def test_the_admin_door_moves_the_night_and_orders_faults(hospitals: Hospitals) -> None:
    admin = hospitals.admin.url
    assert httpx.post(f"{admin}/_sim/night/2").json() == {"night": 2}
    assert hospitals.sites["cd-west"].night == 2
    assert httpx.post(f"{admin}/_sim/night/9").status_code == 400
    assert httpx.post(f"{admin}/_sim/cd-west/faults", json={"kind": "cut", "at": 0.1}).json()["pending"][0]["at"] == 0.1
    assert httpx.post(f"{admin}/_sim/cd-west/faults", json={"kind": "explode"}).status_code == 400
    assert httpx.request("DELETE", f"{admin}/_sim/cd-west/faults").json()["pending"] == []


def test_content_faults_change_the_shelf(hospitals: Hospitals) -> None:
    west = hospitals.sites["cd-west"]
    key = next(key for key in west.shelf.resources if key.startswith("Observation/"))
    before = west.shelf.resources[key]
    hospitals.misbehave("cd-west", Fault("silent_change", unit=key))
    assert west.shelf.resources[key] != before
    assert west.shelf.resources[key]["meta"] == before["meta"]
    hospitals.misbehave("cd-west", Fault("delete", unit=key))
    assert key in west.shelf.deleted
    instance = next(iter(west.shelf.instances))
    hospitals.misbehave("cd-west", Fault("hold_back", unit=instance))
    assert instance not in west.shelf.instances
    hospitals.advance(2)
    assert instance in west.shelf.instances


def test_the_disk_of_the_second_night_replaces_that_of_the_first(hospitals: Hospitals) -> None:
    disk = hospitals.folder / "usb"
    first = {path.relative_to(disk) for path in disk.rglob("*") if path.is_file()}
    hospitals.advance(2)
    second = {path.relative_to(disk) for path in disk.rglob("*") if path.is_file()}
    assert first < second
    assert any("删除" in path.name for path in second)
    assert any(path.suffix == "" for path in second)
    assert not any(path.name.startswith("~") for path in second)


def test_secrets_are_for_their_owner_only(hospitals: Hospitals) -> None:
    for name in ("secrets.env", "answer_key.json", "sh-east-es384.pem"):
        assert (hospitals.folder / name).stat().st_mode & 0o077 == 0
    assert not any(value in hospitals.site_file(site_id).read_text() for site_id in hospitals.sites for value in hospitals.env.values())
