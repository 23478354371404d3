"""Validation sets, repeat cases and canary cases, made at freeze."""
from __future__ import annotations

from datasets_built import SPEC, marks

from eval_harness.testset.layout import read_set
from eval_harness.testset.reference import open_reference
from pipelines.deid_zone import cohort, frozen
from pipelines.deid_zone.draft import DraftFolder
from pipelines.deid_zone.freeze import freeze
from pipelines.deid_zone.readings import import_readings
from schemas.shapes.dataset import DatasetSpec

HIDING = {"split": {"practice": 0.17, "validation": 0.17, "seed": 1}, "hidden": {"repeats": 0.5, "canaries": 0.2}}


def test_a_validation_set_has_persons_of_its_own_and_the_ladder_on_its_card(hospital, platform, tmp_path):
    DraftFolder(hospital.home, "nodules").write(cohort.build(hospital.home, "nodules", DatasetSpec.model_validate(SPEC | HIDING)))
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv"))
    outcome = freeze(platform, hospital.engine, "nodules")
    assert {made.set_id for made in outcome.sets} == {"nodules", "nodules-practice", "nodules-validation"}
    assert frozen.outcome_view(outcome)["dataset_id"] == "nodules"
    persons = {}
    for made in outcome.sets:
        folder = hospital.home.frozen / made.set_id / "1"
        persons[made.set_id] = {key["person"] for key in frozen.keys(hospital.home, folder).values()}
    assert sum(len(found) for found in persons.values()) == len(set.union(*persons.values()))
    shown = frozen.shown(hospital.home, "nodules-validation")
    assert read_set(hospital.home.frozen / "nodules-validation" / "1").manifest.tier == "validation"
    assert (shown["card"]["ladder"]["queries"], shown["card"]["ladder"]["bound"]) == (500, None), "one case: no bound"
    assert frozen.shown(hospital.home, "nodules")["card"].get("ladder") is None


def test_repeat_and_canary_cases_are_declared_in_the_sealed_part_only(hospital, platform, tmp_path):
    spec = DatasetSpec.model_validate(SPEC | HIDING | {"split": {"practice": 0.0}})
    DraftFolder(hospital.home, "nodules").write(cohort.build(hospital.home, "nodules", spec))
    import_readings(hospital.home, "nodules", marks(tmp_path / "m.csv"))
    (made,) = freeze(platform, hospital.engine, "nodules").sets
    folder, sealed = hospital.home.frozen / "nodules" / "1", hospital.home.sealed / "nodules" / "1"
    held = read_set(folder)
    pairs = open_reference(held, sealed)
    roles = {key.token: key.role for key, _ in pairs}
    assert (made.cases, sorted(roles.values()).count("canary"), sorted(roles.values()).count("repeat")) == (8, 1, 2)
    by_case = {key.case_id: truth.value for key, truth in pairs if key.role == "scored"}
    images = {case.token: [socket.sha256 for socket in case.inputs if socket.socket != "case"] for case in held.cases}
    for key, truth in pairs:
        number = int(key.study.removeprefix("2.25.10"))
        assert (len(truth.value["nodules"]) == number % 2) == (key.role != "canary")
        if key.role == "repeat":
            assert truth.value == by_case[key.case_id]
            assert images[key.token] in [images[other.token] for other, _ in pairs if other.token != key.token]
        if key.role == "canary":
            assert key.case_id not in by_case
    outside = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.suffix in (".json", ".jsonl"))
    assert not any(word in outside for word in (b'"role"', b'"canary"', b'"repeat"'))
    assert "hidden_cases" in frozen.shown(hospital.home, "nodules")["card"]
    gone = frozen.withdraw(platform, reason="consent-revoked", on="2026-11-26", study=next(k.study for k, _ in pairs if k.role == "repeat"))
    assert len(gone) == 2, "a case and its repeat leave together"
