"""JSON lines with a text each, cleaned: the door `touchstone deid text`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

import orjson

from eval_harness.base import Issue
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import CleanText, KnownIdentity
from schemas.messages import messages
from schemas.shapes.site import Site

MAX_TEXT, MAX_LINE_BYTES = 5_000_000, 40_000_000
TOGETHER, _BLOCK = 64, 1 << 16
"""So many lines are cleaned together; so many bytes are read at once."""
_LISTS = ("names", "ids", "phones", "addresses", "organisations")


class _Request(NamedTuple):
    line_id: Any
    text: str
    known: KnownIdentity | None
    shift_days: int | None


class LineCleaner:
    """Cleans lines one after another; counts those that were not usable."""

    def __init__(self, cleaner: TextCleaner, site: Site | None, key: ProjectKey | None) -> None:
        self.cleaner, self.site, self.key = cleaner, site, key
        self.broken = self.unshifted = 0

    def clean(self, line: bytes) -> bytes:
        """The output line for an input line. A line that is no request gives `{"id", "text": null, "spans": [], "issues"}`."""
        return self.clean_many([line])[0]

    def clean_many(self, lines: Sequence[bytes]) -> list[bytes]:
        """As `clean` for each line, in less time."""
        told = [self._request(line) for line in lines]
        cleaned = iter(self.cleaner.clean_many(one[1:] for one in told if isinstance(one, _Request)))
        return [_answer(one.line_id, next(cleaned)) if isinstance(one, _Request) else one for one in told]

    def _request(self, line: bytes) -> _Request | bytes:
        """What a line asks for, or the answer to one that cannot be used."""
        if len(line) > MAX_LINE_BYTES:
            return self._refused(None, messages().issue("TXT-007", "line", found=f"> {MAX_LINE_BYTES}", right=MAX_TEXT))
        try:
            request = orjson.loads(line)
        except orjson.JSONDecodeError:
            return self._refused(None, messages().issue("TXT-003", "line"))
        if not isinstance(request, dict) or "id" not in request or not isinstance(request.get("text"), str):
            return self._refused(request.get("id") if isinstance(request, dict) else None, messages().issue("TXT-003", "line"))
        text = request["text"]
        if len(text) > MAX_TEXT:
            return self._refused(request["id"], messages().issue("TXT-007", "text", found=len(text), right=MAX_TEXT))
        return _Request(request["id"], text, _known(request), self._shift(request))

    def notes(self) -> list[Issue]:
        return [messages().issue("TXT-004", "--site, --key-file")] if self.unshifted else []

    def _refused(self, line_id: Any, issue: Issue) -> bytes:
        self.broken += 1
        return orjson.dumps(
            {"id": line_id if isinstance(line_id, str | int) else None, "text": None, "spans": [], "issues": [issue.to_dict()]}
        )

    def _shift(self, request: dict[str, Any]) -> int | None:
        patient = request.get("patient_id")
        if not isinstance(patient, str | int) or isinstance(patient, bool) or str(patient).strip() == "":
            return None
        if self.site is None or self.key is None:
            self.unshifted += 1
            return None
        return self.key.shift_days(self.key.subject(self.site.site_id, self.site.patient_id_issuer, str(patient)))


def arrived(source: BinaryIO) -> Iterator[list[bytes]]:
    """Lines without their ends, those that are blank left out: all that have come, TOGETHER at most, never waiting for more.

    Of a line longer than MAX_LINE_BYTES its beginning is given, one byte longer than that.
    """
    begun, length = list[bytes](), 0
    while data := source.read1(_BLOCK):   # type: ignore[attr-defined]
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*begun, lines[0]])[: MAX_LINE_BYTES + 1]
            begun, length = [], 0
            lines = [line for line in lines if line.strip()]
            yield from (lines[start : start + TOGETHER] for start in range(0, len(lines), TOGETHER))
        if length <= MAX_LINE_BYTES:
            begun.append(rest)
            length += len(rest)
    if (last := b"".join(begun)[: MAX_LINE_BYTES + 1]).strip():
        yield [last]


def _answer(line_id: Any, cleaned: CleanText) -> bytes:
    spans = [{"start": s.start, "end": s.end, "type": s.type, "rule": s.rule} for s in cleaned.spans]
    return orjson.dumps({"id": line_id, "text": cleaned.text, "spans": spans})


def _known(request: dict[str, Any]) -> KnownIdentity | None:
    """The identities given with a line, with its patient id among the numbers; members of a wrong type are passed over."""
    known = request.get("known")
    known = known if isinstance(known, dict) else {}
    parts = {
        name: tuple(str(value) for value in known.get(name, ()) if isinstance(value, str | int))
        if isinstance(known.get(name, ()), list)
        else ()
        for name in _LISTS
    }
    patient = request.get("patient_id")
    if isinstance(patient, str) and len(patient.strip()) >= 4:
        parts["ids"] = (*parts["ids"], patient)
    birth = known.get("birth_date")
    found = KnownIdentity(**parts, birth_date=birth if isinstance(birth, str) else "")
    return None if found == KnownIdentity() else found
