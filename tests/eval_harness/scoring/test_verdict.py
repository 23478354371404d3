import pytest

from eval_harness.base import Absent, Estimate, Interval
from eval_harness.metrics.delong import perfect_separation_lower
from eval_harness.scoring.verdict import Versus, judged, overall


def found(id, value, lower, upper, level=0.95):
    return Estimate(id, value, Interval(lower, upper, level, "two", "wilson"), n=100)


def plan(*endpoints, multiplicity="none"):
    return {"primary": list(endpoints), "multiplicity": multiplicity, "alpha": 0.05, "sided": "two"}


def target(id, value, **more):
    return {"estimate": id, "comparator": {"kind": "target", "value": value}, "alpha": 0.05, "sided": "two", **more}


def never(*_):
    return None


def test_a_bound_on_the_right_side_of_the_target_meets_and_the_value_alone_does_not():
    lines = judged(plan(target("auc", 0.8), target("se", 0.8), multiplicity="bonferroni"),
                   [found("auc", 0.9, 0.81, 0.95, 0.975), found("se", 0.9, 0.79, 0.95, 0.975)], never)
    assert [line["verdict"] for line in lines] == ["met", "not_met"]
    assert overall(lines) == "not_met"


def test_an_estimate_that_should_be_low_is_tested_with_its_upper_bound():
    low = target("fp", 2.0, bound="upper")
    assert judged(plan(low), [found("fp", 1.0, 0.5, 1.9)], never)[0]["verdict"] == "met"
    assert judged(plan(low), [found("fp", 1.0, 0.5, 2.1)], never)[0]["verdict"] == "not_met"


def test_a_fixed_sequence_stops_at_the_first_end_point_that_fails():
    lines = judged(plan(target("a", 0.8), target("b", 0.8), target("c", 0.1), multiplicity="fixed_sequence"),
                   [found("a", 0.9, 0.85, 0.95), found("b", 0.7, 0.6, 0.8), found("c", 0.9, 0.85, 0.95)], never)
    assert [line["verdict"] for line in lines] == ["met", "not_met", "not_tested"]


def test_a_one_sided_alpha_and_bonferroni_ask_for_their_own_level():
    asked = []

    def again(id, level):
        asked.append(round(level, 6))
        return found(id, 0.9, 0.85, 0.95, level)
    judged(plan(target("a", 0.8, alpha=0.05, sided="one")), [found("a", 0.9, 0.85, 0.95)], again)
    both = [found("a", 0.9, 0.85, 0.95), found("b", 0.9, 0.85, 0.95)]
    judged(plan(target("a", 0.8), target("b", 0.8), multiplicity="bonferroni"), both, again)
    assert asked == [0.9, 0.975, 0.975]


def test_a_model_that_ranks_everything_upside_down_has_not_met_its_target():
    upside_down = Estimate("a", 0.0, Interval(0.0, 0.2, 0.95, "upper", "exact_pairs"))
    assert judged(plan(target("a", 0.5)), [upside_down], never)[0]["verdict"] == "not_met"


@pytest.mark.parametrize("estimate", [Estimate("a", 0.9, Absent("single_positive")), Estimate.absent("a", "one_class")])
def test_without_a_usable_bound_the_verdict_is_undetermined_not_met(estimate):
    assert judged(plan(target("a", 0.5)), [estimate], never)[0]["verdict"] == "undetermined"


def test_noninferiority_looks_at_the_paired_difference_and_its_margin():
    endpoint = version()
    row = apart(-0.01, -0.04, 0.02)
    assert judged(plan(endpoint), [found("a", 0.9, 0.8, 0.95)], never, Versus([row]))[0]["verdict"] == "met"
    row["interval"]["lower"] = -0.06
    assert judged(plan(endpoint), [found("a", 0.9, 0.8, 0.95)], never, Versus([row]))[0]["verdict"] == "not_met"
    assert judged(plan(endpoint), [found("a", 0.9, 0.8, 0.95)], never)[0]["verdict"] == "undetermined"


def test_superiority_needs_no_margin_written_down():
    endpoint = version("superiority", None)
    row = apart(0.05, 0.01, 0.09)
    assert judged(plan(endpoint), [found("a", 0.9, 0.8, 0.95)], never, Versus([row]))[0]["verdict"] == "met"


