"""The project key: every pseudonym, shift and seal comes from it, and it never leaves the PHI zone.

Length-prefixed, domain-separated HMAC-SHA-256, so that no two different inputs share a byte string and no pseudonym of
one kind can be computed from another. A key is never rotated in place: compromise = new project (docs/decisions).
"""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from eval_harness.base import WrongUsage
from schemas.messages import messages

UID_ROOT = "2.25."
SHIFT_SPAN_DAYS = 3650
SHIFT_MINIMUM_DAYS = 30


@dataclass(frozen=True)
class KeyRef:
    """Where a worker finds the key. Carries no secret, so it may be pickled and logged."""

    key_id: str
    provider: str
    """"file" or the name of a KMS provider."""
    location: str


class ProjectKey:
    """One project's secret. Cannot be pickled; a worker fetches it through its KeyRef."""

    def __init__(self, secret: bytes, key_id: str) -> None:
        if len(secret) != 32:
            raise ValueError(f"a project key has 32 bytes, not {len(secret)}")
        self._secret = secret
        self.key_id = key_id
        self.subject = lru_cache(maxsize=1 << 13)(self._subject)
        self.uid = lru_cache(maxsize=1 << 13)(self._uid)
        self.shift_days = lru_cache(maxsize=1 << 13)(self._shift_days)

    def __reduce__(self) -> str:
        raise TypeError("a project key is never serialised; pass its KeyRef")

    def __repr__(self) -> str:
        return f"ProjectKey({self.key_id})"

    def mac(self, purpose: str, *parts: str | bytes) -> bytes:
        """32 bytes: HMAC over the purpose and the parts, each length-prefixed."""
        return hmac.digest(self._secret, _framed(purpose, *parts), "sha256")

    def _subject(self, site_id: str, issuer: str, patient_id: str) -> str:
        """Pseudonym of one patient of one site: 's' and 26 base32 characters (130 bits). Surrounding blanks do not count."""
        return "s" + base64.b32encode(self.mac("subject", site_id, issuer, patient_id.strip())).decode().lower()[:26]

    def _uid(self, site_id: str, uid: str) -> str:
        """New UID of a source UID, below 2.25 as a 128-bit integer (PS3.5 B.2). The same at every place it is mentioned."""
        return UID_ROOT + str(int.from_bytes(self.mac("uid", site_id, uid.strip(" \0"))[:16], "big"))

    def _shift_days(self, subject: str) -> int:
        """Whole days by which every date of this subject moves; never within 30 days of zero, at most ten years back."""
        span = SHIFT_SPAN_DAYS - SHIFT_MINIMUM_DAYS
        return -(SHIFT_MINIMUM_DAYS + int.from_bytes(self.mac("shift", subject)[:8], "big") % span)

    def token(self, kind: str, *parts: str | bytes) -> str:
        """Keyed token of something that must be matched but not read: 32 hexadecimal characters."""
        return self.mac("token:" + kind, *parts)[:16].hex()

    def tokens(self, kind: str, *parts: str | bytes) -> Callable[[str], str]:
        """`token` of these parts and one more, for many values: what they have in common is framed once."""
        head, secret = _framed("token:" + kind, *parts), self._secret

        def token(last: str) -> str:
            part = _bytes(last)
            return hmac.digest(secret, head + len(part).to_bytes(8, "big") + part, "sha256")[:16].hex()

        return token

    def seal(self, purpose: str, plain: bytes, context: bytes = b"") -> bytes:
        """AES-256-GCM under a key derived for `purpose`: 12-byte nonce, then ciphertext and tag. `context` is bound, not stored."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(self.mac("seal:" + purpose)).encrypt(nonce, plain, context)

    def open(self, purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
        """What `seal` hid. Raises cryptography's InvalidTag when bytes, purpose or context do not fit."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self.mac("seal:" + purpose)).decrypt(sealed[:12], sealed[12:], context)


def new_key_file(path: Path) -> str:
    """Make a key file (0600) and give its key id. Refuses (KEY-001) to overwrite one."""
    secret = secrets.token_bytes(32)
    key_id = id_of(secret)
    body = {"schema": "touchstone-key/1", "key_id": key_id, "secret": base64.b64encode(secret).decode()}
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise WrongUsage(messages().issue("KEY-001", str(path))) from None
    except OSError as error:
        raise WrongUsage(messages().issue("KEY-002", str(path), reason=error.strerror or "unreadable")) from error
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(json.dumps(body) + "\n")
        out.flush()
        os.fsync(out.fileno())
    return key_id


def id_of(secret: bytes) -> str:
    """The key id of a secret: it tells two keys apart and says nothing of either."""
    return hashlib.sha256(b"touchstone key id" + secret).hexdigest()[:12]


def load_key_file(path: Path) -> ProjectKey:
    """The key in `path`. Refuses (KEY-002, KEY-003) a file that is missing, malformed or readable by others, and (KEY-006) one whose
    secret is not the one its key id was made from: every pseudonym would come out another."""
    try:
        mode, body = path.stat().st_mode, json.loads(path.read_text(encoding="utf-8"))
        secret = base64.b64decode(body["secret"], validate=True)
        key = ProjectKey(secret, str(body["key_id"]))
    except OSError as error:
        raise WrongUsage(messages().issue("KEY-002", str(path), reason=error.strerror or "unreadable")) from error
    except (ValueError, KeyError, TypeError) as error:
        raise WrongUsage(messages().issue("KEY-002", str(path), reason="not a Touchstone key file")) from error
    if mode & 0o077:
        raise WrongUsage(messages().issue("KEY-003", str(path), mode=oct(mode & 0o777)))
    if key.key_id != id_of(secret):
        raise WrongUsage(messages().issue("KEY-006", str(path), found=id_of(secret), right=key.key_id))
    return key


def fetch(ref: KeyRef) -> ProjectKey:
    """The key a KeyRef points to. Raises WrongUsage KEY-004 for an unknown provider or another key id."""
    if ref.provider != "file":
        raise WrongUsage(messages().issue("KEY-004", ref.location, found=ref.provider))
    key = load_key_file(Path(ref.location))
    if key.key_id != ref.key_id:
        raise WrongUsage(messages().issue("KEY-005", ref.location, found=key.key_id, right=ref.key_id))
    return key


def _framed(*parts: str | bytes) -> bytes:
    """The parts, each after its length: no two different lists of parts share a byte string."""
    return b"".join(len(p).to_bytes(8, "big") + p for p in (_bytes(part) for part in parts))


def _bytes(part: str | bytes) -> bytes:
    return part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
