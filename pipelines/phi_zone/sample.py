"""What a person reads: a stratified sample of released documents, and the reading that comes back."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import WrongUsage, digest
from eval_harness.base.issue import Words
from pipelines.phi_zone.proof import LeakBound, leak_bound
from schemas.messages import messages

_TEXT_KEYS = frozenset(
    (
        "text",
        "conclusion",
        "description",
        "data",
        "title",
        "comment",
        "valueString",
        "patientInstruction",
        "contentString",
        "summary",
        "detail",
    )
)
UNFILLED = Words("leak 不是 true 或 false", "leak is not true or false")
ANOTHER = Words("这份文档与放行的不同", "this document is not what was released")
NOT_ONE_EACH = Words("是空的，或同一文档出现两次", "empty, or a document stands twice")
_TAG = re.compile(r"\[[A-Z]+\]")


@dataclass(frozen=True)
class Document:
    """One released document as a reader sees it."""

    place: str
    stratum: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()



def documents(folder: Path) -> Iterator[Document]:
    """Every released document under a `deid fhir` output folder, or in a `deid text` output file. Raises WrongUsage PRF-004."""
    files = sorted((folder / "released").glob("*.ndjson")) if folder.is_dir() else [folder] if folder.is_file() else []
    if not files:
        raise WrongUsage(messages().issue("PRF-004", "DIR", found=folder.name))
    for file in files:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                row = json.loads(line)
                if "resourceType" in row:
                    yield Document(f"released/{file.name}:{number}", row["resourceType"], "\n".join(texts(row)))
                elif isinstance(row.get("text"), str):
                    yield Document(f"{file.name}:{number}", "text", row["text"])


def texts(node: Any, key: str = "") -> Iterator[str]:
    """The free text of a resource, attachments decoded."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from texts(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value, key)
    elif isinstance(node, str) and key == "data":
        yield base64.b64decode(node).decode("utf-8", "replace")
    elif isinstance(node, str) and key in _TEXT_KEYS:
        yield node


def draw_sample(found: Iterable[Document], size: int, seed: str) -> list[Document]:
    """`size` documents, by stratum: notes with tags in them, notes without, and the rest, in proportion but none forgotten.

    The order is that of a keyed digest, so that the same release and seed give the same sample.
    """
    strata: dict[str, list[Document]] = {}
    for document in found:
        if document.text.strip():
            kind = "tagged" if _TAG.search(document.text) else "long" if len(document.text) > 200 else "short"
            strata.setdefault(f"{document.stratum}/{kind}", []).append(document)
    total = sum(len(group) for group in strata.values())
    chosen: list[Document] = []
    for name, group in sorted(strata.items()):
        weight = 3 if name.endswith(("tagged", "long")) else 1
        wanted = min(len(group), max(1, round(size * weight * len(group) / max(1, total))))
        chosen += sorted(group, key=lambda d: hashlib.sha256(f"{seed}|{d.place}".encode()).digest())[:wanted]
    rest = sorted(
        (d for group in strata.values() for d in group if d not in set(chosen)),
        key=lambda d: hashlib.sha256(f"{seed}|{d.place}".encode()).digest(),
    )
    ranked = sorted(chosen, key=lambda d: hashlib.sha256(f"{seed}|{d.place}".encode()).digest())
    return (ranked + rest)[:size]


def write_sample(documents_drawn: list[Document], path: Path) -> None:
    """sample.jsonl for a reader: `leak` is to be filled in with true or false."""
    rows = [{"place": d.place, "stratum": d.stratum, "sha256": d.sha256, "text": d.text, "leak": None, "note": ""} for d in documents_drawn]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def read_reading(path: Path, folder: Path, confidence: float) -> LeakBound:
    """The bound from a filled-in sample of `folder`. Raises WrongUsage PRF-003 as `leaking` does."""
    rows = leaking(path, {d.place: d.sha256 for d in documents(folder)})
    return leak_bound(sum(rows.values()), len(rows), confidence)


def leaking(path: Path, released: Mapping[str, str]) -> dict[str, bool]:
    """Place → whether the reader found an identity there.

    released: place → SHA-256 of each document that may be in the sample. Raises WrongUsage PRF-003 when the file does not fit
    them, or is not filled in.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise WrongUsage(messages().issue("PRF-003", path.name, reason=getattr(error, "strerror", None) or type(error).__name__)) from error
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not isinstance(row.get("leak"), bool):
            raise WrongUsage(messages().issue("PRF-003", f"{path.name}:{number}", reason=UNFILLED))
        if released.get(str(row.get("place"))) != row.get("sha256"):
            raise WrongUsage(messages().issue("PRF-003", f"{path.name}:{number}", reason=ANOTHER))
    if not rows or len({row["place"] for row in rows}) != len(rows):
        raise WrongUsage(messages().issue("PRF-003", path.name, reason=NOT_ONE_EACH))
    return {row["place"]: row["leak"] for row in rows}


def released_digest(folder: Path) -> str:
    """Digest over everything under released/: a reading belongs to exactly these bytes."""
    files = sorted(file for file in (folder / "released").rglob("*") if file.is_file()) if folder.is_dir() else [folder]
    return digest([[file.name, hashlib.sha256(file.read_bytes()).hexdigest()] for file in files])
