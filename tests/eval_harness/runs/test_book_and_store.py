"""The driver's arithmetic: attempts, stops, losses; and a store that survives being cut anywhere."""
from __future__ import annotations

import json

import pytest

from eval_harness.base import Result, Telemetry, Terminal, canonical
from eval_harness.base.console import Progress
from eval_harness.runs.book import DRIVER_LOST, DRIVER_TRIES, Book
from eval_harness.runs.desk import Answered, Desk
from eval_harness.runs.outcome import INLINE_CAP_BYTES, Outcome, without_run
from eval_harness.runs.plan import Plan
from eval_harness.runs.store import RunStore, read_run
from eval_harness.scoring.roots import results_root, rows_root

PLAN = Plan("r", [f"t{place}" for place in range(6)])
ORDER = list(PLAN)
HEAD = {"run": {"run_id": "r", "state": "running"}}


def played(book: Book, outcomes: dict[int, str]) -> Book:
    """Give out every case in turn and answer it with its status (default ok)."""
    while (place := book.next()) is not None:
        status = outcomes.get(place, "ok")
        if book.judge(place, status).final:
            book.finish(place, status, 0)
    return book


def opened(folder, book: Book | None = None) -> Desk:
    desk = Desk(book or Book(PLAN, 2), RunStore(folder, HEAD), "practice", Progress("test"))
    desk.resume()
    return desk


def events(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_bytes().splitlines()]


def test_a_crash_is_tried_twice_a_time_out_once():
    book = Book(PLAN, 2)
    verdicts = [book.judge(1, "crash"), book.judge(1, "crash"), book.judge(3, "timeout")]
    assert [(one.attempt, one.final) for one in verdicts] == [(1, False), (2, True), (1, True)]
    assert not book.stopped


def test_three_time_outs_in_a_row_stop_the_run_and_the_rest_is_given_to_nobody():
    book = played(Book(PLAN, 2), dict.fromkeys(range(6), "timeout"))
    assert (book.stopped_at, book.done) == (2, 3)
    assert [book.beyond(place) for place in range(6)] == [False] * 3 + [True] * 3


def test_time_outs_that_are_not_in_a_row_stop_nothing():
    book = played(Book(PLAN, 2), {0: "timeout", 1: "timeout", 3: "timeout", 4: "timeout"})
    assert not book.stopped
    assert book.done == 6


def test_a_stop_is_the_same_in_whatever_order_answers_come_back():
    for order in (range(6), reversed(range(6)), (2, 0, 3, 1, 5, 4)):
        book = Book(PLAN, 2)
        for place in order:
            book.finish(place, "timeout" if place in (1, 2, 3) else "ok", 0)
        assert book.stopped_at == 3


def test_a_try_lost_to_the_platform_is_not_counted_against_the_case():
    book = Book(PLAN, 2)
    assert book.next() == 0
    assert book.lose(0, "worker_lost")
    assert book.next() == 0
    assert book.judge(0, "ok").attempt == 1


def test_a_case_lost_three_times_with_its_slot_is_given_up_one_lost_with_a_killed_driver_later():
    book = Book(PLAN, 2)
    assert [book.lose(0, "worker_lost") for _ in range(3)] == [True, True, False]
    assert [book.lose(1, DRIVER_LOST) for _ in range(DRIVER_TRIES)] == [True] * (DRIVER_TRIES - 1) + [False]


def test_what_a_killed_driver_had_in_hand_is_marked_as_the_platforms_fault_and_a_committed_case_is_not_run_again(tmp_path):
    first = opened(tmp_path / "run")
    one, two = first.take(), first.take(3)
    first.begin(one)
    first.begin(two)                                                  # a batch: its first case alone is in work
    following = first.bring([Answered(one[0], Outcome("ok", answer={"score": 0.5}))])[0]
    second = opened(tmp_path / "run")                                 # without a word from the first: it was killed
    assert [event["token"] for event in events(tmp_path / "run") if event["kind"] == "requeued"] == [two[0], following]
    assert {(event["fault"], event["cause"]) for event in events(tmp_path / "run") if event["kind"] == "requeued"} == {
        ("platform", DRIVER_LOST)}
    assert second.take(9) == [token for token in ORDER if token != one[0]]
    assert second.bring([Answered(two[0], Outcome("crash"))]) == two[:1]  # its first attempt that counts
    assert events(tmp_path / "run")[-2]["result"]["attempt"] == 1


@pytest.mark.parametrize("last", [Answered(ORDER[0], None, "n", "worker_lost"), Answered(ORDER[0], Outcome("timeout"), "n")])
def test_of_a_batch_that_ended_early_nothing_was_in_anybodys_hand(tmp_path, last):
    desk = opened(tmp_path / "run")
    batch = desk.take(3)
    desk.begin(batch)
    desk.settle(last)
    desk.give_back(batch[1:])
    opened(tmp_path / "run")
    assert [event["cause"] for event in events(tmp_path / "run") if event["kind"] == "requeued"] == ["worker_lost"][:last.outcome is None]


def test_a_stopped_run_waits_for_nobody():
    book = played(Book(PLAN, 2), dict.fromkeys(range(6), "timeout"))
    assert book.waiting == 0


def test_a_case_that_was_made_ready_is_left_alone_when_the_run_stops_before_it(tmp_path):
    desk = opened(tmp_path / "run")
    tokens = desk.take(4)
    desk.begin(tokens[:3])
    assert [desk.bring([Answered(token, Outcome("timeout"))], tokens[3:] if token == tokens[2] else ()) for token in tokens[:3]][-1] == []
    assert desk.careful
    assert desk.take() == []


