"""Every command that a page or a message tells a person to type exists, and knows the flags that stand beside it."""
from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from eval_harness.cli.main import COMMANDS
from pipelines.cli.main import NOUNS

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*/README.md")),
         *sorted(ROOT.glob("*/*/README.md")), *sorted((ROOT / "schemas" / "messages").glob("*.toml")),
         *sorted((ROOT / "eval_harness" / "messages").glob("*.toml"))]
TYPED = re.compile(r"(?<![\w./-])(touchstone-eval|touchstone) +((?!again\b)[a-z](?:(?![,;] )[^`\n#。；，、）])*)")
FLAG = re.compile(r"--[a-z][a-z-]*")
PROGRAMS = {"touchstone": NOUNS, "touchstone-eval": COMMANDS}
EVERYWHERE = {"--help", "--home", "--lang", "--engine", "--json"}


@cache
def loaded(target: str) -> Any:
    import typer
    from typer.main import get_command

    module, _, attribute = target.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        found, function = typer.Typer(add_completion=False), found
        found.command(attribute)(function)
    return get_command(found)


def mistakes(program: str, text: str) -> list[str]:
    """What is wrong with one command line as a page gives it: `a|b` are alternatives, flags belong to the alternative they follow."""
    words = text.replace("[", " ").replace("]", " ").split()
    first = words[0].rstrip(".,:;)").split("|")
    table = PROGRAMS[program]
    if first == ["deid"] and len(words) > 1:
        first, words = [f"deid {name}" for name in words[1].rstrip(".,;:").split("|") if f"deid {name}" in table], words[1:]
    unknown = [f"{program} {name}" for name in first if name not in table and name != "deid"]
    if unknown or first == ["deid"] or not first:
        return unknown
    command = loaded(table[first[0]][0])
    if not hasattr(command, "commands"):
        return [f"{program} {first[0]} {flag}" for flag in FLAG.findall(text) if not any(flag in one.opts + one.secondary_opts
                                                                                         for one in command.params)]
    found, at = [], None
    for word in re.split(r"[ |]+", " ".join(words[1:])):
        name = word.rstrip(".,:;)")
        if name in command.commands:
            at = command.commands[name]
        elif at is None and re.fullmatch(r"[a-z]+", name):
            return [f"{program} {first[0]} {name}"]
        flag = FLAG.match(word)
        if flag and at is not None and not any(flag[0] in one.opts + one.secondary_opts for one in at.params):
            found.append(f"{program} {first[0]} {at.name} {flag[0]}")
    return found


def lines(page: Path) -> Iterator[tuple[str, str]]:
    for program, text in TYPED.findall(page.read_text(encoding="utf-8").replace("\\|", "|").replace('\\"', "'")):
        yield program, text.split('"')[0].strip()


@pytest.mark.parametrize("page", [page for page in PAGES if any(lines(page))], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_a_page_names_exists_with_its_flags(page):
    assert [wrong for program, text in lines(page) for wrong in mistakes(program, text)] == []


@pytest.mark.parametrize(("program", "text", "wrong"), [
    ("touchstone", "site forget sh-east", ["touchstone site forget"]),
    ("touchstone", "doctor --audit", ["touchstone doctor --audit"]),
    ("touchstone", "quarantine retry N --because R", ["touchstone quarantine retry --because"]),
    ("touchstone", "deid fhir IN --speed 3", ["touchstone deid fhir --speed"]),
    ("touchstone-eval", "certify V.zip", ["touchstone-eval certify"]),
    ("touchstone", "quarantine list [--site --rule --where] · show N [--locate]", []),
])
def test_a_planted_wrong_command_is_noticed(program, text, wrong):
    assert mistakes(program, text) == wrong


def test_every_make_target_a_page_names_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = re.compile(r"(?:`|^ *)make ([a-z][a-z-]*[a-z])\b(?!-)", re.MULTILINE)
    named = {name for page in PAGES for name in asked.findall(page.read_text(encoding="utf-8"))}
    assert {"demo", "test", "setup-all"} <= named
    assert named - targets == set()


def test_every_module_and_script_a_page_starts_is_there():
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    modules = {name for text in texts for name in re.findall(r"python3? -m ([a-z_]+(?:\.[a-z_]+)*)", text)} - {"pip", "venv"}
    scripts = {name for text in texts for name in re.findall(r"python3? ([a-z_/]+\.py)", text)}
    assert len(modules) > 5
    assert {name for name in modules if importlib.util.find_spec(name) is None} == set()
    assert {name for name in scripts if not (ROOT / name).exists()} == set()
