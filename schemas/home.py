"""The layout of a home: every path in it is named here and nowhere else (design/ledger-and-tables, "Home")."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LAYOUT_VERSION = 1


@dataclass(frozen=True)
class Home:
    root: Path
    keys: Path
    """Relocatable by $TOUCHSTONE_KEYS; in no backup or bundle."""

    @property
    def marker(self) -> Path:
        return self.root / "home.json"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def phi(self) -> Path:
        return self.root / "phi"

    @property
    def landing(self) -> Path:
        return self.phi / "landing"

    @property
    def deid(self) -> Path:
        return self.root / "deid"

    @property
    def objects(self) -> Path:
        return self.deid / "objects"

    @property
    def datasets(self) -> Path:
        """Drafts of data sets: chosen cases, readings, decisions; pseudonyms only."""
        return self.deid / "datasets"

    @property
    def frozen(self) -> Path:
        return self.root / "frozen"

    @property
    def sealed(self) -> Path:
        return self.root / "sealed"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def evidence(self) -> Path:
        return self.root / "evidence"

    @property
    def proofs(self) -> Path:
        """What each batch showed before it was released, and what people read of it: counts and bounds, by hospital."""
        return self.evidence / "deid"

    @property
    def governance(self) -> Path:
        return self.root / "governance"

    @property
    def database(self) -> Path:
        return self.governance / "governance.db"

    @property
    def audit(self) -> Path:
        return self.governance / "audit"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def project_key(self) -> Path:
        return self.keys / "project.key"

    @property
    def signing_key(self) -> Path:
        return self.keys / "signing.key"

    def zone(self, zone: str) -> Path:
        """Root of a zone: phi and deid (ledger lives on the deid side)."""
        return self.phi if zone == "phi" else self.deid

    def tables(self, zone: str) -> Path:
        return self.zone(zone) / "tables"

    def table(self, zone: str, folder: str) -> Path:
        return self.tables(zone) / folder

    def staging(self, zone: str) -> Path:
        return self.zone(zone) / "staging"

    def tmp(self, zone: str) -> Path:
        return self.zone(zone) / "tmp"

    def folders(self) -> list[tuple[Path, int]]:
        """Every folder of a new home with its mode."""
        shared = [self.deid, self.tables("deid"), self.objects, self.staging("deid"), self.tmp("deid"), self.datasets,
                  self.frozen, self.runs, self.evidence, self.governance, self.audit, self.logs]
        private = [self.root, self.keys, self.phi, self.landing, self.tables("phi"), self.staging("phi"), self.tmp("phi"), self.sealed]
        return [(path, 0o700) for path in private] + [(path, 0o700) for path in shared]
