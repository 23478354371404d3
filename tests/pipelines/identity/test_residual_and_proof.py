"""The proof: what slips past a broken cleaner is found by the residual scan, and the bound on the leak rate is exact."""

from __future__ import annotations

import base64
import json
import re

import pytest

from eval_harness.base import Terminal, WrongUsage
from pipelines.phi_zone import proof
from pipelines.phi_zone.canary import KINDS, canaries
from pipelines.phi_zone.fhir import folder
from pipelines.phi_zone.fhir.deidentify import load_fhir_policy
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.proof_report import report
from pipelines.phi_zone.residual import Residual
from pipelines.phi_zone.text.cleaner import TextCleaner
from pipelines.phi_zone.text.policy import load_text_policy
from schemas.deid import CleanText, KnownIdentity
from schemas.shapes.site import Site
from schemas.shapes.text_policy import Proof

KEY, SITE = ProjectKey(bytes(range(32)), "t"), Site.bare("east")
PEOPLE = canaries(KEY, 50, "test")


@pytest.fixture(scope="module")
def scan() -> Residual:
    return Residual.of_known(person.known() for person in PEOPLE)


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_canaries_of_each_kind_are_found_wherever_and_however_they_are_written(scan, kind):
    for number, person in enumerate(PEOPLE):
        value = person.values[kind]
        encodings = ("utf-8", "gb18030", "utf-16-le", "utf-16-be") if not value.isascii() else ("utf-8", "utf-16-le", "latin-1")
        plain = f"右肺结节 {value} 随访"
        assert scan.scan_bytes(plain.encode(encodings[number % len(encodings)], "ignore"), "part"), kind
        assert scan.scan_bytes(json.dumps({"data": base64.b64encode(plain.encode("gb18030")).decode()}).encode(), "table"), kind
        assert scan.scan_bytes(json.dumps({"text": plain}).encode(), "table"), kind


def test_clean_bytes_give_no_finding_and_parts_of_words_are_no_names(scan):
    known = Residual.of_known(
        [KnownIdentity(names=("Li Na", "Anders Berg"), ids=("1234567",))],
    )
    assert known.scan_bytes("lipid national 91234567 Bergamo Andersson 右肺结节".encode(), "x") == []
    assert scan.scan_bytes("右肺上叶见磨玻璃结节，建议随访。".encode() * 50, "x") == []
    assert scan.scan_bytes(bytes(range(256)) * 2000, "x") == []


def test_a_finding_names_rule_and_place_and_never_the_value(scan):
    person = PEOPLE[0]
    issue = scan.scan_bytes(f"xx {person.values['name_zh']}".encode(), "released/Observation.ndjson")[0]
    assert issue.code == "RES-001"
    assert issue.where == "released/Observation.ndjson@3"
    assert person.values["name_zh"] not in json.dumps(issue.to_dict(), ensure_ascii=False)


def test_identifying_forms_of_strangers_are_found_and_codes_are_not():
    empty = Residual([])
    assert empty.scan_bytes("身份证11010519491231002X 电话13817654321".encode(), "x")
    assert empty.scan_bytes(b'{"code":"11010519491231002","uid":"2.25.13817654321138176543211381765432"}', "x") == []


def broken_policy(monkeypatch):
    """The test hook: a cleaner that lets everything pass."""
    monkeypatch.setattr(TextCleaner, "clean", lambda self, text, known, lang, shift: CleanText(text, ()))


def plant(tmp_path):
    source = tmp_path / "in.ndjson"
    rows = [resource for number, person in enumerate(PEOPLE) for resource in person.resources(number)]
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return source


def test_with_a_broken_cleaner_the_platforms_own_canaries_stop_the_run_before_anything_is_written(tmp_path, monkeypatch):
    broken_policy(monkeypatch)
    with pytest.raises(Terminal) as refused:
        folder.deidentify_folder([plant(tmp_path)], tmp_path / "out", SITE, KEY, load_fhir_policy("cn-gold"), load_text_policy("cn-gold"))
    assert refused.value.issue.code == "PRF-006"
    assert not (tmp_path / "out" / "released").exists()


