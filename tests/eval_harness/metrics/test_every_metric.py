"""What holds for every line of the registry."""
from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_rows import params_of, repeated, rows_of

from eval_harness.metrics import registry
from eval_harness.metrics.registry import metric, names, register
from eval_harness.stats import bootstrap as bs
from eval_harness.stats import estimates as es

SHIPPED = sorted(names())


def made(name, seed=0):
    spec = metric(name)
    return spec, rows_of(spec.kind, np.random.default_rng(seed)), params_of(spec)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("seed", range(4))
def test_a_weight_means_repetition(name, seed):
    spec, rows, params = made(name, seed)
    if name == "ece_mass":   # equal scores at a bin's border fall by their order
        rows = replace(rows, score=np.random.default_rng(seed).random(len(rows.score)))
    times = np.random.default_rng(seed + 99).integers(0, 3, rows.n_persons)
    times[:2] = 1
    again = repeated(rows, times)
    weighted, plain = spec(rows, times[None, :], **params)[0], spec(again, bs.ones(again.n_persons), **params)[0]
    assert weighted == pytest.approx(plain, rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_order_of_persons_does_not_matter(name):
    spec, rows, params = made(name)
    order = np.random.default_rng(1).permutation(rows.n_persons)
    changed = {"person": order[rows.person]}
    for column in ("lesions", "scans", "boxes", "images"):
        if getattr(rows, column, None) is not None:
            changed[column] = getattr(rows, column)[np.argsort(order)]
    other = replace(rows, **changed)
    weights = np.random.default_rng(2).integers(0, 3, (5, rows.n_persons))
    assert spec(rows, weights, **params) == pytest.approx(spec(other, weights[:, np.argsort(order)], **params), nan_ok=True)


@pytest.mark.parametrize("name", SHIPPED)
def test_values_stay_in_the_stated_range(name):
    for seed in range(5):
        spec, rows, params = made(name, seed)
        values = spec(rows, bs.draw(rows.n_persons, 50, seed), **params)
        assert values.shape == (50,)
        values = values[np.isfinite(values)]
        assert len(values) > 0
        assert spec.low is None or values.min() >= spec.low - 1e-12
        assert spec.high is None or values.max() <= spec.high + 1e-12


@pytest.mark.parametrize("name", SHIPPED)
def test_every_metric_becomes_an_estimate_with_an_interval_around_it(name):
    spec, rows, params = made(name)
    found = es.bootstrapped(name, spec, rows, bs.draw(rows.n_persons, 200, 3), 3, params=params)
    assert found.interval.lower <= found.interval.upper
    assert found.resamples["B"] == 200
    assert found.unit == spec.unit


def test_a_parameter_of_another_metric_is_refused_by_name():
    spec, rows, _ = made("auc")
    with pytest.raises(TypeError, match="unknown"):
        spec(rows, bs.ones(rows.n_persons), threshold=0.5)
    spec, rows, _ = made("sensitivity")
    with pytest.raises(TypeError, match="missing"):
        spec(rows, bs.ones(rows.n_persons))


def test_rows_of_another_kind_are_refused():
    _, rows, _ = made("cpm")
    with pytest.raises(TypeError, match="takes binary rows"):
        metric("auc")(rows, bs.ones(rows.n_persons))


def test_an_unknown_name_gets_the_nearest_ones():
    with pytest.raises(KeyError, match="specificity"):
        metric("specifisity")


def test_a_new_metric_is_one_file_and_one_line(tmp_path, monkeypatch):
    (tmp_path / "triage.py").write_text(
        "import numpy as np\n"
        "def flagged_share(rows, weights, threshold):\n"
        "    per_person = np.bincount(rows.person[rows.score >= threshold], minlength=rows.n_persons)\n"
        "    return weights @ per_person / (weights @ np.bincount(rows.person, minlength=rows.n_persons))\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "_added", {})
    register("flagged_share", kind="binary", function="triage:flagged_share", params=["threshold"], better="none", low=0, high=1)
    rows = rows_of("binary", np.random.default_rng(0))
    found = es.bootstrapped("flagged", metric("flagged_share"), rows, bs.draw(rows.n_persons, 100, 1), 1, params={"threshold": 0.5})
    assert found.value == pytest.approx((rows.score >= 0.5).mean())
    assert found.interval.lower < found.value < found.interval.upper


def test_a_name_that_is_taken_cannot_be_given_to_another_function(monkeypatch):
    monkeypatch.setattr(registry, "_added", {})
    with pytest.raises(ValueError, match="exists"):
        register("auc", kind="binary", function="elsewhere.pack:auc", better="higher")


NUMPY_ONLY = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"scipy", "pydantic", "yaml", "sklearn", "pandas", "statsmodels", "typer", "rich", "cryptography"}:
            raise ImportError(name)
sys.meta_path.insert(0, Nothing())
import numpy as np
from eval_harness.metrics.registry import metric, names
from eval_harness.stats import bootstrap, estimates
from made_rows import params_of, rows_of
for name in names():
    spec = metric(name)
    rows = rows_of(spec.kind, np.random.default_rng(0))
    estimates.bootstrapped(name, spec, rows, bootstrap.draw(rows.n_persons, 20, 1), 1, params=params_of(spec))
rows = rows_of("binary", np.random.default_rng(0))
estimates.auc("auc", rows); estimates.auc_difference("d", rows, rows); estimates.proportion("p", 3, 9, "clopper_pearson")
print("done")
"""


def test_every_estimate_can_be_recomputed_where_only_numpy_is_installed():
    found = subprocess.run([sys.executable, "-c", NUMPY_ONLY], capture_output=True, text=True, timeout=120, check=False,
                           env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)})
    assert found.stdout.strip() == "done", found.stderr[-2000:]
