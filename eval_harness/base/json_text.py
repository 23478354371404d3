"""JSON of other people's files: UTF-8, with or without the byte order mark that some editors write; no other encoding is guessed."""
from __future__ import annotations


def json_text(data: bytes) -> str:
    """The text of a JSON file. Raises UnicodeDecodeError for any other encoding, of which Python's own reader guesses several."""
    nought = data.find(0)       # in no JSON text, and in every UTF-16 or UTF-32 one
    if nought >= 0:
        raise UnicodeDecodeError("utf-8", data, nought, nought + 1, "a nought")
    return data.decode("utf-8-sig")
