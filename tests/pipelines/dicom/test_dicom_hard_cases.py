"""The hard-case suite: what must go goes, what is only similar stays, and nothing is lost by running again."""
from __future__ import annotations

import pytest
from dicom_door import holds, read, released
from dicom_near import NEAR
from dicom_traps import GENERAL, Trap, traps

from pipelines.phi_zone.dicom.part10 import read_part10

TRAPS = traps()


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name.replace(" ", "-"))
def test_what_must_go_is_gone_in_every_encoding_and_the_rest_of_the_file_stays(trap: Trap) -> None:
    outcome = released(trap.file)
    assert outcome.content is not None
    assert [needle for needle in trap.gone if holds(outcome.content, needle)] == []
    assert trap.stays(read(outcome))


@pytest.mark.parametrize("name", NEAR, ids=lambda name: name.replace(" ", "-"))
def test_the_near_miss_of_a_trap_survives(name: str) -> None:
    file, stays = NEAR[name]
    assert stays(read(released(file)))


def test_there_are_at_least_seventy_traps_each_with_a_near_miss_of_its_own() -> None:
    assert len({trap.name for trap in TRAPS}) == len(TRAPS) >= 70
    assert sum(bool(trap.gone) for trap in TRAPS) >= 70
    assert [trap.name for trap in TRAPS if trap.stays in GENERAL and trap.name not in NEAR] == []
    assert NEAR.keys() <= {trap.name for trap in TRAPS}


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name.replace(" ", "-"))
def test_the_planted_value_is_really_in_the_source(trap: Trap) -> None:
    data = trap.file + bytes(read_part10(trap.file).data)
    data += data.replace(b".", b"") if trap.name == "date with dots" else b""
    assert [needle for needle in trap.gone if not holds(data, needle)] == []
