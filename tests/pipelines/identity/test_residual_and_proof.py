"""The proof: what slips past a broken cleaner is found by the residual scan, and the bound on the leak rate is exact."""

from __future__ import annotations

import base64
import contextlib
import json
import re

import pytest
import typer

from eval_harness.base import Terminal, WrongUsage
from pipelines.cli import proof as commands
from pipelines.phi_zone import proof, sample
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
    shown = proof.Shown(known=found.residual, bound=proof.leak_bound(0, 300))
    assert [issue.code for issue in proof.objections(shown, Proof())] == ["PRF-005"]


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


@pytest.mark.parametrize("leaks, printed", [(0, "0.9936%"), (1, "1.5715%"), (5, "3.4722%")])
def test_the_standalone_door_prints_the_bound_and_refuses_above_the_limit(leaks, printed, tmp_path, capsys):
    cleaned = tmp_path / "cleaned.jsonl"
    cleaned.write_text("".join(json.dumps({"id": str(n), "text": f"复查第 {n} 次"}) + "\n" for n in range(300)), encoding="utf-8")
    limits = tmp_path / "limits.yaml"
    limits.write_text("policy_id: limits\nversion: 1\ntitle: {zh: 限, en: limits}\nproof: {max_leak_bound: 0.02}\n", encoding="utf-8")
    drawn = tmp_path / "sample.jsonl"
    commands.sample(drawn, cleaned, policy=str(limits))
    rows = [json.loads(line) | {"leak": number < leaks} for number, line in enumerate(drawn.read_text(encoding="utf-8").splitlines())]
    drawn.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    with pytest.raises(typer.Exit) if leaks == 5 else contextlib.nullcontext():
        commands.record(drawn, cleaned, policy=str(limits), lang="en")
    said = capsys.readouterr().out
    assert f"{leaks} of 300 leak; one-sided 95% upper bound {printed}" in said
    assert ("PRF-001" in said) == (leaks == 5)


@pytest.mark.parametrize(("limit", "confidence", "fewest"), [
    (0.05, 0.95, 59), (0.02, 0.95, 149), (0.01, 0.99, 459), (0.5, 0.95, 5), (1.0, 0.95, 1)])
def test_the_fewest_documents_that_can_meet_a_limit_are_exactly_known(limit, confidence, fewest):
    limits = Proof(max_leak_bound=limit, confidence=confidence)
    assert proof.enough(limits) == fewest
    assert proof.reach(fewest, None, limits).meets
    assert fewest == 1 or not proof.reach(fewest - 1, None, limits).meets
    assert proof.reach(3, 3, limits).meets          # all there is was read


@pytest.mark.parametrize(("size", "code"), [(20, "PRF-010"), (58, "PRF-010"), (59, "PRF-011")])
def test_a_sample_that_cannot_meet_the_limit_says_so_when_it_is_drawn_and_when_it_is_recorded(size, code, tmp_path, capsys):
    cleaned, drawn = tmp_path / "cleaned.jsonl", tmp_path / "sample.jsonl"
    cleaned.write_text("".join(json.dumps({"id": str(n), "text": f"复查第 {n} 次"}) + "\n" for n in range(300)), encoding="utf-8")
    commands.sample(drawn, cleaned, size=size, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["documents"], told["limit"], told["enough"], told["can_meet"], told["issue"]["code"]) == (size, 0.05, 59, size == 59, code)
    assert told["best_upper"] == pytest.approx(1 - 0.05 ** (1 / size))
    for lang, words in (("zh", ("至少读 59 份" if size < 59 else "之内")), ("en", "59")):
        commands.sample(drawn, cleaned, size=size, lang=lang)
        said = capsys.readouterr().out
        assert code in said
        assert words in said
        assert f"{told['best_upper']:.2%}" in said
    rows = [json.loads(line) | {"leak": False} for line in drawn.read_text(encoding="utf-8").splitlines()]
    drawn.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    with pytest.raises(typer.Exit) if size < 59 else contextlib.nullcontext():
        commands.record(drawn, cleaned, lang="zh")
    assert ("至少读 59 份才可能达到" in capsys.readouterr().out) == (size < 59)


