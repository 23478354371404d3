"""Three hospitals that run: `with Hospitals(folder) as hospitals:` writes site files and secrets, serves, advances, misbehaves."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from simulator import readers
from simulator.access import Fixed, SmartBackend
from simulator.answer_key import answer_key
from simulator.bulk import BulkServer
from simulator.dicomweb import DicomWebServer
from simulator.drop import write_drop
from simulator.faults import CONTENT, Fault, FaultBook
from simulator.people import SITES
from simulator.resources import RESIDENT_ID_SYSTEM, mrn_system
from simulator.search import SearchServer
from simulator.server import Request, Response, Server, as_json, outcome
from simulator.story import CLOSE, Shelf, Story, told
from simulator.words import SITE_NAMES

TYPES = [
    "Patient",
    "Encounter",
    "Condition",
    "Observation",
    "DiagnosticReport",
    "ImagingStudy",
    "DocumentReference",
    "Practitioner",
    "Organization",
    "ServiceRequest",
]


class Hospital:
    """One hospital: its shelf at the current night, its faults, its server if it has one."""

    def __init__(self, site_id: str, nights: dict[int, Shelf], faults: list[Fault]) -> None:
        self.site_id, self.nights, self.faults, self.night = site_id, nights, FaultBook(), 1
        self.server: Server | None = None
        self.shelf = nights[1].copy()
        for fault in faults:
            self.misbehave(fault)

    def now(self) -> dt.datetime:
        return CLOSE[self.night]

    @property
    def url(self) -> str:
        """Where the hospital listens; "" for one that is a folder."""
        return self.server.url if self.server else ""

    @property
    def requests(self) -> list[str]:
        """Every request so far, as `METHOD path?query`."""
        return self.server.requests if self.server else []

    def stop(self) -> None:
        if self.server:
            self.server.stop()

    def advance(self, night: int) -> None:
        """Move to `night`; what was held back arrives."""
        self.night, self.shelf = night, self.nights[night].copy()

    def misbehave(self, fault: Fault) -> None:
        """Order a fault. Content faults take effect at once, wire faults when a matching request comes."""
        if fault.kind not in CONTENT:
            self.faults.add(fault)
            return
        resource_key = (
            fault.unit
            if fault.unit in self.shelf.resources
            else next(key for key in self.shelf.resources if key.startswith("Observation/"))
        )
        if fault.unit in self.shelf.instances and fault.kind in ("hold_back", "delete"):
            del self.shelf.instances[fault.unit]
        elif fault.kind == "hold_back":
            del self.shelf.resources[resource_key]
        elif fault.kind == "delete":
            self.shelf.delete(resource_key, self.now() - dt.timedelta(minutes=1))
        else:
            changed = self.shelf.resources[resource_key]
            self.shelf.resources[resource_key] = {**changed, "language": "zh-CN"}


class Hospitals:
    """All three, or those in `only`. `folder` receives sites/*.yaml, keys, secrets.env, readings.csv/json, answer_key.json, usb/."""

    def __init__(
        self,
        folder: Path,
        seed: int = 7,
        night: int = 1,
        only: str | None = None,
        faults: dict[str, list[Fault]] | None = None,
        token_seconds: int = 300,
        retry_after_s: int = 1,
        story: Story | None = None,
    ) -> None:
        self.folder, self.seed = folder, seed
        self.story = story or told(seed)
        self.token_seconds, self.retry_after_s = token_seconds, retry_after_s
        chosen = [site for site in SITES if only in (None, site)]
        if not chosen:
            raise ValueError(f"no hospital {only!r}; there are {', '.join(SITES)}")
        self.sites = {site: Hospital(site, self.story.nights[site], (faults or {}).get(site, [])) for site in chosen}
        self.env: dict[str, str] = {}
        self.admin = Server(self._admin, FaultBook())
        self.advance(night)

    def __enter__(self) -> Hospitals:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Write every file, start every server."""
        (self.folder / "sites").mkdir(parents=True, exist_ok=True)
        for site_id, hospital in self.sites.items():
            settings = {"sh-east": self._bulk_site, "cd-west": self._search_site, "xj-south": self._drop_site}[site_id](hospital)
            (self.folder / "sites" / f"{site_id}.yaml").write_text(
                yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8"
            )
            if hospital.server:
                hospital.server.start()
        self.admin.start()
        _private(self.folder / "secrets.env", "".join(f"{name}={value}\n" for name, value in self.env.items()))
        for name, text in _papers(self.story, self.seed).items():
            _private(self.folder / name, text)

    def stop(self) -> None:
        for hospital in self.sites.values():
            hospital.stop()
        self.admin.stop()

    def advance(self, night: int = 2) -> None:
        if night not in CLOSE:
            raise ValueError(f"there is no night {night}; there are {sorted(CLOSE)}")
        for site_id, hospital in self.sites.items():
            hospital.advance(night)
            if site_id == "xj-south":
                write_drop(self.folder / "usb", hospital.shelf)

    def site_file(self, site_id: str) -> Path:
        return self.folder / "sites" / f"{site_id}.yaml"

    def misbehave(self, site_id: str, fault: Fault) -> None:
        self.sites[site_id].misbehave(fault)
        if site_id == "xj-south" and fault.kind in CONTENT:
            write_drop(self.folder / "usb", self.sites[site_id].shelf)

    def _bulk_site(self, hospital: Hospital) -> dict[str, Any]:
        """Bulk export behind SMART Backend Services; DICOMweb behind a bearer token."""
        keys = _client_keys()
        for algorithm, key in keys.items():
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
            _private(self.folder / f"sh-east-{algorithm.lower()}.pem", pem)
        smart = SmartBackend("touchstone-client", {name: key.public_key() for name, key in keys.items()}, self.token_seconds)
        token = self._secret("SH_EAST_PACS_TOKEN")
        bulk = BulkServer(lambda: hospital.shelf, hospital.now, hospital.faults, retry_after_s=self.retry_after_s)
        pacs, pacs_access = DicomWebServer(lambda: hospital.shelf, hospital.faults), Fixed.bearer(token)

        def respond(request: Request) -> Response:
            if request.path == "/auth/token":
                return smart.token(request)
            if request.path == "/fhir/.well-known/smart-configuration":
                return as_json(
                    {
                        "token_endpoint": smart.token_url,
                        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
                        "scopes_supported": ["system/*.read"],
                    },
                    media_type="application/json",
                )
            if request.path.startswith("/fhir"):
                return (None if request.path == "/fhir/metadata" else smart.check(request)) or bulk.respond(request)
            if request.path.startswith("/dicom-web"):
                return pacs_access.check(request) or pacs.respond(request)
            return outcome(404, "nothing here")

        hospital.server = Server(respond, hospital.faults, smart.revoke, hospital.now)
        base = hospital.server.url
        bulk.base = pacs.base = base
        smart.token_url = f"{base}/auth/token"
        auth = {
            "kind": "smart_backend",
            "token_url": smart.token_url,
            "client_id": smart.client_id,
            "private_key_file": str(self.folder.resolve() / "sh-east-es384.pem"),
        }
        return {
            **_head("sh-east", "tertiary"),
            "fhir": {"bulk": {"url": f"{base}/fhir", "export": "system", "types": TYPES}, "auth": auth},
            "imaging": [
                {"name": "main", "dicomweb": {"url": f"{base}/dicom-web", "auth": {"kind": "bearer", "token_env": "SH_EAST_PACS_TOKEN"}}}
            ],
        }

    def _search_site(self, hospital: Hospital) -> dict[str, Any]:
        """FHIR search and DICOMweb, each behind its own password."""
        search = SearchServer(lambda: hospital.shelf, hospital.now, hospital.faults)
        pacs = DicomWebServer(lambda: hospital.shelf, hospital.faults)
        access = {
            "/fhir": Fixed.basic("reader", self._secret("CD_WEST_FHIR_PASSWORD")),
            "/dicom-web": Fixed.basic("dicom", self._secret("CD_WEST_PACS_PASSWORD")),
        }

        def respond(request: Request) -> Response:
            for prefix, answer in (("/fhir", search.respond), ("/dicom-web", pacs.respond)):
                if request.path.startswith(prefix):
                    return access[prefix].check(request) or answer(request)
            return outcome(404, "nothing here")

        hospital.server = Server(respond, hospital.faults, clock=hospital.now)
        search.base = pacs.base = base = hospital.server.url
        return {
            **_head("cd-west", "tertiary"),
            "fhir": {
                "search": {"url": f"{base}/fhir", "types": TYPES, "page_size": 50},
                "auth": {"kind": "basic", "username": "reader", "password_env": "CD_WEST_FHIR_PASSWORD"},
            },
            "imaging": [
                {
                    "name": "main",
                    "dicomweb": {
                        "url": f"{base}/dicom-web",
                        "auth": {"kind": "basic", "username": "dicom", "password_env": "CD_WEST_PACS_PASSWORD"},
                    },
                }
            ],
        }

    def _drop_site(self, hospital: Hospital) -> dict[str, Any]:
        return {**_head("xj-south", "secondary"), "folder": {"path": str((self.folder / "usb").resolve())}}

    def _secret(self, name: str) -> str:
        self.env[name] = secrets.token_urlsafe(12)
        return self.env[name]

    def _admin(self, request: Request) -> Response:
        """POST /_sim/night/N · GET, POST, DELETE /_sim/SITE/faults"""
        parts = request.path.strip("/").split("/")
        try:
            if request.method == "POST" and parts[:2] == ["_sim", "night"] and len(parts) == 3:
                self.advance(int(parts[2]))
                return as_json({"night": int(parts[2])}, media_type="application/json")
            if len(parts) == 3 and parts[0] == "_sim" and parts[2] == "faults" and parts[1] in self.sites:
                if request.method == "POST":
                    self.misbehave(parts[1], Fault.from_dict(json.loads(request.body)))
                elif request.method == "DELETE":
                    self.sites[parts[1]].faults.clear()
                return as_json(
                    {"pending": self.sites[parts[1]].faults.pending(), "struck": self.sites[parts[1]].faults.struck},
                    media_type="application/json",
                )
        except (ValueError, TypeError) as error:
            return as_json({"error": str(error)}, 400, "application/json")
        return as_json({"error": "POST /_sim/night/N or /_sim/SITE/faults"}, 404, "application/json")


@cache
def _client_keys() -> dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey]:
    """The client's key pairs, made once a process: an RSA key takes a moment."""
    return {"ES384": ec.generate_private_key(ec.SECP384R1()), "RS384": rsa.generate_private_key(65537, 2048)}


def _papers(story: Story, seed: int) -> dict[str, str]:
    """Files about the story: what the readers marked and what must never be found. Written once a story."""
    if not story.papers:
        rows = readers.marks(story, seed)
        key = json.dumps(answer_key(story, seed), ensure_ascii=False, indent=1)
        story.papers |= {"readings.csv": readers.as_csv(rows), "readings.json": readers.as_json(rows), "answer_key.json": key}
    return story.papers


def _head(site_id: str, tier: str) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "name": SITE_NAMES[site_id],
        "tier": tier,
        "timezone": "Asia/Shanghai",
        "patient_id_issuer": f"{site_id}-mpi",
        "identifiers": {"mrn": mrn_system(site_id), "resident_id": RESIDENT_ID_SYSTEM},
    }


def _private(path: Path, text: str) -> None:
    """Write a file only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
