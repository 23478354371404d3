"""What a model answered for one case, whole: inline, or read back from the blob store by digest."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from eval_harness.base import Result, sha256

OpenBlob = Callable[[str], bytes]
LONG_ANSWER = "output.json"


class BlobMissing(LookupError):
    """A blob that a result points to is not here."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


class BlobChanged(BlobMissing):
    """It is here, and its bytes are not those of its digest."""


def no_blobs(digest: str) -> bytes:
    raise BlobMissing(digest)


def answer_of(result: Result, open_blob: OpenBlob) -> Any:
    """The answer of an `ok` result as its task's measure takes it: the JSON, with declared files under "files" {name: bytes}.

    Raises BlobMissing.
    """
    answer = result.output
    if answer is None and LONG_ANSWER in result.blobs:
        answer = json.loads(_checked(result.blobs[LONG_ANSWER], open_blob))
    files = {name: _checked(digest, open_blob) for name, digest in result.blobs.items() if name != LONG_ANSWER}
    return {**answer, "files": files} if files else answer


def _checked(digest: str, open_blob: OpenBlob) -> bytes:
    try:
        data = open_blob(digest)
    except OSError as error:
        raise BlobMissing(digest) from error
    if sha256(data) != digest:
        raise BlobChanged(digest)
    return data


def blobs_of(results: Iterable[Result]) -> list[str]:
    """Digests that results point to, each once."""
    return sorted({digest for result in results for digest in result.blobs.values()})