def test_canaries_put_past_the_cleaner_are_held_back_by_the_residual_scan(tmp_path, monkeypatch):
    broken_policy(monkeypatch)
    monkeypatch.setattr(folder, "refuse_leaking_canaries", lambda *_: None)
    found = folder.deidentify_folder(
        [plant(tmp_path)], tmp_path / "out", SITE, KEY, load_fhir_policy("cn-gold"), load_text_policy("cn-gold")
    )
    assert found.by_type["DiagnosticReport"] == {"quarantined": len(PEOPLE)}
    assert found.residual >= len(PEOPLE)
    written = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert not [v for person in PEOPLE for v in person.values.values() if v in written]
    assert [issue.code for issue in proof.objections(found.residual, proof.leak_bound(0, 300), Proof())] == ["PRF-005"]


def test_with_the_real_cleaner_all_of_them_are_released_without_a_value(tmp_path):
    found = folder.deidentify_folder(
        [plant(tmp_path)], tmp_path / "out", SITE, KEY, load_fhir_policy("cn-gold"), load_text_policy("cn-gold")
    )
    assert found.by_status == {"released": 2 * len(PEOPLE)}
    assert found.residual == 0


@pytest.mark.parametrize("leaks, one_sided, two_sided", [(0, 0.009936, 0.012221), (1, 0.015721, 0.018429), (5, 0.034720, 0.038469)])
def test_the_bound_for_none_one_and_five_leaks_in_three_hundred(leaks, one_sided, two_sided):
    stats = pytest.importorskip("scipy.stats")
    bound = proof.leak_bound(leaks, 300, 0.95)
    assert bound.upper == pytest.approx(stats.beta.ppf(0.95, leaks + 1, 300 - leaks), rel=1e-9)
    assert bound.interval[1] == pytest.approx(stats.beta.ppf(0.975, leaks + 1, 300 - leaks), rel=1e-9)
    assert bound.upper == pytest.approx(one_sided, abs=2e-5)
    assert bound.interval[1] == pytest.approx(two_sided, abs=2e-5)


def test_a_release_is_refused_without_a_reading_with_a_high_bound_and_never_without_reason():
    limits = Proof(sample=300, max_leak_bound=0.02, required=True)
    assert [i.code for i in proof.objections(0, None, limits)] == ["PRF-002"]
    assert [i.code for i in proof.objections(0, proof.leak_bound(5, 300), limits)] == ["PRF-001"]
    assert proof.objections(0, proof.leak_bound(1, 300), limits) == []
    with pytest.raises(Terminal):
        proof.refuse_if(proof.objections(3, None, limits))


@pytest.fixture
def released(tmp_path):
    folder.deidentify_folder([plant(tmp_path)], tmp_path / "out", SITE, KEY, load_fhir_policy("cn-gold"), load_text_policy("cn-gold"))
    return tmp_path / "out"


def test_a_sample_is_stratified_repeatable_and_a_reading_belongs_to_exactly_these_bytes(released, tmp_path):
    drawn = proof.draw_sample(proof.documents(released), 20, "1")
    assert len(drawn) == 20
    assert drawn == proof.draw_sample(proof.documents(released), 20, "1")
    assert drawn != proof.draw_sample(proof.documents(released), 20, "2")
    reading = tmp_path / "s.jsonl"
    proof.write_sample(drawn, reading)
    with pytest.raises(WrongUsage):
        proof.read_reading(reading, released, 0.95)
    rows = [{**json.loads(line), "leak": number == 0} for number, line in enumerate(reading.read_text(encoding="utf-8").splitlines())]
    reading.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert proof.read_reading(reading, released, 0.95).leaks == 1
    reading.write_text("\n".join(json.dumps({**row, "sha256": "0" * 64}) for row in rows), encoding="utf-8")
    with pytest.raises(WrongUsage):
        proof.read_reading(reading, released, 0.95)


def test_both_languages_of_the_report_carry_the_same_figures():
    summary = {
        "policy": {"policy_id": "p", "version": 1, "sha256": "ab"},
        "status": {"released": 7},
        "actions": {"kept": 12, "removed": 3},
        "residual_findings": 2,
        "canaries": {"planted": 5, "leaked": 0},
    }
    bound = proof.leak_bound(1, 300)
    figures = [
        re.findall(
            r"\d+(?:\.\d+)?%?",
            report(summary, bound, proof.objections(2, bound, Proof()), lang)
            .partition("## ")[2]
            .replace("37964-2019", "")
            .replace("42460-2023", ""),
        )
        for lang in ("zh", "en")
    ]
    assert sorted(figures[0]) == sorted(figures[1])
