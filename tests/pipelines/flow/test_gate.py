"""The proof as a gate of flow A: what is put past the cleaner is found, its batch is refused, and what a person read decides the next."""
from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from eval_harness.base import WrongUsage
from governance.store import open_store
from pipelines import steward
from pipelines.phi_zone import decide, proof
from pipelines.phi_zone.canary import KINDS, Canary, canaries
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.proof import LeakBound, leak_bound
from pipelines.phi_zone.text.policy import load_text_policy
from schemas.shapes.text_policy import SPAN_TYPES
from schemas.tables import fhir_table
from tests.pipelines.flow.conftest import NIGHT, SITE, Disk, Lake
from tests.pipelines.flow.test_steward import touchstone

NEXT = NIGHT + dt.timedelta(days=1)
PEOPLE = canaries(ProjectKey(bytes(range(32)), "t"), 50, "flow")


def policy(folder: Path, name: str, **proof: Any) -> str:
    """A text policy file. `broken`: the test hook, a policy that lets everything pass."""
    held = load_text_policy("cn-gold").model_dump(mode="json") | {"policy_id": name}
    held["proof"] |= proof
    if name == "broken":
        held |= {"actions": dict.fromkeys(SPAN_TYPES, "keep"), "tagger": False}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(held, allow_unicode=True), encoding="utf-8")
    return str(path)


def lake_with(tmp_path: Path, disk: Disk, text: str) -> Lake:
    return Lake(tmp_path / "home", site_with(disk, text))


def site_with(disk: Disk, text: str) -> dict[str, Any]:
    return SITE | {"folder": {"path": str(disk.path)}, "policies": {"text": text}}


def patients(people: list[Canary] = PEOPLE) -> list[dict[str, Any]]:
    return [person.resources(number)[0] for number, person in enumerate(people)]


def observations(kinds: tuple[str, ...] = KINDS, people: list[Canary] = PEOPLE) -> list[dict[str, Any]]:
    """One record for each kind and person, which spells that value alone."""
    return [observation(f"{kind.replace('_', '-')}-{number}", number, f"右肺结节 {person.values[kind]} 随访")
            for number, person in enumerate(people) for kind in kinds]


def observation(name: str, number: int, text: str) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": name, "status": "final", "code": {"text": "FEV1"}, "valueString": text,
            "subject": {"reference": f"Patient/canary-{number}"}}


def codes(lake: Lake) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in lake.quarantined():
        found[row["code"]] = found.get(row["code"], 0) + 1
    return found


