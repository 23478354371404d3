"""The table lease: one writer per Delta table at a time, on one machine (a lock file in the zone's tmp folder).

The kernel drops the lock when its holder dies, so a killed command leaves no lease behind. Writers on several machines
need the lease in the governance database; until then a home belongs to one machine.
"""
from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.engines.errors import TableBusy
from schemas.home import Home
from schemas.messages import messages
from schemas.tables import Table

PATIENCE_S = 600


@contextmanager
def lease(home: Home, table: Table, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the table while the block runs. Raises TableBusy (ENG-006) after `patience_s`."""
    folder = home.tmp("phi" if table.zone == "phi" else "deid")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{table.name}.lease").open("a") as handle:
        until = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise TableBusy(messages().issue("ENG-006", table.name, table=table.name, seconds=int(patience_s))) from None
                time.sleep(0.05)
        yield
