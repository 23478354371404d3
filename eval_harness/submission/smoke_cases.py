"""Smoke cases as handed in: listed files of the submission, for the inputs of the task, in the forms that the task's sets have.

They are read by our own process before the sandbox sees them, so a path, a header or a number in them is a vendor's word.
"""
from __future__ import annotations

import io
import math
from collections.abc import Mapping
from pathlib import Path

from eval_harness.base import Issue, eval_messages
from eval_harness.base.issue import Words
from eval_harness.submission.manifest import Smoke
from eval_harness.submission.names import leads_out
from eval_harness.tasks.output import AnswerRefused, strict_json
from eval_harness.tasks.pack import Pack

CASE, CASE_CAP_BYTES, ARRAY = "case.json", 1024**2, "application/x-npy"
HEAD_BYTES, DTYPES = 16 * 1024, frozenset("bui") | {"f"}
UNREAD = {"not_json": Words("不是 UTF-8 的 JSON", "it is no JSON in UTF-8"),
          "not_finite": Words("有 NaN 或无穷大", "it holds NaN or infinity"), "repeated_key": Words("有键写了两次", "it has a key twice")}


def inspect_smoke(folder: Path, listed: Mapping[str, int], smoke: tuple[Smoke, ...], pack: Pack) -> list[Issue]:
    """What is wrong with the smoke cases. listed: bytes of every file of the manifest, by path."""
    found: list[Issue] = []
    for place, one in enumerate(smoke):
        where = f"smoke[{place}]"
        if leads_out(one.input) or f"{one.input}/{CASE}" not in listed:
            found.append(eval_messages().issue("SUB-061", f"{where}.input", name=CASE))
        elif (reason := _wrong(folder / one.input, one.input, listed, pack)) is not None:
            found.append(eval_messages().issue("SUB-062", f"{where}, {CASE}", reason=reason))
    return found


def _wrong(folder: Path, name: str, listed: Mapping[str, int], pack: Pack) -> str | Words | None:
    if listed[f"{name}/{CASE}"] > CASE_CAP_BYTES:
        return "larger than 1 MiB"
    try:
        case = strict_json((folder / CASE).read_bytes(), CASE)
    except AnswerRefused as refused:
        return UNREAD[refused.cause]
    if not isinstance(case, dict) or not isinstance(case.get("schema"), str) or not isinstance(case.get("sockets"), dict):
        return "schema, sockets"
    wanted = {socket.name: socket.media_type for socket in pack.spec.sockets}
    if set(case["sockets"]) != set(wanted):
        return f"sockets: {', '.join(sorted(wanted))}"
    for socket, held in case["sockets"].items():
        if not isinstance(held, dict) or not isinstance(held.get("path"), str) or held.get("media_type") != wanted[socket]:
            return f"{socket}: path, media_type"
        path = f"{name}/{held['path']}"
        if leads_out(held["path"]) or "/" in held["path"] or held["path"] == CASE or path not in listed:
            return f"{socket}: path"
        if held["media_type"] == ARRAY and not _is_array(folder / held["path"]):
            return f"{socket}: .npy"
    return None


def _is_array(path: Path) -> bool:
    """Whether a file is a NumPy array of numbers whose header tells the truth about its size."""
    import numpy as np
    from numpy.lib import format as npy

    with path.open("rb") as held:
        head = io.BytesIO(held.read(HEAD_BYTES))
    try:
        version = npy.read_magic(head)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = read(head)
    except Exception:  # noqa: BLE001 - the header is parsed as Python text, which fails in ways of its own
        return False
    if not isinstance(dtype, np.dtype) or dtype.kind not in DTYPES or any(int(length) < 0 for length in shape):
        return False
    return head.tell() + math.prod(shape) * dtype.itemsize == path.stat().st_size
