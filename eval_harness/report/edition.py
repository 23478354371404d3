"""The two editions of the evidence as files: V.zip for the vendor, R.zip = V.zip + sealed tables for the regulator."""
from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval_harness.base import Terminal, WrongUsage, canonical, digest, dsse, eval_messages, sha256
from eval_harness.report import archive, hpke, readme
from eval_harness.report.compose import SOURCES, compose, documents_of, pages
from eval_harness.report.words import LANGUAGES
from eval_harness.scoring.directory import SEALED_TABLES, ScoreDir
from eval_harness.scoring.disclose import redact
from eval_harness.scoring.disclosed_card import disclosed_card

STATEMENT, MANIFEST, INNER, STAMP = "statement.dsse.json", "manifest.json", "V.zip", "timestamp.tsr"
PREDICATES = {"vendor": "https://touchstone.example/predicates/evidence-vendor/v1",
              "regulator": "https://touchstone.example/predicates/evidence-regulator/v1"}
SCHEMA = "touchstone.evidence/2"
OPEN_TABLES = ("baseline.jsonl", "keys.jsonl", "measurements.jsonl", "reference.jsonl", "results.jsonl", "salts.jsonl")
SEALED_MEMBERS = ("facts.full.json", *SEALED_TABLES)
CARD = "card.json"
"""Member of a sealed set's regulator edition as well: with every number, which the vendor edition gives in tens."""
SEALING = "HPKE base X25519 HKDF-SHA256 ChaCha20Poly1305"
HEADS = ("locked", "predicted", "unsealed", "scored")


def write_edition(score_dir: ScoreDir | Path, edition: str, out_zip: Path, signing_key: bytes, *,
                  regulator_key: bytes | None = None, heads: Mapping[str, Any] | None = None,
                  timestamp: bytes | None = None, pdf: bool = True) -> Path:
    """Write one edition and give its path.

    signing_key: raw Ed25519 private key. regulator_key: raw X25519 public key, needed for the regulator edition of a
    sealed set; without it a practice set's tables stand there in clear. heads: audit heads with `scored`
    ({"seq", "hash", "at", "root"}), replacing those of the score. timestamp: RFC 3161 response over manifest.json's
    SHA-256. pdf False: pages only (no typst here).
    The regulator edition holds byte for byte the vendor edition that the same arguments write.
    Raises WrongUsage REP-001 (edition) and REP-002 (no regulator key).
    """
    held = score_dir if isinstance(score_dir, ScoreDir) else ScoreDir(score_dir)
    if edition not in PREDICATES:
        raise WrongUsage(eval_messages().issue("REP-001", str(edition), known=", ".join(PREDICATES)))
    inner = vendor_bytes(held, signing_key, heads, timestamp, pdf)
    if edition == "vendor":
        return _write(out_zip, inner)
    if regulator_key is None and held.facts["visibility"] == "sealed":
        raise WrongUsage(eval_messages().issue("REP-002", out_zip.name))
    members: dict[str, bytes] = {INNER: inner}
    scope, plain = sha256(inner).encode(), sealed_members(held, archive.unpack(inner), pdf)
    for name, data in plain.items():
        if regulator_key is None:
            members[f"sealed/{name}"] = data
        else:
            members[f"sealed/{name}.hpke"] = hpke.seal(data, regulator_key, scope, name.encode())
    plain_root = digest({name: sha256(data) for name, data in plain.items()})
    extra = {"opens": sha256(inner), "reader": dsse.key_id(regulator_key) if regulator_key else None,
             "sealing": SEALING if regulator_key else None, "plain_sha256_root": plain_root}
    return _write(out_zip, _signed(members, "regulator", signing_key, extra, None))


def sealed_members(held: ScoreDir, vendor: Mapping[str, bytes], pdf: bool) -> dict[str, bytes]:
    """What only the regulator may read: the tables, and the report with every number that the vendor edition withholds."""
    out = {name: held.bytes_of(name) for name in SEALED_MEMBERS}
    if held.facts["visibility"] != "sealed":
        return out
    out[CARD] = held.bytes_of(CARD)
    documents = {**documents_of(vendor), "facts": json.loads(held.bytes_of("facts.full.json")), "card": json.loads(out[CARD])}
    out |= pages(documents)
    if pdf:
        from eval_harness.report.pdf import write_pdf

        out |= {f"report.{lang}.pdf": write_pdf(compose(documents, lang)) for lang in LANGUAGES}
    return out


def vendor_bytes(held: ScoreDir, signing_key: bytes, heads: Mapping[str, Any] | None, timestamp: bytes | None, pdf: bool) -> bytes:
    members = vendor_members(held, heads, pdf)
    facts = json.loads(members["facts.json"])
    extra = {"run_id": facts["run"]["run_id"], "verdict": facts["verdict"], "facts_full_sha256_salted": committed_facts(held)}
    return _signed(members, "vendor", signing_key, extra, timestamp)


def committed_facts(held: ScoreDir) -> str:
    """A commitment to the full facts that cannot be guessed: its salt is the digest of the sealed salts table."""
    return sha256(sha256(held.bytes_of("salts.jsonl")).encode() + held.bytes_of("facts.full.json"))


def vendor_members(held: ScoreDir, heads: Mapping[str, Any] | None, pdf: bool) -> dict[str, bytes]:
    """Every member of V.zip but manifest and statement."""
    full = held.facts
    protocol = held.json("protocol.json")
    facts = redact(full, protocol.get("disclosure"))
    documents = {name: held.json(f"{name}.json") for name in SOURCES if name not in ("facts",)}
    documents["facts"] = facts
    if full["visibility"] == "sealed":
        documents["card"] = disclosed_card(documents["card"], protocol.get("disclosure"))
    if heads is not None:
        documents["audit"] = {**documents["audit"], "heads": dict(heads)}
    members = {"pack/pack.json" if name == "pack" else f"{name}.json": canonical(documents[name]) for name in SOURCES}
    members["commitments.json"] = held.bytes_of("commitments.json")
    documents = documents_of(members)     # as a reader parses them, so that the order of keys is his
    members |= pages(documents)
    if pdf:
        from eval_harness.report.pdf import write_pdf

        members |= {f"report.{lang}.pdf": write_pdf(compose(documents, lang)) for lang in LANGUAGES}
    if full["visibility"] != "sealed":
        members |= {f"open/{name}": held.bytes_of(name) for name in OPEN_TABLES}
    members |= readme.members(facts)
    return members


def _signed(members: dict[str, bytes], edition: str, key: bytes, extra: Mapping[str, Any], timestamp: bytes | None) -> bytes:
    """The archive with its manifest, which lists every member, and a statement that signs the manifest."""
    listed = [{"name": name, "sha256": sha256(data), "bytes": len(data)} for name, data in sorted(members.items())]
    manifest = canonical({"schema": SCHEMA, "edition": edition, "members": listed})
    subjects = {MANIFEST: sha256(manifest)}
    out = {**members, MANIFEST: manifest}
    if timestamp is not None:
        if bytes.fromhex(subjects[MANIFEST]) not in timestamp:
            raise Terminal(eval_messages().issue("REP-003", STAMP, expected=subjects[MANIFEST]))
        subjects[STAMP] = sha256(timestamp)
        out[STAMP] = timestamp
    body = dsse.statement(PREDICATES[edition], subjects, {**extra, "signature_algorithm": "ed25519"})
    return archive.pack({**out, STATEMENT: dsse.sign(body, key)})


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    os.replace(partial, path)
    return path
