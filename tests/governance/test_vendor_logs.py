"""What a model printed is shown as text: it cannot speak to the terminal of whoever reads it."""
from __future__ import annotations

from governance.view import vendor_log


def test_a_log_cannot_move_the_cursor_of_its_reader(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.txt").write_bytes("肺 ok\tdone\n".encode() + b"\x1b[2J\x1b]0;owned\x07\r\xff" + "\u202e".encode())
    told = vendor_log(tmp_path, sealed=False)
    assert told.startswith("肺 ok\tdone\n")
    assert not set("\x1b\x07\r\u202e") & set(told)
    assert "owned" in told


def test_the_log_of_a_sealed_set_stays_empty(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.txt").write_bytes(b"an image")
    assert vendor_log(tmp_path, sealed=True) == ""
