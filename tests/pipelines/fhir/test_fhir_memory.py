"""Parts that come again are treated once: the bytes are those of treating every part anew, whoever's record it is."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from fhir_world import KEY, NAME, PATIENT, SITE, cleaner, index, observation, policy, released, tree
from test_fhir_traps import TRAPS

from pipelines.phi_zone.fhir.context import Malformed
from pipelines.phi_zone.fhir.deidentify import Engine
from pipelines.phi_zone.fhir.subjects import subject_reference_of
from schemas.shapes.site import Site

OTHER = {**PATIENT, "id": "p-2", "name": [{"text": "王血红"}], "identifier": [{"type": {"text": "住院号"}, "value": "GLU"}], "contact": []}
LATIN = {**PATIENT, "id": "p-3", "name": [{"family": "Crohn", "given": ["Rose"]}], "identifier": [{"value": "ZY777"}], "contact": []}


def patient(number: int) -> dict[str, str]:
    return {"reference": f"Patient/p-{number}"}


def engine(policy_name: str = "cn-gold", site: Site = SITE) -> Engine:
    return Engine(policy(policy_name), KEY, site, cleaner(policy_name))


def content(work: Engine, resource: dict[str, Any], remembering: bool) -> tuple[bytes | str, Any]:
    """What the engine makes of it and what it says; a context per resource, as the pure function has it."""
    spine = index(PATIENT, OTHER, LATIN)
    tokens = subject_reference_of(resource)
    subject = spine.resolve(tokens)
    ctx = work.context(subject, spine.known.get(subject or ""), tokens, spine).begin(resource["resourceType"])
    if not remembering:
        ctx.memory = None
    try:
        made, _, kept = work.content(resource, resource["resourceType"], ctx)
    except Malformed as bad:
        return bad.code, bad.path
    return made, (kept, ctx.removed, ctx.shifted, ctx.remapped, ctx.cleaned, [issue.to_dict() for issue in ctx.issues])


def invented(rng: random.Random) -> dict[str, Any]:
    words = ["血红蛋白", "王血红", "Crohn disease", "Rose bengal", NAME, "2024年3月5日复查", "2024-03-05", "GLU", "13917246580", "每日一次"]
    concept = {
        "coding": [
            {
                "system": rng.choice(["http://loinc.org", "http://his/codes"]),
                "code": rng.choice(["718-7", "GLU", "ZY777"]),
                "display": rng.choice(words),
            }
        ],
        "text": rng.choice(words),
    }
    return observation(
        id=f"o-{rng.randrange(10**6)}",
        subject=patient(rng.choice((1, 2, 3))),
        status=rng.choice(["final", "Crohn", "闻人", "registered"]),
        category=[concept, None, {"text": rng.choice(words)}],
        interpretation=[{"coding": [{"code": rng.choice(["H", "L", "GLU"])}], "extension": [{"url": "http://his", "valueString": NAME}]}],
        valueQuantity={
            "value": rng.choice([1.5, 2, 1e-9, 93]),
            "unit": rng.choice(["a", "g/L", "Rose", NAME]),
            "code": rng.choice(["a", "g/L"]),
        },
        referenceRange=[{"low": {"value": 110, "unit": "g/L"}, "text": rng.choice(words)}],
        note=[{"text": rng.choice(words), "time": "2024-03-05"}],
    )


@pytest.mark.parametrize("policy_name", ["cn-gold", "us-safe-harbor"])
def test_what_is_remembered_gives_the_bytes_counts_and_issues_of_what_is_treated_anew(policy_name):
    rng, work = random.Random(7), engine(policy_name)
    resources = [resource for resource, _ in TRAPS.values()] + [invented(rng) for _ in range(400)]
    for resource in [*resources, *resources]:
        assert content(work, resource, True) == content(engine(policy_name) if rng.random() < 0.02 else work, resource, False)
    assert work.memory.count > 20


def test_a_name_met_first_in_a_strangers_record_still_leaves_its_own():
    work = engine()
    said = {"code": {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "王血红随访"}], "text": "王血红随访"}}
    stranger = json.loads(content(work, observation(**said), True)[0])
    own = json.loads(content(work, observation(**said, subject=patient(2)), True)[0])
    again = json.loads(content(work, observation(**said), True)[0])
    assert stranger["code"] == again["code"] == said["code"]
    assert "王血红" not in json.dumps(own, ensure_ascii=False)
    assert own["code"]["coding"][0]["code"] == "718-7"


def test_a_date_in_a_phrase_moves_by_each_patients_own_days():
    work = engine()
    texts = [
        json.loads(content(work, observation(code={"text": "2024年3月5日复查"}, subject=patient(n)), True)[0])["code"]["text"]
        for n in (1, 2, 1)
    ]
    assert texts[0] == texts[2] != texts[1]


def test_two_sites_in_one_process_give_a_local_system_two_names():
    local = observation(code={"coding": [{"system": "http://his/codes", "code": "HB", "display": "血红蛋白"}]})
    east = tree(released(local))["code"]["coding"][0]
    west = json.loads(content(engine(site=Site.bare("west")), local, True)[0])["code"]["coding"][0]
    assert east["system"] != west["system"]
    assert east["display"] == west["display"]


def test_the_memory_stays_within_its_bounds(monkeypatch):
    from pipelines.phi_zone.fhir import memory

    monkeypatch.setattr(memory, "GENERATION_BYTES", 20_000)
    work = engine()
    for number in range(600):
        content(work, observation(code={"text": f"检查{number}"}), True)
    assert len(work.memory.new) + len(work.memory.old) < 250
