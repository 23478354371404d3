"""What PS3.6 says of a tag: its VR and keyword, in the plain dictionaries the parser needs to be fast."""
from __future__ import annotations

from pydicom.datadict import DicomDictionary, keyword_dict

SHORT_VRS = frozenset((b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN", b"SH",
                       b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"))
LONG_VRS = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
VR_NAME = {vr: vr.decode() for vr in SHORT_VRS | LONG_VRS}
LONG_NAMES = frozenset(vr.decode() for vr in LONG_VRS)
TEXT_VRS = frozenset(("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"))
FREE_TEXT_VRS = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))
"""VRs that Specific Character Set applies to (PS3.5 6.1.2.3)."""
WORD_BYTES = {"AT": 2, "FD": 8, "FL": 4, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "SL": 4, "SS": 2, "SV": 8,
              "UL": 4, "US": 2, "UV": 8}
"""Bytes to swap together in a big-endian file; also the unit a value length must be a multiple of."""

_AMBIGUOUS = {"US or SS": "XS", "OB or OW": "OX", "US or SS or OW": "XO", "US or OW": "XW", "NONE": "NN"}
ALLOWED_OF = {"XS": ("US", "SS"), "OX": ("OW", "OB"), "XO": ("US", "SS", "OW"), "XW": ("US", "OW")}

VR_OF: dict[int, str] = {tag: _AMBIGUOUS.get(row[0], row[0]) for tag, row in DicomDictionary.items()}
"""VR by tag; XS, OX, XO and XW where PS3.6 leaves a choice (ALLOWED_OF)."""
KEYWORD_OF: dict[int, str] = {tag: row[4] for tag, row in DicomDictionary.items() if row[4]}
TAG_OF: dict[str, int] = {keyword: int(tag) for keyword, tag in keyword_dict.items()}

PIXEL_DATA = 0x7FE00010
FLOAT_PIXEL_DATA = 0x7FE00008
DOUBLE_FLOAT_PIXEL_DATA = 0x7FE00009
SPECIFIC_CHARACTER_SET = 0x00080005


def place(tag: int) -> str:
    """'(0008,1030)': how issues name an element."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def words(text: str) -> tuple[str, ...]:
    """The words of a block of text: for lists of keywords."""
    return tuple(text.split())
