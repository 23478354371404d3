"""Which format versions of evidence this verifier reads, and what to say of one that it does not."""
from __future__ import annotations

from typing import TYPE_CHECKING

from eval_harness.report.edition import PREDICATES, SCHEMA
from eval_harness.scoring.facts import SCHEMA as FACTS_SCHEMA

if TYPE_CHECKING:
    from eval_harness.verify.result import VerifyReport

READS = (SCHEMA, FACTS_SCHEMA)
"""Names with their version behind the last slash. A format that is no longer written stays here for as long as it is read."""


def known(found: object, reads: str, where: str, report: VerifyReport) -> bool:
    """Whether `found` is the format `reads`. Else the issue: VER-019 (newer than this verifier), VER-017 (older, or of no known name)."""
    if found == reads:
        report.passed.append(f"format {reads}")
        return True
    name, version = _parted(reads)
    other, their = _parted(str(found))
    report.refuse("VER-019" if other == name and their > version else "VER-017", where, found=found, known=", ".join(READS))
    return False


def known_statement(found: object, where: str, report: VerifyReport) -> bool:
    """Whether the signed statement is of this edition's kind. Else VER-019 (a newer version of it) or VER-006."""
    right = PREDICATES[report.edition]
    name, version = _parted(right)
    other, their = _parted(str(found))
    if other == name and their > version:
        report.refuse("VER-019", where, found=found, known=", ".join(READS))
        return False
    return report.check("signature", found == right, "VER-006", where, found=found)


def _parted(text: str) -> tuple[str, int]:
    """Name and version of touchstone.evidence/2 or …/evidence-vendor/v1; version -1 where there is none."""
    name, _, version = text.rpartition("/")
    digits = version.removeprefix("v")
    return name, int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else -1
