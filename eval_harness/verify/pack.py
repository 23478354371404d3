"""Verify one evidence file, and whether two editions belong together."""
from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage, canonical, digest, dsse, eval_messages, sha256
from eval_harness.report import archive, hpke
from eval_harness.report.compose import pages
from eval_harness.report.edition import CARD, INNER, OPEN_TABLES, SEALED_MEMBERS, STATEMENT
from eval_harness.scoring.answers import BlobMissing, OpenBlob, no_blobs
from eval_harness.scoring.disclose import redact
from eval_harness.scoring.disclosed_card import disclosed_card
from eval_harness.verify import envelope, recompute
from eval_harness.verify.own import OwnPack
from eval_harness.verify.result import VerifyReport, merged

Source = Path | bytes


@dataclass(frozen=True)
class Held:
    """What the person who verifies has in hand beside the file."""

    trust: bytes | None
    key: bytes | None
    own: OwnPack | None
    open_blob: OpenBlob


def blob_reader(path: Path) -> OpenBlob:
    """Bytes by digest out of blobs.tar (members named by their SHA-256). Raises WrongUsage VER-025 where it is no such file."""
    index = {}
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                if member.isreg():
                    index[member.name.rpartition("/")[2]] = (member.offset_data, member.size)
    except tarfile.TarError as error:
        raise WrongUsage(eval_messages().issue("VER-025", path.name)) from error

    def read(digest: str) -> bytes:
        if digest not in index:
            raise BlobMissing(digest)
        start, size = index[digest]
        with path.open("rb") as held:
            held.seek(start)
            return held.read(size)

    return read


def verify_pack(zip: Source, trust: bytes | None = None, opening: Source | None = None, blobs: Path | None = None, *,
                key: bytes | None = None, own: OwnPack | None = None) -> VerifyReport:
    """Check V.zip or R.zip and re-compute what its holder may see.

    trust: raw Ed25519 public key of the platform; without it the signer is not checked and the report is not ok.
    opening: the other edition, to show that both belong together. key: the regulator's raw X25519 private key, which opens
    sealed tables. blobs: blobs.tar with masks by digest. own: a task pack that brings its own measure function.
    Never raises for a damaged file: the report says what is wrong and where.
    """
    report = VerifyReport(levels={"V0": "part", "V1": "not_here", "V2": "not_here"})
    held = Held(trust, key, own, blob_reader(blobs) if blobs is not None else no_blobs)
    if not (_fits(zip, report) and (opening is None or _fits(opening, report))):
        return report
    data = _read(zip)
    members = envelope.open_archive(data, trust, report)
    if members is None:
        return report
    if report.edition == "regulator":
        with report.reading(STATEMENT):
            _regulator(members, held, report)
    else:
        _vendor(members, held, report)
    if opening is not None:
        with report.reading(INNER):
            _opening(data, _read(opening), held, report)
    if not any(issue.severity in ("error", "fatal") for issue in report.issues):
        report.levels["V0"] = "done"
    return report


def _fits(source: Source, report: VerifyReport) -> bool:
    """Evidence has 4 GiB at most; what is larger is not read."""
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    return report.check("size", size <= archive.LARGEST, "VER-018", "archive", found=size)


def _read(source: Source) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()


def _vendor(members: Mapping[str, bytes], held: Held, report: VerifyReport) -> None:
    documents = envelope.check_documents(members, report)
    if documents is None:
        return
    facts = documents["facts"]
    with report.reading("facts.json"):
        if facts["visibility"] == "sealed":
            report.numbers += list(recompute.from_counts(facts, documents["pack"]))
            report.levels["V1"] = "part"
            return
    with report.reading("open/"):
        tables = {name: members[f"open/{name}"] for name in OPEN_TABLES}
        recompute.from_tables(tables, facts, documents, json.loads(members["commitments.json"]), report, held.own, held.open_blob)


