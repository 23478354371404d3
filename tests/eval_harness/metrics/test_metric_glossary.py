"""Every metric's convention stands in two languages, in the package and in docs."""
from __future__ import annotations

from pathlib import Path

import pytest

from eval_harness.metrics.glossary import convention, page_with_table
from eval_harness.metrics.registry import names

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", sorted(names()))
def test_a_metric_says_its_convention_in_both_languages(name):
    assert len(convention(name, "en")) > 10
    assert len(convention(name, "zh")) > 5
    assert convention(name, "en") != convention(name, "zh")


@pytest.mark.parametrize(("lang", "file"), [("en", "metrics.md"), ("zh", "metrics.zh.md")])
def test_the_table_in_docs_is_the_registry(lang, file):
    text = (DOCS / file).read_text(encoding="utf-8")
    assert page_with_table(text, lang) == text
    assert "`auc`" in text