def test_a_log_cut_in_mid_line_continues_without_running_a_committed_case_again(tmp_path):
    desk = opened(tmp_path / "run")
    for token in desk.take(3):
        desk.settle(Answered(token, Outcome("ok", answer={"score": 0.5})))
    desk.store.close()
    log = tmp_path / "run" / "log.jsonl"
    whole = log.read_bytes()
    for cut in (1, 40, 300, len(whole) - 5):
        log.write_bytes(whole[:-cut])
        again = opened(tmp_path / "run")
        again.store.close()
        assert again.book.done == max(0, whole[:-cut].count(b"\n") - 1)


def test_answers_brought_together_are_committed_in_one_write_each_at_its_place(tmp_path):
    desk = opened(tmp_path / "run")
    tokens = desk.take(4)
    desk.begin(tokens)
    writes = []
    append, desk.store.append = desk.store.append, lambda lines: (writes.append(lines), append(lines))
    outcomes = [Outcome("ok", answer={"score": 0.5}), Outcome("crash", "platform:OSError", "platform"),
                Outcome("crash", "exit:3", "vendor"), Outcome("ok", answer={"score": 0.25})]
    answered = [Answered(token, outcome, "n") for token, outcome in zip(tokens, outcomes, strict=True)]
    assert desk.bring(answered, most=9) == [tokens[2], tokens[1], *ORDER[4:]]
    assert len(writes) == 1
    rows = list(desk.store.rows(desk.book.offset[desk.book.plan.place(token)] for token in (tokens[0], tokens[3])))
    assert [json.loads(row)["token"] for row in rows] == [tokens[0], tokens[3]]


def test_a_long_row_is_read_back_whole(tmp_path):
    desk = opened(tmp_path / "run")
    token = desk.take()[0]
    outcome = Outcome("ok", answer={"text": "x" * 50_000})
    desk.settle(Answered(token, outcome))
    assert list(desk.store.rows([desk.book.offset[0]])) == [outcome.row("r", token, 1)]


def test_a_folder_of_another_run_is_refused(tmp_path):
    RunStore(tmp_path / "run", HEAD).close()
    with pytest.raises(Terminal, match="RUN-002"):
        RunStore(tmp_path / "run", {"run": {"run_id": "other"}})
    with pytest.raises(Terminal, match="RUN-001"):
        read_run(tmp_path / "nothing")


def test_a_long_answer_becomes_a_blob_and_a_short_one_stays_in_the_row():
    short, long = Outcome("ok", answer={"score": 0.5}), Outcome("ok", answer={"runs": ["x" * INLINE_CAP_BYTES]})
    assert json.loads(short.row("r", "t", 1))["output"] == {"score": 0.5}
    assert not short.kept.blobs
    row = Result(**json.loads(long.row("r", "t", 1)))
    assert row.output is None
    assert list(long.kept.blobs) == [row.blobs["output.json"]] == [row.output_sha256]


@pytest.mark.parametrize("outcome", [
    Outcome("ok", answer={"score": 1e-7, "note": 'a "run_id":"r" inside'}), Outcome("ok", answer={"score": 1}, blobs={"m.npy": b"1"}),
    Outcome("crash", "exit:3"), Outcome("refused", "stopped_after_timeouts"), Outcome("timeout", None)])
def test_a_row_written_by_hand_is_the_canonical_one_and_gives_the_same_root(outcome):
    row = outcome.row("r", "t", 2)
    result = Result(**json.loads(row))
    assert row == canonical(result.to_dict())
    assert rows_root([without_run(row, "r")]) == results_root([result])


def test_telemetry_is_read_from_the_log_and_holds_every_attempt(tmp_path):
    desk = opened(tmp_path / "run")
    token = desk.take()[0]
    desk.begin([token])
    assert desk.bring([Answered(token, Outcome("crash", "exit:3", "vendor"), "n")]) == [token]
    desk.settle(Answered(token, Outcome("ok", answer={"score": 0.5}), "n"))
    rows = read_run(tmp_path / "run").telemetry
    assert [(row.token, row.attempt, row.fault, row.node) for row in rows] == [(token, 1, "vendor", "n"), (token, 2, None, "n")]
    assert all(isinstance(row, Telemetry) for row in rows)


def test_every_token_has_its_place_and_the_order_changes_with_the_submission():
    tokens = [f"{number:032x}" for number in range(10_000)]
    first, second = Plan("r1", tokens), Plan("r2", tokens)
    assert sorted(first) == tokens
    assert list(first) != list(second)
    assert [first.place(first[place]) for place in range(0, 10_000, 97)] == list(range(0, 10_000, 97))
    assert [first[int(place)] for place in first.by_token()] == tokens
    with pytest.raises(KeyError):
        first.place("absent")


@pytest.mark.parametrize("tokens", [["b" * 32, "a" * 32, "C" * 32], ["two", "one", "three", "\u4e09"], [], ["00", "0000"]])
def test_a_plan_holds_tokens_of_any_shape_in_any_order(tokens):
    plan = Plan("r", tokens)
    assert sorted(plan) == sorted(tokens)
    assert [plan[int(place)] for place in plan.by_token()] == sorted(tokens)
    assert [plan.place(token) for token in plan] == list(range(len(tokens)))
