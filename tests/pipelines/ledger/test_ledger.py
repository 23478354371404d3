"""The ledger: losses show, surpluses fill no gap, days do not move, and everything can be written twice."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines import balance, ledger
from pipelines.engines import open_engine
from pipelines.engines.base import Engine
from pipelines.settings import Settings, open_home
from schemas.home import Home
from schemas.tables import CLAIM, EVENT, INSTANCE, STATE, TOMBSTONE

NIGHT = dt.date(2026, 11, 2)
LATER = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
AT = dt.datetime(2026, 11, 2, 22, tzinfo=dt.UTC)
CALENDARS = {"east": balance.Calendar("Asia/Shanghai", 72)}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(Settings(Home(tmp_path / "home", tmp_path / "home" / "keys")))


@pytest.fixture
def engine(home: Home) -> Iterator[Engine]:
    opened = open_engine(Settings(home, jobs=1))
    yield opened
    opened.close()


def claims(engine: Engine, count: int, *, group: str = "study-1", basis: str = "ids", kind: str = "instance",
           start: int = 0, day: dt.date = NIGHT, seq: int = 1, op: str = "put") -> None:
    rows = [{"site_id": "east", "kind": kind, "unit_token": f"u{n}", "seq": seq, "op": op, "group_token": group, "source": "imaging:main",
             "basis": basis, "expected_on": day, "m": "2026-11", "receipt_id": "r-1", "version_token": "", "claimed_at": AT}
            for n in range(start, start + count)]
    ledger.claim(engine, rows, f"claim:{group}:{start}:{count}:{seq}:{basis}")


def events(engine: Engine, state: str, units: range, *, reason: str = "", commit: str = "c", kind: str = "instance", seq: int = 1,
           minutes: int = 1) -> None:
    ledger.note(engine, [ledger.Event("east", kind, f"u{n}", seq, "2026-11", state, reason) for n in units],
                commit_id=f"{commit}:{state}:{units}:{seq}", receipt_id="r-1", at=AT + dt.timedelta(minutes=minutes))


def rows_of(engine: Engine, home: Home, units: range, seq: int = 1, digest: str = "d" * 64, on_disk: bool = True) -> None:
    """Rows of deid.instance as `release` leaves them."""
    if on_disk:
        path = home.objects / digest[:2] / f"{digest}.tar"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"part")
    rows = [dict.fromkeys(INSTANCE.columns.names) | {
        "site_id": "east", "sop_instance_uid": f"2.25.{n}", "m": "2026-11", "unit_token": f"u{n}", "seq": seq,
        "part": {"zone": "parts", "digest": digest, "offset": 512, "length": 4}} for n in units]
    engine.upsert(INSTANCE, pa.Table.from_pylist(rows, schema=INSTANCE.columns), commit_id=f"rows:{units}:{seq}:{digest[:2]}")


def day(engine: Engine, home: Home, now: dt.datetime = LATER, basis: str = "ids") -> balance.DayRow:
    lines = [line for line in balance.days(engine, home, CALENDARS, now) if line.basis == basis]
    assert len(lines) == 1
    return lines[0]


def test_a_day_on_which_everything_arrived_balances(engine: Engine, home: Home) -> None:
    claims(engine, 4)
    rows_of(engine, home, range(2))
    events(engine, "released", range(2))
    events(engine, "quarantined", range(2, 3))
    events(engine, "rejected", range(3, 4), reason="SRC-GONE")
    line = day(engine, home)
    assert (line.expected, line.released, line.quarantined, line.rejected, line.in_flight) == (4, 2, 1, 1, 0)
    assert line.difference == 0
    assert line.settled
    assert not balance.needs_a_person([line])


def test_what_never_arrived_is_in_flight_and_a_difference_once_the_day_is_settled(engine: Engine, home: Home) -> None:
    claims(engine, 2)
    rows_of(engine, home, range(1))
    events(engine, "released", range(1))
    open_line = day(engine, home, now=dt.datetime(2026, 11, 3, tzinfo=dt.UTC))
    assert (open_line.settled, open_line.in_flight, open_line.difference) == (False, 1, 0)
    line = day(engine, home)
    assert (line.settled, line.in_flight, line.difference) == (True, 1, 1)
    assert balance.needs_a_person([line])


def test_a_surplus_in_one_group_does_not_hide_a_loss_in_another(engine: Engine, home: Home) -> None:
    claims(engine, 2, group="study-1")
    claims(engine, 1, group="study-2", start=2)
    claims(engine, 1, group="study-2", start=3, basis="transfer")
    rows_of(engine, home, range(1, 4))
    events(engine, "released", range(1, 4))
    assert day(engine, home).difference == 1
    extra = day(engine, home, basis="transfer")
    assert (extra.unlisted, extra.difference) == (1, 0)
    assert balance.needs_a_person([extra])


def test_released_counts_only_while_row_and_part_are_there(engine: Engine, home: Home) -> None:
    claims(engine, 3)
    events(engine, "released", range(3))
    assert (day(engine, home).released, day(engine, home).difference) == (0, 3)
    rows_of(engine, home, range(2))
    rows_of(engine, home, range(2, 3), digest="e" * 64, on_disk=False)
    assert (day(engine, home).released, day(engine, home).difference) == (2, 1)


def test_a_tombstone_stands_for_the_row_it_replaced(engine: Engine, home: Home) -> None:
    claims(engine, 1)
    events(engine, "released", range(1))
    stone = {"site_id": "east", "kind": "instance", "unit_token": "u0", "target": "2.25.0", "object_digest": "d" * 64,
             "reason": "SRC-DELETED", "commit_id": "c", "at": AT}
    engine.upsert(TOMBSTONE, pa.Table.from_pylist([stone], schema=TOMBSTONE.columns), commit_id="stone")
    assert (day(engine, home).released, day(engine, home).difference) == (1, 0)


def test_a_changed_unit_is_a_new_claim_today_and_the_old_day_does_not_move(engine: Engine, home: Home) -> None:
    claims(engine, 1)
    events(engine, "released", range(1))
    rows_of(engine, home, range(1))
    claims(engine, 1, seq=2, day=dt.date(2026, 11, 3))
    events(engine, "released", range(1), seq=2, minutes=9)
    rows_of(engine, home, range(1), seq=2)
    first, second = balance.days(engine, home, CALENDARS, LATER)
    assert (first.day, first.expected, first.released, first.difference) == ("2026-11-02", 1, 1, 0)
    assert (second.day, second.expected, second.released, second.difference) == ("2026-11-03", 1, 1, 0)
    ledger.write_state(engine, "east", "state-1")
    stands = {row["seq"]: row["current"] for row in engine.table(engine.read(STATE)).to_pylist()}
    assert stands == {1: False, 2: True}


def test_a_retried_unit_is_in_flight_until_it_is_decided_again(engine: Engine, home: Home) -> None:
    claims(engine, 1)
    events(engine, "quarantined", range(1))
    events(engine, "retry", range(1), minutes=2)
    assert (day(engine, home).quarantined, day(engine, home).in_flight) == (0, 1)
    events(engine, "rejected", range(1), reason="STEWARD", minutes=3)
    assert (day(engine, home).rejected, day(engine, home).difference) == (1, 0)


def test_a_numbered_slot_stands_as_the_unit_that_fills_it(engine: Engine, home: Home) -> None:
    claims(engine, 3, kind="resource", basis="count", group="file-1")
    bound = [ledger.Event("east", "resource", f"u{n}", 1, "2026-11", "bound", filled=("instance", "real", 1)) for n in (0, 1)]
    ledger.note(engine, bound, commit_id="b", receipt_id="r-1", at=AT)
    ledger.note(engine, [ledger.Event("east", "instance", "real", 1, "2026-11", "quarantined")], commit_id="q", receipt_id="r-1", at=AT)
    line = day(engine, home, basis="count")
    assert (line.kind, line.expected, line.quarantined, line.in_flight, line.difference) == ("resource", 3, 2, 1, 1)


def test_void_lowers_what_is_expected_and_duplicate_changes_nothing(engine: Engine, home: Home) -> None:
    claims(engine, 2)
    events(engine, "void", range(1), reason="east-listed-it-twice")
    rows_of(engine, home, range(1, 2))
    events(engine, "released", range(1, 2))
    events(engine, "duplicate", range(1, 2), minutes=5)
    line = day(engine, home)
    assert (line.expected, line.released, line.difference) == (1, 1, 0)


def test_writing_everything_twice_makes_no_version(engine: Engine, home: Home) -> None:
    for _ in range(2):
        claims(engine, 2)
        events(engine, "landed", range(2))
        versions = [engine.version(table) for table in (CLAIM, EVENT)]
    assert versions == [engine.version(table) for table in (CLAIM, EVENT)]
    assert engine.table(engine.read(EVENT)).num_rows == 2


def test_a_reason_outside_the_closed_list_rejects_nothing(engine: Engine) -> None:
    with pytest.raises(ValueError, match="closed list"):
        events(engine, "rejected", range(1), reason="inconvenient")


def test_newest_gives_the_last_seq_of_listed_units_only(engine: Engine) -> None:
    claims(engine, 2)
    claims(engine, 1, seq=2)
    listed = pa.table({"kind": ["instance", "instance"], "unit_token": ["u0", "u9"]})
    found = ledger.newest(engine, "east", listed)
    assert {key: row["seq"] for key, row in found.items()} == {("instance", "u0"): 2}
