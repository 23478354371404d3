"""Pull and land against a source that does as it is told: what is promised, what comes, and what the ledger makes of it."""
from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance.audit import Actor
from pipelines import ledger
from pipelines.engines import open_engine
from pipelines.phi_zone.connectors.base import Delivery, Gone, Group, TransferCut, Unit
from pipelines.phi_zone.landing import LandingReader
from pipelines.phi_zone.opening import project_key
from pipelines.phi_zone.pending import pending
from pipelines.phi_zone.pull import Pulled, pull
from pipelines.phi_zone.run import Run
from pipelines.settings import Settings, open_home
from schemas.home import Home
from schemas.messages import messages
from schemas.shapes.site import Site
from schemas.tables import CLAIM, LANDING_INDEX


class Source:
    """A connector with a script: groups to promise, and per group what then comes."""

    source = "folder"

    def __init__(self, *script: tuple[Group, list[Delivery | Gone | Exception]]) -> None:
        self.script, self.issues, self.asked = script, [], 0

    def test(self) -> Any:
        raise NotImplementedError

    def list(self, since: dt.datetime | None, until: dt.datetime | None) -> Iterator[Group]:
        yield from (group for group, _ in self.script)

    def fetch(self, group: Group) -> Iterator[Delivery | Gone]:
        self.asked += 1
        for item in next(items for one, items in self.script if one.group_id == group.group_id):
            if isinstance(item, Exception):
                raise item
            yield item

    def watermark(self) -> str | None:
        return "2026-03-02T14:00:00Z"

    def close(self) -> None:
        pass


def ids(*unit_ids: str, name: str = "study", version: str | None = None, op: str = "put") -> Group:
    units = tuple(Unit(one, version, op, None) for one in unit_ids)  # type: ignore[arg-type]
    return Group(name, "instance", "ids", len(units), units, {})


def count(expected: int, name: str = "https://job-1/file") -> Group:
    return Group(name, "resource", "count", expected, (), {"type": "Observation"})


def came(unit_id: str, data: bytes = b"content", kind: str = "instance", op: str = "put") -> Delivery:
    return Delivery(unit_id, kind, None, op, (data,) if op == "put" else (), "application/octet-stream")  # type: ignore[arg-type]


