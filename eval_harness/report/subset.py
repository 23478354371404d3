"""The characters of a page out of our font, as a smaller TrueType font: so that Chinese is readable on a PC without a Chinese font.

Written out plainly (no compression, fixed order, no time stamp), because `verify` makes the page again, on another machine and with
numpy only, and compares bytes. Tables: OpenType 1.9. Outlines are copied as they are (our font has
no composite ones); layout features are dropped.
"""
from __future__ import annotations

import base64
import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
KEPT = ("OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post")
LAST_COMMON = 0xFF
"""Characters up to here (Latin-1) every PC has."""
MAGIC = 0xB1B0AFBA


class Font:
    """The tables of a TrueType font with long or short glyph offsets."""

    def __init__(self, data: bytes) -> None:
        count = struct.unpack_from(">H", data, 4)[0]
        rows = [struct.unpack_from(">4sLLL", data, 12 + 16 * i) for i in range(count)]
        self.tables = {tag.decode("latin-1"): data[start:start + size] for tag, _, start, size in rows}
        self.glyphs = struct.unpack_from(">H", self.tables["maxp"], 4)[0]
        self.metrics = struct.unpack_from(">H", self.tables["hhea"], 34)[0]
        long = struct.unpack_from(">h", self.tables["head"], 50)[0]
        held = struct.unpack(f">{self.glyphs + 1}{'L' if long else 'H'}", self.tables["loca"])
        self.places = held if long else tuple(2 * place for place in held)
        self.characters = _characters(self.tables["cmap"])

    def glyph(self, number: int) -> bytes:
        return self.tables["glyf"][self.places[number]:self.places[number + 1]]

    def metric(self, number: int) -> bytes:
        """Advance width and left side bearing."""
        table, last = self.tables["hmtx"], self.metrics - 1
        if number <= last:
            return table[4 * number:4 * number + 4]
        return table[4 * last:4 * last + 2] + table[4 * self.metrics + 2 * (number - self.metrics):][:2]


def _characters(cmap: bytes) -> dict[int, int]:
    """Code point to glyph, from the first subtable of format 4 (the basic plane, which is what our fonts hold)."""
    offsets = [struct.unpack_from(">HHL", cmap, 4 + 8 * i)[2] for i in range(struct.unpack_from(">H", cmap, 2)[0])]
    start = next(at for at in offsets if struct.unpack_from(">H", cmap, at)[0] == 4)
    count = struct.unpack_from(">H", cmap, start + 6)[0] // 2
    parts = [start + 14, *(start + 16 + 2 * count * i for i in (1, 2, 3))]
    ends, firsts, deltas, ranges = (struct.unpack_from(f">{count}H", cmap, at) for at in parts)
    out = {}
    for i, (first, last, delta, reach) in enumerate(zip(firsts, ends, deltas, ranges, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code if reach == 0 else struct.unpack_from(">H", cmap, parts[3] + 2 * i + reach + 2 * (code - first))[0]
            if glyph and (glyph + delta) & 0xFFFF:
                out[code] = (glyph + delta) & 0xFFFF
    return out


@cache
def _font() -> Font:
    return Font(FONT.read_bytes())


def subset(text: Iterable[str], font: Font | None = None) -> bytes:
    """A TrueType font with those characters of `text` beyond Latin-1 that the font has; empty where there is none."""
    held = font or _font()
    codes = sorted({ord(char) for char in text if ord(char) > LAST_COMMON} & set(held.characters))
    if not codes:
        return b""
    kept = [0, *dict.fromkeys(held.characters[code] for code in codes)]
    new = {number: place for place, number in enumerate(kept)}
    outlines, places = b"", [0]
    for number in kept:
        glyph = held.glyph(number)
        outlines += glyph + bytes(-len(glyph) % 4)
        places.append(len(outlines))
    tables = {name: held.tables[name] for name in KEPT} | {
        "glyf": outlines, "loca": struct.pack(f">{len(places)}L", *places), "hmtx": b"".join(map(held.metric, kept)),
        "cmap": _cmap({code: new[held.characters[code]] for code in codes}),
        "maxp": _with(held.tables["maxp"], 4, ">H", len(kept)), "hhea": _with(held.tables["hhea"], 34, ">H", len(kept)),
        "head": _with(_with(held.tables["head"], 50, ">h", 1), 8, ">L", 0)}
    return _font_file(tables)


def _cmap(glyphs: dict[int, int]) -> bytes:
    rows = b"".join(struct.pack(">LLL", code, code, glyph) for code, glyph in sorted(glyphs.items()))
    return struct.pack(">HHHHLHHLLL", 0, 1, 3, 10, 12, 12, 0, 16 + len(rows), 0, len(glyphs)) + rows


def _with(table: bytes, place: int, form: str, value: int) -> bytes:
    size = struct.calcsize(form)
    return table[:place] + struct.pack(form, value) + table[place + size:]


def _font_file(tables: dict[str, bytes]) -> bytes:
    power = 1 << (len(tables).bit_length() - 1)
    head = struct.pack(">LHHHH", 0x00010000, len(tables), 16 * power, power.bit_length() - 1, 16 * (len(tables) - power))
    offset, directory, body = 12 + 16 * len(tables), b"", b""
    for name in sorted(tables):
        data = tables[name] + bytes(-len(tables[name]) % 4)
        directory += struct.pack(">4sLLL", name.encode(), _checksum(data), offset + len(body), len(tables[name]))
        body += data
    whole = head + directory + body
    at = offset + sum(len(tables[name]) + -len(tables[name]) % 4 for name in sorted(tables) if name < "head") + 8
    return _with(whole, at, ">L", (MAGIC - _checksum(whole)) & 0xFFFFFFFF)


def _checksum(data: bytes) -> int:
    return int(sum(struct.unpack(f">{len(data) // 4}L", data)) & 0xFFFFFFFF)


def font_face(family: str, text: Iterable[str]) -> str:
    """A CSS rule that carries the subset along; empty where `text` needs none."""
    data = subset(text)
    if not data:
        return ""
    return f'@font-face{{font-family:"{family}";src:url(data:font/ttf;base64,{base64.b64encode(data).decode()}) format("truetype")}}'
