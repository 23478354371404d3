"""Every trap bent out of shape: whatever a member becomes, the resource is released or quarantined with a code, and nothing crashes."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

import pytest
from fhir_world import NAME, observation, released
from test_fhir_traps import TRAPS

JUNK: list[Any] = [
    None, 1, -0.0, 1e308, -(2**63), "x", "", "#", "2024-13-45", "\u0000", NAME, True, [], {}, [[]], [None], {"a": [{}]},
    {"reference": 5}, {"url": 1}, [{"url": []}], {"coding": {}}, [{"coding": [[]]}], [{"resourceType": [], "id": "1"}],
]  # fmt: skip
NEW = ("extension", "modifierExtension", "_status", "contained", "meta", "value", "subject", "identifier", "resourceType")


def bend(node: Any, rng: random.Random) -> None:
    """Change one place somewhere below `node`."""
    places = list(node) if isinstance(node, dict) else range(len(node))
    place = rng.choice(list(places))
    if isinstance(node[place], (dict, list)) and node[place] and rng.random() < 0.7:
        bend(node[place], rng)
    elif isinstance(node, dict) and rng.random() < 0.4:
        node[rng.choice(NEW)] = deepcopy(rng.choice(JUNK))
    else:
        node[place] = deepcopy(rng.choice([*JUNK, [node[place], node[place]]]))


@pytest.mark.parametrize("seed", range(6))
def test_a_bent_resource_never_crashes_the_engine(seed):
    rng, traps = random.Random(seed), [resource for resource, _ in TRAPS.values()]
    for _ in range(120):
        resource = json.loads(json.dumps(rng.choice(traps)))
        for _ in range(rng.randint(1, 3)):
            bend(resource, rng)
        if isinstance(resource.get("resourceType"), str) and isinstance(resource.get("id"), str):
            outcome = released(json.dumps(resource).encode())
            assert outcome.status == "released" or outcome.issues


@pytest.mark.parametrize(
    "broken",
    [
        {"modifierExtension": [{"url": []}]},
        {"contained": [{"resourceType": [], "id": "1"}]},
        {"contained": [{"resourceType": {}, "id": {}}]},
    ],
)
def test_an_address_or_a_type_that_is_no_text_is_no_key_to_look_up(broken):
    assert released(observation(**broken)).status in ("released", "quarantined")
