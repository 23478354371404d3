"""In what order the cases are given out: shuffled per submission, the same for every dispatch. Packed: some 50 bytes a case."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

BLOCK = 4096


def view_token(run_id: str, token: str) -> str:
    """The name under which this submission sees a case: opaque, different for every submission and plan."""
    return hashlib.sha256(f"touchstone case view\0{run_id}\0{token}".encode()).hexdigest()[:32]


class Plan:
    """Tokens of a set in the order of their view names. A place is an index into that order."""

    def __init__(self, run_id: str, tokens: Iterable[str]) -> None:
        self.run_id = run_id
        names, keys = [np.empty(0, "S1")], [np.empty(0, np.uint64)]
        source = iter(tokens)
        while block := list(islice(source, BLOCK)):
            names.append(np.array([token.encode() for token in block]))
            keys.append(np.array([self._key(token) for token in block], np.uint64))
        joined, unsorted = np.concatenate(names), np.concatenate(keys)
        self.source = np.argsort(unsorted, kind="stable")
        """Of every place: which of the tokens it was, as they were given."""
        self._names, self._keys = joined[self.source], unsorted[self.source]

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> str:
        return bytes(self._names[place]).decode()

    def place(self, token: str) -> int:
        """Where a token stands. Raises KeyError when it is not of this set."""
        key, name = np.uint64(self._key(token)), token.encode()
        place = int(np.searchsorted(self._keys, key))
        while place < len(self) and self._keys[place] == key:
            if bytes(self._names[place]) == name:
                return place
            place += 1
        raise KeyError(token)

    def by_token(self) -> NDArray[np.intp]:
        """Places in token order, which is the order of the Result table."""
        return np.argsort(self._names, kind="stable")

    def _key(self, token: str) -> int:
        return int(view_token(self.run_id, token)[:16], 16)
