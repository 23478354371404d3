"""Rich Text Format to the words a reader sees (RTF 1.9.1): what is written as escapes is searched only once it is letters.

Fonts, colours, styles, document properties and pictures are left out. A brace too many or too few does no harm.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.IGNORECASE)
_UNSEEN = frozenset(("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "datastore", "themedata", "generator", "listtable"))
_BREAKS = {"par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "tab": " ", "cell": " ", "emdash": "-", "endash": "-"}
_PAGES = {"936": "gb18030", "54936": "gb18030", "950": "big5", "65001": "utf-8", "1252": "cp1252", "932": "cp932"}


def is_rtf(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith("{\\rtf")


def rtf_text(source: str) -> str:
    """The words of an RTF document; bytes written as \\'hh are read in its code page, \\uN as the letter with its fallback left out."""
    page = re.search(r"\\ansicpg(\d+)", source[:500])
    encoding = "gb18030" if page is None and "\\fcharset134" in source else _PAGES.get(page[1] if page else "", "cp1252")
    out: list[str] = []
    held = bytearray()
    groups: list[tuple[bool, int]] = []
    unseen, fallback, skip = False, 1, 0

    def flush() -> None:
        if held:
            out.append(held.decode(encoding, "replace"))
            held.clear()

    for match in _TOKEN.finditer(source):
        word, number, code, sign, brace, plain = match.groups()
        if code is not None:
            if skip:
                skip -= 1
            elif not unseen:
                held.append(int(code, 16))
            continue
        flush()
        if brace == "{":
            groups.append((unseen, fallback))
        elif brace == "}":
            unseen, fallback = groups.pop() if groups else (False, 1)
            skip = 0
        elif sign == "*":
            unseen = True
        elif word == "uc":
            fallback = int(number or 1)
        elif word in _UNSEEN:
            unseen = True
        elif unseen:
            continue
        elif word == "u" and number is not None:
            out.append(_letter(int(number)))
            skip = fallback
        elif word is not None:
            out.append(_BREAKS.get(word, ""))
        elif sign is not None:
            out.append({"~": " ", "_": "-", "\\": "\\", "{": "{", "}": "}"}.get(sign, ""))
        elif plain is not None:
            out.append(plain[skip:])
            skip = max(0, skip - len(plain))
    flush()
    return _joined("".join(out))


def _letter(number: int) -> str:
    """A UTF-16 unit; halves of a pair are joined at the end."""
    return chr(number % 65536)


def _joined(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()
