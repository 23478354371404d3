"""The demo clears the folder it works in, and only one that a demo made."""
from __future__ import annotations

import pytest

from simulator import demo


def test_a_folder_with_other_things_in_it_is_refused_and_left_alone(tmp_path, capsys):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        demo.main(["--folder", str(tmp_path)])
    assert stopped.value.code == 2
    assert (tmp_path / "letters" / "one.txt").read_text(encoding="utf-8") == "keep me"


@pytest.mark.parametrize("left", ["commands.log", "hospitals"])
def test_what_an_earlier_demo_left_is_cleared(tmp_path, monkeypatch, left):
    (tmp_path / left).mkdir()
    (tmp_path / "old").touch()

    def started(folder):
        raise InterruptedError(folder)

    monkeypatch.setattr(demo, "Hospitals", started)
    with pytest.raises(InterruptedError):
        demo.main(["--folder", str(tmp_path)])
    assert [file.name for file in tmp_path.iterdir()] == [demo.LOG]


def test_asking_for_help_starts_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        demo.main(["--help"])
    assert (stopped.value.code, list(tmp_path.iterdir())) == (0, [])
    assert "--folder" in capsys.readouterr().out
