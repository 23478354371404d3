"""The pages a person follows exist, in both languages, and name no registry host."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
BOTH_IN_ONE = {"README.md", "commands.md", "dictionary.md", "measured.md"}
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page):
    broken = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / target).exists()]
    assert broken == []


def test_every_page_has_its_twin_in_the_other_language():
    names = {page.name for page in (ROOT / "docs").glob("*.md")} - BOTH_IN_ONE
    assert {name for name in names if not name.endswith(".zh.md") and name.replace(".md", ".zh.md") not in names} == set()
    assert {name for name in names if name.endswith(".zh.md") and name.replace(".zh.md", ".md") not in names} == set()


def test_every_room_says_in_a_readme_what_it_knows():
    rooms = ["dags", "pipelines", "pipelines/engines", "pipelines/phi_zone", "pipelines/deid_zone", "schemas", "governance", "eval_harness",
             "infra", "simulator", "tests", "benchmarks", "docs"]
    assert [room for room in rooms if not (ROOT / room / "README.md").exists()] == []


def test_every_message_code_a_page_mentions_exists():
    from schemas.messages import messages

    codes = {code for page in PAGES for code in re.findall(r"\b[A-Z]{3}-\d{3}\b", page.read_text(encoding="utf-8"))}
    codes.discard("SHA-256")
    assert codes
    assert {code for code in codes if code not in messages().templates} == set()
