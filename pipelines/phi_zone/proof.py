"""The proof that nothing leaked: residual findings, a stratified sample read by a person, and an exact bound on the leak rate.

Clopper and Pearson 1934. The bound a policy limits is the one-sided upper one at the policy's confidence: with k leaking
documents among n read, a true rate above it would have shown k or fewer with probability below 1 - confidence.
Flow  GB/T 42460-2023 asks for a qualitative and then a measured assessment; the report follows that order.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import Issue, Terminal, WrongUsage, digest
from eval_harness.stats.distributions import beta_ppf
from eval_harness.stats.proportions import clopper_pearson
from schemas.messages import messages
from schemas.shapes.text_policy import Proof as Limits

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


@dataclass(frozen=True)
class LeakBound:
    """k leaking documents of n read."""

    leaks: int
    n: int
    confidence: float
    upper: float
    """One-sided upper bound."""
    interval: tuple[float, float]
    """Two-sided interval at the same confidence."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"interval": list(self.interval)}


def leak_bound(leaks: int, n: int, confidence: float = 0.95) -> LeakBound:
    """Exact bounds. Raises ValueError unless 0 <= leaks <= n and n > 0."""
    if not 0 <= leaks <= n or n <= 0:
        raise ValueError("leaks must lie between 0 and n, and n must be positive")
    upper = 1.0 if leaks == n else beta_ppf(confidence, leaks + 1, n - leaks)
    return LeakBound(leaks, n, confidence, upper, clopper_pearson(leaks, n, confidence))


# ---------------------------------------------------------------- sample


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
                    yield Document(f"released/{file.name}:{number}", row["resourceType"], "\n".join(_texts(row)))
                elif isinstance(row.get("text"), str):
                    yield Document(f"{file.name}:{number}", "text", row["text"])


def _texts(node: Any, key: str = "") -> Iterator[str]:
    """The free text of a resource, attachments decoded."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _texts(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, key)
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
    """The bound from a filled-in sample. Raises WrongUsage PRF-003 when it does not fit what was released, or is not filled in."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise WrongUsage(messages().issue("PRF-003", path.name, reason=type(error).__name__)) from error
    released = {d.place: d.sha256 for d in documents(folder)}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not isinstance(row.get("leak"), bool):
            raise WrongUsage(messages().issue("PRF-003", f"{path.name}:{number}", reason="leak is not true or false"))
        if released.get(str(row.get("place"))) != row.get("sha256"):
            raise WrongUsage(messages().issue("PRF-003", f"{path.name}:{number}", reason="this document is not what was released"))
    if not rows or len({row["place"] for row in rows}) != len(rows):
        raise WrongUsage(messages().issue("PRF-003", path.name, reason="empty, or a document stands twice"))
    return leak_bound(sum(row["leak"] for row in rows), len(rows), confidence)


# ---------------------------------------------------------------- the gate


def objections(residual_findings: int, bound: LeakBound | None, limits: Limits) -> list[Issue]:
    """What stands against a release; empty: it may leave."""
    found = [messages().issue("PRF-005", "released/", found=residual_findings)] if residual_findings else []
    if limits.required and (bound is None or bound.n < limits.sample):
        found.append(messages().issue("PRF-002", "proof", n=0 if bound is None else bound.n, right=limits.sample))
    if bound is not None and bound.upper > limits.max_leak_bound:
        found.append(
            messages().issue(
                "PRF-001",
                "proof",
                bound=f"{bound.upper:.4f}",
                limit=limits.max_leak_bound,
                leaks=bound.leaks,
                n=bound.n,
                confidence=bound.confidence,
            )
        )
    return found


def refuse_if(found: list[Issue]) -> None:
    """Raises Terminal with the first objection."""
    if found:
        raise Terminal(found[0])


def released_digest(folder: Path) -> str:
    """Digest over everything under released/: a reading belongs to exactly these bytes."""
    files = sorted(file for file in (folder / "released").rglob("*") if file.is_file()) if folder.is_dir() else [folder]
    return digest([[file.name, hashlib.sha256(file.read_bytes()).hexdigest()] for file in files])
