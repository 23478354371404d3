"""The hard-case suite: what must go goes, what is only similar stays, and nothing is lost by running again."""
from __future__ import annotations

import pytest
from dicom_door import holds, read, released
from dicom_traps import Trap, traps

TRAPS = traps()


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name.replace(" ", "-"))
def test_what_must_go_is_gone_in_every_encoding_and_the_near_miss_stays(trap: Trap) -> None:
    outcome = released(trap.file)
    assert outcome.content is not None
    assert [needle for needle in trap.gone if holds(outcome.content, needle)] == []
    assert trap.stays(read(outcome))


def test_there_are_at_least_seventy_traps_with_names_of_their_own() -> None:
    assert len({trap.name for trap in TRAPS}) == len(TRAPS) >= 70
    assert sum(bool(trap.gone) for trap in TRAPS) >= 70


@pytest.mark.parametrize("trap", TRAPS[:12], ids=lambda trap: trap.name.replace(" ", "-"))
def test_the_planted_value_is_really_in_the_source(trap: Trap) -> None:
    assert all(holds(trap.file, needle) for needle in trap.gone)