def _regulator(members: Mapping[str, bytes], held: Held, report: VerifyReport) -> None:
    inner = VerifyReport()
    vendor = envelope.open_archive(members[INNER], held.trust, inner)
    if vendor is None:
        merged(report, inner)
        return
    report.check("both editions have one signer", inner.signer == report.signer, "VER-031", INNER, found=inner.signer, outer=report.signer)
    body, _ = dsse.open_envelope(members[STATEMENT])
    report.check("opens this V.zip", body["predicate"]["opens"] == sha256(members[INNER]), "VER-012", STATEMENT, what=INNER)
    sealed = body["predicate"]["sealing"] is not None
    if sealed and held.key is None:
        _vendor(vendor, held, inner)
        merged(report, inner).numbers += inner.numbers
        report.levels["V1"] = inner.levels.get("V1", "part")
        report.refuse("VER-030", "sealed/", reader=body["predicate"]["reader"])
        return
    documents = envelope.check_documents(vendor, inner)
    merged(report, inner)
    if documents is None:
        return
    tables = open_sealed(members, held.key if sealed else None, report)
    if tables is None:
        return
    plain = {name: sha256(data) for name, data in tables.items()}
    report.check("sealed tables", digest(plain) == body["predicate"]["plain_sha256_root"], "VER-012", "sealed/", what="plain_sha256_root")
    full = json.loads(tables["facts.full.json"])
    commitment = sha256(sha256(tables["salts.jsonl"]).encode() + tables["facts.full.json"])
    inner_body, _ = dsse.open_envelope(vendor[STATEMENT])
    report.check("facts commitment", commitment == inner_body["predicate"]["facts_full_sha256_salted"], "VER-032", "sealed/facts.full.json")
    if report.check("facts = redact(full facts)", canonical(redact(full, documents["protocol"].get("disclosure"))) == vendor["facts.json"],
                    "VER-032", "facts.json"):
        report.opening = "redaction_proved"
    if full["visibility"] == "sealed":
        report.signed_only += [f"sealed/{name}" for name in sorted(tables) if name.endswith(".pdf")]
        card = _card(tables, vendor, documents, report)
        for name, page in pages({**documents, "facts": full, "card": card}).items():
            report.check(f"full {name} made again", tables.get(name) == page, "VER-015", f"sealed/{name}")
    with report.reading("sealed/"):
        recompute.from_tables(tables, full, documents, json.loads(vendor["commitments.json"]), report, held.own, held.open_blob)


def _card(tables: Mapping[str, bytes], vendor: Mapping[str, bytes], documents: Mapping[str, Any], report: VerifyReport) -> Any:
    """The set's card with every number; the vendor's follows from it, and the frozen set names its digest."""
    card, named = json.loads(tables[CARD]), json.loads(vendor["commitments.json"])["set"].get("card_sha256")
    follows = canonical(disclosed_card(card, documents["protocol"].get("disclosure"))) == vendor[CARD]
    report.check("card = disclosed(full card)", follows, "VER-032", CARD)
    report.check("the set's card", named in (None, sha256(tables[CARD])), "VER-012", f"sealed/{CARD}", what="the set's card_sha256")
    return card


def open_sealed(members: Mapping[str, bytes], key: bytes | None, report: VerifyReport) -> dict[str, bytes] | None:
    """Plain bytes of the sealed members by name; None where one does not open (see report.issues). key None: they lie in clear."""
    scope, out = sha256(members[INNER]).encode(), {}
    held = {name.removeprefix("sealed/").removesuffix(".hpke"): data for name, data in members.items() if name.startswith("sealed/")}
    for name in sorted(set(SEALED_MEMBERS) | set(held)):
        try:
            out[name] = held[name] if key is None else hpke.unseal(held[name], key, scope, name.encode())
        except (hpke.SealRefused, KeyError) as refused:
            report.refuse("VER-033", f"sealed/{name}", found=str(refused))
            return None
    return out


def _opening(first: bytes, second: bytes, held: Held, report: VerifyReport) -> None:
    """The filed copy is the opened one: R.zip holds V.zip byte for byte (and, with the key, its facts follow from the full ones)."""
    other = VerifyReport()
    members = envelope.open_archive(second, held.trust, other)
    if members is None:
        report.issues += other.issues
        return
    outer, inner = (members, first) if INNER in members else (archive.unpack(first), second)
    if not report.check("the other edition belongs to this one", outer.get(INNER) == inner, "VER-034", INNER):
        return
    report.opening = "same_file" if report.opening == "not_asked" else report.opening
    if INNER in members and held.key is not None:
        report.numbers.clear()     # every number again from the full tables, in place of what the vendor edition allows
        _regulator(members, held, report)
