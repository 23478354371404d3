"""The same promises against a real PACS: Orthanc with its DICOMweb plugin, and a gateway in between that cuts."""
from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pipelines.phi_zone.connectors import Connector, Patience, open_connectors
from schemas.shapes.site import Site
from simulator.story import Story

from .conftest import pull

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
ABSENT = shutil.which("Orthanc") is None or not PLUGIN.exists()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(ABSENT, reason="Orthanc is not installed (Debian: orthanc orthanc-dicomweb)")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def held(story: Story) -> dict[str, bytes]:
    """Three CT series, radiographs in four character sets, an SR, a waveform, a PDF."""
    chosen: dict[str, bytes] = {}
    for each in story.nights["sh-east"][1].instances.values():
        if each.modality != "CT" or int(each.study_instance_uid.rsplit(".", 1)[1]) <= 3:
            chosen[each.sop_instance_uid] = each.data
    return chosen


@pytest.fixture(scope="module")
def orthanc(held: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A running Orthanc that holds `held`; gives its port."""
    folder, port = tmp_path_factory.mktemp("orthanc"), free_port()
    settings = {"Name": "peer", "HttpPort": port, "DicomPort": free_port(), "DicomServerEnabled": False, "RemoteAccessAllowed": False,
                "StorageDirectory": str(folder / "store"), "IndexDirectory": str(folder / "index"), "Plugins": [str(PLUGIN)],
                "AuthenticationEnabled": True, "RegisteredUsers": {"touchstone": "for-the-test"},
                "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}, "HttpBindAddresses": ["127.0.0.1"]}
    (folder / "orthanc.json").write_text(json.dumps(settings))
    process = subprocess.Popen(["Orthanc", str(folder / "orthanc.json")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=("touchstone", "for-the-test"), trust_env=False)
    try:
        for _ in range(100):
            try:
                client.get("/system").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        for data in held.values():
            client.post("/instances", content=data).raise_for_status()
        yield port
    finally:
        process.terminate()
        process.wait()


class CuttingGateway:
    """Passes connections on and drops each of the first `times` answers to a study retrieval after `at` bytes."""

    def __init__(self, target: int, at: int, times: int) -> None:
        self.target, self.at, self.left = target, at, times
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.target)) as server:
            request = client.recv(65536)
            server.sendall(request.replace(b"Connection: keep-alive", b"Connection: close"))
            path = request.split(b" ")[1].rstrip(b"/")
            budget = None
            if self.left > 0 and path.rsplit(b"/", 2)[-2] == b"studies":
                self.left -= 1
                budget = self.at
            while data := server.recv(65536):
                client.sendall(data if budget is None else data[:budget])
                if budget is not None and (budget := budget - len(data)) <= 0:
                    return


def over(port: int, **changes: object) -> Connector:
    site = {**Site.bare("peer").model_dump(), "folder": None, **changes, "imaging": [{"name": "main", "dicomweb": {
        "url": f"http://127.0.0.1:{port}/dicom-web", "auth": {"kind": "basic", "username": "touchstone", "password_env": "PEER"}}}]}
    return open_connectors(Site.model_validate(site), {"PEER": "for-the-test"}, Patience(sleep=lambda _: None))[0]


def test_everything_a_real_pacs_lists_comes_byte_for_byte(orthanc: int, held: dict[str, bytes]) -> None:
    connector = over(orthanc)
    came = pull(connector)
    assert came.promised == set(came.data) == set(held)
    assert {uid for uid in held if came.data[uid] != held[uid]} == set()
    assert not connector.issues
    assert connector.watermark()


def test_modalities_are_selected_at_a_real_pacs(orthanc: int, held: dict[str, bytes]) -> None:
    came = pull(over(orthanc, select={"modalities": ["CT"]}))
    assert came.promised == set(came.data)
    assert len(came.data) == 72


@pytest.mark.parametrize("at", [2_000, 82_000, 410_000, 815_000])
def test_a_gateway_that_cuts_a_real_pacs_is_noticed_and_everything_comes(orthanc: int, held: dict[str, bytes], at: int) -> None:
    gateway = CuttingGateway(orthanc, at, times=4)
    try:
        came = pull(over(gateway.port, limits={"max_connections": 1}))
    finally:
        gateway.listener.close()
    assert gateway.left < 4
    assert came.data == held
