"""The review queue: text that was found but could not be read, decided by a person inside the hospital, one box at a time.

Each decision is in the audit log, with the digest of its line, before it is taken down (`decisions`). The next run of the same command
uses it.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_harness.base import Terminal
from governance.audit import Actor, Audit
from pipelines.phi_zone.dicom.identity import known_of, matcher
from pipelines.phi_zone.dicom.part10 import Part10, read_part10
from pipelines.phi_zone.dicom.pixeldata import geometry_of, source_pixels
from pipelines.phi_zone.dicom.problem import DicomProblem
from pipelines.phi_zone.pixels.cleaner import look_at_all
from pipelines.phi_zone.pixels.decisions import append, decisions
from pipelines.phi_zone.pixels.decode import decoded_as, frames, picture, span_of
from schemas.messages import messages
from schemas.shapes.dicom_policy import DicomPolicy

WAITING = "DCM-141"
SHORT_DIGEST = 12
AROUND_PX, ENLARGED = 24, 3
MARK = (0, 200, 255)
"""The colour of outlines and numbers, BGR."""
Box = tuple[int, int, int, int, int]
"""(frame, x0, y0, x1, y1), frames from 0."""


@dataclass(frozen=True)
class Waiting:
    """One file that waits: its number in the manifest, digest and path inside the hospital."""

    number: int
    source_sha256: str
    path: str


def decide(out: Path, source_sha256: str, boxes: list[tuple[Box, bool]], who: Actor, audit: Audit) -> None:
    """Take down decisions, in the audit log and on disk before this returns. Raises Retryable AUD-002: nothing was decided then."""
    row = {"source_sha256": source_sha256, "boxes": [{"box": list(box), "hide": hide} for box, hide in boxes], "by": str(who),
           "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    line = json.dumps(row).encode() + b"\n"
    hidden = sum(hide for _, hide in boxes)
    audit.guard("review.decide", who, source_sha256, lambda: append(out, line), hidden=hidden,
                kept=len(boxes) - hidden, line_sha256=hashlib.sha256(line).hexdigest())


def waiting(out: Path, source_map: Path) -> list[Waiting]:
    """Files of the last run that wait for a person; the hospital's own map says where they are."""
    paths = {row["source_sha256"]: row["path"] for row in map(json.loads, source_map.read_text(encoding="utf-8").splitlines())}
    found = []
    for number, line in enumerate((out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        if any(issue["code"] == WAITING for issue in row["issues"]) and row["source_sha256"] in paths:
            found.append(Waiting(number, row["source_sha256"], paths[row["source_sha256"]]))
    return found


def uncertain_boxes(part: Part10, policy: DicomPolicy) -> list[Box]:
    """Places of text that could not be read."""
    source = source_pixels(part, geometry_of(part))
    if source is None:
        return []
    seen = look_at_all(frames(source), decoded_as(part, source), matcher(known_of(part.dataset, part.data)), policy, span_of(source))
    return [(frame, *one.line.box) for frame, ones in sorted(seen.items()) for one in ones if one.verdict == "uncertain"]


def frame_of(part: Part10, wanted: int) -> Any:
    """One frame as a person sees it: rows x columns x 3, uint8, BGR. Raises Terminal DCM-177 when there is none."""
    source = source_pixels(part, geometry_of(part))
    for number, frame in enumerate(frames(source)) if source is not None else ():
        if number == wanted and source is not None:
            return picture(frame, decoded_as(part, source), span_of(source))[:, :, ::-1].copy()
    raise Terminal(messages().issue("DCM-177", "frame"))


def numbered(image: Any, frame: int, boxes: list[Box]) -> bytes:
    """PNG of a frame with its boxes drawn and numbered."""
    import cv2

    for place, (at, x0, y0, x1, y1) in enumerate(boxes):
        if at == frame:
            cv2.rectangle(image, (x0 - 2, y0 - 2), (x1 + 2, y1 + 2), MARK, 1)
            _label(image, str(place + 1), x1 + 3, (y0 + y1) // 2)
    return bytes(cv2.imencode(".png", image)[1].tobytes())


def _label(image: Any, text: str, x: int, middle: int) -> None:
    """A number on a ground of its own, right of its place, or inside where the picture ends."""
    import cv2

    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
    x = max(0, min(x, image.shape[1] - width - 4))
    top = max(0, min(middle - height // 2 - 3, image.shape[0] - height - 6))
    cv2.rectangle(image, (x, top), (x + width + 3, top + height + 5), MARK, -1)
    cv2.putText(image, text, (x + 2, top + height + 2), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)


def enlarged(image: Any, box: Box) -> bytes:
    """PNG of one place, outlined, with AROUND_PX around it, three times as large: lines nearby show, and which one is asked about."""
    import cv2

    _, x0, y0, x1, y1 = box
    left, top = max(0, x0 - AROUND_PX), max(0, y0 - AROUND_PX)
    large = cv2.resize(image[top:y1 + AROUND_PX, left:x1 + AROUND_PX], None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    low, high = ((max(1, ENLARGED * (x - left) + out), max(1, ENLARGED * (y - top) + out)) for x, y, out in ((x0, y0, -4), (x1, y1, 4)))
    cv2.rectangle(large, low, (min(high[0], large.shape[1] - 2), min(high[1], large.shape[0] - 2)), MARK, 2)
    return bytes(cv2.imencode(".png", large)[1].tobytes())


class ReviewDesk:
    """One batch's queue as a person works through it. Safe for several threads; who opens a picture is written down first."""

    def __init__(self, out: Path, source_map: Path, policy: DicomPolicy, audit: Audit, who: Actor) -> None:
        self.out, self.policy, self.audit, self.who = out, policy, audit, who
        self.waiting = {one.number: one for one in waiting(out, source_map)}
        self._boxes: dict[int, list[Box]] = {}
        self._lock = threading.Lock()

    def queue(self) -> dict[int, Waiting]:
        done = decisions(self.out)
        return {number: one for number, one in self.waiting.items() if one.source_sha256 not in done}

    def counts(self) -> tuple[dict[int, str], int]:
        """What waits (number → short digest), and how many are decided."""
        left = self.queue()
        return {number: one.source_sha256[:SHORT_DIGEST] for number, one in left.items()}, len(self.waiting) - len(left)

    def name(self, number: int) -> str:
        return self.waiting[number].source_sha256[:SHORT_DIGEST]

    def boxes(self, number: int) -> list[Box]:
        """Doubtful places of a file. Raises Retryable AUD-002, Terminal DCM-176, or Terminal with what is wrong with it."""
        with self._lock:
            if number not in self._boxes:
                self.audit.record("review.show", self.who, self.waiting[number].source_sha256)
                try:
                    self._boxes[number] = uncertain_boxes(self._part(number), self.policy)
                except DicomProblem as problem:
                    raise Terminal(problem.issue()) from None
            return self._boxes[number]

    def picture(self, number: int, kind: str, place: int) -> bytes:
        """A frame with its places, or one place enlarged, as PNG."""
        boxes = self.boxes(number)
        if kind == "box":
            if place >= len(boxes):
                raise Terminal(messages().issue("DCM-177", "box"))
            return enlarged(frame_of(self._part(number), boxes[place][0]), boxes[place])
        return numbered(frame_of(self._part(number), place), place, boxes)

    def decide(self, number: int, hide: list[bool]) -> None:
        decide(self.out, self.waiting[number].source_sha256, list(zip(self.boxes(number), hide, strict=True)), self.who, self.audit)

    def _part(self, number: int) -> Part10:
        """The file, if it is still the one of the run: a decision holds for these bytes alone."""
        one = self.waiting[number]
        try:
            data = Path(one.path).read_bytes()
        except OSError:
            data = b""
        if hashlib.sha256(data).hexdigest() != one.source_sha256:
            raise Terminal(messages().issue("DCM-176", f"file {number + 1}"))
        return read_part10(data)
