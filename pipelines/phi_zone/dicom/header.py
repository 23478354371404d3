"""The columns of deid.instance, read back from the elements that were written: what a table shows is what the file says."""
from __future__ import annotations

from functools import lru_cache
from typing import Any

import pyarrow as pa

from pipelines.phi_zone.dicom.dictionary import KEYWORD_OF, LONG_NAMES, VR_OF
from schemas.dicom_columns import HEADER_COLUMNS, snake_case

_TYPES = dict(HEADER_COLUMNS)
_TAGS: dict[int, tuple[str, str, bool, bool]] = {}
for _tag, _keyword in KEYWORD_OF.items():
    _name = snake_case(_keyword)
    if _name in _TYPES:
        _kind = _TYPES[_name]
        _many = pa.types.is_list(_kind)
        _inner = _kind.value_type if _many else _kind
        _TAGS[_tag] = (_name, VR_OF[_tag], _many, not pa.types.is_string(_inner))
_NAMES = tuple(name for name, _ in HEADER_COLUMNS)


def header_of(written: list[tuple[int, bytes]]) -> dict[str, Any]:
    """Every name of HEADER_COLUMNS with its value or None."""
    return fill(dict.fromkeys(_NAMES), written)


def fill(row: dict[str, Any], written: list[tuple[int, bytes]]) -> dict[str, Any]:
    """Put the columns of these elements into `row`, and give it back."""
    for tag, body in written:
        found = _TAGS.get(tag)
        if found is not None:
            name, vr, many, numeric = found
            value = _value(body[12:] if vr in LONG_NAMES else body[8:], vr, many, numeric, name)
            row[name] = list(value) if many and value is not None else value
    return row


@lru_cache(maxsize=1 << 14)
def _value(raw: bytes, vr: str, many: bool, numeric: bool, name: str) -> Any:
    if vr == "US":
        return int.from_bytes(raw[:2], "little") if len(raw) >= 2 else None
    if vr in ("FD", "FL"):
        import struct

        return struct.unpack_from("<d" if vr == "FD" else "<f", raw)[0] if len(raw) >= (8 if vr == "FD" else 4) else None
    text = raw.decode("utf-8").strip(" \0")
    if not text:
        return None
    parts: list[Any] = [part.strip() for part in text.split("\\")] if many or numeric else [text]
    if numeric:
        whole = _TYPES[name] == pa.int64()
        parts = [int(part) if whole else float(part) for part in parts if part]
    return parts if many else parts[0] if parts else None
