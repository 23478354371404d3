"""A clock that was set back does not undo what was decided, and is told."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from governance import registry
from governance.store import open_store
from pipelines import ledger, quarantine, steward
from tests.pipelines.flow.conftest import NIGHT, Disk, Lake, shelf

pytestmark = pytest.mark.slow


def test_on_a_clock_set_back_by_hours_a_retry_is_decided_and_the_night_says_so(
        lake: Lake, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = next(one for key, one in shelf().resources.items() if key.startswith("Patient/"))
    lonely = {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "FEV1"},
              "subject": {"reference": f"Patient/{patient['id']}"}, "valueInteger": 3}
    disk.lines([lonely])
    assert lake.ingest().counts["quarantined"] == 1
    real = ledger.utc_now
    monkeypatch.setattr(ledger.Forward.__init__, "__defaults__", (lambda: real() - dt.timedelta(hours=5),))
    disk.lines([lonely, patient])
    night = lake.ingest(as_of=NIGHT + dt.timedelta(days=1))
    assert (night.counts["released"], night.counts["in_flight"]) == (2, 0)
    assert [issue.code for issue in night.issues] == ["FLW-011"]
    assert all(line.difference == 0 for line in lake.days())
    disk.lines([b'{"resourceType": "Patient", "id": "half'], "half.ndjson")
    lake.ingest(as_of=NIGHT + dt.timedelta(days=2))
    steward.retry(lake.settings, lake.quarantined(), "looked at")
    steward.reject(lake.settings, lake.quarantined(), "broken at the source")
    assert lake.quarantined() == []
    with lake.engine() as engine:
        assert [row["state"] for row in quarantine.rows(engine)] == ["released", "rejected"]


def test_the_clock_of_a_run_never_stands_and_never_goes_back() -> None:
    moments = iter([dt.datetime(2026, 3, 2, hour, tzinfo=dt.UTC) for hour in (8, 9, 9, 7, 12)])
    clock = ledger.Forward(dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC), lambda: next(moments))
    assert clock.behind_s == 1800
    seen = [clock() for _ in range(4)]
    assert seen == sorted(set(seen))
    assert seen[-1].hour == 12


def test_a_lease_is_its_living_holders_whatever_the_clock_says(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'governance.db'}")
    with registry.lease(store, "quarantine", ttl_s=-9 * 3600):     # as it looks once the clock was set ahead by nine hours
        assert not registry._take(store, "quarantine", "elsewhere:1:0:aaaa", 60)
    assert registry._take(store, "quarantine", "elsewhere:1:0:aaaa", 60)
