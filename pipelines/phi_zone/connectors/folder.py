"""A folder as it comes from a USB disk: DICOM files and FHIR resources told by content, everything else named as unreadable.

Promises: an inventory, directory by directory and file by file (basis `inventory`), whatever the names. One NDJSON line or one
Bundle entry is one resource; a broken line is a unit of kind `file`. The listing is always the whole folder: a disk has no
modified-since worth trusting, and what came before is recognised by its content.
"""
from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, MutableSequence, Sequence
from pathlib import Path

from eval_harness.base import Issue
from pipelines.phi_zone.connectors.base import Delivery, Gone, Group, Kind, Op, SourceReport, SourceUnavailable, Unit, iso
from pipelines.phi_zone.connectors.jsonfile import NDJSON_NAMES, Entry, entries
from pipelines.phi_zone.connectors.ndjson import lines
from pipelines.phi_zone.connectors.part10 import DIRECTORY, Part10
from pipelines.phi_zone.connectors.wire import CHUNK_BYTES, Guest
from schemas.messages import messages
from schemas.shapes.site import Folder, Select

SNIFF_BYTES = 1 << 16
HEADER_BYTES = 16 << 20


class FolderConnector:
    source = "folder"

    def __init__(self, where: str, folder: Folder, select: Select, guest: Guest) -> None:
        self._where, self._root, self._select, self._guest = where, folder.path, select, guest
        self.issues: MutableSequence[Issue] = []
        self._watermark: str | None = None
        self._unread = 0
        self._device: int | None = None

    def test(self) -> SourceReport:
        started, counts = time.monotonic(), {"dicom": 0, "json": 0, "other": 0}
        for path in self._files():
            try:
                counts[_guess(path)] += 1
            except OSError:
                counts["unreadable"] = counts.get("unreadable", 0) + 1
        return SourceReport(counts, time.monotonic() - started)

    def list(self, since: dt.datetime | None, until: dt.datetime | None) -> Iterator[Group]:
        """The inventory of everything; `since` and `until` do not narrow it."""
        self.issues, self._watermark, self._unread, self._device = [], None, 0, self._device_now()
        for directory in self._directories():
            instances, others = list[Unit](), list[Unit]()
            for path in self._files(directory):
                try:
                    size, (role, uid) = path.stat().st_size, self._role(path)
                    groups = list(self._json_groups(path)) if role == "json" else []
                except FileNotFoundError:
                    continue   # it went while we looked
                except OSError:
                    self._cannot_read()
                    continue
                if role == "json":
                    yield from groups
                elif role == "instance":
                    instances.append(Unit(uid, None, "put", size))
                elif role == "file":
                    others.append(Unit(f"{self._name(path)}:{size}", None, "put", size))
            name = self._name(directory)
            if instances:
                yield _inventory(name, "instance", instances)
            if others:
                yield _inventory(name, "file", others)
        self._watermark = iso(until or dt.datetime.now(dt.UTC))

    def fetch(self, group: Group) -> Iterator[Delivery | Gone]:
        """A file that went since it was listed is gone; one that cannot be read stays promised. A whole disk that went is no answer.

        Raises SourceUnavailable CON-007 when the folder was detached or emptied meanwhile.
        """
        came, unread = set[str](), self._unread
        path, what = self._root / group.locator["path"], group.locator["what"]
        deliveries = self._of_json(path, group.kind) if what == "json" else self._of_directory(path, what)
        wanted = {unit.unit_id for unit in group.units}
        try:
            for delivery in deliveries:
                came.add(delivery.unit_id)
                yield delivery
        except FileNotFoundError:
            pass
        except OSError:
            self._cannot_read()
        if wanted - came and unread == self._unread:
            self._require_attached()
            for unit_id in wanted - came:
                yield Gone(unit_id)

    def watermark(self) -> str | None:
        return self._watermark

    def close(self) -> None:
        """Nothing is held open."""

    def _of_json(self, path: Path, kind: Kind) -> Iterator[Delivery]:
        if not path.is_file():
            return
        for entry in entries(path, self._name(path), self._chunks):
            if entry.kind == kind:
                chunks = () if entry.data is None else (entry.data,)
                op: Op = "delete" if entry.data is None else "put"
                yield Delivery(entry.unit_id, kind, entry.version, op, chunks, "application/fhir+json")

    def _of_directory(self, directory: Path, what: str) -> Iterator[Delivery]:
        for path in self._files(directory) if directory.is_dir() else ():
            try:
                role, uid = self._role(path)
                if (what, role) not in (("instances", "instance"), ("files", "file")):
                    continue
                data = b"".join(self._chunks(path))
            except FileNotFoundError:
                continue
            except OSError:
                self._cannot_read()
                continue
            if role == "instance":
                yield Delivery(uid, "instance", None, "put", (data,), "application/dicom")
            else:
                yield Delivery(f"{self._name(path)}:{len(data)}", "file", None, "put", (data,), "application/octet-stream")

    def _cannot_read(self) -> None:
        """Count a file that is there and cannot be read; one issue says how many."""
        self._unread += 1
        self.issues = [issue for issue in self.issues if issue.code != "CON-015"]
        self.issues.append(messages().issue("CON-015", self._where, count=self._unread))

    def _device_now(self) -> int | None:
        return self._root.stat().st_dev if self._root.is_dir() else None

    def _require_attached(self) -> None:
        if self._device_now() != self._device or not any(self._root.iterdir()):
            raise SourceUnavailable(messages().issue("CON-007", self._where, reason="it was detached or emptied while it was read"))

    def _role(self, path: Path) -> tuple[str, str]:
        """instance (with its UID) | json | file | nothing (no line, or left out by the site's `select`)."""
        if _guess(path) == "json":
            if any(True for _ in entries(path, self._name(path), self._chunks)):
                return "json", ""
            blank = path.suffix.lower() in NDJSON_NAMES and not any(True for _ in lines(self._chunks(path)))
            return "nothing" if blank else "file", ""
        uid = self._instance(path)
        return ("file", "") if uid is None else ("instance", uid) if uid else ("nothing", "")

    def _json_groups(self, path: Path) -> Iterator[Group]:
        name, units = self._name(path), dict[Kind, MutableSequence[Unit]]()
        for entry in entries(path, self._name(path), self._chunks):
            units.setdefault(entry.kind, []).append(_unit(entry))
        for kind, members in units.items():
            yield _inventory(name, kind, members, "json")

    def _instance(self, path: Path) -> str | None:
        """SOP Instance UID of a DICOM file; "" for one the site's `select` leaves out; None for what is no instance."""
        watch, size = Part10(), 0
        with path.open("rb") as source:
            while chunk := source.read(SNIFF_BYTES):
                watch.feed(chunk)
                size += len(chunk)
                if watch.is_dicom is False or size > HEADER_BYTES or {"instance", "modality"} <= set(watch.known):
                    break
        uid = watch.sop_instance_uid
        if uid is None or watch.known.get("class") == DIRECTORY:
            return None
        chosen = self._select.modalities
        return "" if chosen and watch.known.get("modality") not in chosen else uid

    def _chunks(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as source:
            while chunk := source.read(CHUNK_BYTES):
                self._guest.spend(len(chunk))
                yield chunk

    def _directories(self) -> Iterator[Path]:
        """The root and every folder below it, in a stable order; links are not followed. Raises SourceUnavailable CON-007."""
        if not self._root.is_dir():
            raise SourceUnavailable(messages().issue("CON-007", self._where, reason="it is not there"))
        yield self._root
        yield from sorted(path for path in self._root.rglob("*") if path.is_dir() and not path.is_symlink())

    def _files(self, directory: Path | None = None) -> Iterator[Path]:
        """Regular files of one directory, or of all; those that cannot be opened are counted, not silently left out."""
        for where in [directory] if directory else self._directories():
            try:
                found = sorted(where.iterdir())
            except OSError as error:
                raise SourceUnavailable(messages().issue("CON-007", self._where, reason=error.strerror or "I/O error")) from None
            for path in found:
                if not path.is_symlink() and path.is_file():
                    yield path

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def _inventory(name: str, kind: Kind, units: Sequence[Unit], what: str = "") -> Group:
    return Group(f"{name}|{kind}s", kind, "inventory", len(units), tuple(units), {"path": name, "what": what or f"{kind}s"})


def _unit(entry: Entry) -> Unit:
    if entry.data is None:
        return Unit(entry.unit_id, entry.version, "delete", None)
    return Unit(entry.unit_id, entry.version, "put", len(entry.data))


def _guess(path: Path) -> str:
    """`dicom`, `json` or `other` from the first bytes."""
    with path.open("rb") as source:
        head = source.read(4096)
    if head[128:132] == b"DICM":
        return "dicom"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"{" or path.suffix.lower() in NDJSON_NAMES:
        return "json"
    watch = Part10()
    watch.feed(head)
    return "dicom" if watch.is_dicom else "other"
