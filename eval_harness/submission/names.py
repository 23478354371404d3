"""Names that a vendor chose: of files that must mean the same on every machine, and text that must read as it is."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

PART_BYTES, NAME_BYTES = 255, 1024
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what is not seen, or turns the text around it."""
ALLOWED = frozenset("\n\r\t\u200c\u200d")
"""Line breaks of a licence text; joiners that some scripts are written with."""
WINDOWS = frozenset(':*?"<>|')


def leads_out(name: str) -> bool:
    """Whether a path could mean something outside its folder."""
    return not name or name.startswith("/") or "\\" in name or name[1:2] == ":" or ".." in PurePosixPath(name).parts


def unportable(name: str) -> bool:
    """Whether some system could not keep a file under this name, or would keep it under another."""
    parts = name.split("/")
    return (bool((WINDOWS | ALLOWED) & set(name)) or hidden(name) is not None or any(
        part in ("", ".") or part[-1] in ". " or len(part.encode("utf-8", "surrogatepass")) > PART_BYTES for part in parts)
        or len(name.encode("utf-8", "surrogatepass")) > NAME_BYTES)


def colliding(names: Iterable[str]) -> tuple[str, str] | None:
    """Two names that a system without case, or with another Unicode form, takes for one."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            return other, name
    return None


def hidden(text: str) -> str | None:
    """The first character of a text that cannot be seen, as U+0000; None for a text that reads as it is."""
    return next((f"U+{ord(one):04X}" for one in text if one not in ALLOWED and unicodedata.category(one) in HIDDEN), None)


def printable(text: str, most: int = 80) -> str:
    """A text that may stand in a message: what cannot be seen is escaped, what is long is cut."""
    return "".join(one if one not in ALLOWED and unicodedata.category(one) not in HIDDEN else f"<U+{ord(one):04X}>" for one in text[:most])


def texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """(place, text) of every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield where, key
            yield from texts(held, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for place, held in enumerate(value):
            yield from texts(held, f"{where}[{place}]")
