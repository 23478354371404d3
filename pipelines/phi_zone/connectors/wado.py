"""DICOMweb, the delivery: WADO-RS streams a study as one multipart body (PS3.18 section 10.4), watched part by part.

The closing boundary must come, every file must end where its last length says, and what was listed must be there. After a cut the
stream is opened again and what has come is skipped; when that brings nothing, instances are asked for one by one. An instance cut in
its middle is asked for alone and continues where it broke off, after its first bytes were compared: memory stays flat, and the
receiver never sees a byte twice.
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterator, MutableSequence, Sequence

from eval_harness.base import Issue
from pipelines.phi_zone.connectors.base import Delivery, Gap, Gone, Group, SourceStrange, TransferCut
from pipelines.phi_zone.connectors.multipart import Multipart, boundary_of
from pipelines.phi_zone.connectors.part10 import Part10
from pipelines.phi_zone.connectors.wire import Answer, Wire
from schemas.messages import messages

WADO = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
ONE = (200, 206, 404, 406, 410)
"""What a request for one instance may answer."""
HEAD_BYTES = 1 << 20


class Retrieval:
    """One study on its way: what was listed, what has come, over all attempts."""

    def __init__(self, wire: Wire, group: Group, issues: MutableSequence[Issue]) -> None:
        self._wire, self._group, self._issues = wire, group, issues
        self._study = group.locator["study"]
        self._series_of: dict[str, str] = {}
        units = iter(group.units)
        for part in filter(None, group.locator["series"].split(";")):
            uid, count = part.split("=")
            self._series_of |= {next(units).unit_id: uid for _ in range(int(count))}
        self._came, self._gone = set[str](), set[str]()
        self._broken = False
        """The stream was left inside the part that was just passed on."""

    def items(self) -> Iterator[Delivery | Gone]:
        """Everything that comes: of the whole study, or of its listed series where the site selects modalities."""
        base = f"{self._wire.base_url}/studies/{self._study}"
        whole = self._group.locator["scope"] == "study"
        for url in [base] if whole else [f"{base}/series/{uid}" for uid in dict.fromkeys(self._series_of.values())]:
            yield from self._stream(url, [uid for uid, series in self._series_of.items() if whole or url.endswith(f"/{series}")])
        for uid in self._missing(list(self._series_of)):
            yield from self._alone(uid, missing=True)

    def _missing(self, listed: Sequence[str]) -> list[str]:
        return [uid for uid in listed if uid not in self._came and uid not in self._gone]

    def _stream(self, url: str, listed: Sequence[str]) -> Iterator[Delivery | Gone]:
        """Every part of a study or series that has not come yet. Opened again after a cut; after two stalls, instance by instance."""
        patience, stalls = self._wire.patience, 0
        for attempt in range(1, patience.attempts + 1):
            before = len(self._came)
            try:
                yield from self._parts(url, listed)
                return
            except Gap:
                stalls += len(self._came) == before
                if stalls == 2 and any(uid not in self._came for uid in listed):
                    break
                if attempt < patience.attempts:
                    patience.pause(attempt)
        left = self._missing(listed)
        if not left:
            self._issues.append(messages().issue("CON-018", self._wire.where))
        for uid in left:
            yield from self._alone(uid, missing=False)

    def _parts(self, url: str, listed: Sequence[str]) -> Iterator[Delivery | Gone]:
        """One attempt at a multipart stream. Raises Gap when it breaks off."""
        with self._wire.open("GET", url, headers=WADO, expect=(200, 206, 404, 410)) as answer:
            if answer.status in (404, 410):
                self._gone.update(uid for uid in listed if uid not in self._came)
                yield from (Gone(uid) for uid in listed if uid not in self._came)
                return
            passed = set(self._came)
            for part in self._multipart(answer):
                uid, watch, head = _who(part)
                if uid in passed:
                    continue
                self._broken = False
                chunks = self._watched(answer, uid, watch, head, part)
                yield Delivery(uid or f"part of {self._study}", "instance" if uid else "file", None, "put", chunks, "application/dicom")
                for _ in chunks:
                    pass
                if uid:
                    self._came.add(uid)
                if self._broken:
                    raise Gap("the stream broke off")

    def _multipart(self, answer: Answer) -> Multipart:
        boundary = boundary_of(answer.headers.get("content-type", ""))
        if boundary is None:
            raise SourceStrange(messages().issue("CON-005", self._wire.where, found="a WADO-RS answer that is no multipart"))
        return Multipart(answer.body, boundary)

    def _watched(self, answer: Answer, uid: str | None, watch: Part10, head: Sequence[bytes],
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
        self._broken = True
        answer.end()                    # the next request may need the only connection we are allowed
        series = self._series_of.get(uid or "") or watch.known.get("series")
        if uid is None or series is None:
            raise self._cut(1, "cut before the instance could be told")
        yield from self._rest(uid, series, sent, told_whole)

    def _rest(self, uid: str, series: str, sent: _Sent, told_whole: bool) -> Iterator[bytes]:
        """What follows `sent` of one instance. `told_whole` = its boundary came although its lengths say it is cut: when a second
        retrieval is equally short, the source really holds it so."""
        patience, reason = self._wire.patience, "pixel data cut"
        for attempt in range(2, patience.attempts + 1):
            patience.pause(attempt - 1)
            watch, to_pass, check = Part10(), sent.size, hashlib.sha256()
            try:
                with self._wire.open("GET", self._url(series, uid), headers=WADO, expect=ONE) as answer:
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

    def _alone(self, uid: str, missing: bool) -> Iterator[Delivery | Gone]:
        """One instance by itself. `missing` = a whole study came without it: a 404 then leaves it in flight, for QIDO listed it."""
        url = self._url(self._series_of[uid], uid)
        for attempt in range(1, self._wire.patience.attempts + 1):
            try:
                with self._wire.open("GET", url, headers=WADO, expect=ONE) as answer:
                    if answer.status not in (200, 206):
                        if not missing and answer.status != 406:
                            self._gone.add(uid)
                            yield Gone(uid)
                        return
                    for part in self._multipart(answer):
                        came, watch, head = _who(part)
                        if came != uid:
                            continue
                        chunks = self._watched(answer, uid, watch, head, part)
                        yield Delivery(uid, "instance", None, "put", chunks, "application/dicom")
                        for _ in chunks:
                            pass
                        self._came.add(uid)
                        return
                    return
            except Gap as gap:
                if attempt == self._wire.patience.attempts:
                    raise self._cut(attempt, gap.reason) from gap
                self._wire.patience.pause(attempt)

    def _cut(self, attempts: int, reason: str) -> TransferCut:
        return TransferCut(messages().issue("CON-010", self._wire.where, attempts=attempts, reason=reason))

    def _url(self, series: str, uid: str) -> str:
        return f"{self._wire.base_url}/studies/{self._study}/series/{series}/instances/{uid}"


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
