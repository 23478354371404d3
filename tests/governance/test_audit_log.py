"""The audit log is a chain: nothing changed, removed, put in or moved goes unseen, and no name gets in."""
from __future__ import annotations

import random
from multiprocessing import get_context
from pathlib import Path

import pytest

from eval_harness.base import Retryable, Terminal
from governance.audit import Actor, Audit

STEWARD = Actor("wang01", "steward")


def filled(folder: Path, records: int = 12) -> Audit:
    audit = Audit(folder)
    for number in range(records):
        audit.record("ingest", STEWARD, f"site/h{number}", rows=number)
    return audit


def test_records_form_a_chain_and_the_root_covers_them(tmp_path):
    audit = filled(tmp_path)
    assert [record["seq"] for record in audit.records()] == list(range(1, 13))
    before = audit.head()
    audit.record("freeze", STEWARD, "set/a@1")
    assert audit.head().seq == before.seq + 1
    assert audit.head().root != before.root


@pytest.mark.parametrize("seed", range(60))
def test_any_edit_cut_or_swap_is_found(tmp_path, seed):
    audit = filled(tmp_path)
    draw = random.Random(seed)
    lines = audit.path.read_bytes().splitlines(keepends=True)
    place = draw.randrange(len(lines) - 1)
    kind = draw.choice(["byte", "drop", "swap", "double"])
    if kind == "byte":
        at = draw.randrange(len(lines[place]) - 1)
        lines[place] = lines[place][:at] + bytes([lines[place][at] ^ 1]) + lines[place][at + 1:]
    elif kind == "drop":
        del lines[place]
    elif kind == "swap":
        lines[place], lines[place + 1] = lines[place + 1], lines[place]
    else:
        lines.insert(place, lines[place])
    audit.path.write_bytes(b"".join(lines))
    with pytest.raises(Terminal) as caught:
        list(audit.records())
    assert caught.value.issue.code == "AUD-003"


@pytest.mark.parametrize("word", ["张伟", "ZHANG WEI", "姓名=x", ""])
def test_free_text_is_refused_so_that_no_name_slips_in(tmp_path, word):
    with pytest.raises(Terminal) as caught:
        Audit(tmp_path).record("ingest", STEWARD, word)
    assert caught.value.issue.code == "AUD-001"
    assert "张" not in caught.value.issue.text("zh")
    assert not (tmp_path / "log.jsonl").exists()


def test_what_cannot_be_written_down_is_not_done(tmp_path):
    audit, done = Audit(tmp_path), []
    (tmp_path / "log.jsonl").mkdir()
    with pytest.raises(Retryable):
        audit.guard("freeze", STEWARD, "set/a", lambda: done.append(1))
    assert done == []


def test_failed_work_leaves_a_failed_record_without_the_text_of_the_error(tmp_path):
    audit = Audit(tmp_path)

    def fail() -> None:
        raise ValueError("张伟 310101199001011234")

    with pytest.raises(ValueError, match="张伟"):
        audit.guard("freeze", STEWARD, "set/a", fail)
    assert [record["result"] for record in audit.records()] == ["begun", "failed"]
    assert "张伟" not in audit.path.read_text(encoding="utf-8")


def test_a_line_cut_by_a_crash_is_dropped_and_the_chain_goes_on(tmp_path):
    audit = filled(tmp_path, 3)
    with audit.path.open("ab") as log:
        log.write(b'{"seq": 4, "half')
    assert audit.head().seq == 3, "whoever looks before the next record is not told of a forgery"
    audit.record("ingest", STEWARD, "site/z")
    assert [record["seq"] for record in audit.records()] == [1, 2, 3, 4]


def _write(folder: Path) -> None:
    for number in range(20):
        Audit(folder).record("ingest", STEWARD, f"site/{number}")


def test_several_processes_write_one_chain(tmp_path):
    context = get_context("spawn")
    workers = [context.Process(target=_write, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(list(Audit(tmp_path).records())) == 60
