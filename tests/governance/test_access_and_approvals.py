"""Default deny, vendors see their own things only, and nobody approves the own request."""
from __future__ import annotations

import pytest

from eval_harness.base import Terminal, WrongUsage
from governance import approvals
from governance.access import acting, allowed, require
from governance.audit import Actor, Audit
from governance.store import open_store

STEWARD, EVALUATOR = Actor("wang01", "steward"), Actor("li02", "evaluator")
VENDOR = Actor("acme", "vendor")


@pytest.fixture
def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/g.db")
    yield store
    store.close()


@pytest.mark.parametrize(("actor", "action", "facts", "expected"), [
    (STEWARD, "ingest", {}, True),
    (EVALUATOR, "ingest", {}, False),
    (EVALUATOR, "evaluation.run", {}, True),
    (STEWARD, "evaluation.run", {}, False),
    (VENDOR, "evaluation.read", {"owner": "acme"}, True),
    (VENDOR, "evaluation.read", {"owner": "other"}, False),
    (EVALUATOR, "evaluation.approve", {"requester": "acme"}, True),
    (EVALUATOR, "evaluation.approve", {"requester": "li02"}, False),
    (Actor("x", "auditor"), "audit.read", {}, True),
    (Actor("x", "auditor"), "evaluation.run", {}, False),
    (Actor("x", "operator"), "no.such.action", {}, False),
])
def test_the_policies_decide(actor, action, facts, expected):
    assert allowed(actor, action, "object-1", **facts) is expected


def test_every_decision_is_written_down_even_a_refusal(tmp_path):
    audit = Audit(tmp_path)
    with pytest.raises(Terminal) as caught:
        require(audit, EVALUATOR, "ingest", "sh-east")
    assert caught.value.issue.code == "ACC-001"
    record = next(iter(audit.records()))
    assert (record["result"], record["facts"]["asked"]) == ("deny", "ingest")


def test_an_account_is_a_code_and_a_role(monkeypatch):
    monkeypatch.delenv("TOUCHSTONE_ACTOR", raising=False)
    assert acting() == Actor("local", "operator")
    with pytest.raises(WrongUsage):
        acting("wang:king")


def test_nobody_approves_the_own_request_but_another_may(store, tmp_path):
    audit = Audit(tmp_path / "audit")
    approvals.ask(store, audit, EVALUATOR, "s-1", "sealed-run")
    with pytest.raises(Terminal) as caught:
        approvals.decide(store, audit, EVALUATOR, "s-1", "sealed-run")
    assert caught.value.issue.code == "APR-001"
    assert not approvals.holds(store, "s-1", "sealed-run")
    assert approvals.decide(store, audit, Actor("zhao", "privacy"), "s-1", "sealed-run") == "approved"
    assert approvals.holds(store, "s-1", "sealed-run")
    assert not approvals.holds(store, "s-1", "another-purpose")


def test_what_nobody_asked_for_cannot_be_approved(store, tmp_path):
    with pytest.raises(Terminal) as caught:
        approvals.decide(store, Audit(tmp_path / "audit"), EVALUATOR, "s-9", "sealed-run")
    assert caught.value.issue.code == "APR-002"
