from itertools import combinations
from statistics import NormalDist

import numpy as np
import pytest

from eval_harness.base import Absent
from eval_harness.protocol.plan import default_plan
from eval_harness.scoring import facts, pack_json
from eval_harness.scoring.estimates import Estimator
from eval_harness.scoring.ladder import GRIDS, Ladder, person_losses, released, smooth
from eval_harness.scoring.measures import measure_run
from eval_harness.scoring.optimism import (
    best_of_k_binomial,
    best_of_k_normal,
    ladder_card,
    two_valued_losses,
    voting_attack,
)
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.stats.ladder import parameter_free
from eval_harness.tasks import load_pack


def test_a_try_that_is_not_really_better_moves_nothing():
    rng = np.random.default_rng(1)
    base = rng.random(400) < 0.3
    ladder = Ladder()
    first = ladder.ask(base.astype(float))
    almost = base.copy()
    almost[np.flatnonzero(base)[:1]] = False
    second = ladder.ask(almost.astype(float))
    assert not second.better
    assert second.value == first.value
    better = base & (rng.random(400) < 0.5)
    assert ladder.ask(better.astype(float)).better


def test_the_shown_value_is_never_above_the_measured_one_and_lies_on_its_grid():
    rng = np.random.default_rng(2)
    ladder = Ladder()
    for rate in (0.5, 0.4, 0.25, 0.1):
        losses = (rng.random(500) < rate).astype(float)
        release = ladder.ask(losses)
        assert release.value <= 1 - losses.mean() + 1e-12
        assert release.grid >= release.eta


def test_the_pure_trace_and_ours_move_at_the_same_tries():
    """Conformance: the parameter-free Ladder of the paper, on losses that improve by chance and then really."""
    rng = np.random.default_rng(3)
    losses = np.array([(rng.random(500) < rate).astype(float) for rate in [0.5] * 20 + list(np.linspace(0.48, 0.2, 20))])
    pure = parameter_free(losses)
    ladder = Ladder()
    moved = [ladder.ask(row).better for row in losses]
    assert moved == [True, *(pure[1:] != pure[:-1])]


def test_pseudo_values_of_persons_average_to_the_metric():
    pack = pack_json(load_pack("chest-dr"))
    evidence, _ = made_evidence(pack, lambda p, d: {**default_plan(p, d), "B": 200}, n=80)
    measured = measure_run(evidence.results, evidence.keys, evidence.truths, pack)
    estimator = Estimator(pack, evidence.protocol, measured)
    losses = person_losses(estimator, pack["estimates"][0])
    assert 1 - losses.mean() == pytest.approx(estimator.all()[0].value, abs=0.01)
    assert smooth(pack["estimates"][0])
    assert not smooth({"metric": "cpm", "params": {"rule": "step"}})


def test_a_release_is_a_value_without_interval():
    made = released("auc", Ladder().ask(np.array([0.0, 1.0, 0.0, 0.0])), 4)
    assert made.interval == Absent("ladder_release")


def labels(positives, negatives):
    return [(f"p{number}", {"label": int(number < positives)}) for number in range(positives + negatives)]


@pytest.mark.parametrize(("positives", "negatives"), [(30, 30), (53, 447), (150, 150), (400, 600)])
def test_the_bound_on_the_card_holds_against_a_voting_attack_of_500_queries(positives, negatives):
    """100 attacks with seeds of their own exceed the printed bound in at most one per cent; naive release would by far more."""
    bound = ladder_card("binary", labels(positives, negatives), 500)["bound"]
    excess = [voting_attack(positives, negatives, 500, np.random.default_rng([2026, run])) for run in range(100)]
    assert sum(value > bound + 1e-12 for value in excess) <= 1
    assert 0 < bound <= 0.2
    rng, n = np.random.default_rng(7), positives + negatives
    answers, truth = rng.integers(0, 2, (500, n)), np.arange(n) < positives
    scores = (answers[:, truth].mean(axis=1) + 1 - answers[:, ~truth].mean(axis=1)) / 2
    vote = answers[scores > 0.5].mean(axis=0) > 0.5
    assert (vote[truth].mean() + 1 - vote[~truth].mean()) / 2 - 0.5 > bound


@pytest.mark.parametrize(("kind", "truths", "known"), [
    ("binary", labels(9, 500), False), ("binary", labels(10, 10), True),
    ("multilabel", [(f"p{i}", {"labels": {"a": i % 2, "b": int(i < 12) if i < 90 else None}}) for i in range(100)], True),
    ("froc.points", [(f"p{i % 40}", {"nodules": []}) for i in range(80)], True), ("mask", [("p", {})] * 100, False)])
def test_the_card_has_a_bound_for_every_kind_or_says_that_the_set_is_too_small(kind, truths, known):
    card = ladder_card(kind, truths, 50)
    assert (card["bound"] is not None) == known
    assert card["queries"] == 50


def test_the_bound_on_the_card_says_no_more_of_the_classes_than_tens():
    assert ladder_card("binary", labels(50, 450), 100) == ladder_card("binary", labels(59, 459), 100)


