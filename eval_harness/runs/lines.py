"""JSON Lines as this room reads them: many small values, so the way to one is kept short."""
from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

BLOCK_BYTES = 1024
_decode = json.JSONDecoder().raw_decode


def value_of(line: bytes) -> Any:
    """The value of one line, by the rules of json.loads. Raises ValueError."""
    try:
        text = line.decode()
        value, end = _decode(text)
    except ValueError:
        return json.loads(line)   # white space before it, a byte order mark, or a fault that it tells better
    return value if text[end:] in ("\n", "") else json.loads(line)


def line_at(held: IO[bytes], offset: int) -> bytes:
    """The line that begins at `offset` of an unbuffered file, without its end. Lines are looked up in no order: a buffer would not help."""
    held.seek(offset)
    block = held.read(BLOCK_BYTES)
    while b"\n" not in block and (more := held.read(len(block))):
        block += more
    return block.partition(b"\n")[0]


def read_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """(offset, value) of every whole line of a JSON Lines file; nothing where there is no file."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as held:
        offset = 0
        for line in held:
            if line.endswith(b"\n"):
                yield offset, value_of(line)
            offset += len(line)
