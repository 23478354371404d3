"""DICOMweb: QIDO-RS promises a study's instances, WADO-RS delivers them (PS3.18 sections 10.4 and 10.6).

One group per study, basis `ids`. A study is retrieved as one multipart stream and watched part by part: the closing boundary must
come, every file must end where its last length says, and what was listed must be there. After a cut the stream is opened again and
what has come is skipped; an instance cut in its middle is asked for alone and continues where it broke off, after its first bytes
were compared. QIDO knows no modified-since, so every list goes back `lookback_days`.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval_harness.base import Issue
from pipelines.phi_zone.connectors.base import Delivery, Gap, Gone, Group, SourceReport, SourceStrange, TransferCut, Unit, iso
from pipelines.phi_zone.connectors.multipart import Multipart, boundary_of
from pipelines.phi_zone.connectors.part10 import UID_SHAPE, Part10
from pipelines.phi_zone.connectors.wire import Answer, Wire
from schemas.messages import messages
from schemas.shapes.site import Schedule, Select

QIDO = {"Accept": "application/dicom+json"}
WADO = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
PAGE = 200
ONE = (200, 206, 404, 406, 410)
"""What a request for one instance may answer."""
HEAD_BYTES = 1 << 20
STUDY, SERIES, INSTANCE, MODALITY, COUNT = "0020000D", "0020000E", "00080018", "00080060", "00201208"


@dataclass
class _Pull:
    """One study on its way: what was listed, what has come, over all attempts."""

    study: str
    series_of: dict[str, str]
    came: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    broken: bool = False
    """The stream was left inside the part that was just passed on."""


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
        series_of: dict[str, str] = {}
        units = iter(group.units)
        for part in filter(None, group.locator["series"].split(";")):
            uid, count = part.split("=")
            series_of |= {next(units).unit_id: uid for _ in range(int(count))}
        pull = _Pull(group.locator["study"], series_of)
        base = f"{self._wire.base_url}/studies/{pull.study}"
        whole = group.locator["scope"] == "study"
        for url in [base] if whole else [f"{base}/series/{uid}" for uid in dict.fromkeys(series_of.values())]:
            yield from self._stream(pull, url, [uid for uid, series in series_of.items() if whole or url.endswith(f"/{series}")])
        for uid in [uid for uid in series_of if uid not in pull.came and uid not in pull.gone]:
            yield from self._alone(pull, uid, missing=True)

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

    def _stream(self, pull: _Pull, url: str, listed: Sequence[str]) -> Iterator[Delivery | Gone]:
        """Every part of a study or series that has not come yet. Opened again after a cut; after two stalls, instance by instance."""
        patience, stalls = self._wire.patience, 0
        for attempt in range(1, patience.attempts + 1):
            before = len(pull.came)
            try:
                yield from self._parts(pull, url, listed)
                return
            except Gap:
                stalls += len(pull.came) == before
                if stalls == 2 and any(uid not in pull.came for uid in listed):
                    break
                if attempt < patience.attempts:
                    patience.pause(attempt)
        left = [uid for uid in listed if uid not in pull.came and uid not in pull.gone]
        if not left:
            self.issues.append(messages().issue("CON-018", self._wire.where))
        for uid in left:
            yield from self._alone(pull, uid, missing=False)

    def _parts(self, pull: _Pull, url: str, listed: Sequence[str]) -> Iterator[Delivery | Gone]:
        """One attempt at a multipart stream. Raises Gap when it breaks off."""
        with self._wire.open("GET", url, headers=WADO, expect=(200, 206, 404, 410)) as answer:
            if answer.status in (404, 410):
                pull.gone.update(uid for uid in listed if uid not in pull.came)
                yield from (Gone(uid) for uid in listed if uid not in pull.came)
                return
            passed = set(pull.came)
            for part in self._multipart(answer):
                uid, watch, head = _who(part)
                if uid in passed:
                    continue
                pull.broken = False
                chunks = self._watched(pull, answer, uid, watch, head, part)
                yield Delivery(uid or f"part of {pull.study}", "instance" if uid else "file", None, "put", chunks, "application/dicom")
                for _ in chunks:
                    pass
                if uid:
                    pull.came.add(uid)
                if pull.broken:
                    raise Gap("the stream broke off")

    def _multipart(self, answer: Answer) -> Multipart:
        boundary = boundary_of(answer.headers.get("content-type", ""))
        if boundary is None:
            raise SourceStrange(messages().issue("CON-005", self._wire.where, found="a WADO-RS answer that is no multipart"))
        return Multipart(answer.body, boundary)

    def _watched(self, pull: _Pull, answer: Answer, uid: str | None, watch: Part10, head: Sequence[bytes],
                 part: Iterator[bytes]) -> Iterator[bytes]:
        """The bytes of one instance to their end. After a cut it is asked for alone; what was passed on must be its beginning."""
        sent, told_whole = _Sent(), True
        try:
            for chunk in head:
                sent.add(chunk)
                yield chunk
            for chunk in part:
                watch.feed(chunk)
                sent.add(chunk)
                yield chunk
            if watch.ending() != "cut":
                return
        except Gap:
            told_whole = False
        pull.broken = True
        answer.end()                    # the next request may need the only connection we are allowed
        series = pull.series_of.get(uid or "") or watch.known.get("series")
        if uid is None or series is None:
            raise self._cut(1, "cut before the instance could be told")
        yield from self._rest(pull, uid, series, sent, told_whole)

    def _rest(self, pull: _Pull, uid: str, series: str, sent: _Sent, told_whole: bool) -> Iterator[bytes]:
        """What follows `sent` of one instance. `told_whole` = its boundary came although its lengths say it is cut: when a second
        retrieval is equally short, the source really holds it so."""
        patience, reason = self._wire.patience, "pixel data cut"
        for attempt in range(2, patience.attempts + 1):
            patience.pause(attempt - 1)
            watch, to_pass, check = Part10(), sent.size, hashlib.sha256()
            try:
                with self._wire.open("GET", self._instance_url(pull.study, series, uid), headers=WADO, expect=ONE) as answer:
                    if answer.status not in (200, 206):
                        break
                    for part in self._multipart(answer):
                        for chunk in part:
                            watch.feed(chunk)
                            known, fresh = chunk[:to_pass], chunk[to_pass:]
                            to_pass -= len(known)
                            check.update(known)
                            if fresh and to_pass == 0:
                                if check.digest() != sent.digest():
                                    raise self._cut(attempt, "an instance changed between two attempts")
                                sent.add(fresh)
                                check.update(fresh)
                                yield fresh
                    if watch.ending() != "cut" or (told_whole and to_pass == 0):
                        if to_pass:
                            reason = "an instance became shorter between two attempts"
                            continue
                        return
                    told_whole = True
            except Gap as gap:
                reason = gap.reason
        raise self._cut(patience.attempts, reason)

    def _alone(self, pull: _Pull, uid: str, missing: bool) -> Iterator[Delivery | Gone]:
        """One instance by itself. `missing` = a whole study came without it: a 404 then leaves it in flight, for QIDO listed it."""
        url = self._instance_url(pull.study, pull.series_of[uid], uid)
        for attempt in range(1, self._wire.patience.attempts + 1):
            try:
                with self._wire.open("GET", url, headers=WADO, expect=ONE) as answer:
                    if answer.status not in (200, 206):
                        if not missing and answer.status != 406:
                            pull.gone.add(uid)
                            yield Gone(uid)
                        return
                    for part in self._multipart(answer):
                        came, watch, head = _who(part)
                        if came != uid:
                            continue
                        chunks = self._watched(pull, answer, uid, watch, head, part)
                        yield Delivery(uid, "instance", None, "put", chunks, "application/dicom")
                        for _ in chunks:
                            pass
                        pull.came.add(uid)
                        return
                    return
            except Gap as gap:
                if attempt == self._wire.patience.attempts:
                    raise self._cut(attempt, gap.reason) from gap
                self._wire.patience.pause(attempt)

    def _cut(self, attempts: int, reason: str) -> TransferCut:
        return TransferCut(messages().issue("CON-010", self._wire.where, attempts=attempts, reason=reason))

    def _instance_url(self, study: str, series: str, uid: str) -> str:
        return f"{self._wire.base_url}/studies/{study}/series/{series}/instances/{uid}"


class _Sent:
    """What has been passed on of one instance: how much, and its digest."""

    def __init__(self) -> None:
        self.size, self._hash = 0, hashlib.sha256()

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._hash.update(chunk)

    def digest(self) -> bytes:
        return self._hash.digest()


def _who(part: Iterator[bytes]) -> tuple[str | None, Part10, list[bytes]]:
    """The SOP Instance UID of a part, from its first bytes, which are returned as well. None = no DICOM, or it does not say."""
    watch, head, size = Part10(), list[bytes](), 0
    for chunk in part:
        watch.feed(chunk)
        head.append(chunk)
        size += len(chunk)
        if "instance" in watch.known or watch.is_dicom is False or size > HEAD_BYTES:
            break
    return watch.sop_instance_uid, watch, head


def _text(entry: Any, tag: str) -> str:
    values = (entry.get(tag) or {}).get("Value") or [""] if isinstance(entry, dict) else [""]
    return values[0] if isinstance(values[0], str) else ""


def _number(entry: Any, tag: str) -> int | None:
    values = (entry.get(tag) or {}).get("Value") or [None]
    try:
        return int(values[0])
    except (TypeError, ValueError):
        return None