def test_a_release_is_refused_without_a_reading_with_a_high_bound_and_never_without_reason():
    limits = Proof(sample=300, max_leak_bound=0.02, required=True)

    def codes(**shown):
        return [issue.code for issue in proof.objections(proof.Shown(**shown), limits, reading_due=True)]

    assert codes() == ["PRF-002"]
    assert codes(bound=proof.leak_bound(5, 300)) == ["PRF-001"]
    assert codes(bound=proof.leak_bound(1, 300)) == []
    assert codes(bound=proof.leak_bound(0, 300), planted=5, leaked=1) == ["PRF-006"]
    assert proof.objections(proof.Shown(), limits) == []   # before anything is released nobody can have read it
    with pytest.raises(Terminal):
        proof.refuse_if(proof.objections(proof.Shown(known=3), limits))


@pytest.mark.parametrize("known, forms, refused", [(0, 1, True), (1, 0, True), (0, 0, False)])
def test_any_finding_of_the_scan_is_an_objection(known, forms, refused):
    assert [issue.code for issue in proof.objections(proof.Shown(known=known, forms=forms), Proof())] == ["PRF-005"] * refused


def test_where_every_document_was_read_the_share_itself_is_held_against_the_limit():
    limits = Proof(sample=300, max_leak_bound=0.05, required=True)
    assert proof.objections(proof.Shown(bound=proof.leak_bound(0, 20), documents=20), limits, reading_due=True) == []
    for leaks, n, documents, code in ((2, 20, 20, "PRF-001"), (0, 20, 200, "PRF-002")):
        found = proof.objections(proof.Shown(bound=proof.leak_bound(leaks, n), documents=documents), limits, reading_due=True)
        assert found[0].code == code


@pytest.fixture
def released(tmp_path):
    folder.deidentify_folder([plant(tmp_path)], tmp_path / "out", SITE, KEY, load_fhir_policy("cn-gold"), load_text_policy("cn-gold"))
    return tmp_path / "out"


def test_a_sample_is_stratified_repeatable_and_a_reading_belongs_to_exactly_these_bytes(released, tmp_path):
    drawn = sample.draw_sample(sample.documents(released), 20, "1")
    assert len(drawn) == 20
    assert drawn == sample.draw_sample(sample.documents(released), 20, "1")
    assert drawn != sample.draw_sample(sample.documents(released), 20, "2")
    reading = tmp_path / "s.jsonl"
    sample.write_sample(drawn, reading)
    with pytest.raises(WrongUsage):
        sample.read_reading(reading, released, 0.95)
    rows = [{**json.loads(line), "leak": number == 0} for number, line in enumerate(reading.read_text(encoding="utf-8").splitlines())]
    reading.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert sample.read_reading(reading, released, 0.95).leaks == 1
    reading.write_text("\n".join(json.dumps({**row, "sha256": "0" * 64}) for row in rows), encoding="utf-8")
    with pytest.raises(WrongUsage):
        sample.read_reading(reading, released, 0.95)


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
            report(summary, bound, proof.objections(proof.Shown(known=2, bound=bound), Proof()), lang)
            .partition("## ")[2]
            .replace("37964-2019", "")
            .replace("42460-2023", ""),
        )
        for lang in ("zh", "en")
    ]
    assert sorted(figures[0]) == sorted(figures[1])


@pytest.mark.parametrize(("lang", "words", "others"), [
    ("zh", "- DCM-310 × 2: 像素中的文字已遮盖：… 处。", "hidden"),
    ("en", "- DCM-310 × 2: text in the pixels was hidden: … places.", "遮盖")])
def test_a_report_gives_each_code_its_words(lang, words, others):
    text = report({"status": {"released": 3}, "codes": {"DCM-310": 2, "DCM-101": 1}, "residual": {"known": 0}}, None, [], lang)
    assert words in text
    assert others not in text
    assert [line for line in text.splitlines() if re.fullmatch(r"- [A-Z]{3}-\d{3}(?: ×)?:? *\d*", line)] == []
    assert text.index("DCM-101") < text.index("DCM-310")


def test_a_code_that_this_release_does_not_know_any_more_stops_no_report():
    assert "ZZZ-999 × 1" in report({"codes": {"ZZZ-999": 1}, "residual": {"known": 0}}, None, [], "en")
