"""The review queue: text that was found but could not be read, decided by a person inside the hospital, one box at a time.

Decisions lie beside the batch (DIR/.work/decisions.jsonl, 0600) under the source digest, with who decided and when; nothing is ever
taken back silently, a later line counts. The next run of the same command uses them.
"""
from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.phi_zone.dicom.identity import known_of, matcher
from pipelines.phi_zone.dicom.part10 import Part10, read_part10
from pipelines.phi_zone.dicom.pixeldata import geometry_of, source_pixels
from pipelines.phi_zone.pixels.cleaner import Decided, look_at_all
from pipelines.phi_zone.pixels.decode import decoded_as, frames, picture, span_of
from schemas.shapes.dicom_policy import DicomPolicy

WAITING = "DCM-141"


@dataclass(frozen=True)
class Waiting:
    """One file that waits: its number in the manifest, digest and path inside the hospital."""

    number: int
    source_sha256: str
    path: str


def decisions_file(out: Path) -> Path:
    return out / ".work" / "decisions.jsonl"


def decisions(out: Path) -> dict[str, Decided]:
    """Source digest → decisions; empty where nobody has decided yet."""
    file, found = decisions_file(out), dict[str, Decided]()
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.setdefault(row["source_sha256"], {}).update({tuple(box["box"]): box["hide"] for box in row["boxes"]})
    return found


def decide(out: Path, source_sha256: str, boxes: list[tuple[tuple[int, int, int, int, int], bool]], who: str) -> None:
    """Take down decisions, on disk before this returns."""
    row = {"source_sha256": source_sha256, "boxes": [{"box": list(box), "hide": hide} for box, hide in boxes], "by": who,
           "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    handle = os.open(decisions_file(out), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
        file.flush()
        os.fsync(file.fileno())


def waiting(out: Path, source_map: Path) -> list[Waiting]:
    """Files of the last run that wait for a person; the hospital's own map says where they are."""
    paths = {row["source_sha256"]: row["path"] for row in map(json.loads, source_map.read_text(encoding="utf-8").splitlines())}
    found = []
    for number, line in enumerate((out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        if any(issue["code"] == WAITING for issue in row["issues"]) and row["source_sha256"] in paths:
            found.append(Waiting(number, row["source_sha256"], paths[row["source_sha256"]]))
    return found


def uncertain_boxes(part: Part10, policy: DicomPolicy) -> list[tuple[int, int, int, int, int]]:
    """(frame, x0, y0, x1, y1) of text that could not be read."""
    source = source_pixels(part, geometry_of(part))
    if source is None:
        return []
    seen = look_at_all(frames(source), decoded_as(part, source), matcher(known_of(part.dataset, part.data)), policy, span_of(source))
    return [(frame, *one.line.box) for frame, ones in sorted(seen.items()) for one in ones if one.verdict == "uncertain"]


def png(part: Part10, wanted: int, boxes: list[tuple[int, int, int, int, int]]) -> bytes:
    """One frame with its numbered boxes."""
    import cv2

    source = source_pixels(part, geometry_of(part))
    if source is None:
        return b""
    how, span = decoded_as(part, source), span_of(source)
    for number, frame in enumerate(frames(source)):
        if number == wanted:
            image: Any = picture(frame, how, span)[:, :, ::-1].copy()
            for place, (at, x0, y0, x1, y1) in enumerate(boxes):
                if at == wanted:
                    cv2.rectangle(image, (x0 - 2, y0 - 2), (x1 + 2, y1 + 2), (0, 200, 255), 1)
                    cv2.putText(image, str(place + 1), (x0, max(10, y0 - 4)), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 200, 255), 1)
            return bytes(cv2.imencode(".png", image)[1].tobytes())
    return b""


def open_file(path: str) -> Part10:
    return read_part10(Path(path).read_bytes())
