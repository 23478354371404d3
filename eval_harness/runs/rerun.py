"""The re-run test of served models: 5 % of the answered cases once more, each on a fresh server and in another order.

A server that answers a case by what it saw before gives another answer when that case is its first. Then no answer of the run counts.
"""
from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from eval_harness.base import Retryable, eval_messages
from eval_harness.base.rows import STATUSES
from eval_harness.runs.book import PLATFORM_TRIES, Book
from eval_harness.runs.identity import SlotOrder
from eval_harness.runs.outcome import Outcome
from eval_harness.runs.store import RunStore
from eval_harness.runs.supervisor import Supervisor
from eval_harness.tasks.pack import Pack

SHARE, CAUSE = 0.05, "served_not_repeatable"
OK = 1 + STATUSES.index("ok")


def rerun_test(book: Book, store: RunStore, order: SlotOrder, pack: Pack) -> dict[str, int]:
    """{"cases": re-run so far, "differing": 0 or 1}: ended by the first that differs. The log holds the same.

    Raises Retryable RUN-012 when the platform lost a case every time; the run then goes on from here.
    """
    supervisor, told = Supervisor(order, pack), {"cases": 0, "differing": 0}
    try:
        for place in chosen(book, order.run_id):
            row = json.loads(next(store.rows([book.offset[place]])))
            told["cases"] += 1
            if not _repeats(supervisor, row, order.limits.attempts):
                told["differing"] = 1
                break
    finally:
        supervisor.stop()
    store.note({"kind": "rerun", **told})
    return told


def chosen(book: Book, run_id: str) -> list[int]:
    """Places of 5 % of the answered cases, at least one where there is one, in an order that no submission can know.

    The plan's first case comes last: a fresh server had answered it already, so asking it again would show nothing.
    """
    answered = [place for place in range(len(book.plan)) if book.status[place] == OK and not book.beyond(place)]
    drawn = sorted(answered, key=lambda place: (place == 0, hashlib.sha256(
        f"touchstone rerun\0{run_id}\0{book.plan[place]}".encode()).digest()))
    return drawn[:math.ceil(SHARE * len(answered))]


def _repeats(supervisor: Supervisor, row: Mapping[str, Any], attempts: int) -> bool:
    """Whether a fresh server gives the answer of that row within the attempts that every case has."""
    lost = failed = 0
    while failed < attempts:
        supervisor.stop()
        outcome = supervisor.predict(row["token"])
        if outcome.fault == "platform":
            lost += 1
            if lost >= PLATFORM_TRIES:
                raise Retryable(eval_messages().issue("RUN-012", "re-run"))
        elif outcome.status == "ok":
            return _same(outcome, row)
        else:
            failed += 1
    return False


def _same(outcome: Outcome, row: Mapping[str, Any]) -> bool:
    return bool(json.loads(outcome.kept.digest) == row["output_sha256"])
