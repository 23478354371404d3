"""Persons across hospitals: one person, several subjects, one shift a subject, and the day offset that rebuilds the time line."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.phi_zone.fhir.dates import moved
from pipelines.phi_zone.keys import ProjectKey
from pipelines.phi_zone.person_index import SUBJECTS_PER_TOKEN, person_groups

KEY = ProjectKey(bytes(range(32)), "t")
EAST, WEST = KEY.subject("east", "east", "ZY1"), KEY.subject("west", "west", "98-7")
OTHER = KEY.subject("east", "east", "ZY2")


def links(tokens, previous=()):
    return {link.subject: link for link in person_groups(tokens, previous, shift_of=KEY.shift_days).links}


def test_two_subjects_with_one_number_are_one_person_and_a_stranger_is_another():
    found = links([("a", EAST), ("a", WEST), ("b", OTHER)])
    assert found[EAST].person == found[WEST].person != found[OTHER].person
    assert found[OTHER].day_offset == 0


@settings(max_examples=50, deadline=None)
@given(st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1)), st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1)))
def test_the_day_offset_rebuilds_the_interval_between_two_hospitals(in_east, in_west):
    found = links([("a", EAST), ("a", WEST)])
    released = {s: dt.date.fromisoformat(str(moved(day.isoformat(), KEY.shift_days(s)))) for s, day in ((EAST, in_east), (WEST, in_west))}
    aligned = {s: day - dt.timedelta(days=found[s].day_offset) for s, day in released.items()}
    assert aligned[WEST] - aligned[EAST] == in_west - in_east


def test_a_link_found_later_changes_one_side_only_and_raises_its_revision():
    first = person_groups([("a", EAST), ("b", WEST)], shift_of=KEY.shift_days)
    second = person_groups([("c", EAST), ("c", WEST)], first.links, shift_of=KEY.shift_days)
    assert len(second.changed) == 1
    now = {link.subject: link for link in second.links}
    assert now[EAST].person == now[WEST].person
    assert sorted(link.revision for link in second.links) == [1, 2]
    again = person_groups([("c", EAST), ("c", WEST)], second.links, shift_of=KEY.shift_days)
    assert again.changed == ()
    assert again.links == second.links


def test_what_was_linked_once_stays_linked_when_its_number_is_not_touched_again():
    first = person_groups([("a", EAST), ("a", WEST)], shift_of=KEY.shift_days)
    second = person_groups([("b", OTHER)], first.links, shift_of=KEY.shift_days)
    assert {link.subject: link.person for link in second.links if link.subject != OTHER} == {
        link.subject: link.person for link in first.links
    }


def test_a_placeholder_number_joins_nobody():
    crowd = [("x", KEY.subject("east", "east", str(number))) for number in range(SUBJECTS_PER_TOKEN + 1)]
    found = person_groups(crowd, shift_of=KEY.shift_days)
    assert len({link.person for link in found.links}) == len(crowd)
    assert found.ignored_tokens == ("x",)
    few = person_groups(crowd[:SUBJECTS_PER_TOKEN], shift_of=KEY.shift_days)
    assert len({link.person for link in few.links}) == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 12)), max_size=30))
def test_grouping_does_not_depend_on_the_order_of_the_tokens(pairs):
    tokens = [(f"t{token}", f"s{subject:02d}") for token, subject in pairs]
    forward = person_groups(tokens, shift_of=KEY.shift_days).links
    assert forward == person_groups(tokens[::-1], shift_of=KEY.shift_days).links
