"""Write a frozen set: cases one at a time into a hidden folder, renamed when whole."""
from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval_harness.base import Case, CaseKey, Truth, WrongUsage, canonical, dsse, eval_messages, merkle, sha256
from eval_harness.base.rows import Socket
from eval_harness.testset import layout
from eval_harness.testset.leaves import input_leaf, reference_leaf
from eval_harness.testset.seal import seal_reference

CHUNK_BYTES = 1 << 20


def write_set(set_dir: Path, sealed_dir: Path, *, set_id: str, version: str, task: str,
              cases: Iterable[tuple[Sequence[layout.CaseInput], CaseKey, Truth]], visibility: str,
              card: Mapping[str, Any], provenance: Mapping[str, Any], signing_key: bytes | None = None,
              reference_key: bytes | None = None) -> layout.SetManifest:
    """Freeze `cases` as the folder `set_dir` and give its manifest.

    sealed_dir: gets reference.enc and, when no reference_key (32 bytes) is given, a new reference.key (0600). A practice
    set carries reference.jsonl inside and leaves sealed_dir alone. Truth salts are filled where empty; a token that is
    empty is drawn. signing_key: raw Ed25519 key, or None for an unsigned set.
    Raises WrongUsage SET-003 when set_dir exists, SET-004 for a token, socket or person that cannot stand.
    """
    if visibility not in layout.VISIBILITIES:
        raise WrongUsage(eval_messages().issue("SET-005", "visibility", found=visibility, known=", ".join(layout.VISIBILITIES)))
    if set_dir.exists():
        raise WrongUsage(eval_messages().issue("SET-003", set_dir.name))
    partial = set_dir.with_name(f".{set_dir.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / layout.INPUTS).mkdir(parents=True)
    frozen: list[tuple[Case, CaseKey, Truth]] = []
    seen: set[str] = set()
    for inputs, key, truth in cases:
        row = _write_case(partial, inputs, _named(key), _salted(truth))
        if row[0].token in seen:
            raise WrongUsage(eval_messages().issue("SET-004", row[0].token, reason="token twice"))
        seen.add(row[0].token)
        frozen.append(row)
    frozen.sort(key=lambda row: row[0].token)
    manifest = _write_tables(partial, frozen, set_id, version, task, visibility, card, provenance)
    if signing_key is not None:
        (partial / layout.SIGNATURE).write_bytes(dsse.sign(set_statement(manifest), signing_key))
    rows = [(key, truth) for _, key, truth in frozen]
    if visibility == "practice":
        lines = b"".join(canonical({"key": key.to_dict(), "truth": truth.to_dict()}) + b"\n" for key, truth in rows)
        (partial / layout.PRACTICE_REFERENCE).write_bytes(lines)
    else:
        seal_reference(sealed_dir, manifest.scope, rows, reference_key)
    os.replace(partial, set_dir)
    return manifest


def set_statement(manifest: layout.SetManifest) -> dict[str, Any]:
    """The in-toto statement that a set's signature signs."""
    subjects = {layout.MANIFEST: sha256(canonical(manifest.to_dict())), layout.LEAVES: manifest.leaves_sha256,
                layout.CARD: manifest.card_sha256}
    return dsse.statement(layout.PREDICATE, subjects, {"set": manifest.scope, "merkle_root": manifest.merkle_root})


def _named(key: CaseKey) -> CaseKey:
    token = key.token or layout.new_token()
    if not token.isalnum() or not token.isascii() or len(token) > 64:
        raise WrongUsage(eval_messages().issue("SET-004", "token", reason="not 1 to 64 ASCII letters and digits"))
    if not key.person:
        raise WrongUsage(eval_messages().issue("SET-004", token, reason="a case without a person cannot be clustered"))
    return CaseKey(**{**key.to_dict(), "token": token})


def _salted(truth: Truth) -> Truth:
    return truth if truth.salt else Truth(**{**truth.to_dict(), "salt": layout.new_salt()})


def _write_case(root: Path, inputs: Sequence[layout.CaseInput], key: CaseKey, truth: Truth) -> tuple[Case, CaseKey, Truth]:
    folder = root / layout.INPUTS / key.token
    folder.mkdir()
    sockets, described = [], {}
    for given in inputs:
        if Path(given.file_name).name != given.file_name or given.file_name == "case.json" or given.socket in described:
            raise WrongUsage(eval_messages().issue("SET-004", given.socket, reason="file name or socket cannot stand"))
        path = folder / given.file_name
        _copy(given.data, path)
        data = path.read_bytes()
        described[given.socket] = {"path": given.file_name, "media_type": given.media_type, "sha256": sha256(data),
                                   "bytes": len(data), "meta": dict(given.meta)}
        sockets.append(Socket(given.socket, sha256(data), len(data), given.media_type, f"{key.token}/{given.file_name}"))
    case_json = canonical({"schema": "touchstone.case/1", "sockets": described})
    (folder / "case.json").write_bytes(case_json)
    sockets.append(Socket("case", sha256(case_json), len(case_json), "application/json", f"{key.token}/case.json"))
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    return Case(key.token, tuple(sockets)), key, truth


def _copy(data: bytes | Path, path: Path) -> None:
    if isinstance(data, bytes):
        path.write_bytes(data)
        return
    with data.open("rb") as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, CHUNK_BYTES)


def _write_tables(root: Path, frozen: Sequence[tuple[Case, CaseKey, Truth]], set_id: str, version: str, task: str,
                  visibility: str, card: Mapping[str, Any], provenance: Mapping[str, Any]) -> layout.SetManifest:
    scope = f"{set_id}@{version}"
    inputs = [input_leaf(case) for case, _, _ in frozen]
    reference = [reference_leaf(scope, key, truth) for _, key, truth in frozen]
    leaves = b"".join(canonical({"token": row[0].token, "inputs": a.hex(), "reference": b.hex()}) + b"\n"
                      for row, a, b in zip(frozen, inputs, reference, strict=True))
    card_bytes = canonical(dict(card))
    (root / layout.LEAVES).write_bytes(leaves)
    (root / layout.CARD).write_bytes(card_bytes)
    (root / layout.CASES).write_bytes(b"".join(canonical(case.to_dict()) + b"\n" for case, _, _ in frozen))
    inputs_root, reference_root = merkle.root(inputs), merkle.root(reference)
    manifest = layout.SetManifest(
        set_id, version, task, visibility, len(frozen), inputs_root, reference_root,
        merkle.root([bytes.fromhex(inputs_root), bytes.fromhex(reference_root)]), sha256(leaves), sha256(card_bytes),
        dict(provenance))
    (root / layout.MANIFEST).write_bytes(canonical(manifest.to_dict()))
    return manifest
