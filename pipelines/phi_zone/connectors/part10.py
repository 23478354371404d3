"""A DICOM file watched as it flows by: who it is, and whether it stops in the middle of an element.

Walks element headers of explicit and implicit VR little endian (PS3.5 chapter 7) and of encapsulated pixel data (Annex A.4) without
keeping values. It never judges content; it answers three questions: is this DICOM, which instance is it, does it end where its last
length says. What it cannot follow (deflated, big endian, a malformed header) it calls `unknown`, and later steps decide.
"""
from __future__ import annotations

import re
from collections.abc import Generator

LONG_VRS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT", b"SV", b"UV"}
VRS = LONG_VRS | {b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH", b"SL", b"SS", b"ST",
                  b"TM", b"UI", b"UL", b"US"}
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
NOT_WALKED = {"1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"}          # big endian, deflated
UNDEFINED = 0xFFFFFFFF
WANTED = {(0x0002, 0x0002): "class", (0x0002, 0x0003): "instance_meta", (0x0002, 0x0010): "syntax", (0x0008, 0x0018): "instance",
          (0x0008, 0x0060): "modality", (0x0020, 0x000E): "series"}
DIRECTORY = "1.2.840.10008.1.3.10"
UID_SHAPE = re.compile(r"[0-9.]{1,64}")


class Part10:
    """Feed it every chunk of a file, then ask."""

    def __init__(self) -> None:
        self.is_dicom: bool | None = None
        self.known: dict[str, str] = {}
        self._buffer, self._skip, self._lost, self._depth, self._between = bytearray(), 0, False, 0, False
        self._size = 0
        self._pending = b""
        self._flow = self._walk()
        self._want = next(self._flow)

    @property
    def sop_instance_uid(self) -> str | None:
        """SOP Instance UID of the data set, else of the file meta information."""
        return self.known.get("instance") or self.known.get("instance_meta")

    def feed(self, chunk: bytes) -> None:
        self._size += len(chunk)
        at, end = 0, len(chunk)
        while not self._lost:
            if self._skip:
                passed = min(self._skip, end - at)
                self._skip, at = self._skip - passed, at + passed
                if self._skip:
                    return
            taken = chunk[at:at + self._want - len(self._buffer)]
            self._buffer += taken
            at += len(taken)
            if len(self._buffer) < self._want:
                return
            data = bytes(self._buffer)
            self._buffer.clear()
            try:
                self._want = self._flow.send(data)
            except StopIteration:
                self._lost = True

    def ending(self) -> str:
        """After the last chunk: `whole`, `cut` or `unknown`."""
        if self.is_dicom is None or not self.is_dicom:
            return "cut" if self.is_dicom is None and self._size == 0 else "unknown"
        if self._lost:
            return "unknown"
        return "whole" if self._between and not self._buffer and not self._skip and self._depth <= 0 else "cut"

    def _take(self, count: int) -> Generator[int, bytes, bytes]:
        """Exactly `count` bytes, first from what was read too early."""
        early, self._pending = self._pending[:count], self._pending[count:]
        return early if len(early) == count else early + (yield count - len(early))

    def _pass(self, count: int) -> None:
        """Let `count` bytes go by unread."""
        early = min(count, len(self._pending))
        self._pending = self._pending[early:]
        self._skip = count - early

    def _walk(self) -> Generator[int, bytes, None]:
        head = yield 132
        if head[128:] == b"DICM":
            self.is_dicom, explicit = True, True
        else:
            self._pending, explicit = head, head[4:6] in VRS
            group = int.from_bytes(head[:2], "little")
            plausible = explicit or int.from_bytes(head[4:8], "little") < 4096
            if group not in (0x0002, 0x0008) or head[2:4] == b"\xff\xff" or not plausible:
                self.is_dicom = False
                return
        meta = True
        while True:
            self._between = not self._pending
            tag = yield from self._take(4)
            self._between = False
            group, number = int.from_bytes(tag[:2], "little"), int.from_bytes(tag[2:], "little")
            if meta and group != 0x0002:
                meta = False
                syntax = self.known.get("syntax", EXPLICIT if explicit else IMPLICIT)
                if syntax in NOT_WALKED:
                    return
                explicit = syntax != IMPLICIT
            if group == 0xFFFE:
                length = int.from_bytes((yield from self._take(4)), "little")
                self._depth += {0xE000: 1 if length == UNDEFINED else 0, 0xE00D: -1, 0xE0DD: -1}.get(number, 0)
                if length != UNDEFINED:
                    self._pass(length)
                continue
            length = yield from self._length(explicit or meta)
            if length < 0:
                return
            if length == UNDEFINED:
                self._depth += 1
            elif (name := WANTED.get((group, number))) and length <= 64 and name not in self.known:
                value = (yield from self._take(length)) if length else b""
                self._note(name, value)
            else:
                self._pass(length)

    def _length(self, explicit: bool) -> Generator[int, bytes, int]:
        """The length of the element whose tag was just read; -1 when its header cannot be one."""
        four = yield from self._take(4)
        if not explicit:
            return int.from_bytes(four, "little")
        vr = four[:2]
        if vr not in VRS:
            return -1
        if vr not in LONG_VRS:
            return int.from_bytes(four[2:], "little")
        length = int.from_bytes((yield from self._take(4)), "little")
        return -1 if length == UNDEFINED and vr == b"UN" else length          # UN of undefined length is implicit inside

    def _note(self, name: str, value: bytes) -> None:
        text = value.rstrip(b"\0 ").decode("latin-1").strip()
        if name in ("modality",) or UID_SHAPE.fullmatch(text):
            self.known[name] = text
        if name == "instance":
            self.is_dicom = True
