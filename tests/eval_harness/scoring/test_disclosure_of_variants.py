"""What a plan that declares altered and repeated copies adds to a vendor edition of a sealed set: nothing that knows a label."""
import json
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from variant_attacker import guessed, recovered, with_variants

from eval_harness.protocol.plan import default_plan
from eval_harness.scoring import pack_json
from eval_harness.scoring.disclose import redact
from eval_harness.scoring.facts import build
from eval_harness.scoring.measures import measure_run
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.tasks import load_pack

SETS = [(40, 30, 20), (120, 60, 20), (240, 240, 200), (240, 120, 120)]
"""(cases of the set, variants, cases a variant)"""


def quick(pack, dataset):
    return {**default_plan(pack, dataset), "B": 20}


def evidence_of(n, task="chest-dr", **kwargs):
    pack = pack_json(load_pack(task))
    return made_evidence(pack, quick, visibility="sealed", n=n, **kwargs)[0]


def facts_of(evidence):
    return build(evidence, measure_run(evidence.results, evidence.keys, evidence.truths, evidence.pack), {})


def labelled(evidence, labels):
    truths = evidence.truths
    return replace(evidence, truths={key.token: replace(truths[key.token], value={"label": int(label)})
                                     for key, label in zip(evidence.keys, labels, strict=True)})


def of_copies(facts):
    """What facts say of copies, as text."""
    return json.dumps({name: facts[name] for name in ("robustness", "repeatability", "accounting")}, sort_keys=True)


@pytest.mark.parametrize(("n", "variants", "cases"), SETS)
def test_many_variants_answered_at_will_tell_no_label(n, variants, cases):
    evidence = evidence_of(n, quality=0.0, seed=n)
    labels = np.array([evidence.truths[key.token].value["label"] for key in evidence.keys])
    asked_of, asked = with_variants(evidence, variants, cases)
    full = facts_of(asked_of)
    known = np.full(n, labels.mean())
    majority = max(known[0], 1 - known[0])
    assert recovered(guessed(full["robustness"], asked, known), labels) > majority + 0.1      # the same attack on the regulator's facts
    assert np.array_equal(guessed(redact(full)["robustness"], asked, known), known)


@pytest.mark.parametrize(("n", "cases"), [(40, 20), (240, 20), (240, 150)])
def test_whatever_the_labels_are_the_vendor_reads_the_same_about_copies(n, cases):
    evidence = evidence_of(n, seed=n)
    rng = np.random.default_rng(n)
    told = {of_copies(redact(facts_of(with_variants(labelled(evidence, rng.random(n) < share), 4, cases, repeats=cases)[0])))
            for share in (0.1, 0.3, 0.5, 0.5, 0.9)}
    assert len(told) == 1


@pytest.mark.parametrize(("task", "n"), [("chest-dr", 40), ("chest-dr", 300), ("lung-nodule-ct", 40), ("lung-nodule-ct", 200)])
def test_a_vendor_edition_with_copies_is_the_one_without_but_for_the_count_of_cases(task, n):
    """So whatever an attacker may read of a set with variants, he may read of it without."""
    evidence = evidence_of(n, task, seed=n, quality=1.6)
    more, _ = with_variants(evidence, 5, 20, repeats=20, answer=None if task == "chest-dr" else {"marks": []})
    plain, copied = ({name: value for name, value in redact(facts_of(one)).items() if name not in ("protocol", "accounting")}
                     for one in (evidence, more))
    assert copied == plain


def test_by_solver_every_labelling_of_a_small_set_with_copies_gives_the_same_vendor_facts():
    evidence = evidence_of(6, seed=1)
    told = {of_copies(redact(facts_of(with_variants(labelled(evidence, labels), 3, 4, repeats=3)[0]), {"min_cell": 2}))
            for labels in product((0, 1), repeat=6)}
    assert len(told) == 1


def test_copies_do_not_say_which_cases_are_canaries():
    """Every choice of two canaries among six cases: which copies count would name them, one variant of one case after the other."""
    evidence = evidence_of(6, seed=2)
    told = set()
    for chosen in combinations(range(6), 2):
        keys = [replace(key, role="canary" if at in chosen else "scored") for at, key in enumerate(evidence.keys)]
        told.add(of_copies(redact(facts_of(with_variants(replace(evidence, keys=keys), 3, 1, repeats=2)[0]))))
    assert len(told) == 1


def test_two_answers_to_one_scan_do_not_say_whether_a_mark_hits():
    """The second answer adds a mark beside a first: same measurement where that place holds a nodule, another where it holds none."""
    evidence = evidence_of(40, task="lung-nodule-ct", seed=3)
    key = next(key for key in evidence.keys if evidence.truths[key.token].value["nodules"])
    place = {axis: evidence.truths[key.token].value["nodules"][0][axis] for axis in "xyz"}
    first = next(one for one in evidence.results if one.token == key.token)
    one_mark, two = ({"marks": [{**place, "score": score} for score in scores]} for scores in ((0.9,), (0.9, 0.1)))
    copy = replace(key, token="f" * 32, role="repeat")
    told = set()
    for nodules in ([], evidence.truths[key.token].value["nodules"]):
        truth = replace(evidence.truths[key.token], value={"nodules": nodules})
        results = [replace(one, output=one_mark) if one.token == key.token else one for one in evidence.results]
        made = replace(evidence, keys=[*evidence.keys, copy], truths={**evidence.truths, key.token: truth, copy.token: truth},
                       results=[*results, replace(first, token=copy.token, output=two)])
        told.add(json.dumps(redact(facts_of(made))["repeatability"]))
    assert len(told) == 1


def test_a_practice_set_tells_all_about_its_copies():
    pack = pack_json(load_pack("chest-dr"))
    evidence = with_variants(made_evidence(pack, quick, n=30)[0], 2, 10, repeats=5)[0]
    facts = redact(facts_of(evidence))
    assert [one["variant"] for one in facts["robustness"]] == ["v000", "v001"]
    assert facts["repeatability"]["n"] == 5
