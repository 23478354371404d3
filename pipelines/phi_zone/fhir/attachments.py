"""Attachments and Binary: text is read in any encoding, cleaned and attached again with a new size and hash; nothing else leaves."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.dates import moved
from pipelines.phi_zone.fhir.references import literal
from pipelines.phi_zone.text.decode import TEXT_TYPES, decode, html_text, is_html

PLAIN = "text/plain; charset=utf-8"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")


def clean_attachment(value: Any, ctx: Context, max_bytes: int, keep_notes: bool) -> dict[str, Any] | None:
    """An Attachment with its text cleaned. Title, creation time zone names, hash and foreign addresses do not survive.

    A pointer to a Binary of this export becomes its new id. Raises Malformed when a member has the wrong shape.
    """
    if type(value) is not dict:
        raise Malformed
    ctx.personal = True
    out: dict[str, Any] = {}
    kind = value.get("contentType", "")
    data = value.get("data")
    if not isinstance(kind, str) or (data is not None and not isinstance(data, str)):
        raise Malformed
    if data is not None and keep_notes:
        out |= _text_parts(data, kind, ctx, max_bytes) or {}
    elif data is not None:
        ctx.removed += 1
    url = value.get("url")
    place = literal(url) if isinstance(url, str) else None
    if place is not None and place[0] == "Binary":
        out["url"] = f"Binary/{ctx.names.new_id(*place)}"
        ctx.remapped += 1
    language = value.get("language")
    if out and isinstance(language, str) and _LANGUAGE.match(language):
        out["language"] = language
    creation = value.get("creation")
    if out and isinstance(creation, str) and ctx.shift_days is not None and (new := moved(creation, ctx.shift_days)) is not None:
        out["creation"] = new
        ctx.shifted += 1
    return out or None


def clean_binary(data: Any, content_type: Any, ctx: Context, max_bytes: int, keep_notes: bool) -> dict[str, Any]:
    """contentType and data of a Binary whose content is text; empty when nothing of it may leave."""
    if not isinstance(data, str) or not isinstance(content_type, str):
        raise Malformed
    parts = _text_parts(data, content_type, ctx, max_bytes) if keep_notes else None
    return {"contentType": parts["contentType"], "data": parts["data"]} if parts else {}


def _text_parts(data: str, content_type: str, ctx: Context, max_bytes: int) -> dict[str, Any] | None:
    if len(data) * 3 // 4 > max_bytes:
        ctx.warn("FHR-013", "attachment", reason_zh="超过大小上限", reason_en="it is above the size limit")
        ctx.removed += 1
        return None
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        ctx.warn("FHR-013", "attachment", reason_zh="base64 无效", reason_en="its base64 is not valid")
        ctx.removed += 1
        return None
    base_type = content_type.split(";")[0].strip()
    text = decode(raw, content_type) if TEXT_TYPES.fullmatch(base_type) else None
    if text is None:
        ctx.warn("FHR-013", "attachment", reason_zh="不是可以清洗的文本", reason_en="it is no text that could be cleaned")
        ctx.removed += 1
        return None
    if is_html(raw[:8000] if raw.isascii() else text[:8000].encode(), content_type):
        text = html_text(text)
    cleaned = ctx.text.clean(text, ctx.known, None, ctx.shift_days)
    ctx.cleaned += len(cleaned.spans)
    new = cleaned.text.encode("utf-8", "replace")
    return {
        "contentType": PLAIN,
        "data": base64.b64encode(new).decode("ascii"),
        "size": len(new),
        "hash": base64.b64encode(hashlib.sha1(new).digest()).decode("ascii"),
    }
