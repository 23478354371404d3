"""The sealed reference standard as a file: AES-256-GCM under a key of its own, bound to its set and version.

File: 8 bytes magic, 12 bytes nonce, ciphertext with tag. Associated data is "set@version", so that the reference of one
set cannot be passed off as another's.
"""
from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from eval_harness.base import CaseKey, Terminal, Truth, canonical, eval_messages

MAGIC = b"TSREF\x00\x01\n"
SEALED, KEY = "reference.enc", "reference.key"
NONCE_BYTES, KEY_BYTES = 12, 32


def seal_reference(sealed_dir: Path, scope: str, rows: Sequence[tuple[CaseKey, Truth]], key: bytes | None) -> None:
    """Write `rows` encrypted to sealed_dir/reference.enc; draw and write reference.key (0600) when no key is given."""
    sealed_dir.mkdir(parents=True, exist_ok=True)
    if key is None:
        key = secrets.token_bytes(KEY_BYTES)
        write_private(sealed_dir / KEY, key.hex().encode() + b"\n")
    plain = b"".join(canonical({"key": held.to_dict(), "truth": truth.to_dict()}) + b"\n" for held, truth in rows)
    write_private(sealed_dir / SEALED, encrypt(plain, key, scope))


def encrypt(plain: bytes, key: bytes, scope: str) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE_BYTES)
    return MAGIC + nonce + AESGCM(key).encrypt(nonce, plain, scope.encode())


def decrypt(data: bytes, key: bytes, scope: str) -> bytes:
    """The plain bytes. Raises Terminal SET-020 when key, set or bytes do not fit."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head = len(MAGIC)
    try:
        if data[:head] != MAGIC:
            raise ValueError("not a sealed reference")
        return AESGCM(key).decrypt(data[head:head + NONCE_BYTES], data[head + NONCE_BYTES:], scope.encode())
    except (InvalidTag, ValueError) as error:
        raise Terminal(eval_messages().issue("SET-020", scope)) from error


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(partial, path)
