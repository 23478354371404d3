"""Proving who we are: nothing, basic, bearer, or SMART Backend Services.

SMART App Launch 2.2, "Backend Services" with private_key_jwt: an assertion signed ES384 (EC P-384) or RS384 (RSA), five minutes
at most, a fresh jti every time. Tokens live in memory, are renewed before they end, and once more when a server says 401.
"""
from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eval_harness.base import WrongUsage
from pipelines.phi_zone.connectors.base import SourceRefused, SourceUnavailable
from schemas.messages import messages
from schemas.shapes.site import Auth

if TYPE_CHECKING:
    import httpx

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 240


class Credentials(Protocol):
    def headers(self, client: httpx.Client) -> dict[str, str]:
        """Headers for the next request; may fetch a token through `client`."""
        ...

    def renew(self) -> bool:
        """Forget what was refused. True when new credentials may help."""
        ...


class Fixed:
    """Headers that never change: none, basic, bearer."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def headers(self, client: httpx.Client) -> dict[str, str]:
        return self._headers

    def renew(self) -> bool:
        return False


class SmartBackend:
    """An access token from the token endpoint, renewed when it is about to end."""

    def __init__(self, where: str, auth: Auth) -> None:
        self._where, self._auth = where, auth
        self._key, self._algorithm, self._kid = _private_key(where, auth.private_key_file or Path())
        self._token, self._until = "", 0.0

    def headers(self, client: httpx.Client) -> dict[str, str]:
        if not self._token or time.monotonic() >= self._until:
            self._ask(client)
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        self._token = ""
        return True

    def _ask(self, client: httpx.Client) -> None:
        """Raises SourceRefused CON-003 when the endpoint does not accept us, SourceUnavailable CON-001 when it does not answer."""
        import httpx
        import jwt

        now, url = int(time.time()), self._auth.token_url or ""
        claims = {"iss": self._auth.client_id, "sub": self._auth.client_id, "aud": url, "jti": str(uuid.uuid4()),
                  "iat": now, "exp": now + ASSERTION_SECONDS}
        form = {"grant_type": "client_credentials", "scope": self._auth.scope, "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": jwt.encode(claims, self._key, algorithm=self._algorithm, headers={"kid": self._kid})}
        try:
            response = client.post(url, data=form, headers={"Accept": "application/json"})
        except httpx.TransportError as error:
            raise SourceUnavailable(messages().issue("CON-001", self._where, reason=type(error).__name__)) from None
        if response.status_code == 429 or response.status_code >= 500:
            raise SourceUnavailable(messages().issue("CON-004", self._where, status=response.status_code, attempts=1))
        try:
            answer = response.json()
            self._token, lives = str(answer["access_token"]), float(answer.get("expires_in", 300))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise SourceRefused(messages().issue("CON-003", self._where, status=response.status_code)) from None
        self._until = time.monotonic() + max(lives - 30, lives / 2)


def credentials(where: str, auth: Auth, secrets: Mapping[str, str]) -> Credentials:
    """The credentials a site file describes; `secrets` is the environment. Raises WrongUsage CON-008/CON-009 for a missing secret."""
    if auth.kind == "smart_backend":
        return SmartBackend(where, auth)
    if auth.kind == "basic":
        import base64

        password = _secret(where, auth.password_env, auth.password_file, secrets)
        return Fixed({"Authorization": "Basic " + base64.b64encode(f"{auth.username}:{password}".encode()).decode("ascii")})
    if auth.kind == "bearer":
        return Fixed({"Authorization": f"Bearer {_secret(where, auth.token_env, auth.token_file, secrets)}"})
    return Fixed({})


def _secret(where: str, variable: str | None, file: Path | None, secrets: Mapping[str, str]) -> str:
    if variable is not None:
        if not secrets.get(variable):
            raise WrongUsage(messages().issue("CON-008", where, name=variable))
        return secrets[variable]
    try:
        return (file or Path()).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise WrongUsage(messages().issue("CON-008", where, name=str(file))) from None


def _private_key(where: str, file: Path) -> tuple[Any, str, str]:
    """The key, its algorithm and its JWK thumbprint (RFC 7638). Raises WrongUsage CON-009."""
    import hashlib

    import jwt
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm

    try:
        key = load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise WrongUsage(messages().issue("CON-009", where, file=str(file))) from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1):
        jwk, algorithm, names = ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "ES384", ["crv", "kty", "x", "y"]
    elif isinstance(key, rsa.RSAPrivateKey):
        jwk, algorithm, names = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "RS384", ["e", "kty", "n"]
    else:
        raise WrongUsage(messages().issue("CON-009", where, file=str(file)))
    canonical = "{" + ",".join(f'"{name}":"{jwk[name]}"' for name in names) + "}"
    return key, algorithm, jwt.utils.base64url_encode(hashlib.sha256(canonical.encode()).digest()).decode("ascii")
