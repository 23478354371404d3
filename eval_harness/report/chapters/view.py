"""What a chapter reads: the documents of one edition and the words of one language."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eval_harness.report.words import Words

Json = Mapping[str, Any]
WITHHELD = "disclosure_small_cell"


@dataclass(frozen=True)
class View:
    w: Words
    facts: Json
    protocol: Json
    pack: Json
    speed: Json
    env: Json
    sandbox: Json
    audit: Json
    card: Json
    submission: Json

    @property
    def lang(self) -> str:
        return self.w.lang

    @property
    def sealed(self) -> bool:
        return bool(self.facts["visibility"] == "sealed")

    @property
    def withheld(self) -> bool:
        """True where this edition shows less than the facts hold."""
        return self.sealed and self.facts["edition"] == "vendor"

    @property
    def unisolated(self) -> bool:
        """True where the model could reach more than its case."""
        return self.sandbox.get("backend") == "none" and self.submission.get("kind") != "predictions"

    @property
    def cell(self) -> int:
        return int((self.facts.get("disclosure") or {}).get("policy", {}).get("min_cell", 10))

    @property
    def primary(self) -> Json:
        """The first primary end point's estimate."""
        wanted = self.facts["tests"][0]["estimate"] if self.facts["tests"] else self.pack["primary"]
        found: Json = next(one for one in self.facts["estimates"] if one["id"] == wanted)
        return found

    def estimate_of(self, line: Json) -> Json | None:
        """The estimate that a test line speaks of, overall or in its stratum; None where it is not in this edition."""
        pools = [self.facts["estimates"], *(level["estimates"] for one in self.facts["strata"] for level in one["levels"])]
        return next((one for pool in pools for one in pool
                     if one["id"] == line["estimate"] and one["stratum"] == line.get("stratum", "all")), None)

    def endpoint(self, line: Json) -> str:
        """The title of a test line's estimate, with its stratum where there is one."""
        title = self.w.title(line["estimate"])
        name, _, level = str(line.get("stratum", "all")).partition("=")
        return f"{title} · {self.w.dimension(name)} {self.w.level(level)}" if level else title

    def said(self, words: Mapping[str, str] | str | None) -> str:
        """A text that a file carries in both languages."""
        if isinstance(words, Mapping):
            return str(words.get(self.lang) or words.get("en") or "")
        return "" if words is None else str(words)
