"""Sites, receipts, leases and lineage survive a second look, a second writer and a crash."""
from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from eval_harness.base import Retryable, WrongUsage
from governance import lineage, registry, requests, retention
from governance.audit import Actor, Audit
from governance.store import open_store
from schemas.shapes.site import Site


@pytest.fixture
def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/g.db")
    yield store
    store.close()


def test_adding_the_same_site_again_changes_nothing_and_another_text_is_a_new_version(store):
    site = Site.bare("sh-east")
    assert registry.add_site(store, site)
    assert not registry.add_site(store, site)
    assert registry.add_site(store, site.model_copy(update={"tier": "secondary"}))
    assert registry.site_row(store, "sh-east")["version"] == 2
    assert registry.site(store, "sh-east").tier == "secondary"


def test_an_unknown_site_is_refused_with_the_known_ones(store):
    registry.add_site(store, Site.bare("sh-east"))
    with pytest.raises(WrongUsage) as caught:
        registry.site(store, "sh-west")
    assert "sh-east" in caught.value.issue.message_en


def test_a_retired_site_does_not_come_back(store):
    registry.add_site(store, Site.bare("sh-east"))
    assert registry.move_site(store, "sh-east", "pause") == "paused"
    assert registry.move_site(store, "sh-east", "resume") == "active"
    assert registry.move_site(store, "sh-east", "retire") == "retired"
    with pytest.raises(WrongUsage):
        registry.move_site(store, "sh-east", "resume")
    with pytest.raises(WrongUsage):
        registry.add_site(store, Site.bare("sh-east"))


def test_a_hospital_that_was_pulled_keeps_the_issuer_its_patients_pseudonyms_come_from(store):
    site = Site.bare("sh-east")
    registry.add_site(store, site)
    assert registry.add_site(store, site.model_copy(update={"patient_id_issuer": "sh-east-mpi"}))     # nothing was pulled yet
    registry.open_receipt(store, "sh-east", "2026-03-02T14:00:00.000000Z", {})
    with pytest.raises(WrongUsage, match="REG-005"):
        registry.add_site(store, site)
    assert registry.add_site(store, site.model_copy(update={"patient_id_issuer": "sh-east-mpi", "tier": "secondary"}))


def test_a_killed_ingest_continues_on_the_receipt_it_began(store):
    first = registry.open_receipt(store, "h", "2026-11-01T00:00:00Z", {})
    registry.update_receipt(store, first["receipt_id"], step="land")
    again = registry.open_receipt(store, "h", "2026-11-02T00:00:00Z", {})
    assert (again["receipt_id"], again["step"]) == (first["receipt_id"], "land")
    registry.update_receipt(store, first["receipt_id"], state="closed")
    assert registry.open_receipt(store, "h", "2026-11-02T00:00:00Z", {})["receipt_id"] != first["receipt_id"]


def test_a_lease_has_one_holder_and_one_of_another_machine_loses_it_by_the_clock(store, monkeypatch):
    with registry.lease(store, "deid.instance"):
        with pytest.raises(Retryable), registry.lease(store, "deid.instance", wait_s=0.2):
            pass
        with registry.lease(store, "deid.study", wait_s=0.2):
            pass
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(registry.socket, "gethostname", lambda: "elsewhere")
        left = registry.lease(store, "deid.instance", ttl_s=0.1)
        left.__enter__()
    with registry.lease(store, "deid.instance", wait_s=5):
        pass


def test_a_killed_process_loses_its_lease_at_once(store, tmp_path):
    script = (f"import os; from governance import registry; from governance.store import open_store\n"
              f"registry.lease(open_store('sqlite:///{tmp_path}/g.db'), 'persons', ttl_s=9999).__enter__()\n"
              f"os.kill(os.getpid(), 9)")
    subprocess.run([sys.executable, "-c", script], check=False)
    with registry.lease(store, "persons", wait_s=0.5):
        pass


def test_lineage_is_answered_in_both_directions(store):
    lineage.link(store, "table/deid.instance@7", "set/ct@1", "frozen-from")
    lineage.link(store, "set/ct@1", "run/9", "evaluated-on")
    lineage.link(store, "set/ct@1", "run/9", "evaluated-on")
    assert [edge[0] for edge in lineage.upstream(store, "run/9")] == ["set/ct@1", "table/deid.instance@7"]
    assert [edge[2] for edge in lineage.downstream(store, "table/deid.instance@7")] == ["set/ct@1", "run/9"]


def test_a_request_is_taken_once(store, tmp_path):
    asked = requests.ask(store, Audit(tmp_path / "audit"), Actor("wang01", "steward"), "ingest", {"site_id": "h"})
    taken = requests.take(store)
    assert taken is not None
    assert taken["request_id"] == asked
    assert requests.take(store) is None
    assert requests.move(store, asked, "finish", {"ok": True}) == "done"
    with pytest.raises(KeyError):
        requests.move(store, asked, "cancel")


def test_a_retention_below_the_floor_of_the_law_is_refused(tmp_path):
    file = tmp_path / "short.yaml"
    file.write_text("{policy_id: a, version: 1, audit_days: 180, pixels_after_release_days: 1, records_after_release_days: 1, "
                    "evidence_days: 2000}")
    with pytest.raises(WrongUsage) as caught:
        retention.load(file)
    assert caught.value.issue.code == "RET-001"


def test_pixels_are_due_thirty_days_after_release_and_not_a_day_before():
    released = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    policy = retention.load()
    assert retention.due(policy, [("r1", "pixels", released)], released + dt.timedelta(days=30)) == ["r1"]
    assert retention.due(policy, [("r1", "pixels", released)], released + dt.timedelta(days=29)) == []
