"""What the access policy names is asked for by the command that does it: an account without the right is refused, and the log says so."""
from __future__ import annotations

import contextlib
import sys

import pytest

from governance.audit import Audit
from pipelines.cli import main as platform
from pipelines.settings import open_home, settings

SITE = ("{site_id: east, name: {zh: 东方医院, en: East Hospital}, tier: tertiary, timezone: Asia/Shanghai, patient_id_issuer: east, "
        "folder: {path: %s}}")


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Type a command as an account; gives (exit code, what standard error said)."""
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOUCHSTONE_LANG", "en")
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "note.txt").write_text("no image", encoding="utf-8")
    (tmp_path / "east.yaml").write_text(SITE % (tmp_path / "usb"), encoding="utf-8")

    def run(*words: str, actor: str = "local:operator") -> tuple[int, str]:
        monkeypatch.setenv("TOUCHSTONE_ACTOR", actor)
        monkeypatch.setattr(sys, "argv", ["touchstone", *words])
        code = 0
        with contextlib.suppress(SystemExit):
            try:
                platform.run()
            except SystemExit as stopped:
                code = int(stopped.code or 0)
        return code, capsys.readouterr().err

    return run


def test_an_account_without_the_right_is_refused_and_nothing_is_done(typed, tmp_path):
    assert typed("site", "add", str(tmp_path / "east.yaml"))[0] == 0
    assert typed("ingest", "east")[0] == 1                                   # the note waits in quarantine
    before = Audit(open_home(settings()).audit).head().seq
    for words in (["site", "add", str(tmp_path / "east.yaml")], ["site", "pause", "east"], ["ingest", "east"],
                  ["quarantine", "show", "1", "--locate"], ["quarantine", "retry", "1", "--reason", "r"],
                  ["quarantine", "reject", "1", "--reason", "r"], ["ledger", "--site", "east", "--void", "2026-03-02", "--reason", "r"]):
        code, said = typed(*words, actor="li:vendor")
        assert (code, "ACC-001" in said, "note.txt" in said) == (2, True, False), (words, said)
    told = [record for record in Audit(open_home(settings()).audit).records() if record["seq"] >= before]
    assert {record["action"] for record in told if record["actor"] == "li"} == {"decide"}
    assert {record["result"] for record in told if record["actor"] == "li"} == {"deny"}


def test_the_privacy_officer_may_locate_and_not_decide(typed, tmp_path):
    typed("site", "add", str(tmp_path / "east.yaml"))
    typed("ingest", "east")
    assert typed("quarantine", "show", "1", "--locate", actor="wang:privacy")[0] == 0
    assert "ACC-001" in typed("quarantine", "reject", "1", "--reason", "r", actor="wang:privacy")[1]
    assert typed("quarantine", "reject", "1", "--reason", "r", actor="zhao:steward")[0] == 0
