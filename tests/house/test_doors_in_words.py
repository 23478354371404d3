"""Whatever is typed wrongly or refused by the machine ends in words of the chosen language and an exit code, never in a traceback."""
from __future__ import annotations

import errno
import json
import sys

import pytest

from eval_harness.base import Retryable, WrongUsage
from eval_harness.base.console import run_app
from eval_harness.cli import main as vendor
from pipelines.cli import main as platform
from pipelines.settings import open_home, settings


def ended(monkeypatch, capsys, door, *words: str) -> tuple[int, str]:
    """(exit code, what standard error said)."""
    monkeypatch.setattr(sys, "argv", [door.__name__, *words])
    with pytest.raises(SystemExit) as stopped:
        door.run()
    return int(stopped.value.code or 0), capsys.readouterr().err


@pytest.mark.parametrize(("door", "words", "zh", "en"), [
    (platform, ["ingest"], "缺少", "missing"),
    (platform, ["site", "forget", "sh-east"], "没有命令", "no command"),
    (platform, ["status", "--fast"], "没有选项 --fast", "no option --fast"),
    (platform, ["proof", "sample", "--out", "s", "--size", "many"], "--size", "--size"),
    (vendor, ["kit", "--task", "chest-dr"], "缺少", "missing"),
    (vendor, ["run", "m", "--data", "d", "--out", "o", "--workers", "0"], "--workers", "--workers"),
])
def test_wrong_words_are_told_in_the_language_asked_for(monkeypatch, capsys, door, words, zh, en):
    code, said = ended(monkeypatch, capsys, door, *words, "--lang", "zh")
    assert (code, zh in said, "--help" in said, "什么都没有改变" in said) == (2, True, True, True), said
    code, said = ended(monkeypatch, capsys, door, *words, "--lang", "en")
    assert (code, en in said, "Nothing was changed" in said) == (2, True, True), said


def test_a_group_typed_alone_still_shows_its_page(monkeypatch, capsys):
    code, said = ended(monkeypatch, capsys, platform, "site")
    assert code == 2
    assert "SYS-005" not in said


@pytest.mark.parametrize(("error", "code", "named"), [
    (OSError(errno.ENOSPC, "No space left on device", "/data/张伟/part.tar"), 3, "SYS-003"),
    (PermissionError(errno.EACCES, "Permission denied", "out dir/王芳.dcm"), 3, "out dir"),
    (FileNotFoundError(errno.ENOENT, "No such file or directory", "out dir"), 2, "SYS-004"),
    (KeyboardInterrupt(), 3, "SYS-002"),
    (ValueError("张伟 is not a number"), 3, "SYS-001"),
])
def test_what_the_machine_refuses_is_told_without_a_name(monkeypatch, capsys, error, code, named):
    def work(standalone_mode: bool = False) -> None:
        raise error

    monkeypatch.setitem(sys.modules, "click", None)      # the vendor's installation has none: typer brings its own
    monkeypatch.setattr(sys, "argv", ["touchstone", "deid", "--out", "out dir", "--lang", "zh"])
    with pytest.raises(SystemExit) as stopped:
        run_app(work)
    said = capsys.readouterr().err
    assert (stopped.value.code, named in said) == (code, True), said
    assert "张伟" not in said
    assert "王芳" not in said
    assert "Traceback" not in said


def test_a_stop_by_the_keyboard_inside_a_command_is_told_and_can_be_continued(monkeypatch, capsys):
    def work() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.cli.doctor.doctor", work)
    code, said = ended(monkeypatch, capsys, platform, "doctor")
    assert (code, "SYS-002" in said) == (3, True)


def test_a_refusal_is_json_where_json_was_asked_for(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["touchstone", "ingest", "--json"])
    with pytest.raises(SystemExit):
        platform.run()
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "SYS-005"


@pytest.mark.parametrize("sign", ["%", "[", "]", "\\", "^", "|"])
def test_a_home_that_no_table_can_lie_in_is_refused_before_anything_is_made(tmp_path, sign):
    with pytest.raises(WrongUsage) as refusal:
        open_home(settings(tmp_path / f"a{sign}b"))
    assert refusal.value.issue.code == "HOM-004"
    assert list(tmp_path.iterdir()) == []


def test_a_home_may_have_blanks_and_chinese_characters(tmp_path):
    assert open_home(settings(tmp_path / "东方 医院, it's #1+2?")).marker.exists()


def test_a_home_that_may_not_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Retryable) as refusal:
        open_home(settings(tmp_path / "file" / "home"))
    assert refusal.value.issue.code == "HOM-005"


@pytest.mark.parametrize(("lang", "line"), [("zh", "predict：2/4 例，"), ("en", "predict: 2/4 cases, ")])
def test_a_line_of_progress_is_in_the_language(monkeypatch, lang, line):
    from eval_harness.base.console import Progress

    monkeypatch.setattr(sys, "argv", ["touchstone-eval", "run", "--lang", lang])
    progress = Progress("predict", 4, "cases")
    progress.done = 2
    assert progress.line().startswith(line)
    assert ("约剩" in progress.line(), "left" in progress.line()) == (lang == "zh", lang == "en")


def test_every_unit_of_progress_has_chinese_words():
    import re
    from pathlib import Path

    from eval_harness.base.console import UNITS_ZH

    root = Path(__file__).parents[2]
    source = "\n".join(file.read_text(encoding="utf-8") for room in ("pipelines", "eval_harness") for file in (root / room).rglob("*.py"))
    used = set(re.findall(r'Progress\("[^"]+", (?:unit=|\w+, )"(\w+)"\)', source)) | set(re.findall(r'tracked\([^)]*?"(\w+)"\)', source))
    assert {"files", "resources", "cases"} <= used
    assert used - set(UNITS_ZH) == set()
