"""Documents of small reports, made once a session."""
from __future__ import annotations

import pytest
from report_cases import CASES

from eval_harness.protocol.plan import default_plan
from eval_harness.report.compose import documents_of
from eval_harness.report.edition import vendor_members
from eval_harness.scoring import pack_json, score
from eval_harness.scoring.synthetic import made_evidence
from eval_harness.tasks import load_pack


def quick(pack, dataset):
    device = {"legal_entity": "示例医疗科技有限公司", "family": "睿影", "name": "睿影 <RY> & Co", "version": "2.2.1"}
    return {**default_plan(pack, dataset, device=device), "B": 200}


def members_of(folder, task, visibility, **kwargs):
    pack = pack_json(load_pack(task))
    context = {"official": True, "prior_runs": [{"run_id": "9" * 64, "on": "2026-08-01", "version": "2.0", "state": "complete",
                                                 "verdict": "not_met", "value": None, "interval": None}],
               "budget": {"k": 2, "limit": 3, "entity": 3, "all": 9}, "deviations": [{"zh": "一项偏离。", "en": "One deviation."}],
               "card": {"title": {"zh": "测试集", "en": "Test set"}}}
    cases = {"visibility": visibility, "n": 90, "repeats": 3, "variants": 12}
    evidence, telemetry = made_evidence(pack, quick, failed=1, context=context, **cases, **kwargs)
    poor, _ = made_evidence(pack, quick, model_seed=2, quality=0.4, **cases)
    made = score(evidence, folder / "score", telemetry=telemetry, baseline=(score(poor, folder / "poor"), "poor 1.0"),
                 environment={"python": "3.11", "processors": 2}, sandbox={"backend": "bwrap", "lines": [
                     {"attempt": "tcp", "denied": True, "how": "PermissionError"}]})
    return vendor_members(made, None, pdf=False)


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """{(task, visibility): members of V.zip}"""
    return {case: members_of(tmp_path_factory.mktemp("-".join(case)), *case) for case in CASES}


@pytest.fixture(scope="session")
def documents(reports):
    return {case: documents_of(members) for case, members in reports.items()}
