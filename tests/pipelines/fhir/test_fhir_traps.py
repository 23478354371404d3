"""Places where a record hides an identity, each with the near miss that must survive."""

from __future__ import annotations

import pytest
from fhir_world import IDENTITIES, everything, released
from traps_by_type import BY_TYPE
from traps_in_attachments import IN_ATTACHMENTS
from traps_in_elements import IN_ELEMENTS
from traps_wrapped import WRAPPED

TRAPS = {**IN_ELEMENTS, **BY_TYPE, **IN_ATTACHMENTS, **WRAPPED}


@pytest.mark.parametrize("name", TRAPS)
def test_nothing_identifying_passes_a_trap_and_its_near_miss_survives(name):
    resource, near_miss = TRAPS[name]
    outcome = released(resource)
    assert outcome.status == "released", [issue.text("en") for issue in outcome.issues]
    seen = everything(outcome)
    assert [value for value in IDENTITIES if value in seen] == []
    assert "WENREN" not in seen.upper()
    assert near_miss in seen


def test_there_are_at_least_forty_traps():
    assert len(TRAPS) >= 40
