"""The hard-case suite: marked sentences no template of the training generator shares, with floors by type."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hardcases import Tally, cases, tally

from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.text.training.generate import SLOT, lines

FORMS = ("IDCARD", "PHONE", "MRN", "PASSPORT", "BANK", "PLATE", "ACCT", "EMAIL", "ZIP", "URL", "AGE", "DATE", "SSN", "OTHER")


@cache
def run(name: str, knowing: bool) -> Tally:
    return tally(TextCleaner(load_text_policy("cn-gold")), name, knowing)


@pytest.mark.parametrize("name", ["hard_zh.txt", "hard_en.txt"])
def test_the_suite_has_two_hundred_sentences(name):
    assert len(list(cases(name))) >= 200


@pytest.mark.parametrize("name", ["hard_zh.txt", "hard_en.txt"])
def test_forms_are_found_without_exception(name):
    result = run(name, False)
    wanted = [kind for kind in FORMS if result.wanted[kind]]
    assert {kind: result.recall(kind) for kind in wanted} == dict.fromkeys(wanted, 1.0), result.missed
    assert min(result.precision(kind) for kind in wanted) >= 0.95, result.excess


@pytest.mark.parametrize(
    "name, knowing, floor",
    [("hard_zh.txt", True, 0.95), ("hard_zh.txt", False, 0.85), ("hard_en.txt", True, 0.95), ("hard_en.txt", False, 0.95)],
)
def test_names(name, knowing, floor):
    result = run(name, knowing)
    assert result.recall("NAME") >= floor, result.missed
    assert result.precision("NAME") >= 0.9, result.excess


@pytest.mark.parametrize("name", ["hard_zh.txt", "hard_en.txt"])
@pytest.mark.parametrize("kind", ["ADDR", "ORG"])
def test_places_and_organisations(name, kind):
    result = run(name, False)
    assert result.recall(kind) >= 0.85, result.missed
    assert result.precision(kind) >= 0.85, result.excess


def test_eponyms_drugs_and_anatomy_are_left_alone():
    both = [run(name, False) for name in ("hard_zh.txt", "hard_en.txt")]
    assert sum(r.untouched for r in both) / sum(r.plain for r in both) >= 0.98, [x for r in both for x in r.excess]


@pytest.mark.parametrize("name", ["hard_zh.txt", "hard_en.txt"])
def test_clinical_words_are_kept(name):
    assert run(name, False).kept / run(name, False).keepable >= 0.97


def test_no_sentence_shares_eight_characters_or_six_words_with_the_training_templates():
    for language in ("zh", "en"):
        taught: set[str] = set()
        for file in (f"sentences_{language}.txt", f"clinical_{language}.txt", f"fragments_{language}.txt"):
            for line in lines(file):
                for piece in re.split(r"\|", SLOT.sub("\x00", line)):
                    taught |= grams(piece, language)
        for case in cases(f"hard_{language}.txt"):
            assert not grams(case.text, language) & taught, case.text


def grams(text: str, language: str) -> set[str]:
    units = list(text) if language == "zh" else re.findall(r"\w+", text.lower())
    size = 8 if language == "zh" else 6
    return {" ".join(units[place : place + size]) for place in range(len(units) - size + 1)}
