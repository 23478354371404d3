"""The last look before the door: everything about to leave is searched once more for what identifies its patient, and for forms.

A hit is a defect of a policy or a rule: the row is refused with the finding's rule and place, never silently mended here.
Pixel bytes are not searched as text (chance would find names in them); the pixel cleaner has looked at what they show.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.engines.base import ObjectRef
from pipelines.phi_zone.dicom.dictionary import PIXEL_DATA
from pipelines.phi_zone.dicom.part10 import read_part10
from pipelines.phi_zone.release import refusal
from pipelines.phi_zone.residual import Residual
from pipelines.phi_zone.run import Run
from pipelines.phi_zone.worker import staged_objects
from pipelines.quarantine import Refusal
from schemas.deid import KnownIdentity

Row = dict[str, Any]
MOST_ISSUES = 5


def scan_resources(run: Run, rows: list[Row], known: Mapping[str, KnownIdentity]) -> tuple[list[Row], list[Refusal]]:
    """Rows of shapes.DEID_RESOURCE that hold nothing identifying, and refusals for the others."""
    return _scanned(run, rows, known, lambda row: row["resource"].encode("utf-8"), lambda row: row["resource_type"])


def scan_instances(run: Run, rows: list[Row], known: Mapping[str, KnownIdentity]) -> tuple[list[Row], list[Refusal]]:
    """The same for shapes.DEID_INSTANCE: the staged file up to its pixels."""
    store = staged_objects(run.home)
    return _scanned(run, rows, known, lambda row: header_bytes(store.read(ObjectRef(**row["staged"]))), lambda row: "header")


def _scanned(run: Run, rows: list[Row], known: Mapping[str, KnownIdentity], content: Callable[[Row], bytes],
             where: Callable[[Row], str]) -> tuple[list[Row], list[Refusal]]:
    compiled: dict[str, Residual] = {}
    clean: list[Row] = []
    refused: list[Refusal] = []
    for row in rows:
        subject = row["subject"] or ""
        if subject not in compiled:
            compiled[subject] = Residual.of_known([known[subject]] if subject in known else [])
        found = compiled[subject].scan_bytes(content(row), where(row))
        if found:
            refused.append(refusal(row, "release", [issue.to_dict() for issue in found[:MOST_ISSUES]]))
        else:
            clean.append(row)
        run.tick()
    return clean, refused


def header_bytes(data: bytes) -> bytes:
    """Everything of a Part 10 file before its pixel data, and what follows it."""
    part = read_part10(data)
    for tag, _, start, length, items in part.dataset:
        if tag == PIXEL_DATA:
            end = start + length if items is None else len(data)
            return bytes(part.data[:start]) + bytes(part.data[end:])
    return bytes(part.data)
