"""In what order the cases are given out: shuffled per submission, the same for every dispatch. Packed: some 30 bytes a case."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

BLOCK, KEY_BYTES = 4096, 8


def view_token(run_id: str, token: str) -> str:
    """The name under which this submission sees a case: opaque, different for every submission and plan."""
    return _digest(run_id, token)[:16].hex()


def _digest(run_id: str, token: str) -> bytes:
    return hashlib.sha256(f"touchstone case view\0{run_id}\0{token}".encode()).digest()


class Plan:
    """Tokens of a set in the order of their view names. A place is an index into that order."""

    def __init__(self, run_id: str, tokens: Iterable[str]) -> None:
        self.run_id = run_id
        self._blocks: list[bytes | list[str]] = []
        self._ascending, last = True, ""
        keys, source = [np.empty(0, np.uint64)], iter(tokens)
        while block := list(islice(source, BLOCK)):
            self._ascending = self._ascending and all(one <= other for one, other in pairwise([last, *block]))
            last = block[-1]
            self._blocks.append(_packed(block))
            keys.append(np.frombuffer(b"".join([_digest(run_id, token)[:KEY_BYTES] for token in block]), ">u8"))
        joined = np.concatenate(keys).astype(np.uint64, copy=False)
        keys.clear()
        order = np.argsort(joined, kind="stable")
        self._keys, self.source = joined[order], order.astype(np.uint32)
        """source: of every place, which of the tokens it was, as they were given."""

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> str:
        number, within = divmod(int(self.source[place]), BLOCK)
        block = self._blocks[number]
        return block[within * 16:within * 16 + 16].hex() if isinstance(block, bytes) else block[within]

    def place(self, token: str) -> int:
        """Where a token stands. Raises KeyError when it is not of this set."""
        key = np.uint64(int.from_bytes(_digest(self.run_id, token)[:KEY_BYTES], "big"))
        place = int(np.searchsorted(self._keys, key))
        while place < len(self) and self._keys[place] == key:
            if self[place] == token:
                return place
            place += 1
        raise KeyError(token)

    def by_token(self) -> NDArray[np.intp]:
        """Places in token order, which is the order of the Result table and, as a rule, of the set itself."""
        return np.argsort(self.source) if self._ascending else np.array(sorted(range(len(self)), key=self.__getitem__), np.intp)


def _packed(block: list[str]) -> bytes | list[str]:
    """Tokens as a set makes them (32 hexadecimal digits) as 16 bytes each; others as they are."""
    text = "".join(block)
    try:
        packed = bytes.fromhex(text)
    except ValueError:
        return block
    return packed if packed.hex() == text and all(len(token) == 32 for token in block) else block
