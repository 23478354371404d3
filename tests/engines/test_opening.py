"""Which engine opens, and what is said when Spark cannot."""
from __future__ import annotations

from dataclasses import replace

import pytest

from eval_harness.base import Terminal
from pipelines.engines import jars, open_engine
from pipelines.engines.spark_session import one_folder


def test_the_embedded_engine_is_the_default(config):
    engine = open_engine(config)
    assert engine.name == "embedded"
    engine.close()


def test_spark_without_its_jars_says_what_is_missing_and_what_to_type(config, monkeypatch, tmp_path):
    monkeypatch.setenv("TOUCHSTONE_JARS", str(tmp_path))
    with pytest.raises(Terminal) as refusal:
        open_engine(replace(config, engine="spark"))
    assert refusal.value.issue.code == "ENG-011"
    assert jars.MAIN_JAR in refusal.value.issue.message_en
    assert "pipelines.engines.jars" in refusal.value.issue.hint_en


def test_a_folder_with_other_jars_only_is_not_taken_for_ready(monkeypatch, tmp_path):
    (tmp_path / "delta-storage-4.4.0.jar").touch()
    monkeypatch.setenv("TOUCHSTONE_JARS", str(tmp_path))
    assert jars.jars() == []
    (tmp_path / jars.MAIN_JAR).touch()
    assert len(jars.jars()) == 2


def test_a_java_that_is_too_old_or_absent_is_missing(monkeypatch, tmp_path):
    java = tmp_path / "bin" / "java"
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert any("found: none" in what for what in jars.missing())
    java.parent.mkdir()
    java.write_text('#!/bin/sh\necho \'openjdk version "11.0.2"\' >&2\n')
    java.chmod(0o755)
    assert any("found: 11" in what for what in jars.missing())


def test_spark_is_never_given_a_folder_with_a_comma_for_it_would_write_in_two(tmp_path):
    plain, split = tmp_path / "plain", tmp_path / "东方 医院, it's"
    split.mkdir()
    assert one_folder(plain) == plain
    named = one_folder(split)
    (named / "shuffle").write_text("x", encoding="utf-8")
    assert "," not in str(named)
    assert (split / "shuffle").read_text(encoding="utf-8") == "x"
