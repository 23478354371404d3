"""What each hospital opens to the network, and the site file that leads there.

Secrets go into `env` under the names the site files say; client keys into the folder.
"""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from simulator.access import Fixed, SmartBackend
from simulator.bulk import BulkServer
from simulator.dicomweb import DicomWebServer
from simulator.resources import RESIDENT_ID_SYSTEM, mrn_system
from simulator.search import SearchServer
from simulator.server import Request, Response, Server, as_json, outcome
from simulator.words import SITE_NAMES

if TYPE_CHECKING:
    from simulator.hospitals import Hospital

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


def bulk_front(hospital: Hospital, folder: Path, env: dict[str, str], token_seconds: int, retry_after_s: int) -> dict[str, Any]:
    """Bulk export behind SMART Backend Services; DICOMweb behind a bearer token. Opens the server; gives the site file's content."""
    keys = _client_keys()
    for algorithm, key in keys.items():
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
        private(folder / f"sh-east-{algorithm.lower()}.pem", pem)
    smart = SmartBackend("touchstone-client", {name: key.public_key() for name, key in keys.items()}, token_seconds)
    token = _secret(env, "SH_EAST_PACS_TOKEN")
    bulk = BulkServer(lambda: hospital.shelf, hospital.now, hospital.faults, retry_after_s=retry_after_s)
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
        "private_key_file": str(folder.resolve() / "sh-east-es384.pem"),
    }
    return {
        **_head("sh-east", "tertiary"),
        "fhir": {"bulk": {"url": f"{base}/fhir", "export": "system", "types": TYPES}, "auth": auth},
        "imaging": [
            {"name": "main", "dicomweb": {"url": f"{base}/dicom-web", "auth": {"kind": "bearer", "token_env": "SH_EAST_PACS_TOKEN"}}}
        ],
    }


def search_front(hospital: Hospital, env: dict[str, str]) -> dict[str, Any]:
    """FHIR search and DICOMweb, each behind its own password."""
    search = SearchServer(lambda: hospital.shelf, hospital.now, hospital.faults)
    pacs = DicomWebServer(lambda: hospital.shelf, hospital.faults)
    access = {
        "/fhir": Fixed.basic("reader", _secret(env, "CD_WEST_FHIR_PASSWORD")),
        "/dicom-web": Fixed.basic("dicom", _secret(env, "CD_WEST_PACS_PASSWORD")),
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


def drop_front(folder: Path) -> dict[str, Any]:
    """A folder and nothing else."""
    return {**_head("xj-south", "secondary"), "folder": {"path": str((folder / "usb").resolve())}}


def _secret(env: dict[str, str], name: str) -> str:
    env[name] = secrets.token_urlsafe(12)
    return env[name]


@cache
def _client_keys() -> dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey]:
    """The client's key pairs, made once a process: an RSA key takes a moment."""
    return {"ES384": ec.generate_private_key(ec.SECP384R1()), "RS384": rsa.generate_private_key(65537, 2048)}


def _head(site_id: str, tier: str) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "name": SITE_NAMES[site_id],
        "tier": tier,
        "timezone": "Asia/Shanghai",
        "patient_id_issuer": f"{site_id}-mpi",
        "identifiers": {"mrn": mrn_system(site_id), "resident_id": RESIDENT_ID_SYSTEM},
    }


def private(path: Path, text: str) -> None:
    """Write a file only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
