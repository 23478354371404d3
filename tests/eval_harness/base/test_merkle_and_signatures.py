"""Merkle roots, salted leaves, and envelopes in which any changed bit is found."""
from __future__ import annotations

import hashlib
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from eval_harness.base import dsse, ed25519, merkle


def test_the_empty_and_the_known_tree_of_rfc_6962():
    assert merkle.root([]) == hashlib.sha256(b"").hexdigest()
    data = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
    data = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
    assert merkle.root([merkle.leaf(d) for d in data]) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_every_leaf_has_a_path_to_the_root_and_another_leaf_has_not(data, draw):
    leaves = [merkle.leaf(item) for item in data]
    place = draw.draw(st.integers(0, len(leaves) - 1))
    path = merkle.proof(leaves, place)
    assert merkle.root_of_proof(leaves[place], path) == merkle.root(leaves)
    assert merkle.root_of_proof(merkle.leaf(data[place] + b"x"), path) != merkle.root(leaves)


def test_a_salted_leaf_cannot_be_guessed_from_its_row():
    row = {"case": "c1", "value": 1}
    salts = [bytes([n]) * 32 for n in range(2)]
    assert len({merkle.salted_leaf("reference", "set@1", salt, row) for salt in salts}) == 2
    assert merkle.salted_leaf("reference", "set@1", salts[0], row) != merkle.salted_leaf("referenc", "eset@1", salts[0], row)
    with pytest.raises(ValueError):
        merkle.salted_leaf("reference", "set@1", b"short", row)


@given(st.binary(max_size=200))
def test_plain_python_verification_agrees_with_the_library(message):
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(message).digest())
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert ed25519.verify(public, message, signature)
    assert not ed25519.verify(public, message + b"x", signature)


def test_rfc_8032_vector_3():
    public = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
    signature = bytes.fromhex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                              "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")
    assert ed25519.verify(public, bytes.fromhex("af82"), signature)
    assert not ed25519.verify(public, bytes.fromhex("af83"), signature)


def test_every_flipped_bit_of_an_envelope_is_found():
    envelope = dsse.sign(dsse.statement("https://touchstone/test", {"a": "0" * 64}, {"value": 0.5}), os.urandom(32))
    body, public = dsse.open_envelope(envelope)
    assert body["predicate"] == {"value": 0.5}
    assert dsse.open_envelope(envelope, trusted=public)[1] == public
    for place in range(0, len(envelope), 3):
        changed = envelope[:place] + bytes([envelope[place] ^ 1]) + envelope[place + 1:]
        with pytest.raises(dsse.EnvelopeRefused):
            dsse.open_envelope(changed, trusted=public)


def test_another_signer_is_refused_by_key_id():
    envelope = dsse.sign(dsse.statement("t", {}, {}), os.urandom(32))
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(dsse.EnvelopeRefused, match=dsse.key_id(stranger)):
        dsse.open_envelope(envelope, trusted=stranger)
