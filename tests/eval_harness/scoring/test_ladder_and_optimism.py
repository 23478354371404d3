import numpy as np
import pytest

from eval_harness.base import Absent
from eval_harness.protocol.plan import default_plan
from eval_harness.scoring import pack_json
from eval_harness.scoring.estimates import Estimator
from eval_harness.scoring.ladder import Ladder, person_losses, released, smooth
from eval_harness.scoring.measures import measure_run
from eval_harness.scoring.optimism import best_of_k_binomial, best_of_k_normal, voting_attack, voting_bound
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


def test_the_printed_bound_holds_against_a_voting_attack_of_500_queries():
    """100 attacks with seeds of their own exceed the bound of 600 simulated ones in at most one per cent."""
    bound = voting_bound(150, 150, 500, runs=300, seed=8)
    excess = [voting_attack(150, 150, 500, np.random.default_rng([2026, run])) for run in range(100)]
    assert sum(value > bound + 1e-12 for value in excess) <= 1
    assert 0 < bound < 0.2


@pytest.mark.parametrize(("n", "k", "printed"), [(100, 10, 0.044), (100, 100, 0.067), (500, 10, 0.020), (1000, 1000, 0.029)])
def test_best_of_k_matches_the_simulated_table_of_the_reference(n, k, printed):
    assert best_of_k_binomial(0.9, n, k) == pytest.approx(printed, abs=0.001)


def test_best_of_k_matches_a_simulation_and_one_try_has_no_optimism():
    rng = np.random.default_rng(5)
    simulated = (rng.binomial(300, 0.8, (20_000, 20)).max(axis=1) / 300).mean() - 0.8
    assert best_of_k_binomial(0.8, 300, 20) == pytest.approx(simulated, abs=0.0006)
    assert best_of_k_normal(np.sqrt(0.16 / 300), 20) == pytest.approx(simulated, abs=0.002)
    assert best_of_k_normal(1.0, 1) == pytest.approx(0, abs=1e-9)