def told(answers, labellings):
    """What the Ladder shows after each answer, under every labelling at once: float[labellings, answers]. As `Ladder.ask`."""
    n, p = labellings.shape[1], int(labellings[0].sum())
    weight, grids = np.where(labellings, n / (2 * p), n / (2 * (n - p))), np.array(GRIDS)
    out, shown, best = np.empty((len(labellings), len(answers))), np.full(len(labellings), np.inf), None
    for query, answer in enumerate(answers):
        losses = weight * ((answer > 0)[None] != labellings)
        step = np.std(losses if best is None else losses - best, axis=1, ddof=1) / np.sqrt(n)
        mean = losses.mean(axis=1)
        better = np.ones(len(labellings), bool) if best is None else mean < best.mean(axis=1) - step
        grid = grids[np.minimum(np.searchsorted(grids, step), len(grids) - 1)]
        shown = np.where(better, np.minimum(shown, np.round(np.ceil(mean / grid - 1e-9) * grid, 10)), shown)
        best = losses if best is None else np.where(better[:, None], losses, best)
        out[:, query] = np.round(1 - shown, 10)
    return out


def solved(positives, negatives, seed, queries=40):
    """(share of fitting labellings in which a case is positive, truth) after random answers: the exact posterior."""
    n = positives + negatives
    answers = np.random.default_rng([n, seed, 1]).integers(0, 2, (queries, n))
    truth = np.random.default_rng([n, seed]).permutation(np.arange(n) < positives)
    ladder = Ladder()
    heard = [ladder.ask(two_valued_losses(answer, truth)).value for answer in answers]
    chosen = np.array(list(combinations(range(n), positives)))
    labellings = np.zeros((len(chosen), n), bool)
    labellings[np.arange(len(chosen))[:, None], chosen] = True
    return labellings[(told(answers, labellings) == heard).all(axis=1)].mean(axis=0), truth


SOLVED = [(10, 10, seed) for seed in range(5)] + [(10, 11, 0)]


def test_by_solver_the_ladder_of_the_smallest_allowed_validation_set_names_no_label():
    """40 answers are eight weeks of a family's budget. Ten of each class are the least for which a card has a bound."""
    right = []
    for positives, negatives, seed in SOLVED:
        share, truth = solved(positives, negatives, seed)
        assert share.min() > 0.01
        assert share.max() < 0.99
        right.append(((share > 0.5) == truth).mean())
    assert np.mean(right) <= 0.5 + ladder_card("binary", labels(10, 10), 40)["bound"]


def test_by_solver_a_smaller_set_would_give_labels_away_so_it_has_no_bound_and_is_refused():
    share, truth = solved(5, 5, 4)
    assert share.min() == 0.0
    assert not truth[share == 0.0].any()
    assert ladder_card("binary", labels(9, 9), 40)["bound"] is None


def test_a_rougher_grid_never_makes_the_shown_value_worse():
    for seed in range(200):
        rng, ladder, shown = np.random.default_rng(seed), Ladder(), -1.0
        for _ in range(30):
            value = ladder.ask((rng.random(20) < rng.random()) * rng.random() * 2).value
            assert value >= shown
            shown = value


@pytest.mark.parametrize(("n", "k", "printed"), [(100, 10, 0.044), (100, 100, 0.067), (500, 10, 0.020), (1000, 1000, 0.029)])
def test_best_of_k_matches_the_simulated_table_of_the_reference(n, k, printed):
    assert best_of_k_binomial(0.9, n, k) == pytest.approx(printed, abs=0.001)


def test_best_of_k_matches_a_simulation_and_one_try_has_no_optimism():
    rng = np.random.default_rng(5)
    simulated = (rng.binomial(300, 0.8, (20_000, 20)).max(axis=1) / 300).mean() - 0.8
    assert best_of_k_binomial(0.8, 300, 20) == pytest.approx(simulated, abs=0.0006)
    assert best_of_k_normal(np.sqrt(0.16 / 300), 20) == pytest.approx(simulated, abs=0.002)
    assert best_of_k_normal(1.0, 1) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("k", [2, 5, 10])
def test_the_optimism_in_the_report_is_what_the_best_of_k_runs_gains_in_a_simulation(k):
    """The AUC of k models of equal quality on sets of 200 cases, 2,000 times; the report knows only its one interval."""
    pack = pack_json(load_pack("chest-dr"))
    evidence, _ = made_evidence(pack, lambda p, d: {**default_plan(p, d), "B": 200}, n=200, quality=1.2, seed=3)
    measured = measure_run(evidence.results, evidence.keys, evidence.truths, pack)
    estimates = Estimator(pack, evidence.protocol, measured).all()
    printed = facts.budget({"k": k, "limit": 3, "entity": k, "all": 50}, estimates, "auc")["optimism"]
    positives = estimates[0].counts["positive"]
    rng, gain = np.random.default_rng(11), []
    for _ in range(2000):
        scores = rng.normal(size=(k, 200))
        scores[:, :positives] += 1.2
        ranks = scores.argsort(axis=1).argsort(axis=1) + 1
        gain.append(((ranks[:, :positives].sum(axis=1) - positives * (positives + 1) / 2) / (positives * (200 - positives))).max())
    simulated = np.mean(gain) - NormalDist().cdf(1.2 / 2**0.5)
    assert printed == pytest.approx(simulated, rel=0.2)
