"""Keys of a report at the command line: a given key file, or one made inside the score folder for a rehearsal."""
from __future__ import annotations

import os
from pathlib import Path

from eval_harness.base import WrongUsage, eval_messages, sha256
from eval_harness.base.reasons import why
from eval_harness.report import archive
from eval_harness.report.edition import MANIFEST
from eval_harness.scoring.directory import FACTS, ScoreDir

OWN_KEY = "signing.key"


def opened(folder: Path) -> ScoreDir:
    """The score in `folder`. Raises WrongUsage REP-006 where there is none."""
    if not (folder / FACTS).is_file():
        raise WrongUsage(eval_messages().issue("REP-006", folder.name))
    return ScoreDir(folder)


def signing_key(score_dir: Path, path: Path | None) -> bytes:
    """Raw private key of `path`, or of signing.key in the score folder (made on first use, 0600), so that both editions
    of one score are signed alike. Raises WrongUsage REP-005."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    file = path or score_dir / OWN_KEY
    if path is None and not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
        file.with_suffix(".pub").write_text(public_of(bytes.fromhex(file.read_text(encoding="ascii").strip())).hex() + "\n")
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
        Ed25519PrivateKey.from_private_bytes(key)
    except (OSError, ValueError) as error:
        raise WrongUsage(eval_messages().issue("REP-005", file.name, reason=why(error))) from error
    return key


def public_of(private: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def manifest_sha256(path: Path) -> str:
    """What a time-stamping authority is asked to stamp."""
    return sha256(archive.unpack(path.read_bytes())[MANIFEST])


def new_reader_key(path: Path) -> bytes:
    """Make a regulator's X25519 key pair: private hexadecimal in `path` (0600), public beside it; give the public key."""
    import secrets

    from eval_harness.report.hpke import public_key

    private = secrets.token_bytes(32)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(private.hex() + "\n")
    public = public_key(private)
    path.with_suffix(".pub").write_text(public.hex() + "\n", encoding="ascii")
    return public
