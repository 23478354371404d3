"""What stands in the input: NDJSON lines, Bundles and single resources, plain or gzip, read with bounded memory.

A line longer than the limit is digested and passed over; a compressed file that grows beyond a ratio is stopped. No path
ever leaves this module: inputs are numbered.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from eval_harness.base import Issue, WrongUsage, canonical
from pipelines.phi_zone.fhir.documents import GZIP_FREE_BYTES, GZIP_RATIO, Part, document_bytes, parts_of, resources_of
from pipelines.phi_zone.fhir.read import Unreadable, parse
from pipelines.phi_zone.fhir.references import id_of_url
from schemas.messages import messages

SUFFIXES = (".ndjson", ".json", ".ndjson.gz", ".json.gz")
CHUNK, NEWLINE = 1 << 20, 10


class Source:
    """One input resource: its line, its tree (when it came inside a document) or the issue why there is none."""

    __slots__ = ("_sha256", "full_url", "issue", "line", "tree")

    def __init__(
        self,
        line: bytes | None,
        sha256: str | None = None,
        tree: dict[str, Any] | None = None,
        issue: Issue | None = None,
        full_url: str | None = None,
    ) -> None:
        self.line, self.tree, self.issue, self.full_url = line, tree, issue, full_url
        self._sha256 = sha256

    @property
    def sha256(self) -> str:
        """The digest by which the manifest names it; made when asked for, because the first pass does not."""
        return self._sha256 if self._sha256 is not None else hashlib.sha256(self.line or b"").hexdigest()


class _Lost(NamedTuple):
    """A line that was passed over, or -1: a gzip bomb, -2: a cut or broken gzip."""

    sha256: str
    length: int


def input_files(inputs: Iterable[Path]) -> list[Path]:
    """Files named, and the FHIR files below folders named, in a fixed order. Raises WrongUsage FHR-024 when there is none."""
    found: list[Path] = []
    for path in inputs:
        if path.is_dir():
            found += sorted(file for file in path.rglob("*") if file.is_file() and file.name.lower().endswith(SUFFIXES))
        elif path.is_file():
            found.append(path)
        else:
            raise WrongUsage(messages().issue("FHR-024", "IN", found=path.name))
    if not found:
        raise WrongUsage(messages().issue("FHR-024", "IN", found="IN"))
    return found


def passed_over(inputs: Iterable[Path]) -> int:
    """How many files below the folders named are not read, because their names are not those of FHIR JSON."""
    below = (file for path in inputs if path.is_dir() for file in path.rglob("*") if file.is_file())
    return sum(not file.name.lower().endswith(SUFFIXES) for file in below)


def sources(file: Path, max_bytes: int, max_depth: int) -> Iterator[Source]:
    """Every resource of one file, in order."""
    if (document := document_bytes(file)) is not None:
        for part in parts_of(document):
            yield _of_part(part, max_depth) if part.tree is not None or part.code is None else _of_document(document, part.code, max_depth)
        return
    for data in _lines(file, max_bytes):
        if type(data) is not bytes:
            assert isinstance(data, _Lost)
            yield Source(None, data.sha256, None, _why_lost(data.length, max_bytes))
        elif b'"Bundle"' in data:
            yield from _bundle_or_line(data, max_bytes, max_depth)
        elif data and not data.isspace():
            yield Source(data)


def _why_lost(length: int, max_bytes: int) -> Issue:
    if length < 0:
        return messages().issue("FHR-017" if length == -1 else "FHR-018", "file", found=GZIP_RATIO, reason="gzip")
    return messages().issue("FHR-004", "line", found=length, right=max_bytes)


def _bundle_or_line(data: bytes, max_bytes: int, max_depth: int) -> Iterator[Source]:
    try:
        tree = parse(data, max_bytes, max_depth + 8)
    except Unreadable as found:
        yield Source(data, issue=found.issue)
        return
    if tree["resourceType"] == "Bundle":
        for part in resources_of(tree):
            yield _of_part(part, max_depth)
    else:
        yield Source(data)


def _of_document(document: bytes, code: str, max_depth: int) -> Source:
    return Source(None, hashlib.sha256(document).hexdigest(), None, messages().issue(code, "file", right=max_depth))


def _of_part(part: Part, max_depth: int) -> Source:
    found = _of_tree(part.tree, part.full_url)
    if part.code is not None and found.issue is None:
        where = "Bundle.entry" if part.code == "FHR-011" else "Bundle" if part.code == "FHR-025" else "resource"
        return Source(None, found.sha256, None, messages().issue(part.code, where, right=max_depth))
    return found


def _of_tree(tree: Any, full_url: str | None) -> Source:
    """A resource that came inside a document: its canonical JSON is its line."""
    try:
        line = canonical(tree)
    except (ValueError, TypeError, RecursionError):
        line = json.dumps(tree, sort_keys=True, ensure_ascii=False, default=str).encode("utf-8", "replace")
        return Source(line, issue=messages().issue("FHR-012", "resource"))
    if isinstance(tree, dict) and "id" not in tree and full_url and (key := id_of_url(full_url, tree.get("resourceType"))):
        tree = {**tree, "id": key}
        return Source(None, hashlib.sha256(line).hexdigest(), tree, None, full_url)
    return Source(line, full_url=full_url)


def _lines(file: Path, max_bytes: int) -> Iterator[bytes | _Lost]:
    """Each line without its newline, or what is left to say of it."""
    try:
        with _open(file) as stream:
            compressed = file.stat().st_size if isinstance(stream, gzip.GzipFile) else 0
            read, limit = 0, max_bytes + 2
            while line := stream.readline(limit):
                read += len(line)
                whole = line[-1] == NEWLINE
                if whole or len(line) <= max_bytes:
                    if whole:
                        line = line[:-2] if line[-2:] == b"\r\n" else line[:-1]
                    yield line if len(line) <= max_bytes else _Lost(hashlib.sha256(line).hexdigest(), len(line))
                else:
                    lost = _rest(stream, line, compressed)
                    yield lost
                    if lost.length < 0:
                        return
                    read += lost.length
                if compressed and read > GZIP_FREE_BYTES and read > GZIP_RATIO * compressed:
                    yield _Lost(hashlib.sha256(b"").hexdigest(), -1)
                    return
    except (OSError, EOFError, zlib.error):
        yield _Lost(hashlib.sha256(b"").hexdigest(), -2)


def _rest(stream: IO[bytes], head: bytes, compressed: int) -> _Lost:
    """Digest and length of a line that is too long, read in pieces."""
    state, length, last = hashlib.sha256(head), len(head), b""
    while (piece := stream.readline(CHUNK)) and not piece.endswith(b"\n"):
        state.update(piece)
        length += len(piece)
        if compressed and length > GZIP_FREE_BYTES and length > GZIP_RATIO * compressed:
            return _Lost(state.hexdigest(), -1)
    last = piece.removesuffix(b"\n")
    state.update(last)
    return _Lost(state.hexdigest(), length + len(last))


def _open(file: Path) -> IO[bytes]:
    return gzip.open(file, "rb") if file.name.lower().endswith(".gz") else file.open("rb", buffering=CHUNK)  # type: ignore[return-value]
