"""Recognisers inside presidio: ours for others, a site's own for us, and no network for anybody."""

from __future__ import annotations

import socket

import pytest

from eval_harness.base import WrongUsage
from pipelines.phi_zone.text import hosted
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.policy import load_text_policy


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def nicknames():
    """A site's own recogniser: its staff call the old building 小红楼."""
    return [
        hosted.model_recognizer(
            lambda text: [(text.find("小红楼"), text.find("小红楼") + 3, "ORG", 0.9)] if "小红楼" in text else [], "Nicknames", "zh"
        )
    ]


def test_our_cleaner_is_a_recogniser_of_a_presidio_engine():
    engine = hosted.analyzer([hosted.own_recognizer(TextCleaner(load_text_policy("cn-gold")), "zh")])
    found = {(r.entity_type, r.start, r.end) for r in engine.analyze(text="手机13817654321，血钾4.1", language="zh")}
    assert found == {("PHONE", 2, 13)}


def test_a_recogniser_the_policy_names_is_used_and_without_it_the_word_stays():
    base = load_text_policy("cn-gold")
    with_own = TextCleaner(base.model_copy(update={"recognizers": [f"{__name__}:nicknames"]}))
    assert with_own.clean("转小红楼观察", None, "zh", None).text == "转[ORG]观察"
    assert TextCleaner(base).clean("转小红楼观察", None, "zh", None).text == "转小红楼观察"


def test_one_that_cannot_be_loaded_is_named():
    with pytest.raises(WrongUsage) as refused:
        hosted.site_tagger(["no.such:thing"])
    assert refused.value.issue.code == "TXT-006"
