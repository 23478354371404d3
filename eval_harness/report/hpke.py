"""Sealing for one reader: HPKE base mode (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305.

The regulator opens the sealed members on a PC that has Python and numpy only, so opening uses neither a library nor
compiled code: numpy makes the ChaCha20 key stream (some 30 MB/s), integers do the rest. About 10 ms for the key exchange.
Not hardened against somebody who measures the time of the regulator's own PC; sealing uses `cryptography`.
"""
from __future__ import annotations

import hashlib
import hmac
import secrets

import numpy as np

KEM = b"KEM\x00\x20"                                # DHKEM(X25519, HKDF-SHA256)
SUITE = b"HPKE\x00\x20\x00\x01\x00\x03"             # with HKDF-SHA256 and ChaCha20-Poly1305
PRIME = 2**255 - 19
BASE_POINT = (9).to_bytes(32, "little")


class SealRefused(ValueError):
    """The key does not open these bytes, or they were changed."""


def public_key(private: bytes) -> bytes:
    return x25519(private, BASE_POINT)


def seal(plain: bytes, reader_public: bytes, info: bytes, aad: bytes) -> bytes:
    """enc (32 bytes) followed by the sealed text. `info` and `aad` must be given again to open it."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    ephemeral = secrets.token_bytes(32)
    enc = public_key(ephemeral)
    key, nonce = _schedule(_shared(x25519(ephemeral, reader_public), enc, reader_public), info)
    return enc + ChaCha20Poly1305(key).encrypt(nonce, plain, aad)


def unseal(sealed: bytes, private: bytes, info: bytes, aad: bytes) -> bytes:
    """The plain text of `seal`. Raises SealRefused."""
    if len(sealed) < 48:
        raise SealRefused("too short to be a sealed member")
    enc, body, tag = sealed[:32], sealed[32:-16], sealed[-16:]
    key, nonce = _schedule(_shared(x25519(private, enc), enc, public_key(private)), info)
    one_time = _key_stream(key, nonce, 0, 1)[:32]
    if not hmac.compare_digest(_poly1305(one_time, _padded(aad) + _padded(body) + _lengths(aad, body)), tag):
        raise SealRefused("this key does not open it, or its bytes were changed")
    stream = _key_stream(key, nonce, 1, -(-len(body) // 64))[:len(body)]
    return (np.frombuffer(body, np.uint8) ^ np.frombuffer(stream, np.uint8)).tobytes()


def x25519(scalar: bytes, point: bytes) -> bytes:
    """RFC 7748 section 5: the Montgomery ladder."""
    k = int.from_bytes(scalar, "little") & ~7 & ~(1 << 255) | 1 << 254
    x1 = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % PRIME, b * b % PRIME, d * a % PRIME, c * b % PRIME
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % PRIME, x1 * (da - cb) ** 2 % PRIME
        x2, z2 = aa * bb % PRIME, e * (aa + 121665 * e) % PRIME
    if swap:
        x2, z2 = x3, z3
    shared = x2 * pow(z2, PRIME - 2, PRIME) % PRIME
    if shared == 0:
        raise SealRefused("not a usable public key")
    return shared.to_bytes(32, "little")


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.new(salt, b"HPKE-v1" + suite + label + material, hashlib.sha256).digest()


def _expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.new(secret, labelled + b"\x01", hashlib.sha256).digest()[:length]


def _shared(exchanged: bytes, enc: bytes, reader_public: bytes) -> bytes:
    return _expand(KEM, _extract(KEM, b"", b"eae_prk", exchanged), b"shared_secret", enc + reader_public, 32)


def _schedule(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    context = b"\x00" + _extract(SUITE, b"", b"psk_id_hash", b"") + _extract(SUITE, b"", b"info_hash", info)
    secret = _extract(SUITE, shared, b"secret", b"")
    return _expand(SUITE, secret, b"key", context, 32), _expand(SUITE, secret, b"base_nonce", context, 12)


def _key_stream(key: bytes, nonce: bytes, counter: int, blocks: int) -> bytes:
    """RFC 8439 section 2.4, all blocks side by side: uint32[16, blocks]."""
    start = np.empty((16, blocks), np.uint32)
    start[:4] = np.frombuffer(b"expand 32-byte k", np.uint32)[:, None]
    start[4:12] = np.frombuffer(key, np.uint32)[:, None]
    start[12] = np.arange(counter, counter + blocks, dtype=np.uint32)
    start[13:] = np.frombuffer(nonce, np.uint32)[:, None]
    state = start.copy()
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            for left, right, turn, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[left] += state[right]
                state[turn] ^= state[left]
                state[turn] = state[turn] << np.uint32(bits) | state[turn] >> np.uint32(32 - bits)
    state += start
    return state.T.astype("<u4").tobytes()


def _poly1305(key: bytes, message: bytes) -> bytes:
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        total = (total + int.from_bytes(message[at:at + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def _padded(data: bytes) -> bytes:
    return data + b"\x00" * (-len(data) % 16)


def _lengths(aad: bytes, body: bytes) -> bytes:
    return len(aad).to_bytes(8, "little") + len(body).to_bytes(8, "little")
