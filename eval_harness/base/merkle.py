"""Merkle trees over ordered leaves, as RFC 6962 section 2.1 hashes them (0x00 before a leaf, 0x01 before a node).

A leaf that could be guessed (a label) is salted: SHA-256(0x00 | type | set@version | salt | canonical row).
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from eval_harness.base.canonical import canonical


def leaf(data: bytes) -> bytes:
    """Hash of one plain leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def salted_leaf(kind: str, scope: str, salt: bytes, row: Any) -> bytes:
    """Hash of one row that must not be guessable from its digest.

    kind: what the row is ("reference", "measurement"); scope: "set@version"; salt: 32 random bytes kept with the row.
    Each text is length-prefixed, so that no two different inputs share a byte string.
    """
    if len(salt) != 32:
        raise ValueError(f"a leaf salt has 32 bytes, this one has {len(salt)}")
    head = b"".join(len(part).to_bytes(4, "big") + part for part in (kind.encode(), scope.encode()))
    return hashlib.sha256(b"\x00" + head + salt + canonical(row)).digest()


def root(leaves: Iterable[bytes]) -> str:
    """Root of the tree over leaf hashes in the given order, as hexadecimal. No leaf: SHA-256 of nothing.

    Holds one node a level, whatever the number of leaves.
    """
    held: list[tuple[int, bytes]] = []
    for node in leaves:
        size = 1
        while held and held[-1][0] == size:
            node, size = _node(held.pop()[1], node), size * 2
        held.append((size, node))
    if not held:
        return hashlib.sha256(b"").hexdigest()
    running = held.pop()[1]
    while held:
        running = _node(held.pop()[1], running)
    return running.hex()


def proof(leaves: Sequence[bytes], index: int) -> list[tuple[str, str]]:
    """Audit path of leaf `index`: (side, hash) pairs from the bottom up, side "left" or "right" of the running hash."""
    path: list[tuple[str, str]] = []
    level = list(leaves)
    while len(level) > 1:
        partner = index ^ 1
        if partner < len(level):
            path.append(("left" if partner < index else "right", level[partner].hex()))
        pairs = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = [*pairs, level[-1]] if len(level) % 2 else pairs
        index //= 2
    return path


def root_of_proof(leaf_hash: bytes, path: Iterable[tuple[str, str]]) -> str:
    """The root that `path` leads to from `leaf_hash`."""
    running = leaf_hash
    for side, other in path:
        running = _node(bytes.fromhex(other), running) if side == "left" else _node(running, bytes.fromhex(other))
    return running.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
