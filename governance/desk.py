"""The evaluation desk: what every step of flow B needs in its hands (home, store, audit log, who acts), opened and closed once."""
from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance import registry
from governance.access import acting
from governance.audit import Actor, Audit, Head
from governance.signing import SigningKey, load_signing_key
from governance.store import Store, open_store
from pipelines.settings import Settings, open_home, settings
from schemas.home import Home


@dataclass(frozen=True)
class Desk:
    settings: Settings
    home: Home
    store: Store
    audit: Audit
    actor: Actor

    @property
    def signing_key(self) -> SigningKey:
        return load_signing_key(self.home.signing_key)

    def submission_folder(self, submission_id: str) -> Path:
        return self.home.runs / "submissions" / submission_id

    def run_folder(self, evaluation_id: str) -> Path:
        return self.home.runs / evaluation_id / "run"

    def plan_file(self, evaluation_id: str) -> Path:
        """The locked plan: protocol and signatures."""
        return self.home.runs / evaluation_id / "plan.locked.json"

    def score_folder(self, evaluation_id: str) -> Path:
        """Holds the opened reference standard: inside `sealed/`, never beside anything a vendor sees."""
        return self.home.sealed / "scores" / evaluation_id

    def ladder_file(self, evaluation: dict[str, Any]) -> Path:
        """The legal entity's ladder on the set of this evaluation."""
        entity = registry.submission(self.store, evaluation["submission_id"])["legal_entity"]
        place = self.home.sealed.joinpath("ladders", evaluation["dataset_id"], evaluation["dataset_version"])
        return place / f"{entity_token(entity)}.json"

    def evidence_folder(self, evaluation_id: str) -> Path:
        return self.home.evidence / evaluation_id


@contextlib.contextmanager
def open_desk(config: Settings | None = None, actor: str | None = None, create: bool = True) -> Iterator[Desk]:
    """The desk of a home. Raises WrongUsage for a wrong home or account, HOM-003 for one that is not there where `create` is false."""
    config = config or settings()
    home = open_home(config, create)
    store = open_store(config.store_url)
    try:
        yield Desk(config, home, store, Audit(home.audit), acting(actor))
    finally:
        store.close()


def entity_token(legal_entity: str) -> str:
    """How a legal entity is named in the audit log: a digest, because the log takes no free text. Width, case and spaces of the
    name make no other entity."""
    return "entity-" + hashlib.sha256(registry.same_name(legal_entity).encode()).hexdigest()[:16]


def head_dict(head: Head, root: str) -> dict[str, Any]:
    """An audit head as evidence carries it: place in the log, and the root of what was fixed there."""
    return {"seq": head.seq, "hash": head.hash, "at": head.at, "root": root}
