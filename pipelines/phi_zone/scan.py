"""The last look before the door: everything about to leave is searched once more for known identities, and for forms.

Known are the patients of its batch with their relatives, and the site's own people and places.

A hit is a defect of a policy or a rule: the row is refused with the finding's rule and place, never silently mended here.
Pixel bytes are not searched as text (chance would find names in them); the pixel cleaner has looked at what they show.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
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


def scan_resources(run: Run, rows: list[Row], known: Iterable[KnownIdentity], site: Residual) -> tuple[list[Row], list[Refusal]]:
    """Rows of shapes.DEID_RESOURCE that hold nothing identifying, and refusals for the others.

    known: of the patients of the batch. site: the site's staff and places, compiled once a run.
    """
    return _scanned(run, rows, known, site, lambda row: row["resource"].encode("utf-8"), lambda row: row["resource_type"])


def scan_instances(run: Run, rows: list[Row], known: Iterable[KnownIdentity], site: Residual) -> tuple[list[Row], list[Refusal]]:
    """The same for shapes.DEID_INSTANCE: the staged file up to its pixels."""
    store = staged_objects(run.home)
    return _scanned(run, rows, known, site, lambda row: header_bytes(store.read(ObjectRef(**row["staged"]))), lambda row: "header")


def _scanned(run: Run, rows: list[Row], known: Iterable[KnownIdentity], site: Residual, content: Callable[[Row], bytes],
             where: Callable[[Row], str]) -> tuple[list[Row], list[Refusal]]:
    patients = Residual.of_known(known)
    clean: list[Row] = []
    refused: list[Refusal] = []
    for row in rows:
        data, place = content(row), where(row)
        found = [*patients.scan_bytes(data, place), *site.scan_bytes(data, place)]
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