def version(kind="noninferiority", margin=0.05, **more):
    return {"estimate": "a", "comparator": {"kind": kind, "margin": margin, "version": "1"}, "alpha": 0.05, "sided": "two", **more}


def apart(value, lower, upper, level=0.95):
    return {"id": "a", "value": value, "interval": {"lower": lower, "upper": upper, "level": level}}


@pytest.mark.parametrize(("kind", "upper", "verdict"), [
    ("noninferiority", 0.04, "met"), ("noninferiority", 0.06, "not_met"), ("superiority", -0.01, "met"), ("superiority", 0.01, "not_met")])
def test_where_less_is_better_a_version_is_compared_by_the_upper_bound_of_the_difference(kind, upper, verdict):
    """An HD95 that is 3 mm worse has a lower bound far above minus the margin."""
    row = apart(upper - 0.3, upper - 0.6, upper)
    assert judged(plan(version(kind, bound="upper")), [found("a", 0.9, 0.8, 0.95)], never, Versus([row]))[0]["verdict"] == verdict


def test_superiority_takes_no_margin_even_where_one_is_written_down():
    row = apart(0.01, -0.02, 0.04)
    assert judged(plan(version("superiority")), [found("a", 0.9, 0.8, 0.95)], never, Versus([row]))[0]["verdict"] == "not_met"


@pytest.mark.parametrize(("rule", "first"), [("bonferroni", "not_met"), ("holm", "not_met"), ("fixed_sequence", "met")])
def test_a_difference_is_judged_at_the_alpha_that_its_family_leaves_it(rule, first):
    again = {0.95: apart(0.02, 0.001, 0.04), 0.975: apart(0.02, -0.002, 0.042, 0.975)}
    asked = []

    def differ(id, level):
        asked.append(round(level, 9))
        return again[round(level, 9)]
    estimates = [found("a", 0.9, 0.8, 0.95), found("b", 0.7, 0.6, 0.79)]
    lines = judged(plan(version("superiority"), target("b", 0.8), multiplicity=rule), estimates,
                   lambda id, level: found(id, 0.7, 0.6, 0.79, level), Versus([again[0.95]], differ))
    assert [line["verdict"] for line in lines] == [first, "not_met"]
    assert set(asked) == ({0.975} if rule != "fixed_sequence" else set())
    assert lines[0]["bound_value"] == (0.001 if rule == "fixed_sequence" else -0.002)


@pytest.mark.parametrize(("target_value", "verdict"), [(0.87, "met"), (0.89, "not_met")])
def test_a_bound_of_one_side_spends_the_alpha_of_one_side(target_value, verdict):
    """30 positives all above the negatives: 0.884 at one-sided 2.5 %, 0.905 at 5 %."""
    def again(id, level):
        return Estimate(id, 1.0, Interval(perfect_separation_lower(30, 30, level), 1.0, level, "lower", "exact_pairs"))
    line = judged(plan(target("a", target_value)), [again("a", 0.95)], again)[0]
    assert line["verdict"] == verdict
    assert line["bound_value"] == pytest.approx(0.025 ** (1 / 30))
    assert line["level"] == 0.95


def wilson_again(k, n):
    from eval_harness.stats.proportions import wilson
    return lambda id, level: Estimate(id, k[id] / n, Interval(*wilson(k[id], n, level), level, "two", "wilson"), n=n)


@pytest.mark.parametrize(("hits", "verdicts"), [
    ({"a": 100, "b": 99, "c": 90}, ["met", "met", "met"]),          # c clears 0.82 at alpha, not at alpha / 3
    ({"a": 80, "b": 90, "c": 80}, ["not_met", "not_met", "not_met"]),   # b clears alpha alone, but it is the best of three
    ({"a": 100, "b": 80, "c": 79}, ["met", "not_met", "not_met"]),
])
def test_holm_steps_down_and_agrees_with_adjusted_p_values(hits, verdicts):
    from eval_harness.stats.proportions import wilson
    again = wilson_again(hits, 100)
    targets = [target(id, 0.82) for id in "abc"]
    lines = judged(plan(*targets, multiplicity="holm"), [again(id, 0.95) for id in "abc"], again)
    assert [line["verdict"] for line in lines] == verdicts
    assert [line["gate"] for line in lines] == [1, 2, 3]
    assert wilson(90, 100, 1 - 0.05 / 3)[0] < 0.82 < wilson(90, 100, 0.95)[0]
