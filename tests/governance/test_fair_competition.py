"""Who may ask a set how often, and the ledger that says what was asked."""
from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from eval_harness.base import Terminal
from eval_harness.scoring.facts import budget as printed
from eval_harness.testset import SetManifest
from governance import budget, registry, uses
from governance.audit import Actor, Audit
from governance.limits import Rule
from governance.store import EVALUATION, moment, open_store

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
ACTOR = Actor("eva", "evaluator")


@pytest.fixture
def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/g.db")
    yield store
    store.close()


def manifest(tier: str) -> SetManifest:
    provenance = {"tier": tier} if tier == "validation" else {}
    return SetManifest("lung", "1", "lung-nodule-ct", "practice" if tier == "practice" else "sealed", 9, *["0" * 64] * 5, provenance)


def asked(store, entity="甲公司", family="睿影", version="1.0", days_ago=0.0, charged=True, end_state="complete"):
    """A device and one evaluation of it on lung@1; gives the submission's row."""
    row = submission(store, entity, family, version)
    evaluation_id = registry.new_id("e")
    registry.add_evaluation(store, evaluation_id=evaluation_id, submission_id=row["submission_id"], dataset_id="lung", dataset_version="1",
                            state="scored" if charged else "predicting", end_state=end_state, cause=None, charged=charged, facts={})
    with store.begin() as db:
        db.execute(EVALUATION.update().where(EVALUATION.c.evaluation_id == evaluation_id).values(
            started_at=moment(NOW - dt.timedelta(days=days_ago))))
    return row


def submission(store, entity="甲公司", family="睿影", version="1.0"):
    submission_id = registry.new_id("s")
    registry.add_submission(store, submission_id=submission_id, legal_entity=entity, device_family=family, device_version=version,
                            task="lung-nodule-ct", digest="0" * 64, state="approved", facts={})
    return registry.submission(store, submission_id)


def refused(store, row, tier):
    with pytest.raises(Terminal) as caught:
        budget.require(store, row, manifest(tier), NOW)
    return caught.value.issue


def test_a_validation_set_has_a_weekly_number_of_tries_and_says_when_the_next_is_allowed(store):
    for days_ago in (6.5, 3, 2, 1, 0.5):
        asked(store, version=f"1.{days_ago}", days_ago=days_ago)
    issue = refused(store, submission(store, version="2.0"), "validation")
    assert issue.code == "BUD-002"
    assert "2026-11-27 00:00 UTC" in issue.message_en
    assert "2026-11-27 00:00 UTC" in issue.message_zh
    budget.require(store, submission(store, version="2.0"), manifest("validation"), NOW + dt.timedelta(days=0.51))
    budget.require(store, submission(store, family="另一系列"), manifest("validation"), NOW)


def test_the_legal_entity_has_a_budget_over_all_its_families_however_its_name_is_written(store):
    for number in range(10):
        asked(store, entity="ACME Ltd" if number % 2 else "ａｃｍｅ  LTD", family=f"family {number}", days_ago=1)
    assert refused(store, submission(store, entity="Acme ltd", family="new"), "validation").message_en.startswith("this legal entity")
    budget.require(store, submission(store, entity="Other"), manifest("validation"), NOW)


def test_a_sealed_set_is_run_once_a_version_and_a_family_has_few_tries_for_good(store):
    row = asked(store, version="1.0", days_ago=200)
    issue = refused(store, row, "sealed")
    assert issue.code == "BUD-003"
    assert "new device version" in issue.message_en
    assert "新的产品版本" in issue.message_zh
    asked(store, version="1.1", days_ago=150)
    asked(store, version="1.2", days_ago=100)
    issue = refused(store, submission(store, version="1.3"), "sealed")
    assert (issue.code, "next version" in issue.message_en, "下一个版本" in issue.message_zh) == ("BUD-001", True, True)


def test_the_queries_of_a_validation_set_end_where_its_printed_bound_ends(store, monkeypatch):
    monkeypatch.setattr(budget, "rules", lambda tier: (Rule("set", 4),))
    monkeypatch.setattr(budget, "limit", lambda tier, per: 4)
    for number in range(4):
        asked(store, entity=f"entity {number}", days_ago=100)
    assert refused(store, submission(store, entity="newcomer"), "validation").code == "BUD-004"
    assert budget.queries(store, manifest("validation")) == {"used": 4, "limit": 4, "left": 0}


