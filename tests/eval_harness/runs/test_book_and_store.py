"""The driver's arithmetic: attempts, stops, losses; and a store that survives being cut anywhere."""
from __future__ import annotations

import pytest

from eval_harness.base import Result, Terminal
from eval_harness.runs.book import STOPPED_CAUSE, Book
from eval_harness.runs.outcome import INLINE_CAP_BYTES, Outcome
from eval_harness.runs.store import RunStore, read_run

ORDER = [f"t{place}" for place in range(6)]
HEAD = {"run": {"run_id": "r", "state": "running"}}


def played(book: Book, outcomes: dict[str, str]) -> Book:
    """Give out every token in turn and answer it with its status (default ok)."""
    while (token := book.next()) is not None:
        outcome = Outcome(outcomes.get(token, "ok"))
        verdict = book.judge(token, outcome)
        if verdict.final:
            book.finish(Result("r", token, verdict.attempt, outcome.status))
    return book


def test_a_crash_is_tried_twice_a_time_out_once():
    book = played(Book(ORDER, [], 2), {"t1": "crash", "t3": "timeout"})
    assert {token: book.results[token].attempt for token in ("t0", "t1", "t3")} == {"t0": 1, "t1": 2, "t3": 1}
    assert not book.stopped


def test_three_time_outs_in_a_row_stop_the_run_and_refuse_the_rest():
    book = played(Book(ORDER, [], 2), dict.fromkeys(ORDER, "timeout"))
    table = {row.token: (row.status, row.cause) for row in book.table("r")}
    assert [table[token][0] for token in ORDER] == ["timeout"] * 3 + ["refused"] * 3
    assert table["t5"] == ("refused", STOPPED_CAUSE)


def test_time_outs_that_are_not_in_a_row_stop_nothing():
    book = played(Book(ORDER, [], 2), {"t0": "timeout", "t1": "timeout", "t3": "timeout", "t4": "timeout"})
    assert not book.stopped
    assert len(book.table("r")) == 6


def test_a_stop_is_the_same_in_whatever_order_answers_come_back():
    first, second = Book(ORDER, [], 2), Book(ORDER, [], 2)
    for book, order in ((first, ORDER), (second, list(reversed(ORDER)))):
        for token in order:
            book.finish(Result("r", token, 1, "timeout" if token in ("t1", "t2", "t3") else "ok"))
    assert first.table("r") == second.table("r")
    assert [row.token for row in first.table("r") if row.status == "refused"] == ["t4", "t5"]


def test_a_try_lost_to_the_platform_is_not_counted_against_the_case():
    book = Book(ORDER[:1], [], 2)
    assert book.next() == "t0"
    assert book.lose("t0")
    assert book.next() == "t0"
    assert book.judge("t0", Outcome("ok")).attempt == 1


def test_a_case_lost_three_times_is_given_up():
    book = Book(ORDER[:1], [], 2)
    assert [book.lose("t0") for _ in range(3)] == [True, True, False]


def test_a_log_cut_in_mid_line_continues_without_running_a_committed_case_again(tmp_path):
    store = RunStore(tmp_path / "run", HEAD)
    for token in ORDER[:3]:
        store.commit([{"kind": "result", "final": True, "result": Result("r", token, 1, "ok").to_dict()}])
    store.close()
    log = tmp_path / "run" / "log.jsonl"
    for cut in (1, 40, 200):
        whole = log.read_bytes()
        log.write_bytes(whole[:-cut])
        again = RunStore(tmp_path / "run", HEAD)
        book = Book(ORDER, again.earlier, 2)
        again.close()
        assert set(book.results) == {f"t{place}" for place in range(whole[:-cut].count(b"\n"))}
        log.write_bytes(whole)


def test_a_folder_of_another_run_is_refused(tmp_path):
    RunStore(tmp_path / "run", HEAD).close()
    with pytest.raises(Terminal, match="RUN-002"):
        RunStore(tmp_path / "run", {"run": {"run_id": "other"}})
    with pytest.raises(Terminal, match="RUN-001"):
        read_run(tmp_path / "nothing")


def test_a_long_answer_becomes_a_blob_and_a_short_one_stays_in_the_row():
    short, held = Outcome("ok", answer={"score": 0.5}).result("r", "t", 1)
    assert short.output == {"score": 0.5}
    assert not held
    row, held = Outcome("ok", answer={"runs": ["x" * INLINE_CAP_BYTES]}).result("r", "t", 1)
    assert row.output is None
    assert list(held) == [row.blobs["output.json"]] == [row.output_sha256]
