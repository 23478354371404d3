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


def headings(page: Path) -> set[str]:
    """The anchors of a page, as they are made from its headings."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_place_in_a_page_that_a_link_names_is_there(page):
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    assert [(target, place) for target, place in links if place not in headings(page.parent / target if target else page)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page):
    named = re.findall(r"`((?:docs|governance|schemas|pipelines|eval_harness|simulator|infra|dags|benchmarks|tests)/[\w./-]+"
                       r"\.(?:py|yaml|md|toml|csv|cedar|json|txt|tsv))`", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


TWINS = sorted(page for page in (ROOT / "docs").glob("*.md") if page.with_name(page.stem + ".zh.md").exists())


@pytest.mark.parametrize("page", TWINS, ids=lambda page: page.name)
def test_both_languages_of_a_page_name_the_same_flags_and_codes(page):
    named = [set(re.findall(r"(?<![\w-])--[a-z][a-z-]+|\b[A-Z]{3}-\d{3}\b", one.read_text(encoding="utf-8")))
             for one in (page, page.with_name(page.stem + ".zh.md"))]
    assert named[0] == named[1]


def test_the_twins_compared_are_not_few():
    assert len(TWINS) > 20


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


def test_the_hospital_file_a_page_shows_is_accepted_as_it_stands():
    import yaml

    from schemas.shapes.site import Site

    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").partition("## Hospitals")[2]
    shown = Site.model_validate(yaml.safe_load(page.partition("```yaml")[2].partition("```")[0]))
    assert (shown.site_id, [source.name for source in shown.imaging]) == ("sh-east", ["main"])
