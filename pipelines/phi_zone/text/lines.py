"""One JSON line with a text in it, cleaned: the door `touchstone deid text`."""

from __future__ import annotations

from typing import Any

import orjson

from eval_harness.base import Issue
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.text.cleaner import TextCleaner
from schemas.deid import KnownIdentity
from schemas.messages import messages
from schemas.shapes.site import Site

MAX_TEXT = 5_000_000
_LISTS = ("names", "ids", "phones", "addresses", "organisations")


class LineCleaner:
    """Cleans lines one after another; counts those that were not usable."""

    def __init__(self, cleaner: TextCleaner, site: Site | None, key: ProjectKey | None) -> None:
        self.cleaner, self.site, self.key = cleaner, site, key
        self.broken = self.unshifted = 0

    def clean(self, line: bytes) -> bytes:
        """The output line for an input line. A line that is no request gives `{"id", "text": null, "spans": [], "issues"}`."""
        try:
            request = orjson.loads(line)
        except orjson.JSONDecodeError:
            return self._refused(None, messages().issue("TXT-003", "line"))
        if not isinstance(request, dict) or "id" not in request or not isinstance(request.get("text"), str):
            return self._refused(request.get("id") if isinstance(request, dict) else None, messages().issue("TXT-003", "line"))
        text = request["text"]
        if len(text) > MAX_TEXT:
            return self._refused(request["id"], messages().issue("TXT-007", "text", found=len(text), right=MAX_TEXT))
        cleaned = self.cleaner.clean(
            text, _known(request), request.get("lang") if isinstance(request.get("lang"), str) else None, self._shift(request)
        )
        spans = [{"start": s.start, "end": s.end, "type": s.type, "rule": s.rule} for s in cleaned.spans]
        return orjson.dumps({"id": request["id"], "text": cleaned.text, "spans": spans})

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