def proof_of(lake: Lake, receipt_id: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((lake.home.proofs / "usb" / receipt_id / "proof.json").read_text(encoding="utf-8"))
    return held


def leaked(lake: Lake) -> list[str]:
    whole = b"".join(data for _, data in lake.bytes_outside_phi())
    return [value for person in PEOPLE for value in person.values.values() if value.encode() in whole]


def test_fifty_of_each_kind_put_past_the_cleaner_are_all_found_and_the_release_is_refused(tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, policy(tmp_path, "broken", canaries=0, residual="batch"))
    disk.lines([*patients(), *observations(), observation("clean", 0, "未见异常")])
    receipt = lake.ingest()
    assert receipt.counts["released"] == 0
    assert [issue.code for issue in receipt.issues if issue.code.startswith("PRF")] == ["PRF-005"]
    assert codes(lake) == {"RES-001": len(PEOPLE) * len(KINDS), "PRF-005": len(PEOPLE) + 1}   # the clean ones are held with their batch
    assert leaked(lake) == []
    made = proof_of(lake, receipt.receipt_id)
    assert made["residual"]["known"] >= len(PEOPLE) * len(KINDS)
    assert [issue["code"] for issue in made["refused"]] == ["PRF-005"]
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def test_a_batch_killed_before_its_events_is_counted_once_even_when_it_is_decided_in_other_company(
        lake: Lake, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.lines(nothing(2))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(decide.quarantine, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            lake.ingest()
    disk.lines(nothing(3))
    receipt = lake.ingest()
    made = proof_of(lake, receipt.receipt_id)
    assert made["status"] == {"quarantined": 0, "rejected": 0, "released": 4}
    assert len(list((lake.home.proofs / "usb" / receipt.receipt_id).glob("batch-*.json"))) == 2
    assert made["actions"]["kept"] > 0
    for lang in ("zh", "en"):
        report = (lake.home.proofs / "usb" / receipt.receipt_id / f"deid_report.{lang}.md").read_text(encoding="utf-8")
        assert all(name in report for name in ("cn-gold", receipt.receipt_id, str(made["actions"]["kept"])))


@pytest.mark.parametrize("scope, released, held", [("row", 6, 0), ("subject", 2, 4), ("batch", 0, 6)])
def test_the_policy_says_what_a_finding_refuses_besides_its_row(scope: str, released: int, held: int, tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, policy(tmp_path, "broken", canaries=0, residual=scope))
    clean = [observation(f"clean-{number}", number, "未见异常") for number in range(3)]
    disk.lines([*patients(PEOPLE[:3]), *observations(people=PEOPLE[:2]), *clean])     # of the third person nothing is found
    receipt = lake.ingest()
    assert receipt.counts["released"] == released
    assert codes(lake) == {"RES-001": 2 * len(KINDS)} | ({"PRF-005": held} if held else {})
    assert "PRF-005" in [issue.code for issue in receipt.issues]
    assert leaked(lake) == []


def test_the_platforms_own_canaries_refuse_everything_before_it_is_looked_at_and_a_mended_policy_lets_it_go(
        tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, policy(tmp_path, "broken"))
    disk.lines([*patients(PEOPLE[:2]), *observations(("name_zh", "mobile"), PEOPLE[:2])])
    receipt = lake.ingest()
    assert codes(lake) == {"PRF-006": 6}
    told = next(issue for issue in receipt.issues if issue.code == "PRF-006")
    assert "touchstone quarantine retry --where code=PRF-006" in told.hint_en
    assert "touchstone quarantine retry --where code=PRF-006" in told.hint_zh
    assert proof_of(lake, receipt.receipt_id)["canaries"] == {"planted": 5, "leaked": 5}
    lake.add(site_with(disk, "cn-gold"))
    code, done, _ = touchstone("quarantine", "retry", "--where", "code=PRF-006", "--reason", "the right policy", home=lake.home.root)
    assert (code, done["released"]) == (0, 6)
    assert leaked(lake) == []
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def filled(file: Path, leaks: int) -> Path:
    """A drawn sample as its reader gives it back."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for number, row in enumerate(rows):
        row["leak"] = number < leaks
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def read_by(lake: Lake, tmp_path: Path, leaks: int, of: int, seed: str = "1") -> tuple[LeakBound, list[str], int]:
    """Draw a sample, fill it in with so many leaks, record it; give the bound, the objections and how many units were taken back."""
    file = tmp_path / f"sample-{seed}.jsonl"
    assert sum(steward.draw_sample(lake.settings, "usb", file, of, seed)[0].values()) == of
    bound, found, back = steward.record_reading(lake.settings, "usb", filled(file, leaks))
    return bound, [issue.code for issue in found], back


def nothing(count: int) -> list[dict[str, Any]]:
    return [*patients(PEOPLE[:1]), *(observation(f"o{number}", 0, f"第 {number} 次复查，双肺未见异常。") for number in range(count))]


@pytest.mark.slow
def test_the_bound_of_none_one_and_five_leaks_in_three_hundred_is_printed_and_decides_the_next_night(tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, policy(tmp_path, "limit", max_leak_bound=0.02))
    disk.lines(nothing(420))
    first = lake.ingest()
    assert proof_of(lake, first.receipt_id)["bound"] is None
    report = lake.home.proofs / "usb" / first.receipt_id / "deid_report.en.md"
    assert "no human sample recorded" in report.read_text(encoding="utf-8")
    for leaks, upper, refused in ((0, 0.009936, []), (1, 0.015721, []), (5, 0.034720, ["PRF-001"])):
        bound, found, back = read_by(lake, tmp_path, leaks, 300, seed=str(leaks))
        assert (bound.n, bound.leaks, found, back) == (300, leaks, refused, leaks)
        assert bound.upper == pytest.approx(upper, abs=1e-5)
        assert f"{bound.upper:.4%}" in report.read_text(encoding="utf-8")
    assert codes(lake) == {"PRF-008": 6}
    assert len(lake.rows(fhir_table("Observation"))) == 420 - 6
    disk.lines([*nothing(420), observation("new", 0, "复查")])
    lake.ingest(as_of=NEXT)
    assert codes(lake) == {"PRF-008": 6, "PRF-001": 1}
    assert read_by(lake, tmp_path, 0, 300, seed="again")[1] == []
    done = steward.retry(lake.settings, lake.quarantined(), "mended")
    assert [one.counts["released"] for one in done] == [7]
    assert all(line.difference == 0 and line.in_flight == 0 for line in lake.days())


def test_a_reading_counts_only_for_a_whole_sample_that_was_drawn_here(tmp_path: Path, lake: Lake, disk: Disk) -> None:
    disk.lines(nothing(8))
    lake.ingest()
    file = tmp_path / "s.jsonl"
    steward.draw_sample(lake.settings, "usb", file, 5, "1")
    rows = [json.loads(line) | {"leak": False} for line in file.read_text(encoding="utf-8").splitlines()]
    file.write_text("\n".join(json.dumps(row) for row in rows[1:]), encoding="utf-8")
    with pytest.raises(WrongUsage, match="PRF-003"):
        steward.record_reading(lake.settings, "usb", file)
    assert touchstone("proof", "sample", "--out", str(file), home=lake.home.root)[0] == 2


def test_freeze_asks_for_a_reading_that_covers_the_receipts_behind_the_cases(tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, policy(tmp_path, "strict", required=True))
    disk.lines(nothing(8))
    first = lake.ingest()
    store = open_store(lake.settings.store_url)
    behind = {"usb": frozenset({first.receipt_id})}
    assert [issue.code for issue in steward.proven(lake.home, store, behind).objections] == ["PRF-002"]
    file = tmp_path / "sample.jsonl"
    code, drawn, _ = touchstone("proof", "sample", "--site", "usb", "--out", str(file), home=lake.home.root)
    assert (code, drawn["documents"]) == (0, 8)     # all there was to read
    code, printed, _ = touchstone("proof", "record", "--site", "usb", "--reading", str(filled(file, 0)), home=lake.home.root)
    assert (code, printed["n"], printed["leaks"], printed["refused"]) == (0, 8, 0, [])
    assert printed["upper"] == pytest.approx(leak_bound(0, 8).upper)
    held = steward.proven(lake.home, store, behind)
    assert (held.objections, held.unread) == ([], [])
    assert held.reading is not None
    assert (held.reading["n"], held.reading["leaks"]) == (8, 0)
    later = steward.proven(lake.home, store, {"usb": frozenset({first.receipt_id, "r-later"})})
    assert ([issue.code for issue in later.objections], later.unread) == (["PRF-002"], ["usb"])
    lake.add(site_with(disk, "cn-gold"))
    advised = steward.proven(lake.home, store, {"usb": frozenset({"r-later"})})
    assert (advised.objections, advised.unread) == ([], ["usb"])
    store.close()


@pytest.mark.parametrize("leaks, refused", [(0, []), (1, ["PRF-001"])])
def test_the_shipped_strict_policy_waits_for_a_sample_and_lets_no_leak_of_three_hundred_pass(leaks: int, refused: list[str]) -> None:
    limits = load_text_policy("cn-gold-strict").proof
    assert limits.required
    assert (limits.residual, limits.canaries) == ("batch", 20)
    assert [one.code for one in proof.objections(proof.Shown(documents=5000), limits, reading_due=True)] == ["PRF-002"]
    shown = proof.Shown(bound=leak_bound(leaks, limits.sample, limits.confidence), documents=5000)
    assert [one.code for one in proof.objections(shown, limits, reading_due=True)] == refused
    assert load_text_policy("cn-gold-strict").actions == load_text_policy("cn-gold").actions


def test_a_site_under_the_strict_policy_releases_and_then_waits_for_its_reader(tmp_path: Path, disk: Disk) -> None:
    lake = lake_with(tmp_path, disk, "cn-gold-strict")
    disk.lines(nothing(4))
    first = lake.ingest()
    assert first.counts["released"] == 5
    store = open_store(lake.settings.store_url)
    behind = {"usb": frozenset({first.receipt_id})}
    assert [one.code for one in steward.proven(lake.home, store, behind).objections] == ["PRF-002"]
    assert read_by(lake, tmp_path, 0, 4)[1] == []     # all there was to read
    assert steward.proven(lake.home, store, behind).objections == []
    store.close()
