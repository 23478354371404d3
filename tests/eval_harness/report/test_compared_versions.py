"""A paired comparison of two runs says when another version of the harness made the other one."""
from dataclasses import replace

import pytest

from eval_harness.protocol.plan import default_plan
from eval_harness.report.edition import vendor_members
from eval_harness.scoring import pack_json, score
from eval_harness.scoring.synthetic import HARNESS, made_evidence
from eval_harness.tasks import load_pack


@pytest.mark.parametrize(("other", "named"), [("9.9.9", True), (HARNESS["version"], False)])
def test_a_changed_harness_version_is_named_in_the_comparison_in_both_languages(tmp_path, other, named):
    pack = pack_json(load_pack("chest-dr"))

    def quick(pack, dataset):
        return {**default_plan(pack, dataset), "B": 200}

    now, _ = made_evidence(pack, quick, n=60)
    before, _ = made_evidence(pack, quick, n=60, quality=0.5, model_seed=2)
    before = replace(before, run={**before.run, "harness": {**HARNESS, "version": other}})
    made = score(now, tmp_path / "now", baseline=(score(before, tmp_path / "before"), "version 1"))
    assert made.facts["comparison"]["harness"] == other
    members = vendor_members(made, None, pdf=False)
    for lang in ("zh", "en"):
        assert ("9.9.9" in members[f"report.{lang}.html"].decode()) == named
