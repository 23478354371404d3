"""From the documents of one edition to the report in one language. Pure: `verify` composes again and compares bytes."""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from eval_harness.report.chapters import appendix, quality, results, summary, trust
from eval_harness.report.chapters.view import View
from eval_harness.report.document import Block, Document
from eval_harness.report.html import page
from eval_harness.report.words import LANGUAGES, Words

CHAPTERS: tuple[Callable[[View], list[Block]], ...] = (
    summary.chapter, results.plan, results.accounting, results.results, results.curves, results.forest, quality.failures,
    quality.robust, quality.speed, quality.readers, quality.comparison, trust.prior, trust.deviations, trust.trust,
    appendix.checklists, appendix.glossary,
)
SOURCES = ("facts", "protocol", "pack", "speed", "env", "sandbox", "audit", "card", "submission")


def view_of(documents: Mapping[str, Any], lang: str) -> View:
    """documents: parsed JSON by SOURCES' names."""
    return View(Words(lang, documents["pack"]), **{name: documents[name] for name in SOURCES})


def compose(documents: Mapping[str, Any], lang: str) -> Document:
    view = view_of(documents, lang)
    w, ident = view.w, view.facts["identity"]
    device, held = ident["device"], ident["dataset"]
    blocks = [block for chapter in CHAPTERS for block in chapter(view)]
    return Document(
        lang, w("page.title"),
        w("page.subtitle", device=device.get("name", "–"), version=device.get("version", ""), task=view.said(ident["task"]["title"]),
          set=f"{held['set_id']}@{held['version']}"),
        marks(view), w("page.running", run=str(view.facts["run"]["run_id"])[:12]), blocks, w("page.other_lang"), w("page.contents"),
        last_day(view.audit))


def last_day(audit: Mapping[str, Any]) -> str:
    """Day of the latest audited step; the epoch where nothing was audited."""
    days = [str(head["at"])[:10] for head in (audit.get("heads") or {}).values() if head and head.get("at")]
    return max(days, default="1970-01-01")


def marks(view: View) -> list[str]:
    w, facts = view.w, view.facts
    names = ["practice" if not view.sealed else "sealed"]
    names += ["vendor"] if view.withheld else ["full"] if view.sealed else []
    names += [] if facts["official"] else ["unofficial"]
    names += ["unisolated"] if view.unisolated else []
    names += [] if facts["protocol"]["locked"] else ["unlocked"]
    return [w(f"page.mark_{name}") for name in names]


def pages(documents: Mapping[str, Any]) -> dict[str, bytes]:
    """report.zh.html and report.en.html."""
    other = {"zh": "en", "en": "zh"}
    return {f"report.{lang}.html": page(compose(documents, lang), f"report.{other[lang]}.html") for lang in LANGUAGES}


def documents_of(members: Mapping[str, bytes]) -> dict[str, Any]:
    """The sources of a report from the members of a vendor edition."""
    return {name: json.loads(members["pack/pack.json" if name == "pack" else f"{name}.json"]) for name in SOURCES}
