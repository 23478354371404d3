"""A reason that the code passes on to a message is a sentence: it stands in both languages, wherever it is raised."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from eval_harness.base import eval_messages
from eval_harness.base.issue import REASONS_ZH
from eval_harness.base.phrases import in_chinese

ROOT = Path(__file__).parents[2]
INSIDE = ("ENG-001", "ENG-002", "ENG-008")
"""What only a programmer can bring about: a step that breaks its own contract."""


def test_every_reason_written_in_the_code_has_its_chinese():
    said = {text for room in ("eval_harness", "governance", "pipelines", "schemas") for file in sorted((ROOT / room).rglob("*.py"))
            for text in reasons(ast.parse(file.read_text(encoding="utf-8")))}
    assert len(said) > 20
    assert [text for text in sorted(said) if re.search("[a-z] [a-z]", text) and text not in REASONS_ZH and in_chinese(text) == text] == []


def test_a_message_passes_the_reason_on_in_its_own_language():
    issue = eval_messages().issue("SUB-006", "x.zip", reason="a member leaves the folder")
    assert "a member leaves the folder" in issue.message_en
    assert "有成员指向文件夹之外" in issue.message_zh
    word = eval_messages().issue("SUB-006", "x.zip", reason="sealed")
    assert "sealed" in word.message_zh   # a single word may be one that is typed


def reasons(tree: ast.AST) -> Iterator[str]:
    """The literal sentences given as `reason=`, or to a message under any name; of an f-string what stands before its first colon."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and not any(isinstance(one, ast.Constant) and one.value in INSIDE for one in call.args):
            message = isinstance(call.func, ast.Attribute) and call.func.attr == "issue"
            for word in call.keywords:
                if message or word.arg == "reason":
                    yield from sentences(word.value)


def sentences(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.BoolOp):
        for one in value.values:
            yield from sentences(one)
    elif isinstance(value, ast.JoinedStr) and isinstance(value.values[0], ast.Constant):
        head, colon, _ = str(value.values[0].value).partition(": ")
        if colon:
            yield head
