"""From one line of bytes to one resource, with limits: a hostile line costs its own bytes and ends in a reason code.

JSON (RFC 8259) with FHIR's rules: UTF-8, no duplicate keys, an object with `resourceType`. orjson does the reading; a
duplicate key, which it would silently resolve, is found by writing the parsed value again: other bytes have their quotation marks
counted against it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from eval_harness.base import Issue
from schemas.messages import messages

MAX_LINE_BYTES = 64_000_000
MAX_DEPTH = 48
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}\Z")
_MET: set[str] = set()


class Unreadable(Exception):
    """The bytes are no resource; carries the issue, nothing of the source."""

    def __init__(self, code: str, where: str = "resource", **params: object) -> None:
        self.issue: Issue = messages().issue(code, where, **params)
        super().__init__(code)


class _Duplicate(ValueError):
    pass


def read_resource(line: bytes, max_bytes: int = MAX_LINE_BYTES, max_depth: int = MAX_DEPTH) -> dict[str, Any] | Issue:
    """The resource in `line`, or the issue why there is none (FHR-001 to FHR-006)."""
    try:
        return parse(line, max_bytes, max_depth)
    except Unreadable as found:
        return found.issue


def why_no_unit(data: bytes) -> Issue:
    """Why a line or Bundle entry could not be told by type and id: it is no resource (FHR-001 to FHR-006), or has no id (FHR-016)."""
    found = read_resource(data)
    if isinstance(found, Issue) and found.code == "FHR-002":
        inside = orjson.loads(data)     # an entry is kept whole, with what stood around its resource
        resource = inside.get("resource") if isinstance(inside, dict) else None
        found = resource if isinstance(resource, dict) and _is_type(resource.get("resourceType")) else found
    return found if isinstance(found, Issue) else messages().issue("FHR-016", "resource")


def parse(line: bytes, max_bytes: int = MAX_LINE_BYTES, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """As `read_resource`, raising Unreadable."""
    if len(line) > max_bytes:
        raise Unreadable("FHR-004", found=len(line), right=max_bytes)
    if line.startswith(b"\xef\xbb\xbf"):
        line = line[3:]
    try:
        resource = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Unreadable(why_unreadable(line, str(error)), right=max_depth) from None
    if type(resource) is not dict or not _is_type(resource.get("resourceType")):
        raise Unreadable("FHR-002")
    if line.count(b"{") + line.count(b"[") > max_depth and _depth(resource) > max_depth:
        raise Unreadable("FHR-003", right=max_depth)
    try:
        written = orjson.dumps(resource)
        same = written == line or (b"\\u0022" not in line and line.count(b'"') == written.count(b'"'))
    except TypeError:  # deeper than orjson writes, where a policy allows that
        same = False
    if not same:
        _refuse_duplicates(line)
    return resource


def _is_type(kind: Any) -> bool:
    return isinstance(kind, str) and (kind in _MET or _type_met(kind))


def _type_met(kind: str) -> bool:
    """Remembers a few type names, because matching each anew takes longer than reading the line."""
    if _TYPE.match(kind) is None:
        return False
    if len(_MET) < 300:
        _MET.add(kind)
    return True


def why_unreadable(line: bytes, reason: str) -> str:
    """The code of what a JSON reader refused for `reason`."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "FHR-006"
    if "ecursion" in reason or (line.count(b"[") + line.count(b"{") > 1000 and _raw_depth(line) > 512):
        return "FHR-003"
    return "FHR-001"


def _raw_depth(line: bytes) -> int:
    depth = deepest = 0
    for match in re.finditer(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', line, re.DOTALL):
        first = line[match.start()]
        depth += 1 if first in b"[{" else -1 if first in b"]}" else 0
        deepest = max(deepest, depth)
        if deepest > 512:
            break
    return deepest


def _depth(value: Any) -> int:
    """Nesting of dicts and lists, without recursion."""
    deepest, todo = 0, [(value, 1)]
    while todo:
        node, depth = todo.pop()
        deepest = max(deepest, depth)
        children = node.values() if type(node) is dict else node
        todo.extend((child, depth + 1) for child in children if type(child) is dict or type(child) is list)
    return deepest


def _refuse_duplicates(line: bytes) -> None:
    """Every key holds two quotation marks, and a key that was resolved away took two with it: so this line is looked into.

    An escaped quotation mark stands for one in the value, and such a line is always looked into.
    """
    try:
        json.loads(line, object_pairs_hook=_pairs)
    except _Duplicate:
        raise Unreadable("FHR-005") from None
    except (ValueError, RecursionError):
        raise Unreadable("FHR-001") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Duplicate
    return found
