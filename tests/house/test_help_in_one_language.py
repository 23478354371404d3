"""Help pages and refusals speak the language asked for, down to the words of the libraries below them."""
from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from test_commands import loaded

from eval_harness.base import eval_messages
from eval_harness.base.helped import OWN_WORDS, half, without_language
from eval_harness.cli import main as vendor
from eval_harness.cli.help_zh import HELP_ZH
from pipelines.cli import main as platform

HAN = re.compile(r"[\u3400-\u9fff]")
WORDLESS = re.compile(r"[\w\s|.,=@:*/()<>-]{0,80}")      # 'zh | en', 'YYYY-MM-DD', 'code=DCM-012,site=sh-east'
DOORS = [("touchstone", noun, platform.NOUNS[noun][0], {}) for noun in platform.NOUNS] + \
        [("touchstone-eval", name, vendor.COMMANDS[name][0], HELP_ZH) for name in vendor.COMMANDS]


def texts(command: Any) -> Iterator[str]:
    for owner in (command, *command.params):
        if text := getattr(owner, "help", None):
            yield text
    for below in getattr(command, "commands", {}).values():
        yield from texts(below)


def sentence(text: str) -> bool:
    """Whether it has words of a language, not only tokens."""
    return not WORDLESS.fullmatch(text) or bool(re.search(r"[a-z]{3,} [a-z]{2,}", text))


@pytest.mark.parametrize(("program", "noun", "target", "table"), DOORS, ids=[f"{door[0]} {door[1]}" for door in DOORS])
def test_every_help_text_has_chinese_and_english(program, noun, target, table):
    for text in texts(loaded(target)):
        for part in text.split("\n\n"):
            zh, en = half(part, "zh", table), half(part, "en", table)
            assert HAN.search(zh) or not sentence(zh), text
            assert not HAN.search(en), text


def test_no_chinese_help_text_is_left_over():
    used = {" ".join(text.split()) for door in DOORS if door[3] for text in texts(loaded(door[2]))}
    assert set(HELP_ZH) - used == set()


@pytest.mark.parametrize(("text", "zh", "en"), [
    ("主目录 / home folder", "主目录", "home folder"), ("密钥文件 · key file", "密钥文件", "key file"),
    ("zh | en", "zh | en", "zh | en"), ("path/to a · b", "path/to a · b", "path/to a · b"),
    ("Only English.", "只有英文。", "Only English."),
])
def test_a_text_is_halved_at_the_sign_between_the_languages_only(text, zh, en):
    table = {"Only English.": "只有英文。"}
    assert (half(text, "zh", table), half(text, "en", table)) == (zh, en)


@pytest.fixture
def narrow(monkeypatch):
    from typer import rich_utils

    for name in (*OWN_WORDS, "Columns"):      # a command runs once in its process, tests run many
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")


def page(monkeypatch, capsys, door: Any, *words: str) -> str:
    monkeypatch.setattr(sys, "argv", [door.__name__, *words])
    with contextlib.suppress(SystemExit):
        door.run()
    told = capsys.readouterr()
    return told.out + told.err


@pytest.mark.parametrize(("door", "words"), [
    (vendor, ["run", "--help"]), (vendor, ["plan", "lock", "--help"]), (platform, ["quarantine", "--help"]), (platform, ["site"]),
    (platform, ["deid", "dicom", "--help"]), (platform, ["review", "serve", "--help"]), (platform, ["ingest", "--help"])])
def test_a_page_in_chinese_is_chinese_and_whole(narrow, monkeypatch, capsys, door, words):
    said = page(monkeypatch, capsys, door, *words, "--lang", "zh")
    assert "用法：" in said
    assert not re.search(r"Usage|Options|Arguments|Commands|required|default|Show this", said)
    assert "…" not in said, "a sentence was cut off"
    assert "没有选项" not in said


def test_a_page_in_english_stays_english(narrow, monkeypatch, capsys):
    said = page(monkeypatch, capsys, platform, "site", "add", "--help", "--lang", "en")
    assert "Usage:" in said
    assert not HAN.search(said)


@pytest.mark.parametrize(("words", "detail"), [
    (["deid", "dicom", "in", "--out", "o", "--site", "s", "--key-file", "k", "--jobs", "many"], "应为整数"),
    (["deid", "dicom", "in", "--out", "o", "--site", "s", "--key-file", "k", "--jobs", "0"], "最小 1"),
    (["deid", "dicom", "in", "--out", "o", "--site", "s", "--key-file", "k", "--jobs", "999"], "最大 256"),
    (["status", "a", "b"], "多出来的：b"), (["status", "--json=3"], "--json 后面不写值"), (["quarantine", "show", "x"], "应为整数"),
    (["ledger", "--site"], "--site 后面要写值")])
def test_what_is_wrong_with_a_word_is_told_in_chinese(monkeypatch, capsys, words, detail):
    monkeypatch.setenv("TOUCHSTONE_LANG", "zh")
    said = page(monkeypatch, capsys, platform, *words)
    assert detail in said
    assert not re.search(r"(?<!touchstone )\b[a-z]{3,} [a-z]{2,} [a-z]{2,}", re.sub(r"touchstone( [a-z]+)+", "", said)), said


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EISDIR])
def test_a_reason_of_the_operating_system_is_told_in_the_language(number):
    issue = eval_messages().issue("SYS-003", "out", reason=os.strerror(number))
    assert os.strerror(number) not in issue.message_zh
    assert os.strerror(number) in issue.message_en


def test_the_language_is_taken_out_wherever_it_stands():
    assert without_language(["--lang", "zh", "list", "--lang=en", "--help"]) == ["list", "--help"]
    assert without_language(["deid", "--lang"]) == ["deid"]


def test_the_kind_of_an_error_is_no_reason_but_words():
    issue = eval_messages().issue("PLN-002", "plan.yaml", reason="FileNotFoundError")
    assert "没有这个文件" in issue.message_zh
    assert "no such file" in issue.message_en


def test_a_task_is_shown_in_one_language(narrow, monkeypatch, capsys):
    said = page(monkeypatch, capsys, vendor, "tasks", "chest-dr", "--lang", "zh")
    assert all(word in said for word in ("输入", "主要终点", "限额", "20 秒"))
    assert not re.search(r"^ +(in|primary|limits|digest) ", said, re.MULTILINE)
