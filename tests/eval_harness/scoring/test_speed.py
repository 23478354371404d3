"""Latency from telemetry, by the names under which LoadGen speaks of it."""
from __future__ import annotations

import pytest

from eval_harness.base import Telemetry
from eval_harness.scoring.speed import scenarios, summary


def test_each_scenario_has_its_own_percentile_over_its_own_unit():
    found = scenarios([number / 1000 for number in range(1, 101)])
    assert found["SingleStream"] == {"percentile": 90, "latency_s": 0.09}
    assert found["MultiStream"]["latency_s"] == pytest.approx(sum(range(89, 97)) / 1000)   # the twelfth and last whole query
    assert found["Offline"]["samples_per_s"] == pytest.approx(100 / 5.05)
    assert found["Server"]["queries_per_s"] == pytest.approx(0.8 * 100 / 5.05)
    assert found["Server"]["latency_s"] >= 0.1


def test_a_queue_makes_no_case_faster_and_an_even_one_makes_the_rare_slow_case_dear():
    even, uneven = ([0.1] * 1000, ([0.01] * 49 + [9.1]) * 20)
    assert scenarios(even)["Server"]["latency_s"] > 0.1
    assert scenarios(uneven)["Server"]["latency_s"] >= 9.1 > scenarios(uneven)["SingleStream"]["latency_s"]
    assert scenarios(even)["Server"] == scenarios(even)["Server"]


def test_nothing_timed_is_said_as_nothing_and_few_cases_make_no_query_of_eight():
    assert scenarios([]) is None
    assert scenarios([0.5])["MultiStream"]["latency_s"] is None


def test_only_the_last_attempt_of_a_case_counts():
    rows = [Telemetry("r", "t", attempt, None, 9.0 if attempt == 1 else 1.0, 0.0, 0.0, 0, "n") for attempt in (1, 2)]
    assert summary(rows, [])["scenarios"]["SingleStream"]["latency_s"] == 1.0
