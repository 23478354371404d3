"""Ed25519 keys of the platform: who signs frozen sets, run statements and reports."""
from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from eval_harness.base import WrongUsage
from eval_harness.base.dsse import key_id
from schemas.messages import messages


@dataclass(frozen=True)
class SigningKey:
    private: bytes
    public: bytes

    @property
    def key_id(self) -> str:
        return key_id(self.public)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"


def new_signing_key(path: Path) -> SigningKey:
    """Make a key pair: private hexadecimal in `path` (0600), public beside it as `<name>.pub`. Never overwrites."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise WrongUsage(messages().issue("SIG-001", str(path))) from None
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(private.private_bytes_raw().hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    public = private.public_key().public_bytes_raw()
    path.with_suffix(".pub").write_text(public.hex() + "\n", encoding="ascii")
    return SigningKey(private.private_bytes_raw(), public)


def load_signing_key(path: Path) -> SigningKey:
    """The key pair whose private half is in `path`. Raises WrongUsage SIG-002 when there is none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except (OSError, ValueError) as error:
        raise WrongUsage(messages().issue("SIG-002", str(path))) from error
    return SigningKey(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def load_public_key(path: Path) -> bytes:
    """32 raw bytes of a public key file. Raises WrongUsage SIG-002."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise WrongUsage(messages().issue("SIG-002", str(path))) from error
    if len(key) != 32:
        raise WrongUsage(messages().issue("SIG-002", str(path)))
    return key
