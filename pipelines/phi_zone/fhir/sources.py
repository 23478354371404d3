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

import orjson

from eval_harness.base import Issue, WrongUsage, canonical
from pipelines.phi_zone.fhir.read import Unreadable, parse
from schemas.messages import messages

SUFFIXES = (".ndjson", ".json", ".ndjson.gz", ".json.gz")
CHUNK, NEWLINE = 1 << 20, 10
GZIP_RATIO = 200
GZIP_FREE_BYTES = 64_000_000
WHOLE_FILE_BYTES = 256_000_000
"""A Bundle file above this is not taken in one piece."""


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


def sources(file: Path, max_bytes: int, max_depth: int) -> Iterator[Source]:
    """Every resource of one file, in order."""
    whole = _whole_document(file)
    if whole is not None:
        yield from _document(whole, max_depth)
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


def _whole_document(file: Path) -> dict[str, Any] | None:
    """The one JSON object a `.json` file holds; None when it is line after line, or too large to be taken whole."""
    if not file.name.lower().endswith(".json") or file.stat().st_size > WHOLE_FILE_BYTES:
        return None
    try:
        document = orjson.loads(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _document(document: dict[str, Any], max_depth: int) -> Iterator[Source]:
    if document.get("resourceType") == "Bundle":
        yield from _entries(document, max_depth)
    else:
        yield _of_tree(document, None, max_depth)


def _bundle_or_line(data: bytes, max_bytes: int, max_depth: int) -> Iterator[Source]:
    try:
        tree = parse(data, max_bytes, max_depth + 8)
    except Unreadable as found:
        yield Source(data, issue=found.issue)
        return
    if tree["resourceType"] == "Bundle":
        yield from _entries(tree, max_depth)
    else:
        yield Source(data)


def _entries(bundle: dict[str, Any], max_depth: int, level: int = 0) -> Iterator[Source]:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        found = _of_tree(bundle, None, max_depth)
        yield Source(found.line, issue=found.issue or messages().issue("FHR-011", "Bundle.entry"))
        return
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        url = entry.get("fullUrl") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "Bundle" and level < 4:
            yield from _entries(resource, max_depth, level + 1)
        else:
            yield _of_tree(resource, url if isinstance(url, str) else None, max_depth)


def _of_tree(tree: Any, full_url: str | None, max_depth: int) -> Source:
    """A resource that came inside a document: its canonical JSON is its line."""
    try:
        line = canonical(tree)
    except (ValueError, TypeError, RecursionError):
        line = json.dumps(tree, sort_keys=True, ensure_ascii=False, default=str).encode("utf-8", "replace")
        return Source(line, issue=messages().issue("FHR-012", "resource"))
    if isinstance(tree, dict) and "id" not in tree and full_url and full_url.startswith("urn:uuid:"):
        tree = {**tree, "id": full_url.rpartition(":")[2].lower()}
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
