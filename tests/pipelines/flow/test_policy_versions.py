"""A policy that says something else says so by its version; a row says under which version and rules it was made."""
from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from pipelines.phi_zone import versions
from pipelines.phi_zone.dicom import load_policy
from pipelines.phi_zone.fhir.policy import load_fhir_policy
from pipelines.phi_zone.stamp import content_digest, same_rules, stamp
from pipelines.phi_zone.text.policy import load_text_policy
from pipelines.phi_zone.versions import recorded, unversioned

LOAD: dict[str, Any] = {"dicom": load_policy, "fhir": load_fhir_policy, "text": load_text_policy}
SHIPPED = sorted(f"{kind}/{file.stem}" for kind in LOAD for file in (versions.RECORD.parent / kind).glob("*.yaml"))
FHIR, TEXT = load_fhir_policy("cn-gold"), load_text_policy("cn-gold")


def test_the_record_names_every_shipped_policy_and_no_other() -> None:
    assert sorted(recorded()) == SHIPPED
    assert all(sorted(known) == list(range(1, max(known) + 1)) for known in recorded().values())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_policy_says_what_its_version_is_recorded_with(name: str) -> None:
    kind, _, bare = name.partition("/")
    assert [issue.text("en") for issue in unversioned(name, LOAD[kind](bare), recorded())] == []


def test_content_that_changed_under_its_old_version_is_told_with_what_to_write() -> None:
    changed = FHIR.model_copy(update={"extensions": [*FHIR.extensions, "http://planted.example/x"]})
    issue, = unversioned("fhir/cn-gold", changed, recorded())
    assert (issue.code, "version: 3" in issue.hint_en, f"3: {content_digest(changed)}" in issue.hint_zh) == ("POL-015", True, True)
    raised = changed.model_copy(update={"version": 3})
    assert [issue.code for issue in unversioned("fhir/cn-gold", raised, recorded())] == ["POL-015"]
    record = {"fhir/cn-gold": recorded()["fhir/cn-gold"] | {3: content_digest(raised)}}
    assert unversioned("fhir/cn-gold", raised, record) == []
    assert unversioned("own", changed, recorded()) == []


def test_an_included_policy_that_changed_changes_what_includes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.phi_zone.fhir import policy

    read = policy._read
    monkeypatch.setattr(policy, "_read", lambda path: read(path) | ({"public_systems": []} if path.stem == "cn-gold" else {}))
    assert [issue.code for issue in unversioned("fhir/cn-practice", load_fhir_policy("cn-practice"), recorded())] == ["POL-015"]


def test_the_check_of_shipped_policies_asks_it_too() -> None:
    plant = ("from pipelines.phi_zone import versions; versions.recorded = lambda: {'text/cn-gold': {1: '0' * 64}}; "
             "from pipelines.cli.main import run; run()")
    done = subprocess.run([sys.executable, "-c", plant, "policy", "check", "text/cn-gold", "fhir/cn-gold", "--json"], capture_output=True,
                          text=True, check=False)
    found = json.loads(done.stdout)["policies"]
    assert (done.returncode, [issue["code"] for issue in found["text/cn-gold"]], found["fhir/cn-gold"]) == (1, ["POL-015"], [])


@pytest.mark.parametrize("change, same", [
    ({"version": 9}, True), ({"policy_id": "own"}, True), ({"extensions": ["http://planted.example/x"]}, False)])
def test_a_stamp_is_of_the_rules_and_not_of_their_name(change: dict[str, Any], same: bool) -> None:
    made, now = stamp(FHIR.model_copy(update=change), TEXT), stamp(FHIR, TEXT)
    assert made != now
    assert same_rules(made, now) is same


def test_a_stamp_counts_the_text_policy_but_not_its_limits() -> None:
    assert not same_rules(stamp(FHIR, TEXT.model_copy(update={"keep_words": ["朝阳"]})), stamp(FHIR, TEXT))
    assert same_rules(stamp(FHIR, load_text_policy("cn-gold-strict")), stamp(FHIR, TEXT))
    assert not same_rules("cn-gold", stamp(FHIR, TEXT))
    assert not same_rules(None, stamp(FHIR, TEXT))
