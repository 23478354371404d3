"""What keeps a home in order without a person: tables compacted every night. Works on every table, whichever hospital's rows it holds."""
from __future__ import annotations

import contextlib
from collections.abc import Iterable

from eval_harness.base import WrongUsage
from governance.audit import Actor, Audit
from governance.store import open_store
from pipelines.balance import fhir_tables
from pipelines.bookmark import require_whole
from pipelines.engines import open_engine
from pipelines.engines.compact import Compacted, compact
from pipelines.flows import PLATFORM
from pipelines.settings import Settings, open_home
from schemas.home import Home
from schemas.messages import messages
from schemas.tables import TABLES, Table


def tables(home: Home) -> dict[str, Table]:
    """Every table of a home by name, those of FHIR resources among them."""
    return TABLES | {table.name: table for table in fhir_tables(home)}


def compact_tables(settings: Settings, names: Iterable[str] = (), *, actor: Actor = PLATFORM) -> list[Compacted]:
    """Compact the named tables, else all, one after the other. Raises WrongUsage ENG-013 for an unknown name, Retryable ENG-006 for
    one that somebody writes for ten minutes, HomeIncomplete FLW-010 where part of the home is missing."""
    home = open_home(settings, create=False)
    known = tables(home)
    wanted = list(names) or sorted(known)
    for name in wanted:
        if name not in known:
            raise WrongUsage(messages().issue("ENG-013", name, known=", ".join(sorted(known))))
    with contextlib.closing(open_store(settings.store_url)) as store:
        require_whole(home, store)     # to a log that lost its end, the newest files are litter
    audit, done = Audit(home.audit), []
    with contextlib.closing(open_engine(settings)) as engine:
        for name in wanted:
            one = compact(engine, home, known[name])
            if one is not None and (one.partitions or one.removed):
                audit.record("table.compact", actor, name, partitions=one.partitions, removed=one.removed)
            done += [one] if one is not None else []
    return done