class Night:
    """One home and one hospital; `pull` as often as a test likes."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root, root / "keys")
        open_home(Settings(self.home))
        self.engine = open_engine(Settings(self.home, jobs=1))
        self.site, self.key = Site.bare("usb"), project_key(self.home)

    def pull(self, source: Source, receipt: str = "r-1", day: int = 2, full: bool = False) -> tuple[Pulled, Run]:
        run = Run(self.engine, self.home, self.site, self.key, receipt, dt.date(2026, 3, day), full, Actor("t", "steward"),
                  lambda _: None, ledger.utc_now, lambda _: contextlib.nullcontext())
        return pull(run, source, None, None), run

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.engine.table(ledger.standing(self.engine)).to_pylist():
            found[row["state"]] = found.get(row["state"], 0) + 1
        return found

    def claims(self) -> list[dict[str, Any]]:
        return self.engine.table(self.engine.read(CLAIM)).to_pylist()  # type: ignore[no-any-return]

    def landed(self) -> list[dict[str, Any]]:
        return self.engine.table(self.engine.read(LANDING_INDEX)).to_pylist()  # type: ignore[no-any-return]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(tmp_path / "home")
    yield made
    made.engine.close()


def cut() -> TransferCut:
    return TransferCut(messages().issue("CON-010", "usb", attempts=3, reason="cut"))


def test_what_is_promised_and_comes_is_landed_sealed(night: Night) -> None:
    pulled, _ = night.pull(Source((ids("1", "2"), [came("1", b"one"), came("2", b"two")])))
    assert night.states() == {"landed": 2}
    assert (pulled.missing, pulled.unlisted, pulled.failed) == (0, 0, None)
    reader = LandingReader(night.home, night.key)
    from pipelines.engines.base import ObjectRef

    assert {reader.open(ObjectRef(**row["object"])).read() for row in night.landed()} == {b"one", b"two"}


def test_a_second_night_with_nothing_new_asks_for_nothing(night: Night) -> None:
    night.pull(Source((ids("1"), [came("1")])))
    again = Source((ids("1"), [came("1")]))
    _, run = night.pull(again, "r-2", 3)
    assert (again.asked, run.counts) == (0, {})


def test_what_is_promised_and_does_not_come_stays_in_flight_by_name(night: Night) -> None:
    pulled, _ = night.pull(Source((ids("1", "2"), [came("1")])))
    assert night.states() == {"landed": 1, "listed": 1}
    assert [issue.code for issue in pulled.issues] == ["LED-001"]


def test_what_comes_without_a_promise_is_unlisted_and_fills_no_gap(night: Night) -> None:
    pulled, _ = night.pull(Source((ids("1", "2"), [came("1"), came("9")])))
    assert night.states() == {"landed": 2, "listed": 1}
    assert sorted(row["basis"] for row in night.claims()) == ["ids", "ids", "transfer"]
    assert sorted(issue.code for issue in pulled.issues) == ["LED-001", "LED-002"]


def test_listed_then_gone_is_rejected(night: Night) -> None:
    night.pull(Source((ids("1", "2"), [came("1"), Gone("2")])))
    assert night.states() == {"landed": 1, "rejected": 1}


def test_a_group_that_stays_cut_leaves_the_others_whole_and_the_watermark_where_it_was(night: Night) -> None:
    pulled, _ = night.pull(Source((ids("1", "2", name="a"), [came("1"), cut()]), (ids("3", name="b"), [came("3")])))
    assert night.states() == {"landed": 2, "listed": 1}
    assert pulled.failed is not None
    assert pulled.watermark is None
    night.pull(Source((ids("1", "2", name="a"), [came("1"), came("2")]), (ids("3", name="b"), [came("3")])))
    assert night.states() == {"landed": 3}


def test_identical_again_is_a_duplicate_and_no_new_claim(night: Night) -> None:
    night.pull(Source((ids("1"), [came("1"), came("1")])))
    assert (len(night.claims()), len(night.landed())) == (1, 1)


def test_other_content_under_one_id_is_a_new_claim_of_today(night: Night) -> None:
    night.pull(Source((ids("1"), [came("1", b"old")])))
    night.pull(Source((ids("1"), [came("1", b"new")])), "r-2", 3, full=True)
    assert [(row["seq"], row["expected_on"].day, row["m"]) for row in sorted(night.claims(), key=lambda row: row["seq"])] == [
        (1, 2, "2026-03"), (2, 3, "2026-03")]
    assert {row["seq"] for row in night.landed()} == {1, 2}


def test_a_new_version_by_the_sources_word_is_fetched_without_full(night: Night) -> None:
    night.pull(Source((ids("1", version="1"), [came("1", b"old")])))
    night.pull(Source((ids("1", version="2"), [came("1", b"new")])), "r-2", 3)
    assert sorted(row["seq"] for row in night.claims()) == [1, 2]
    assert night.states() == {"landed": 2}


def test_a_counted_file_gets_slots_and_the_units_fill_them(night: Night) -> None:
    pulled, _ = night.pull(Source((count(3), [came(f"Observation/{n}", b"{}", "resource") for n in (1, 2)])))
    assert night.states() == {"landed": 2, "listed": 1}
    assert pulled.missing == 1
    assert {row["basis"] for row in night.claims()} == {"count"}


def test_more_lines_than_counted_are_unlisted(night: Night) -> None:
    pulled, _ = night.pull(Source((count(1), [came(f"Observation/{n}", b"%d" % n, "resource") for n in (1, 2)])))
    assert (pulled.missing, pulled.unlisted) == (0, 1)


def test_a_second_export_for_the_same_receipt_fills_the_same_slots(night: Night) -> None:
    first = Source((count(3), [came("Observation/1", b"1", "resource"), cut()]))
    night.pull(first)
    assert night.states() == {"landed": 1, "listed": 2}
    second = Source((count(3, "https://job-2/other"), [came(f"Observation/{n}", b"%d" % n, "resource") for n in (3, 2, 1)]))
    pulled, _ = night.pull(second)
    assert night.states() == {"landed": 3}
    assert (len(night.claims()), pulled.missing, pulled.unlisted) == (3, 0, 0)


def test_the_next_receipt_has_slots_of_its_own_and_old_days_do_not_move(night: Night) -> None:
    night.pull(Source((count(1), [came("Observation/1", b"old", "resource")])))
    night.pull(Source((count(1), [came("Observation/1", b"new", "resource")])), "r-2", 3)
    assert sorted(row["expected_on"].day for row in night.claims()) == [2, 3]
    assert sorted(row["seq"] for row in night.landed()) == [1, 2]


def test_a_deletion_of_a_unit_that_filled_a_slot_is_one_claim(night: Night) -> None:
    night.pull(Source((count(1), [came("Observation/1", b"old", "resource")])))
    gone = Group("deleted", "resource", "ids", 1, (Unit("Observation/1", None, "delete", None),), {})
    night.pull(Source((gone, [came("Observation/1", kind="resource", op="delete")])), "r-2", 3)
    assert sorted((row["op"], row["seq"]) for row in night.claims()) == [("delete", 2), ("put", 1)]
    ops = [row["op"] for row in night.engine.table(pending(night.engine, "usb")).to_pylist()]
    assert sorted(ops) == ["delete", "put"]


def test_a_kill_between_landing_and_its_events_is_finished_by_the_next_run(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger, "note", killed)
    with pytest.raises(KeyboardInterrupt):
        night.pull(Source((count(2), [came(f"Observation/{n}", b"%d" % n, "resource") for n in (1, 2)])))
    monkeypatch.undo()
    night.pull(Source((count(2), [came(f"Observation/{n}", b"%d" % n, "resource") for n in (1, 2)])))
    assert len(night.landed()) == 2
    left = night.engine.table(pending(night.engine, "usb")).to_pylist()
    assert len(left) == 2
    assert len(night.claims()) == 2


def test_files_of_one_id_lie_side_by_side_in_a_folder_and_none_flaps(night: Night) -> None:
    def disk(*contents: bytes) -> Source:
        units = tuple(Unit("1", None, "put", len(content)) for content in contents)
        return Source((Group("usb", "instance", "inventory", len(units), units, {}), [came("1", content) for content in contents]))

    night.pull(disk(b"a"), "r-1", 2)
    night.pull(disk(b"a", b"other"), "r-2", 3)
    _, run = night.pull(disk(b"a", b"other", b"a third"), "r-3", 4)
    assert (run.counts["claimed"], run.counts["landed"]) == (1, 1)
    assert sorted(row["seq"] for row in night.landed()) == [1, 2, 3]
    assert night.states() == {"landed": 3}
    _, again = night.pull(disk(b"a", b"other", b"a third"), "r-4", 5)
    assert again.counts == {}


def test_a_full_listing_tells_of_released_units_it_does_not_name_any_more_and_deletes_none(night: Night) -> None:
    night.pull(Source((ids("1", "2"), [came("1"), came("2")])))
    events = [ledger.Event("usb", row["kind"], row["unit_token"], 1, row["m"], "released") for row in night.landed()]
    ledger.note(night.engine, events, commit_id="c", receipt_id="r-1", at=ledger.utc_now())
    usual, _ = night.pull(Source((ids("1"), [came("1")])), "r-2", 3)
    full, _ = night.pull(Source((ids("1"), [came("1")])), "r-3", 4, full=True)
    assert ([issue.code for issue in usual.issues], [issue.code for issue in full.issues]) == ([], ["FLW-007"])
    assert night.states() == {"released": 2}
