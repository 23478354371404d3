import io
import secrets
import zipfile

import pytest

from eval_harness.report import archive, hpke

MEMBERS = {"00-README.en.txt": b"hello", "a/b.json": b"{}", "empty": b"", "pack/pack.json": bytes(range(256))}


def test_any_zip_program_opens_the_archive():
    with zipfile.ZipFile(io.BytesIO(archive.pack(MEMBERS))) as held:
        assert held.testzip() is None
        assert {name: held.read(name) for name in held.namelist()} == MEMBERS


def test_one_set_of_members_has_one_byte_string():
    assert archive.pack(MEMBERS) == archive.pack(dict(reversed(MEMBERS.items())))
    assert archive.unpack(archive.pack(MEMBERS)) == MEMBERS


def test_every_single_byte_is_covered():
    data = archive.pack(MEMBERS)
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x41
        with pytest.raises(archive.ArchiveRefused) as refused:
            archive.unpack(bytes(broken))
        assert refused.value.place


@pytest.mark.parametrize("change", [lambda d: d + b"\0", lambda d: d[:-1], lambda d: d[:40], lambda d: b"", lambda d: b"PK" + d])
def test_bytes_before_after_or_missing_are_refused(change):
    with pytest.raises(archive.ArchiveRefused):
        archive.unpack(change(archive.pack(MEMBERS)))


def test_a_zip_of_another_program_is_refused_even_with_the_same_members():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as held:
        for name, data in sorted(MEMBERS.items()):
            held.writestr(name, data)
    with pytest.raises(archive.ArchiveRefused):
        archive.unpack(out.getvalue())


@pytest.mark.parametrize("name", ["../x", "/x", "a\\b", "a//b", "CON:x", "a b", ""])
def test_a_name_that_could_leave_the_folder_is_never_written(name):
    with pytest.raises(ValueError, match="not plain"):
        archive.pack({name: b""})


def test_what_is_sealed_opens_with_the_readers_key_alone():
    private = secrets.token_bytes(32)
    plain = secrets.token_bytes(70_001)
    sealed = hpke.seal(plain, hpke.public_key(private), b"info", b"name")
    assert hpke.unseal(sealed, private, b"info", b"name") == plain
    for key, info, aad, data in ((secrets.token_bytes(32), b"info", b"name", sealed), (private, b"other", b"name", sealed),
                                 (private, b"info", b"other", sealed), (private, b"info", b"name", sealed[:-1] + bytes([sealed[-1] ^ 1])),
                                 (private, b"info", b"name", sealed[:20])):
        with pytest.raises(hpke.SealRefused):
            hpke.unseal(data, key, info, aad)


def test_our_sealing_is_the_standard_one():
    """RFC 9180 base mode: `cryptography` opens ours and we open its."""
    lib = pytest.importorskip("cryptography.hazmat.primitives.hpke")
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    suite = lib.Suite(lib.KEM.X25519, lib.KDF.HKDF_SHA256, lib.AEAD.CHACHA20_POLY1305)
    key = X25519PrivateKey.generate()
    raw = key.private_bytes_raw()
    assert hpke.unseal(suite.encrypt(b"from the library", key.public_key(), info=b"i"), raw, b"i", b"") == b"from the library"
    assert suite.decrypt(hpke.seal(b"from us", hpke.public_key(raw), b"i", b""), key, info=b"i") == b"from us"


def test_x25519_gives_the_rfc_7748_vector():
    scalar = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
    point = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    assert hpke.x25519(scalar, point).hex() == "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
