"""Who may read: SMART Backend Services, basic and bearer.

SMART App Launch 2.2, "Client authentication: asymmetric (private_key_jwt)": RS384 or ES384, iss = sub = client_id, aud = the token
endpoint, exp at most five minutes ahead, jti used once.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from typing import Any

import jwt

from simulator.server import Request, Response, as_json, outcome

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class SmartBackend:
    """A token endpoint and the tokens it gave out."""

    def __init__(self, client_id: str, public_keys: dict[str, Any], token_seconds: int = 300) -> None:
        """`public_keys`: algorithm (ES384, RS384) -> the client's public key."""
        self.client_id, self.public_keys, self.token_seconds = client_id, public_keys, token_seconds
        self.token_url = ""
        self._tokens: dict[str, float] = {}
        self._seen: set[str] = set()

    def token(self, request: Request) -> Response:
        if (
            request.method != "POST"
            or request.one("grant_type") != "client_credentials"
            or request.one("client_assertion_type") != ASSERTION
        ):
            return _refused("invalid_request", "grant_type client_credentials with a JWT assertion is needed")
        assertion = request.one("client_assertion")
        try:
            algorithm = jwt.get_unverified_header(assertion).get("alg", "")
            claims = jwt.decode(
                assertion,
                self.public_keys[algorithm],
                algorithms=[algorithm],
                audience=self.token_url,
                issuer=self.client_id,
                options={"require": ["exp", "iss", "sub", "aud", "jti"]},
            )
        except (jwt.PyJWTError, KeyError):
            return _refused("invalid_client", "the assertion does not verify")
        if claims["sub"] != self.client_id or claims["exp"] > time.time() + 301:
            return _refused("invalid_client", "sub must be the client and exp at most five minutes ahead")
        if claims["jti"] in self._seen:
            return _refused("invalid_client", "this jti was used before")
        self._seen.add(claims["jti"])
        token = secrets.token_urlsafe(24)
        self._tokens[token] = time.monotonic() + self.token_seconds
        return as_json(
            {"access_token": token, "token_type": "bearer", "expires_in": self.token_seconds, "scope": request.one("scope")},
            media_type="application/json",
        )

    def revoke(self) -> None:
        self._tokens.clear()

    def check(self, request: Request) -> Response | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0.0) > time.monotonic():
            return None
        return outcome(401, "no valid access token", {"WWW-Authenticate": 'Bearer error="invalid_token"'})


class Fixed:
    """Basic or bearer: one right value of the Authorization header."""

    def __init__(self, header: str) -> None:
        self.header = header

    @classmethod
    def basic(cls, username: str, password: str) -> Fixed:
        return cls("Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii"))

    @classmethod
    def bearer(cls, token: str) -> Fixed:
        return cls(f"Bearer {token}")

    def check(self, request: Request) -> Response | None:
        if hmac.compare_digest(request.headers.get("authorization", "").encode(), self.header.encode()):
            return None
        return outcome(401, "wrong credentials", {"WWW-Authenticate": self.header.split(" ", 1)[0]})


def _refused(error: str, description: str) -> Response:
    return as_json({"error": error, "error_description": description}, 400, "application/json")
