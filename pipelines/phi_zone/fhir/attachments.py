"""Attachments, Binary and narrative: text in any encoding is cleaned and attached again with a new size and hash; nothing else leaves."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
from typing import Any

from pipelines.phi_zone.fhir.context import Context, Malformed
from pipelines.phi_zone.fhir.markup import read_markup
from pipelines.phi_zone.fhir.masked import MASKED
from pipelines.phi_zone.fhir.references import literal
from pipelines.phi_zone.fhir.values import Method
from pipelines.phi_zone.rtf import is_rtf
from pipelines.phi_zone.text.decode import TEXT_TYPES, decode, is_html
from pipelines.phi_zone.wrapped import unwrapped

PLAIN = "text/plain; charset=utf-8"
_MORE_TYPES = re.compile(r"(?:text|application)/(?:x-)?rtf|application/(?:xml|hl7-v3\+xml|cda\+xml)|text/[\w.+-]+", re.IGNORECASE)
"""Further names under which words come; anything else is dropped unread."""
_REQUIRING = frozenset(("DocumentReference", "Media"))
"""Types that are nothing without their attachment."""
_NARRATIVES = ("generated", "extensions", "additional")
_DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")


def clean_attachment(value: Any, ctx: Context, max_bytes: int, keep_notes: bool, date: Method) -> dict[str, Any] | None:
    """An Attachment with its text cleaned. Title, creation time zone names, hash and foreign addresses do not survive.

    date: what the policy does to a date. A pointer to a Binary of this export becomes its new id. Raises Malformed when a member
    has the wrong shape.
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
    if out and isinstance(creation, str) and (new := date(creation, ctx)) is not None:
        out["creation"] = new
    return out or (MASKED if ctx.resource_type in _REQUIRING else None)


def clean_binary(data: Any, content_type: Any, ctx: Context, max_bytes: int, keep_notes: bool) -> dict[str, Any]:
    """contentType and data of a Binary whose content is text; empty when nothing of it may leave."""
    if not isinstance(data, str) or not isinstance(content_type, str):
        raise Malformed
    parts = _text_parts(data, content_type, ctx, max_bytes) if keep_notes else None
    return {"contentType": parts["contentType"], "data": parts["data"]} if parts else {}


def clean_narrative(value: Any, ctx: Context, max_bytes: int, keep_notes: bool) -> dict[str, Any] | None:
    """A Narrative with the words of its div cleaned, one paragraph a line: what a reader of a document's section sees."""
    if type(value) is not dict:
        raise Malformed
    status, div = value.get("status"), value.get("div")
    if type(div) is not str:
        raise Malformed
    ctx.personal = True
    if not keep_notes or len(div) > max_bytes:
        ctx.removed += 1
        return None
    cleaned = ctx.text.clean(unwrapped(read_markup(div, "text/html")), ctx.known, None, ctx.shift_days)
    ctx.cleaned += len(cleaned.spans)
    lines = [line.strip() for line in cleaned.text.splitlines() if line.strip()]
    if not lines:
        return None
    told = status if status in _NARRATIVES else "additional"
    return {"status": told, "div": _DIV + "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines) + "</div>"}


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
    text = decode(raw, content_type) if TEXT_TYPES.fullmatch(base_type) or _MORE_TYPES.fullmatch(base_type) else None
    if text is None:
        ctx.warn("FHR-013", "attachment", reason_zh="不是可以清洗的文本", reason_en="it is no text that could be cleaned")
        ctx.removed += 1
        return None
    if not is_rtf(text) and is_html(raw[:8000] if raw.isascii() else text[:8000].encode(), content_type):
        text = read_markup(text, content_type)
    text = unwrapped(text)
    cleaned = ctx.text.clean(text, ctx.known, None, ctx.shift_days)
    ctx.cleaned += len(cleaned.spans)
    new = cleaned.text.encode("utf-8", "replace")
    return {
        "contentType": PLAIN,
        "data": base64.b64encode(new).decode("ascii"),
        "size": len(new),
        "hash": base64.b64encode(hashlib.sha1(new).digest()).decode("ascii"),
    }
