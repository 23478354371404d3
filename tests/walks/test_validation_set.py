"""The middle tier: a vendor asks a validation set again and again and is told one number, which moves only when it is really better."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval_harness.base import Retryable, Terminal, WrongUsage, dsse
from eval_harness.scoring.optimism import ladder_card
from eval_harness.tasks import load_pack
from eval_harness.testset import write_set
from governance import evaluations, registry, uses
from governance.desk import open_desk
from governance.signing import load_public_key
from governance.view import evaluation_view, uses_view
from pipelines.settings import settings

SET, CASES = "walk-validation", 60


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with open_desk(settings(tmp_path_factory.mktemp("validation") / "home")) as desk:
        pack = load_pack("chest-dr")
        for name, number in ((SET, CASES), (f"{SET}-tiny", 8)):
            cases, folder = list(pack.synthetic(12, number)), desk.home.frozen / name / "1"
            folder.parent.mkdir(parents=True)
            card = {"ladder": ladder_card("binary", [(key.person, truth.value) for _, key, truth in cases], 500)}
            write_set(folder, desk.home.sealed / name / "1", set_id=name, version="1", task="chest-dr", cases=cases, visibility="sealed",
                      card=card, provenance={"tier": "validation"}, signing_key=desk.signing_key.private)
            registry.add_dataset(desk.store, dataset_id=name, version="1", task="chest-dr", visibility="sealed", state="frozen",
                                 manifest_sha256="0" * 64, facts={})
        yield desk


@pytest.fixture(scope="module")
def parcel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parcel") / "submission"
    load_pack("chest-dr").reference_model(folder)
    return folder


@pytest.fixture(scope="module")
def asked(desk, parcel):
    row = evaluations.submit(desk, parcel, "chest-dr", "示例医疗", "胸片助手", "1.0")
    return evaluations.evaluate(desk, row["submission_id"], SET)


def test_one_value_without_interval_is_released_and_signed(desk, asked):
    released = asked["facts"]["release"]
    assert asked["state"] == "reported"
    assert 0 < released["value"] <= 1
    assert released["interval"] == {"absent": "ladder_release"}
    assert (released["counts"], released["stratum"]) == ({}, "all")
    trusted = load_public_key(desk.home.signing_key.with_suffix(".pub"))
    (path,) = evaluation_view(desk, asked)["files"]
    body, _ = dsse.open_envelope(Path(path).read_bytes(), trusted)
    assert body["predicate"]["estimate"] == released


def test_nothing_else_that_truth_went_into_leaves_the_sealed_zone(desk, asked):
    assert (desk.score_folder(asked["evaluation_id"]) / "facts.full.json").exists()
    view = evaluation_view(desk, asked)
    assert not {"primary", "verdict", "n_imputed", "comparison"} & set(view)
    shown = json.dumps(view) + json.dumps(registry.evaluation(desk.store, asked["evaluation_id"])["facts"])
    assert "verdict" not in shown
    assert "lower" not in shown
    assert [path.name for path in desk.evidence_folder(asked["evaluation_id"]).iterdir()] == ["release.dsse.json"]
    outside = [path for path in desk.home.root.rglob("*") if path.is_file() and "ladders" in path.parts and "sealed" not in path.parts]
    assert outside == []


def test_the_same_model_again_is_told_the_same_and_typing_again_asks_nothing(desk, asked, parcel):
    row = evaluations.submit(desk, parcel, "chest-dr", "示例医疗", "胸片助手", "1.1")
    again = evaluations.evaluate(desk, row["submission_id"], SET)
    assert again["evaluation_id"] != asked["evaluation_id"]
    assert again["facts"]["release"] == asked["facts"]["release"]
    state = desk.ladder_file(again).read_bytes()
    assert evaluations.evaluate(desk, row["submission_id"], SET) == again
    registry.change_evaluation(desk.store, again["evaluation_id"], state="predicted")      # as after a kill
    assert evaluations.evaluate(desk, row["submission_id"], SET)["facts"]["release"] == again["facts"]["release"]
    assert desk.ladder_file(again).read_bytes() == state


def test_each_legal_entity_has_a_ladder_of_its_own_and_every_try_is_in_the_ledger(desk, asked, parcel):
    row = evaluations.submit(desk, parcel, "chest-dr", "另一家公司", "胸片助手", "1.0")
    other = evaluations.evaluate(desk, row["submission_id"], SET)
    assert desk.ladder_file(other) != desk.ladder_file(asked)
    view = uses_view(desk, SET)
    assert (view["tier"], view["whole"], view["cases"]) == ("validation", True, CASES)
    assert view["queries"]["used"] == view["evaluations"] == len({one["evaluation_id"] for one in uses.rows(desk.store, SET, "1")})
    assert {one["name"] for one in view["by_entity"]} == {"示例医疗", "另一家公司"}
    assert {one["scored"] for one in view["per_case"]} == {view["evaluations"]}


@pytest.mark.parametrize("option", ["plan", "compare"])
def test_a_plan_or_a_comparison_is_refused_because_both_would_tell_more(desk, asked, tmp_path, option):
    with pytest.raises(WrongUsage) as caught:
        evaluations.evaluate(desk, asked["submission_id"], SET, **{option: {"plan": tmp_path / "p.json", "compare": "e-1"}[option]})
    assert caught.value.issue.code == "EVL-005"


def test_a_validation_set_too_small_for_a_bound_is_refused_because_its_values_would_name_labels(desk, asked):
    with pytest.raises(Terminal) as caught:
        evaluations.start(desk, asked["submission_id"], f"{SET}-tiny")
    assert caught.value.issue.code == "EVL-006"


def test_the_commands_show_queries_bound_and_ledger(desk, asked, capsys):
    from pipelines.cli import model

    home = str(desk.home.root)
    assert model.uses(SET, cases=True, home=home, lang="en") == 0
    said = capsys.readouterr()
    text = said.out + said.err
    bound = desk.home.frozen.joinpath(SET, "1", "card.json").read_text()
    assert "empirical Ladder bound (500 queries): +0." in text
    assert '"queries":500' in bound
    assert asked["evaluation_id"] not in text
    assert model.status(asked["evaluation_id"], home=home, as_json=True) == 0
    assert set(json.loads(capsys.readouterr().out)) >= {"released", "tier"}


def test_a_fault_of_the_platform_charges_nothing_and_the_last_free_try_is_refused_with_a_date(desk, parcel, monkeypatch):
    from governance import evaluations as flow
    from schemas.messages import messages

    def lost(*_args, **_kwargs):
        raise Retryable(messages().issue("STO-001", "node", reason="lost"))

    done = []
    for number in range(5):
        row = evaluations.submit(desk, parcel, "chest-dr", "第三家公司", "胸片助手", f"3.{number}")
        if number == 0:
            with monkeypatch.context() as broken:
                broken.setattr(flow, "run_submission", lost)
                with pytest.raises(Retryable):
                    evaluations.evaluate(desk, row["submission_id"], SET)
            (held,) = registry.evaluations(desk.store, row["submission_id"])
            assert (held["state"], held["charged"], held["end_state"]) == ("predicting", False, "not_run")
        if number < 4:
            evaluation_id = evaluations.start(desk, row["submission_id"], SET)
            registry.change_evaluation(desk.store, evaluation_id, state="reported", charged=True, end_state="complete")
        done.append(row)
    evaluations.evaluate(desk, done[4]["submission_id"], SET)
    row = evaluations.submit(desk, parcel, "chest-dr", "第三家公司", "胸片助手", "3.9")
    with pytest.raises(Terminal) as caught:
        evaluations.start(desk, row["submission_id"], SET)
    assert caught.value.issue.code == "BUD-002"
    assert "UTC" in caught.value.issue.message_zh
