"""DSSE envelopes over in-toto statements, signed with Ed25519.

DSSE v1 (pre-authentication encoding) and in-toto Statement v1. An envelope's bytes are canonical JSON, so that any
changed byte is found, not only a changed meaning. Signing needs `cryptography`; checking needs the standard library.
"""
from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from eval_harness.base import ed25519
from eval_harness.base.canonical import canonical

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


class EnvelopeRefused(ValueError):
    """The bytes are not a canonical DSSE envelope, or no signature in them checks."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])


def statement(predicate_type: str, subjects: Mapping[str, str], predicate: Any) -> dict[str, Any]:
    """An in-toto statement: `subjects` maps a name to its SHA-256 in hexadecimal."""
    listed = [{"name": name, "digest": {"sha256": sha}} for name, sha in sorted(subjects.items())]
    return {"_type": STATEMENT_TYPE, "subject": listed, "predicateType": predicate_type, "predicate": predicate}


def key_id(public_key: bytes) -> str:
    """Name of a public key: the first 16 hexadecimal characters of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def sign(body: Mapping[str, Any], private_key: bytes) -> bytes:
    """Canonical envelope bytes of `body`, signed with a raw 32-byte Ed25519 private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(private_key)
    public = key.public_key().public_bytes_raw()
    payload = canonical(body)
    signature = key.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload))
    return canonical({
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(public), "alg": "ed25519", "public_key": public.hex(),
                        "sig": base64.b64encode(signature).decode()}],
    })


def open_envelope(data: bytes, trusted: bytes | None = None) -> tuple[dict[str, Any], bytes]:
    """Check an envelope and give (statement, public key that signed it).

    trusted: raw public key that must have signed; None accepts the key named inside (the caller must then say that the
    signer was not checked). Raises EnvelopeRefused with the place that is wrong.
    """
    try:
        envelope = json.loads(data)
        if set(envelope) != {"payloadType", "payload", "signatures"} or len(envelope["signatures"]) != 1:
            raise EnvelopeRefused("an envelope has payloadType, payload and one signature")
        payload = base64.b64decode(envelope["payload"], validate=True)
        signature = envelope["signatures"][0]
        if set(signature) != {"keyid", "alg", "public_key", "sig"}:
            raise EnvelopeRefused("a signature has keyid, alg, public_key and sig")
        public, raw = bytes.fromhex(signature["public_key"]), base64.b64decode(signature["sig"], validate=True)
    except EnvelopeRefused:
        raise
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise EnvelopeRefused("not a DSSE envelope") from error
    if canonical(envelope) != data or envelope["payloadType"] != PAYLOAD_TYPE:
        raise EnvelopeRefused("envelope bytes are not canonical")
    if signature["alg"] != "ed25519" or signature["keyid"] != key_id(public):
        raise EnvelopeRefused("signature algorithm or key id does not fit")
    if base64.b64encode(raw).decode() != signature["sig"] or base64.b64encode(payload).decode() != envelope["payload"]:
        raise EnvelopeRefused("base64 text is not canonical")
    if trusted is not None and public != trusted:
        raise EnvelopeRefused(f"signed by key {key_id(public)}, not by the trusted key {key_id(trusted)}")
    if not ed25519.verify(public, pre_authentication_encoding(PAYLOAD_TYPE, payload), raw):
        raise EnvelopeRefused("signature does not fit the payload")
    body = json.loads(payload)
    if canonical(body) != payload:
        raise EnvelopeRefused("payload bytes are not canonical")
    return body, public
