"""Every code speaks both languages, says what to do next, and asks for the same parameters in each."""
from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from schemas.messages import messages

ROOT = Path(__file__).parents[2]
TEMPLATES = messages().templates
_DOCSTRING = re.compile(r'"""".*?"""|"""[^"].*?"""', re.DOTALL)
HAN = re.compile(r"[\u4e00-\u9fff]")


def parameters(text: str) -> set[str]:
    """Names in braces; one that is itself a text stands as name_zh and name_en."""
    return {name.removesuffix("_zh").removesuffix("_en") for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_a_code_has_words_and_advice_in_both_languages(code):
    template = TEMPLATES[code]
    assert HAN.search(template.zh), "the Chinese text has no Chinese in it"
    assert HAN.search(template.hint_zh)
    assert template.en.strip()
    assert template.hint_en.strip()
    assert not HAN.search(template.en)
    assert parameters(template.zh) == parameters(template.en)
    assert template.severity in ("fatal", "error", "warning", "information")


def test_every_code_named_in_our_source_has_its_text():
    pattern = re.compile(r'(?:issue|text)\(\s*"([A-Z]{2,6}-[A-Z0-9-]+)"')
    named = {code: file.name for room in ("pipelines", "governance", "schemas", "eval_harness")
             for file in (ROOT / room).rglob("*.py") for code in pattern.findall(_DOCSTRING.sub("", file.read_text(encoding="utf-8")))}
    assert len(named) > 50
    assert {code: file for code, file in named.items() if code not in TEMPLATES} == {}


def test_every_message_is_said_somewhere():
    kinds = {"*.py", "*.yaml", "*.tsv", "*.txt", "*.typ"}
    said = "\n".join(file.read_text(encoding="utf-8") for room in ("pipelines", "governance", "schemas", "eval_harness")
                     for kind in kinds for file in (ROOT / room).rglob(kind))
    assert [code for code in sorted(TEMPLATES) if code not in said] == []
