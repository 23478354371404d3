"""Files people write are refused with the nearest right word; numbers never travel without their doubt."""
from __future__ import annotations

import datetime as dt
import math
import pickle
import re
from typing import Literal

import pytest
from pydantic import Field, model_validator

from eval_harness.base import Absent, Estimate, Interval, Retryable, WrongUsage, eval_messages
from eval_harness.base.console import language
from eval_harness.base.record import Record
from eval_harness.base.wrong_value import RuleBroken


class Inner(Record):
    page_size: int = 1


class Sample(Record):
    site_id: str
    search: Inner | None = None


def test_an_unknown_key_is_refused_with_the_nearest_right_one(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text("site_id: a\nsearch: {page_sise: 3}\n", encoding="utf-8")
    with pytest.raises(WrongUsage) as caught:
        Sample.from_file(file)
    issue = caught.value.issue
    assert "search.page_sise" in issue.where
    assert "page_size" in issue.hint_en
    assert "page_size" in issue.hint_zh
    assert caught.value.exit_code == 2


def test_a_misspelt_required_key_is_named_as_misspelt_and_not_only_as_missing(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text("site_idd: a\n", encoding="utf-8")
    with pytest.raises(WrongUsage) as caught:
        Sample.from_file(file)
    assert "site_idd" in caught.value.issue.where
    assert "site_id" in caught.value.issue.hint_en


class Limits(Record):
    share: float = Field(0.5, allow_inf_nan=False)
    kind: Literal["onnx", "oci"] = "onnx"
    sha256: str = Field("0" * 64, pattern="^[0-9a-f]{64}$")
    names: list[str] = Field(default_factory=list, max_length=2)
    word: str = Field("ab", min_length=2)
    retries: int = Field(1, ge=1, le=9)
    since: dt.date | None = None
    search: Inner | None = None

    @model_validator(mode="after")
    def _fits(self) -> Limits:
        if self.word == "no":
            raise RuleBroken("word 不能是 no", "word cannot be no")
        return self


@pytest.mark.parametrize("entry, reason_zh, right_zh, right_en", [
    ("shere: 1", "没有这个键", "share", "share"), ("share: much", "形式不对", "数", "a number"),
    ("kind: pickle", "不是可用的值", "'onnx', 'oci'", "'onnx', 'oci'"), ("sha256: xyz", "写法不符合规定", "64 位小写", "64 lower-case"),
    ("retries: 0", "数值超出范围", "1 或更大", "1 or more"), ("retries: 10", "数值超出范围", "9 或更小", "9 or less"),
    ("retries: 1.5", "形式不对", "整数", "a whole number"), ("retries: [1]", "形式不对", "整数", "a whole number"),
    ("names: a", "形式不对", "列表", "a list"), ("names: [a, b, c]", "长度不对", "至多 2 项", "2 entries or fewer"),
    ("names: [1]", "形式不对", "文字", "a text"), ("word: a", "长度不对", "至少 2 个字符", "2 characters or more"),
    ("since: soon", "形式不对", "日期", "a day"), ("share: .inf", "有限", "有限", "finite"), ("on: 1", "YAML", "加引号", "quotation marks"),
    ("search: 1", "形式不对", "键: 值", "key and value"),
    ("word: 'no'", "word 不能是 no", "满足这一条的值", "keeps this rule"), ("[1, 2]", "形式不对", "键: 值", "key and value")])
def test_what_is_wrong_with_an_entry_is_said_in_both_languages_and_in_no_mixture(tmp_path, entry, reason_zh, right_zh, right_en):
    file = tmp_path / "limits.yaml"
    file.write_text(entry + "\n", encoding="utf-8")
    with pytest.raises(WrongUsage) as caught:
        Limits.from_file(file)
    issue = caught.value.issue
    assert reason_zh in issue.message_zh
    assert right_zh in issue.hint_zh
    assert right_en in issue.hint_en
    chinese = issue.message_zh + issue.hint_zh
    assert not re.search(r"Input|should|valid|must", chinese)
    assert not re.search("[一-鿿]", issue.message_en + issue.hint_en)


@pytest.mark.parametrize("text", ["a: [1", "\x00", "site_id: {"])
def test_a_file_that_is_no_yaml_is_refused_and_not_half_read(tmp_path, text):
    file = tmp_path / "site.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongUsage):
        Sample.from_file(file)


def test_a_record_that_is_right_is_read(tmp_path):
    file = tmp_path / "site.yaml"
    file.write_text("site_id: 东方\n", encoding="utf-8")
    assert Sample.from_file(file).site_id == "东方"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_refused(value):
    with pytest.raises(ValueError):
        Estimate(id="auc", value=value, interval=Absent("one_class"))
    with pytest.raises(ValueError):
        Interval(0.1, value)


@pytest.mark.parametrize("estimate", [
    Estimate("auc", 0.9, Interval(0.8, 0.95, method="delong"), n=40, counts={"positives": 20},
             resamples={"B": 1000, "kept": 998, "seed": 1}),
    Estimate("auc", 0.9, Absent("one_positive"), n=40),
    Estimate.absent("auc", "one_class", n=40),
])
def test_an_estimate_comes_back_from_its_json(estimate):
    assert Estimate.from_dict(estimate.to_dict()) == estimate


def test_errors_cross_process_borders_whole():
    error = Retryable(eval_messages().issue("SYS-001", "here", log="x"))
    again = pickle.loads(pickle.dumps(error))
    assert again.issue == error.issue


def test_a_message_without_its_parameter_is_a_defect_not_a_hole():
    with pytest.raises(KeyError):
        eval_messages().issue("SYS-001", "here")


@pytest.mark.parametrize(("flag", "own", "system", "expected"), [
    ("zh", "en", "en_US.UTF-8", "zh"), (None, "zh-CN", "en_US", "zh"), (None, None, "zh_CN.UTF-8", "zh"), (None, None, None, "en")])
def test_the_language_is_the_flag_then_ours_then_the_systems(monkeypatch, flag, own, system, expected):
    for name, value in (("TOUCHSTONE_LANG", own), ("LANG", system)):
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, value)
    assert language(flag) == expected
