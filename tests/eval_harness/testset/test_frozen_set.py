"""A frozen set proves its own bytes, keeps truth apart, and remembers what was withdrawn."""
from __future__ import annotations

import json
import secrets
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eval_harness.base import CaseKey, Terminal, Truth, WrongUsage
from eval_harness.testset import image_input, read_image, read_set, verify_set, withdraw_case, write_set
from eval_harness.testset.reference import open_reference

SIGNING = secrets.token_bytes(32)
PUBLIC = Ed25519PrivateKey.from_private_bytes(SIGNING).public_key().public_bytes_raw()
LABEL = "distinctive-label-of-truth"


def frozen(root: Path, visibility: str = "sealed", cases: int = 5, key: bytes | None = SIGNING) -> Path:
    def rows():
        for number in range(cases):
            image = np.full((4, 5), number, dtype=np.uint16)
            inputs = [image_input("dr", image, spacing_mm=[0.2, 0.2])]
            yield inputs, CaseKey("", f"case-{number}", f"p{number}", "s", "east"), Truth(f"case-{number}", {LABEL: number})

    write_set(root / "set", root / "sealed", set_id="dr-a", version="1", task="chest-dr", cases=rows(), visibility=visibility,
              card={"title": "t"}, provenance={}, signing_key=key)
    return root / "set"


def holds(path: Path) -> bool:
    try:
        return verify_set(path, PUBLIC).ok
    except Terminal:
        return False


def test_a_frozen_set_verifies_and_its_reference_opens(tmp_path):
    path = frozen(tmp_path)
    report = verify_set(path, PUBLIC)
    assert report.ok
    assert report.signer_checked
    assert report.count("INTACT") == 5
    rows = open_reference(read_set(path), tmp_path / "sealed")
    assert {truth.value[LABEL] for _, truth in rows} == set(range(5))
    assert read_image(path / "inputs" / rows[3][0].token / "dr.npy").shape == (4, 5)


def test_no_truth_lies_in_a_sealed_set_nor_in_clear_beside_it(tmp_path):
    frozen(tmp_path)
    assert all(LABEL.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_a_practice_set_carries_its_reference(tmp_path):
    path = frozen(tmp_path, "practice", key=None)
    assert verify_set(path).ok
    assert len(open_reference(read_set(path))) == 5


@pytest.mark.parametrize("name", ["set_manifest.json", "leaves.jsonl", "card.json", "cases.jsonl", "signature.dsse.json"])
def test_one_changed_byte_in_any_table_is_found(tmp_path, name):
    path = frozen(tmp_path)
    data = bytearray((path / name).read_bytes())
    data[len(data) // 2] ^= 1
    (path / name).write_bytes(data)
    assert not holds(path)


def test_a_changed_a_removed_and_an_added_case_are_told_apart(tmp_path):
    path = frozen(tmp_path)
    first, second, *_ = sorted(folder.name for folder in (path / "inputs").iterdir())
    (path / "inputs" / first / "dr.npy").write_bytes(b"other pixels")
    (path / "inputs" / second / "dr.npy").unlink()
    (path / "inputs" / "stranger").mkdir()
    report = verify_set(path, PUBLIC)
    assert (report.rows[first], report.rows[second]) == ("DIFFERS", "MISSING")
    assert [issue.where for issue in report.issues if issue.code == "SET-036"] == ["stranger"]


def test_an_unchanged_copy_signed_by_somebody_else_is_refused(tmp_path):
    report = verify_set(frozen(tmp_path, key=secrets.token_bytes(32)), PUBLIC)
    assert not report.ok
    assert "SET-032" in {issue.code for issue in report.issues}


def test_a_withdrawn_case_loses_its_bytes_and_keeps_its_leaf(tmp_path):
    path = frozen(tmp_path)
    token = read_set(path).cases[2].token
    for _ in range(2):
        withdraw_case(path, token, reason="consent withdrawn", withdrawn_on="2026-11-26", signing_key=SIGNING,
                      sealed_dir=tmp_path / "sealed")
    report = verify_set(path, PUBLIC)
    assert report.ok
    assert report.rows[token] == "WITHDRAWN"
    assert not (path / "inputs" / token).exists()
    assert len(open_reference(read_set(path), tmp_path / "sealed")) == 4


def test_an_unsigned_slip_does_not_withdraw_a_case_of_a_signed_set(tmp_path):
    path = frozen(tmp_path)
    token = read_set(path).cases[0].token
    withdraw_case(path, token, reason="too hard", withdrawn_on="2026-11-26", sealed_dir=tmp_path / "sealed")
    report = verify_set(path, PUBLIC)
    assert report.rows[token] == "MISSING"
    assert not report.ok


def test_the_reference_of_another_key_or_a_swapped_row_does_not_open(tmp_path):
    path = frozen(tmp_path)
    with pytest.raises(Terminal, match="SET-020"):
        open_reference(read_set(path), tmp_path / "sealed", secrets.token_bytes(32))
    practice = frozen(tmp_path / "p", "practice")
    lines = [json.loads(line) for line in (practice / "reference.jsonl").read_text().splitlines()]
    lines[0]["truth"]["value"], lines[1]["truth"]["value"] = lines[1]["truth"]["value"], lines[0]["truth"]["value"]
    (practice / "reference.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    with pytest.raises(Terminal, match="SET-021"):
        open_reference(read_set(practice))


def test_a_frozen_set_is_never_overwritten_and_a_case_needs_a_person(tmp_path):
    frozen(tmp_path)
    with pytest.raises(WrongUsage, match="SET-003"):
        frozen(tmp_path)
    with pytest.raises(WrongUsage, match="SET-004"):
        write_set(tmp_path / "b", tmp_path / "sb", set_id="b", version="1", task="t", visibility="sealed", card={},
                  cases=[([], CaseKey("", "c", "", "s", "x"), Truth("c", 1))], provenance={})


def test_an_image_of_python_objects_is_refused():
    with pytest.raises(WrongUsage, match="SET-010"):
        image_input("dr", np.array([[{}]], dtype=object), spacing_mm=[1, 1])
