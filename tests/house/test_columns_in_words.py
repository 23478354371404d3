"""Listings speak the language asked for: every heading has words, cells line up under wide characters, and reasons are told."""
from __future__ import annotations

import ast
import contextlib
import re
import sys
from pathlib import Path

import pytest

from pipelines.cli import main as platform
from pipelines.cli.words import NAMES, SENTENCES_ZH, age, aligned, table, told, width

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {"n"}


@pytest.mark.parametrize("key", sorted(set(NAMES) - SAME_IN_BOTH))
def test_a_heading_is_chinese_in_chinese_and_english_in_english(key):
    zh, en = NAMES[key]
    assert HAN.search(zh)
    assert not HAN.search(en)


def test_every_column_that_a_command_shows_has_a_heading():
    used: set[str] = set()
    for file in (ROOT / "pipelines" / "cli").glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("table", "listed"):
                used |= {one.value for one in ast.walk(call.args[1]) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    assert {"site_id", "freshness", "partitions", "entity"} <= used
    assert used - set(NAMES) == set()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    (tmp_path / "east.yaml").write_text(
        "{site_id: east, name: {zh: 东方医院, en: East Hospital}, tier: tertiary, timezone: Asia/Shanghai, "
        "patient_id_issuer: east, folder: {path: /nowhere}}", encoding="utf-8")
    said(monkeypatch, "site", "add", str(tmp_path / "east.yaml"))


def said(monkeypatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["touchstone", *words])
    with contextlib.suppress(SystemExit):
        platform.run()


@pytest.mark.parametrize("words", ["site list", "status", "ledger", "quarantine list", "model list", "doctor"])
def test_the_headings_of_a_listing_are_in_one_language(home, capsys, monkeypatch, words):
    for lang, foreign in (("zh", re.compile(r"[a-z]{2,}")), ("en", HAN)):
        said(monkeypatch, *words.split(), "--lang", lang)
        heading = capsys.readouterr().out.splitlines()[0]
        assert heading.strip()
        assert not foreign.search(heading.lower()), heading


def test_a_hospitals_line_is_told_in_words(home, capsys, monkeypatch):
    said(monkeypatch, "site", "list", "--lang", "zh")
    assert re.search(r"^east +东方医院 +三级 +active", capsys.readouterr().out, re.MULTILINE)


def test_yes_no_and_nothing_are_said_in_the_language():
    rows, keys = [{"site_id": "east", "reachable": True, "settled": False, "eta": None}], ["site_id", "reachable", "settled", "eta"]
    assert table(rows, keys, "zh").split() == ["医院", "可达", "已结算", "预计", "east", "是", "否", "-"]
    assert table(rows, keys, "en").split()[4:] == ["east", "yes", "no", "-"]


def test_columns_line_up_under_wide_characters():
    lines = aligned([["医院", "数"], ["sh-east-of-the-river", "1"], ["东方医院", "22"]]).splitlines()
    assert {width(line[:-len(last)]) for line, last in zip(lines, ("数", "1", "22"), strict=True)} == {22}


def test_counts_stand_to_the_right_and_words_to_the_left():
    rows = [{"site_id": "east", "released": 7, "eta": None}, {"site_id": "a", "released": 1234, "eta": None}]
    assert table(rows, ["site_id", "released", "eta"], "zh").splitlines() == ["医院  发布  预计", "east     7  -", "a     1234  -"]


@pytest.mark.parametrize(("seconds", "zh", "en"), [
    (None, None, None), (0, "0 秒", "0 s"), (119, "119 秒", "119 s"), (120, "2 分钟", "2 min"), (7200, "2 小时", "2 h"),
    (172800, "2 天", "2 d")])
def test_a_span_is_told_in_its_unit(seconds, zh, en):
    assert (age(seconds, "zh"), age(seconds, "en")) == (zh, en)


def test_every_reason_that_is_stored_in_english_has_chinese_words():
    source = "\n".join((ROOT / "pipelines" / "deid_zone" / name).read_text(encoding="utf-8")
                       for name in ("consensus.py", "cohort.py", "agreement.py"))
    stored = {*re.findall(r'why=f?"([^"]+)"', source), *re.findall(r'left_out\["([^"]+)"\]', source), "criteria",
              *re.findall(r'"absent": "([^"]+)" if n == 0 else "([^"]+)"', source)[0]}
    assert len(stored) >= len(SENTENCES_ZH)
    for reason in stored:
        spoken = re.sub(r"\{[^}]+\}", "3", reason)
        assert HAN.search(told(spoken, "zh")), reason
        assert told(spoken, "en") == spoken


@pytest.mark.parametrize("words", ["site list", "status", "ledger", "quarantine list", "model list", "model status e-1", "model uses x",
                                   "dataset show", "readings agreement x", "sql SELECT", "compact", "site show x", "ingest x"])
def test_a_look_from_the_wrong_folder_makes_no_home(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOUCHSTONE_HOME", raising=False)
    said(monkeypatch, *words.split(), "--lang", "en")
    assert "HOM-003" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
