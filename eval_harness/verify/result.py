"""What verification found: checks by level with their place, and every number by its fate."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from eval_harness.base import Issue, eval_messages
from eval_harness.base.issue import Words
from eval_harness.base.phrases import in_chinese
from eval_harness.base.reasons import why
from eval_harness.verify.formats import READS

MATCH, DIFFERS, COMMITTED = "MATCH", "DIFFERS", "COMMITTED"
MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration, ArithmeticError, RecursionError)
"""What content of another shape than ours makes the code that reads it raise."""


@dataclass(frozen=True)
class Number:
    """One number of the facts. pointer: its place in facts.json (RFC 6901)."""

    pointer: str
    status: str
    stored: Any = None
    again: Any = None

    def to_dict(self) -> dict[str, Any]:
        return {"pointer": self.pointer, "status": self.status, "stored": self.stored, "again": self.again}


@dataclass
class VerifyReport:
    """ok: nothing differs, nothing is damaged and the signer was checked."""

    edition: str = ""
    visibility: str = ""
    signer: str = ""
    signer_checked: bool = False
    levels: dict[str, str] = field(default_factory=dict)
    """V0 .. V2: done | part | not_here."""
    passed: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    opening: str = "not_asked"
    """not_asked | same_file | redaction_proved"""
    signed_only: list[str] = field(default_factory=list)
    """Members for people that are covered by the signature and not made again here: the PDFs."""

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(number.status for number in self.numbers)
        return {status: found.get(status, 0) for status in (MATCH, DIFFERS, COMMITTED)}

    @property
    def sound(self) -> bool:
        """True where nothing is wrong with the file itself, whoever signed it."""
        return not self.counts[DIFFERS] and not any(issue.severity in ("error", "fatal") for issue in self.issues)

    @property
    def ok(self) -> bool:
        return self.sound and self.signer_checked

    def refuse(self, code: str, where: str, **params: object) -> None:
        told = {name: Words(str(in_chinese(value)), value) if isinstance(value, str) else value for name, value in params.items()}
        self.issues.append(eval_messages().issue(code, where, **told))

    def check(self, name: str, holds: bool, code: str, where: str, **params: object) -> bool:
        """Note a check that holds, or the issue that it does not."""
        if holds:
            self.passed.append(name)
        else:
            self.refuse(code, where, **params)
        return holds

    @contextmanager
    def reading(self, where: str) -> Iterator[None]:
        """Read a part of the file that somebody else may have written: VER-016 instead of an exception. No content is told."""
        try:
            yield
        except MISSHAPEN as error:
            self.refuse("VER-016", where, found=why(error))

    def to_dict(self) -> dict[str, Any]:
        return {"reads": list(READS), "ok": self.ok, "sound": self.sound, "edition": self.edition, "visibility": self.visibility,
                "signer": self.signer, "signer_checked": self.signer_checked, "levels": self.levels, "counts": self.counts,
                "opening": self.opening, "signed_only": self.signed_only,
                "passed": self.passed, "issues": [issue.to_dict() for issue in self.issues],
                "numbers": [number.to_dict() for number in self.numbers]}


def merged(outer: VerifyReport, inner: VerifyReport) -> VerifyReport:
    """The inner file's findings within the outer's, places prefixed."""
    outer.visibility = inner.visibility
    outer.passed += [f"V.zip: {name}" for name in inner.passed]
    outer.issues += inner.issues
    outer.signed_only += inner.signed_only
    return outer


def same(stored: Any, again: Any) -> bool:
    """Whole numbers and texts exactly, floats to 1e-9 relative (another machine sums in another order)."""
    if isinstance(stored, Mapping) and isinstance(again, Mapping):
        return set(stored) == set(again) and all(same(stored[key], again[key]) for key in stored)
    if isinstance(stored, list | tuple) and isinstance(again, list | tuple):
        return len(stored) == len(again) and all(same(a, b) for a, b in zip(stored, again, strict=True))
    if isinstance(stored, bool) or isinstance(again, bool) or not (isinstance(stored, int | float) and isinstance(again, int | float)):
        return bool(stored == again)
    return abs(stored - again) <= 1e-9 * max(abs(stored), abs(again), 1e-12) or abs(stored - again) < 1e-12