def test_a_platform_fault_is_never_charged_and_a_running_try_holds_its_place(store):
    for number in range(8):
        asked(store, version=f"1.{number}", charged=False, end_state="not_run")
    budget.require(store, submission(store, version="2.0"), manifest("validation"), NOW)
    for number in range(5):
        asked(store, version=f"3.{number}", charged=False, end_state=None)
    assert refused(store, submission(store, version="4.0"), "validation").code == "BUD-002"


def test_a_practice_set_is_free(store):
    for number in range(20):
        asked(store, version=f"1.{number}")
    budget.require(store, submission(store, version="1.0"), manifest("practice"), NOW)


def test_the_report_counts_the_familys_tries_for_the_optimism_and_says_the_others_apart(store):
    asked(store, family="睿影", version="1", days_ago=5)
    asked(store, family="睿影", version="2", days_ago=4)
    asked(store, family="其他", version="1", days_ago=3)
    asked(store, entity="乙公司", days_ago=2)
    asked(store, family="睿影", version="3", days_ago=1)
    asked(store, family="睿影", version="4", days_ago=0)
    this = registry.evaluations(store)[4]
    told = budget.statement(store, this, manifest("sealed"))
    assert told == {"k": 3, "limit": 3, "entity": 4, "all": 5, "optimism": None}
    assert budget.statement(store, this, manifest("practice")) is None
    assert printed(told | {"k": 1}, [], "auc")["optimism"] is None


def test_the_ledger_says_which_case_was_scored_how_often_and_for_whom(store, tmp_path):
    audit = Audit(tmp_path)
    asked_cases = (("e-1", "entity-a", ["t1", "t2"]), ("e-2", "entity-b", ["t1", "t2"]), ("e-3", "entity-a", ["t1"]))
    for evaluation_id, entity, tokens in asked_cases:
        assert uses.record(store, audit, ACTOR, evaluation_id, "lung@1", entity, tokens) == len(tokens)
        assert uses.record(store, audit, ACTOR, evaluation_id, "lung@1", entity, tokens) == 0
    held = uses.rows(store, "lung", "1")
    assert uses.summary(held) == {"evaluations": 3, "entities": 2, "cases": 2, "least": 2, "most": 3,
                                  "by_entity": {"entity-a": 2, "entity-b": 1}}
    assert [(row["token"], row["scored"], row["entities"]) for row in uses.per_case(held)] == [
        ("t1", 3, ["entity-a", "entity-b"]), ("t2", 2, ["entity-a", "entity-b"])]
    assert uses.missing(audit, held, "lung@1") == []
    assert uses.missing(audit, held[1:], "lung@1") == [held[0]["evaluation_id"]]
    assert uses.rows(store, "lung", "2") == []


@pytest.mark.parametrize("statement", ["UPDATE case_use SET entity = 'entity-x'", "DELETE FROM case_use"])
def test_the_database_itself_refuses_to_change_the_ledger(store, tmp_path, statement):
    uses.record(store, Audit(tmp_path), ACTOR, "e-1", "lung@1", "entity-a", ["t1"])
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), store.begin() as db:
        db.execute(sa.text(statement))
    assert len(uses.rows(store, "lung", "1")) == 1


def test_a_database_of_the_first_shape_gets_the_ledger_and_keeps_its_rows(tmp_path):
    from alembic import command
    from alembic.config import Config

    from governance import store as shape

    url = f"sqlite:///{tmp_path}/old.db"
    config = Config()
    config.set_main_option("script_location", str(shape.Path(shape.__file__).parent / "migrations"))
    with sa.create_engine(url).begin() as db:
        config.attributes["connection"] = db
        command.upgrade(config, "0001")
        db.execute(sa.text("INSERT INTO lease VALUES ('l', 'h', '9')"))
    opened = open_store(url)
    with opened.begin() as db:
        assert db.execute(sa.text("SELECT name FROM lease")).scalar() == "l"
    assert uses.record(opened, Audit(tmp_path), ACTOR, "e-1", "lung@1", "entity-a", ["t1"]) == 1
    opened.close()
