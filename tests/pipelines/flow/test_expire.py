"""Originals go when everything of their receipt is decided and the days are over; images sooner than records, the undecided never."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipelines import ledger
from pipelines.phi_zone.expire import expire
from pipelines.phi_zone.landing import PIXELS
from tests.pipelines.flow.test_pull import Night, Source, came, count, ids


def test_pixels_expire_thirty_days_after_the_last_decision_and_an_undecided_receipt_stays(tmp_path: Path) -> None:
    night = Night(tmp_path / "home")
    _, run = night.pull(Source((ids("1", "2"), [came("1"), came("2")]), (count(1), [came("Observation/1", b"{}", "resource")])))
    landed, today = night.landed(), ledger.utc_now()

    def decide(rows: list[dict[str, object]], state: str) -> None:
        events = [ledger.Event("usb", str(row["kind"]), str(row["unit_token"]), 1, str(row["m"]), state) for row in rows]
        ledger.note(night.engine, events, commit_id=f"{state}:{len(rows)}", receipt_id="r-1", at=ledger.utc_now())

    decide(landed[:1], "quarantined")
    decide(landed[1:], "released")
    images = [row for row in landed if row["kind"] == "instance"]
    if landed[0]["kind"] == "instance":
        assert expire(run, today + dt.timedelta(days=31)) == []
    decide(landed, "released")
    assert expire(run, today + dt.timedelta(days=29)) == []
    assert expire(run, today + dt.timedelta(days=31)) == [f"r-1{PIXELS}"]
    folder = night.home.landing / "usb"
    assert sorted(path.name for path in folder.iterdir()) == ["r-1"]
    assert len(images) == 2
    assert expire(run, today + dt.timedelta(days=31)) == []
    night.engine.close()


@pytest.mark.parametrize("days", [0, 10])
def test_nothing_expires_early(tmp_path: Path, days: int) -> None:
    night = Night(tmp_path / "home")
    _, run = night.pull(Source((ids("1"), [came("1")])))
    assert expire(run, ledger.utc_now() + dt.timedelta(days=days)) == []
    night.engine.close()
