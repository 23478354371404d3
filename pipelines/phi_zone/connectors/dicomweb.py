"""DICOMweb, the promise: QIDO-RS lists the instances of every study (PS3.18 section 10.6); `wado` retrieves them.

One group per study, basis `ids`. QIDO knows no modified-since, so every list goes back `lookback_days`; pages may be shorter than
asked for and may repeat.
"""
from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, MutableSequence, Sequence
from typing import Any

from eval_harness.base import Issue
from pipelines.phi_zone.connectors.base import Delivery, Gone, Group, SourceReport, SourceStrange, Unit, iso
from pipelines.phi_zone.connectors.part10 import UID_SHAPE
from pipelines.phi_zone.connectors.wado import Retrieval
from pipelines.phi_zone.connectors.wire import Wire
from schemas.messages import messages
from schemas.shapes.site import Schedule, Select

QIDO = {"Accept": "application/dicom+json"}
PAGE = 200
STUDY, SERIES, INSTANCE, MODALITY, COUNT = "0020000D", "0020000E", "00080018", "00080060", "00201208"


class DicomWebConnector:
    def __init__(self, wire: Wire, name: str, select: Select, schedule: Schedule, zone: dt.tzinfo) -> None:
        self.source = f"dicomweb:{name}"
        self._wire, self._select, self._schedule, self._zone = wire, select, schedule, zone
        self.issues: MutableSequence[Issue] = []
        self._watermark: str | None = None

    def test(self) -> SourceReport:
        started = time.monotonic()
        self._wire.json("GET", f"{self._wire.base_url}/studies", headers=QIDO, params=[("limit", "1")], expect=(200, 204))
        today = (self._wire.server_time or dt.datetime.now(dt.UTC)).astimezone(self._zone).date()
        first = today - dt.timedelta(days=self._schedule.lookback_days)
        studies = list(self._query("studies", [("StudyDate", f"{first:%Y%m%d}-{today:%Y%m%d}")], STUDY))
        counts = {"studies": len(studies), "instances": sum(_number(study, COUNT) or 0 for study in studies)}
        return SourceReport(counts, time.monotonic() - started, (f"studies of the last {self._schedule.lookback_days} days",))

    def list(self, since: dt.datetime | None, until: dt.datetime | None) -> Iterator[Group]:
        """Studies by StudyDate, from `since` less the look-back; all studies when `since` is None."""
        self.issues, self._watermark, self._wire.server_time = [], None, None
        started, dates = dt.datetime.now(dt.UTC), self._dates(since, until)
        studies = {}
        for modality in self._select.modalities or [""]:
            asked = [("StudyDate", dates)] * bool(dates) + [("ModalitiesInStudy", modality)] * bool(modality)
            for study in self._query("studies", [*asked, ("includefield", COUNT)], STUDY):
                studies[_text(study, STUDY)] = _number(study, COUNT)
        for study_uid, declared in studies.items():
            group = self._group(study_uid, declared)
            if group.units:
                yield group
        self._watermark = iso(until or self._wire.moment(started))

    def fetch(self, group: Group) -> Iterator[Delivery | Gone]:
        return Retrieval(self._wire, group, self.issues).items()

    def watermark(self) -> str | None:
        return self._watermark

    def close(self) -> None:
        self._wire.close()

    def _dates(self, since: dt.datetime | None, until: dt.datetime | None) -> str:
        first = since.astimezone(self._zone).date() - dt.timedelta(days=self._schedule.lookback_days) if since else None
        if self._select.since:
            first = max(first or self._select.since, self._select.since)
        last = until.astimezone(self._zone).date() if until else None
        return f"{first:%Y%m%d}-{f'{last:%Y%m%d}' if last else ''}" if first else f"-{last:%Y%m%d}" if last else ""

    def _group(self, study_uid: str, declared: int | None) -> Group:
        """The promise of one study. Units are ordered by series, so that `locator` can tell the series of each in few bytes."""
        found: dict[str, list[str]] = {}
        listed = 0
        for instance in self._query(f"studies/{study_uid}/instances", [], INSTANCE, declared):
            listed += 1
            if not self._select.modalities or _text(instance, MODALITY) in self._select.modalities:
                found.setdefault(_text(instance, SERIES), []).append(_text(instance, INSTANCE))
        if declared is not None and declared != listed:
            self.issues.append(messages().issue("CON-011", self._wire.where, declared=declared, listed=listed))
        units = tuple(Unit(uid, None, "put", None) for members in found.values() for uid in members)
        locator = {"study": study_uid, "series": ";".join(f"{series}={len(members)}" for series, members in found.items()),
                   "scope": "series" if self._select.modalities else "study"}
        if declared is not None and declared != listed:
            locator["declared"] = str(declared)
        return Group(study_uid, "instance", "ids", len(units), units, locator)

    def _query(self, path: str, asked: Sequence[tuple[str, str]], key: str, declared: int | None = None) -> Iterator[dict[str, Any]]:
        """All answers of a QIDO query, page by page, each `key` once. A server may give shorter pages than asked for."""
        seen, offset = set[str](), 0
        while True:
            params = [*asked, ("limit", str(PAGE)), ("offset", str(offset))]
            page, answer = self._wire.json("GET", f"{self._wire.base_url}/{path}", headers=QIDO, params=params, expect=(200, 204))
            if answer.status == 204 or not page:
                return
            if not isinstance(page, list):
                raise SourceStrange(messages().issue("CON-005", self._wire.where, found="a QIDO answer that is no list"))
            fresh = [entry for entry in page if _text(entry, key) not in seen]
            for entry in fresh:
                if not UID_SHAPE.fullmatch(_text(entry, key)) or (key == INSTANCE and not UID_SHAPE.fullmatch(_text(entry, SERIES))):
                    raise SourceStrange(messages().issue("CON-005", self._wire.where, found="a QIDO answer without a valid UID"))
                if _text(entry, key) not in seen:
                    seen.add(_text(entry, key))
                    yield entry
            offset += len(page)
            if not fresh or (len(seen) == declared and "warning" not in answer.headers):
                return


def _text(entry: Any, tag: str) -> str:
    values = (entry.get(tag) or {}).get("Value") or [""] if isinstance(entry, dict) else [""]
    return values[0] if isinstance(values[0], str) else ""


def _number(entry: Any, tag: str) -> int | None:
    values = (entry.get(tag) or {}).get("Value") or [None]
    try:
        return int(values[0])
    except (TypeError, ValueError):
        return None
