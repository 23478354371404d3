"""A hospital's hours: outside them nothing is asked of it, what has come is processed, and the next night goes on where this one ended."""
from __future__ import annotations

import datetime as dt

import pytest

from eval_harness.base import Retryable, WrongUsage
from governance import registry
from governance.store import open_store
from pipelines import steward
from pipelines.ledger import Forward
from pipelines.phi_zone.connectors.folder import FolderConnector
from pipelines.phi_zone.visiting import is_open, opens_at
from schemas.shapes.site import Site
from tests.pipelines.flow.conftest import SITE

DAY = {"window": "22:00-06:00"}


def site(window: str | None, zone: str = "Asia/Shanghai") -> Site:
    return Site.model_validate(SITE | {"folder": {"path": "."}, "timezone": zone, "schedule": {"window": window}})


@pytest.fixture
def at(monkeypatch):
    """Sets the clock that flow A looks at; it ticks with every look."""
    now = []

    def tick() -> dt.datetime:
        now[0] += dt.timedelta(microseconds=1)
        return now[0]

    for module in ("pipelines.ledger", "pipelines.flows"):
        monkeypatch.setattr(f"{module}.utc_now", tick)
    monkeypatch.setattr("pipelines.phi_zone.opening.Forward", lambda after: Forward(after, tick))
    return lambda text: now.__setitem__(slice(None), [dt.datetime.fromisoformat(text)])


@pytest.mark.parametrize(("window", "zone", "now", "open_"), [
    ("22:00-06:00", "Asia/Shanghai", "2026-03-02T21:59:59+08:00", False), ("22:00-06:00", "Asia/Shanghai", "2026-03-02T22:00+08:00", True),
    ("22:00-06:00", "Asia/Shanghai", "2026-03-02T18:00+00:00", True), ("22:00-06:00", "Asia/Shanghai", "2026-03-03T06:00+08:00", False),
    ("01:00-05:00", "Asia/Shanghai", "2026-03-02T17:30+00:00", True), ("01:00-05:00", "Asia/Urumqi", "2026-03-02T17:30+00:00", False),
    ("01:00-05:00", "Asia/Shanghai", "2026-03-02T22:00+08:00", False), (None, "Asia/Shanghai", "2026-03-02T12:00+08:00", True)])
def test_the_window_is_read_on_the_hospitals_own_clock_and_over_midnight(window, zone, now, open_):
    assert is_open(site(window, zone), dt.datetime.fromisoformat(now)) is open_


@pytest.mark.parametrize(("now", "opens"), [
    ("2026-03-02T12:00+08:00", "2026-03-02T22:00+08:00"), ("2026-03-02T23:00+08:00", "2026-03-02T23:00+08:00"),
    ("2026-03-03T06:00+08:00", "2026-03-03T22:00+08:00")])
def test_it_is_known_when_the_window_opens_next(now, opens):
    assert opens_at(site("22:00-06:00"), dt.datetime.fromisoformat(now)) == dt.datetime.fromisoformat(opens)


@pytest.mark.parametrize("window", ["22:00-22:00", "24:00-06:00", "29:59-01:00", "22-6", "22:00-06:60"])
def test_a_window_that_is_none_is_refused_when_the_hospital_is_registered(window):
    with pytest.raises(WrongUsage):
        Site.from_data(SITE | {"folder": {"path": "."}, "schedule": {"window": window}}, "usb.yaml")


def test_no_night_begins_outside_the_window_and_nothing_is_changed(lake, disk, at, monkeypatch):
    lake.add(SITE | {"folder": {"path": str(disk.fill().path)}, "schedule": DAY})
    monkeypatch.setattr(FolderConnector, "list", lambda *_: pytest.fail("the hospital was asked"))
    at("2026-03-02T14:00+08:00")
    before = lake.versions()
    with pytest.raises(Retryable) as caught:
        lake.ingest()
    assert caught.value.issue.code == "FLW-009"
    assert "22:00-06:00 (Asia/Shanghai)" in caught.value.issue.message_en
    assert "2026-03-02 22:00 起" in caught.value.issue.hint_zh
    assert lake.versions() == before
    store = open_store(lake.settings.store_url)
    assert registry.receipts(store, "usb") == []
    assert not steward.may_visit(lake.settings, "usb")
    store.close()


def test_with_the_hospitals_consent_a_night_runs_at_any_time_and_the_audit_says_so(lake, disk, at):
    lake.add(SITE | {"folder": {"path": str(disk.fill().path)}, "schedule": DAY})
    at("2026-03-02T14:00+08:00")
    assert lake.ingest(anytime=True).state == "closed"
    from governance.audit import Audit

    (begun,) = [one for one in Audit(lake.home.audit).records() if one["action"] == "ingest" and one["result"] == "begun"]
    assert begun["facts"]["anytime"] is True


def test_a_window_that_ends_stops_new_fetches_and_the_next_night_continues_the_receipt(lake, disk, at, monkeypatch):
    lake.add(SITE | {"folder": {"path": str(disk.fill().path)}, "schedule": DAY})
    at("2026-03-03T05:59+08:00")
    fetched, whole = [], FolderConnector.fetch

    def fetch(self, group):
        fetched.append(group.group_id)
        yield from whole(self, group)
        at("2026-03-03T06:00+08:00")

    monkeypatch.setattr(FolderConnector, "fetch", fetch)
    first = lake.ingest()
    assert len(fetched) == 1
    assert (first.state, first.waits, first.exit_code, first.retryable) == ("open", True, 3, True)
    assert [issue.code for issue in first.issues if issue.code == "FLW-009"] == ["FLW-009"]
    assert first.counts["in_flight"] > 0
    again = lake.ingest()                              # typed by day: what is here is worked on, the hospital is left alone
    assert (len(fetched), again.state, again.receipt_id) == (1, "open", first.receipt_id)
    at("2026-03-03T22:10+08:00")
    monkeypatch.setattr(FolderConnector, "fetch", whole)
    last = lake.ingest()
    assert (last.state, last.receipt_id, last.counts["in_flight"]) == ("closed", first.receipt_id, 0)
    assert all(row.difference == 0 for row in lake.days())
